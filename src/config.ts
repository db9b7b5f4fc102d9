import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { type Config, configSchema } from './config-schema.ts';
import { WinnowError } from './errors.ts';
import { systemReason } from './system-error.ts';

/** A setting that has a name in the environment and as a flag. Everything else is in the file. */
export interface Setting {
  readonly path: readonly string[];
  readonly environment: string;
  readonly flag: string;
  readonly value: string;
  readonly help: string;
  /** From text to what the schema expects; null-ish text never gets here. */
  readonly read: (text: string) => unknown;
}

/**
 * What Kubernetes sets in a pod beside a Service named winnow, in Docker's style too: WINNOW_PORT_9464_TCP_ADDR.
 * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
const SERVICE_LINK = /^WINNOW_(?:SERVICE_(?:HOST|PORT(?:_.*)?)|PORT(?:_.*)?)$/;

const asText = (value: string): unknown => value;
const asList = (value: string): unknown => value.split(',').map((one) => one.trim());
const asNumber = (value: string): unknown =>
  value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
const asBoolean = (value: string): unknown => (value === 'true' ? true : value === 'false' ? false : value);

/** One row a setting; `winnow run --help`, the environment and the flags all read this table. */
export const SETTINGS: readonly Setting[] = [
  row('name', 'WINNOW_NAME', 'name', 'NAME', 'name of this pipeline in windows', asText),
  row('tenant', 'WINNOW_TENANT', 'tenant', 'NAME', 'tenant of records that name none', asText),
  row('store.path', 'WINNOW_STORE', 'store', 'FILE', 'SQLite file (default winnow.db)', asText),
  row(
    'kafka.brokers',
    'WINNOW_KAFKA_BROKERS',
    'brokers',
    'HOST:PORT,…',
    'read Kafka from these brokers',
    asList,
  ),
  row('kafka.topics', 'WINNOW_KAFKA_TOPICS', 'topics', 'NAME,…', 'topics (default otlp_logs)', asList),
  row('kafka.group', 'WINNOW_KAFKA_GROUP', 'group', 'NAME', 'consumer group (default winnow)', asText),
  row(
    'kafka.start',
    'WINNOW_KAFKA_START',
    'start',
    'WHERE',
    'earliest, latest or a time; default latest',
    asText,
  ),
  row(
    'http.host',
    'WINNOW_HTTP_HOST',
    'http-host',
    'ADDRESS',
    'address of /metrics (default 127.0.0.1)',
    asText,
  ),
  row('http.port', 'WINNOW_HTTP_PORT', 'http-port', 'PORT', 'port of /metrics (default 9464)', asNumber),
  row(
    'detection.falseAlarmBudgetPerDay',
    'WINNOW_BUDGET',
    'budget',
    'N',
    'false findings a day (default 10)',
    asNumber,
  ),
  row(
    'redaction.enabled',
    'WINNOW_REDACTION',
    'redaction',
    'true|false',
    'redact secrets (default true)',
    asBoolean,
  ),
  row('log.level', 'WINNOW_LOG_LEVEL', 'log-level', 'LEVEL', 'fatal … trace (default info)', asText),
];

function row(
  path: string,
  environment: string,
  flag: string,
  value: string,
  help: string,
  read: (text: string) => unknown,
): Setting {
  return { path: path.split('.'), environment, flag, value, help, read };
}

export interface ConfigInput {
  readonly file?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Flag name without dashes → text. */
  readonly flags: Readonly<Record<string, string | undefined>>;
}

/** The environment of this process: the one place that reads it. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/**
 * Defaults ← file ← environment ← flags, validated and frozen.
 * Throws WINNOW_CONFIG_INVALID with every problem in one report, WINNOW_CONFIG_UNREADABLE when the file cannot be read.
 */
export function loadConfig(input: ConfigInput): Config {
  const problems: string[] = [];
  const raw = input.file === undefined ? {} : readConfigFile(input.file);
  const known = new Set([...SETTINGS.map((setting) => setting.environment), 'WINNOW_CONFIG']);
  for (const name of Object.keys(input.environment).sort()) {
    if (SERVICE_LINK.test(name)) continue;
    if (name.startsWith('WINNOW_') && !name.startsWith('WINNOW_TEST_') && !known.has(name)) {
      problems.push(`environment ${name}: unknown setting`);
    }
  }
  for (const setting of SETTINGS) {
    const fromEnvironment = input.environment[setting.environment];
    const fromFlag = input.flags[setting.flag];
    const given = fromFlag ?? (fromEnvironment === '' ? undefined : fromEnvironment);
    if (given !== undefined) assign(raw, setting, setting.read(given));
  }
  const result = configSchema.safeParse(raw);
  if (!result.success) {
    for (const issue of result.error.issues) {
      problems.push(`${issue.path.join('.') || 'top level'}: ${issue.message.toLowerCase()}`);
    }
  }
  for (const name of duplicates((result.data?.sources ?? []).map((one) => one.name))) {
    problems.push(`sources: two sources are named ${name}; give each a name of its own`);
  }
  if (problems.length > 0 || !result.success) {
    throw new WinnowError(
      'WINNOW_CONFIG_INVALID',
      `read configuration: ${problems.length} problem(s)\n  ${problems.join('\n  ')}`,
      {
        hint: 'see `winnow run --help` and the example in the README',
      },
    );
  }
  return deepFreeze(result.data);
}

function readConfigFile(path: string): Record<string, unknown> {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new WinnowError(
      'WINNOW_CONFIG_UNREADABLE',
      `read configuration file ${path}: ${systemReason(cause)}`,
      { cause, hint: 'name a file that exists and this user may read, with --config or WINNOW_CONFIG' },
    );
  }
  try {
    const value: unknown = parseYaml(content) ?? {};
    if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    throw new WinnowError(
      'WINNOW_CONFIG_INVALID',
      `parse configuration file ${path}: ${(cause as Error).message}`,
      { cause },
    );
  }
  throw new WinnowError(
    'WINNOW_CONFIG_INVALID',
    `parse configuration file ${path}: not a mapping of settings`,
  );
}

/** Sets one path; `kafka.*` means the first Kafka source, which is made when there is none. */
function assign(raw: Record<string, unknown>, setting: Setting, value: unknown): void {
  let target: Record<string, unknown> = raw;
  let path = setting.path;
  if (path[0] === 'kafka') {
    target = firstKafkaSource(raw);
    path = path.slice(1);
  }
  for (const key of path.slice(0, -1)) {
    const next = target[key];
    if (typeof next !== 'object' || next === null) target[key] = {};
    target = target[key] as Record<string, unknown>;
  }
  target[path.at(-1)!] = value;
}

function firstKafkaSource(raw: Record<string, unknown>): Record<string, unknown> {
  if (!Array.isArray(raw.sources)) raw.sources = [];
  const sources = raw.sources as Record<string, unknown>[];
  let kafka = sources.find((one) => one?.type === 'kafka');
  if (kafka === undefined) {
    kafka = { type: 'kafka' };
    sources.push(kafka);
  }
  return kafka;
}

function duplicates(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const one of Object.values(value)) deepFreeze(one);
    Object.freeze(value);
  }
  return value;
}
