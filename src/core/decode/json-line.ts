import type { Resource } from '../../contracts.ts';
import { type EncodableValue, writeKeyValue, writeValue } from './any-value-writer.ts';
import { hexBytes } from './byte-text.ts';
import { Nanos } from './nanos.ts';
import {
  RECORD_ATTRIBUTES,
  RECORD_BODY,
  RECORD_SEVERITY_NUMBER,
  RECORD_SPAN_ID,
  RECORD_TIME,
  RECORD_TRACE_ID,
  SPAN_ID_BYTES,
  TRACE_ID_BYTES,
} from './otlp-fields.ts';
import type { JsonObject } from './otlp-json.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';
import { cleanName, NOTHING_REDACTED, type ResourceRedactor, serviceRef } from './resource.ts';
import { severityNumberOfText, severityOfLevel } from './severity-name.ts';
import { TimeParser } from './time.ts';

/** Keys of a JSON line that are understood, each list in order of preference; every other key is an attribute. */
const TIME_KEYS = ['timestamp', '@timestamp', 'time', 'ts', 't', 'datetime', 'eventTime', 'asctime'] as const;
const LEVEL_KEYS = [
  'level',
  'severity',
  'lvl',
  'log.level',
  'levelname',
  'severityText',
  'loglevel',
] as const;
const LEVEL_NUMBER_KEYS = ['severityNumber', 'severity_number'] as const;
const BODY_KEYS = ['message', 'msg', 'body', 'log', 'event', 'short_message', 'textPayload'] as const;
const TRACE_KEYS = ['trace_id', 'traceId', 'traceID', 'trace.id'] as const;
const SPAN_KEYS = ['span_id', 'spanId', 'spanID', 'span.id'] as const;
const SERVICE_KEYS = ['service', 'service.name', 'service_name', 'app', 'application'] as const;
const VERSION_KEYS = ['version', 'service.version', 'service_version'] as const;
const ENVIRONMENT_KEYS = ['env', 'environment', 'deployment.environment', 'service.environment'] as const;
const INSTANCE_KEYS = ['pod', 'pod_name', 'host', 'hostname', 'host.name'] as const;

/** Attributes written per line; the OTel SDKs limit them to 128. */
const MAX_ATTRIBUTES = 128;

/** Resources held for lines that name their own service; when full, all are forgotten. */
const MAX_RESOURCES = 4096;

/** Numbers of time: below 1e11 seconds (until 5138), then milliseconds, microseconds, nanoseconds. */
const EPOCH_MS_FROM = 1e11;
const EPOCH_US_FROM = 1e14;
const EPOCH_NS_FROM = 1e17;
/** 2001-09-09, the first second of ten digits: smaller numbers are counters, not times. */
const EPOCH_S_FROM = 1e9;

/** Writes JSON log lines (one object each) as LogRecords, and finds out whose they are. */
export class JsonLineWriter {
  /** The resource of the line that was written last. */
  resource: Resource | null = null;
  private readonly writer: ProtobufWriter;
  private readonly redactor: ResourceRedactor;
  private readonly resources = new Map<string, Resource>();
  private readonly time = new TimeParser();
  private readonly nanos = new Nanos();
  private readonly encoder = new TextEncoder();

  constructor(writer: ProtobufWriter, redactor: ResourceRedactor = NOTHING_REDACTED) {
    this.writer = writer;
    this.redactor = redactor;
  }

  /** Appends the line's LogRecord to the writer; `text` is the body where no key holds one. */
  write(line: JsonObject, text: string, referenceMs: number, defaultResource: Resource): void {
    const writer = this.writer;
    const used = new Set<string>();
    this.resource = this.resourceOf(line, defaultResource, used);
    const timeKey = TIME_KEYS.find((key) => this.readTime(line[key], referenceMs));
    if (timeKey !== undefined) {
      used.add(timeKey);
      writer.fixed64Field(RECORD_TIME, this.nanos.low, this.nanos.high);
    }
    const severity = takeSeverity(line, used);
    if (severity > 0) writer.varintField(RECORD_SEVERITY_NUMBER, severity);
    const bodyKey = BODY_KEYS.find(
      (key) => line[key] !== undefined && line[key] !== null && line[key] !== '',
    );
    if (bodyKey !== undefined) used.add(bodyKey);
    const body = writer.begin(RECORD_BODY);
    writeValue(writer, bodyKey === undefined ? text : bodyValue(line[bodyKey]));
    writer.end(body);
    this.id(line, TRACE_KEYS, RECORD_TRACE_ID, TRACE_ID_BYTES, used);
    this.id(line, SPAN_KEYS, RECORD_SPAN_ID, SPAN_ID_BYTES, used);
    // A line that is all body has said everything already.
    if (bodyKey === undefined) return;
    let count = 0;
    for (const key of Object.keys(line)) {
      if (used.has(key)) continue;
      if (++count > MAX_ATTRIBUTES) break;
      writeKeyValue(writer, RECORD_ATTRIBUTES, key, line[key] as EncodableValue);
    }
  }

  private readTime(value: unknown, referenceMs: number): boolean {
    let timeMs = Number.NaN;
    if (typeof value === 'number') timeMs = epochMs(value);
    else if (typeof value === 'string' && value.length <= 64 && value !== '') {
      const number = Number(value);
      if (Number.isNaN(number)) {
        const bytes = this.encoder.encode(value);
        if (this.time.parseWhole(bytes, 0, bytes.length, referenceMs)) timeMs = this.time.timeMs;
      } else timeMs = epochMs(number);
    }
    this.nanos.setMs(timeMs);
    return timeMs > 0;
  }

  private id(
    line: JsonObject,
    keys: readonly string[],
    field: number,
    size: number,
    used: Set<string>,
  ): void {
    for (const key of keys) {
      const value = line[key];
      if (typeof value !== 'string' || value.length !== size * 2) continue;
      const bytes = hexBytes(value);
      if (bytes === null) continue;
      this.writer.bytesField(field, bytes, 0, size);
      used.add(key);
      return;
    }
  }

  private resourceOf(line: JsonObject, base: Resource, used: Set<string>): Resource {
    const name = takeString(line, SERVICE_KEYS, used) || nestedString(line, 'service', 'name');
    const version = takeString(line, VERSION_KEYS, used) || nestedString(line, 'service', 'version');
    const environment = takeString(line, ENVIRONMENT_KEYS, used);
    const instance = takeString(line, INSTANCE_KEYS, used) || nestedString(line, 'kubernetes', 'pod_name');
    if (name === '' && version === '' && environment === '' && instance === '') return base;
    const key = JSON.stringify([
      base.service.key,
      base.version,
      base.instance,
      name,
      version,
      environment,
      instance,
    ]);
    const known = this.resources.get(key);
    if (known !== undefined) return known;
    const { redactor } = this;
    const made: Resource = {
      service: serviceRef(
        base.service.tenant,
        redactor.redact(environment) || base.service.environment,
        base.service.namespace,
        redactor.redact(name) || base.service.name,
      ),
      version: cleanName(redactor.redact(version)) || base.version,
      instance: cleanName(redactor.redact(instance)) || base.instance,
      attributes: base.attributes,
    };
    if (this.resources.size >= MAX_RESOURCES) this.resources.clear();
    this.resources.set(key, made);
    return made;
  }
}

/** Milliseconds of an epoch number in s, ms, µs or ns; NaN when it is too small to be a time. */
function epochMs(value: number): number {
  if (value >= EPOCH_NS_FROM) return value / 1e6;
  if (value >= EPOCH_US_FROM) return value / 1e3;
  if (value >= EPOCH_MS_FROM) return value;
  return value >= EPOCH_S_FROM ? value * 1000 : Number.NaN;
}

function takeSeverity(line: JsonObject, used: Set<string>): number {
  for (const key of LEVEL_NUMBER_KEYS) {
    const value = line[key];
    const severity =
      typeof value === 'number' || typeof value === 'string' ? severityNumberOfText(String(value)) : 0;
    if (severity === 0) continue;
    used.add(key);
    return severity;
  }
  for (const key of LEVEL_KEYS) {
    const severity = severityOfLevel(line[key]);
    if (severity === 0) continue;
    used.add(key);
    return severity;
  }
  return 0;
}

/** Docker's `log` ends with the line's own line feed. */
function bodyValue(value: unknown): EncodableValue {
  return typeof value === 'string' ? value.replace(/[\r\n]+$/, '') : (value as EncodableValue);
}

function takeString(line: JsonObject, keys: readonly string[], used: Set<string>): string {
  for (const key of keys) {
    const value = line[key];
    if (typeof value !== 'string' || value === '' || value.length > 256) continue;
    used.add(key);
    return value;
  }
  return '';
}

function nestedString(line: JsonObject, outer: string, inner: string): string {
  const object = line[outer];
  if (typeof object !== 'object' || object === null) return '';
  const value = (object as JsonObject)[inner];
  return typeof value === 'string' && value.length <= 256 ? value : '';
}
