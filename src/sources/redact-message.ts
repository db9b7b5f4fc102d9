import type { Redactor } from '../core/redact.ts';

/** What stands in place of a secret in a pair of OTLP: a value of the same form, whatever it was before. */
const HIDDEN = '<redacted:secret>';

/** Keys that only wrap the value of the key outside: OTLP's AnyValue (camelCase, and snake_case as some writers have it). */
const WRAPPERS: ReadonlySet<string> = new Set([
  'value',
  'values',
  'stringValue',
  'string_value',
  'arrayValue',
  'array_value',
]);

/** Ids and times of OTLP: digits that may look like a card's and are none, and that must stay readable. */
const PLAIN_KEYS: ReadonlySet<string> = new Set([
  'timeUnixNano',
  'time_unix_nano',
  'observedTimeUnixNano',
  'observed_time_unix_nano',
  'traceId',
  'trace_id',
  'spanId',
  'span_id',
]);

const DIGITS_OR_HEX = /^[0-9a-f]{1,32}$/i;

/**
 * Redacts a message of text before it is written anywhere. What is JSON, the whole message or a line of it, is redacted
 * value by value: a secret key hides its value also in OTLP's pairs of `key` and `value`, and the rest stays JSON.
 * Everything else is redacted as text, neighbouring lines together. A message without secrets keeps its bytes.
 */
export function redactMessage(redactor: Redactor): (value: Uint8Array) => Uint8Array {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  return (value) => {
    const text = decoder.decode(value);
    const redacted = redactJson(redactor, text) ?? redactLines(redactor, text);
    return redacted === text ? value : encoder.encode(redacted);
  };
}

function redactLines(redactor: Redactor, text: string): string {
  const out: string[] = [];
  let block: string[] = [];
  const flush = (): void => {
    if (block.length > 0) out.push(redactor.redact(block.join('\n')));
    block = [];
  };
  for (const line of text.split('\n')) {
    const redacted = redactJson(redactor, line);
    if (redacted === null) block.push(line);
    else {
      flush();
      out.push(redacted);
    }
  }
  flush();
  return out.join('\n');
}

/** Null: the text is no JSON object or list. */
function redactJson(redactor: Redactor, text: string): string | null {
  if (!/^\s*[{[]/.test(text)) return null;
  try {
    const plain: unknown = JSON.parse(text);
    if (redactUnder(redactor, '', plain) === plain) return text;
    // Parsed again with every number as it was written: 64-bit ones do not survive JSON.parse.
    return JSON.stringify(redactUnder(redactor, '', JSON.parse(text, keepNumber)));
  } catch {
    // No JSON, or nested too deep to be walked.
    return null;
  }
}

/** The value with its secrets replaced; the same object where there were none. `key` is what it stands under. */
function redactUnder(redactor: Redactor, key: string, value: unknown): unknown {
  if (typeof value === 'string') {
    if (PLAIN_KEYS.has(key) && DIGITS_OR_HEX.test(value)) return value;
    return key === '' ? redactor.redact(value) : redactor.redactValue(key, value);
  }
  if (typeof value !== 'object' || value === null || isRawNumber(value)) {
    return typeof value === 'boolean' || value === null || !isSecret(redactor, key) ? value : HIDDEN;
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => redactUnder(redactor, key, item));
    return items.some((item, i) => item !== value[i]) ? items : value;
  }
  return redactObject(redactor, key, value);
}

function redactObject(redactor: Redactor, key: string, object: object): object {
  const entries = Object.entries(object) as [string, unknown][];
  const pairKey = pairKeyOf(entries);
  if (pairKey !== null && isSecret(redactor, pairKey))
    return isHidden(object) ? object : { key: pairKey, value: { stringValue: HIDDEN } };
  const outer = pairKey ?? key;
  const redacted = entries.map(([name, value]): [string, unknown] => [
    redactor.redact(name),
    redactUnder(redactor, WRAPPERS.has(name) ? outer : name, value),
  ]);
  const isSame = redacted.every(([name, value], i) => name === entries[i]![0] && value === entries[i]![1]);
  return isSame ? object : Object.fromEntries(redacted);
}

/** The key of `{"key": …, "value": …}`; null for any other object. */
function pairKeyOf(entries: readonly (readonly [string, unknown])[]): string | null {
  if (entries.length !== 2) return null;
  const key = entries.find(([name]) => name === 'key')?.[1];
  return typeof key === 'string' && entries.some(([name]) => name === 'value') ? key : null;
}

function isHidden(pair: object): boolean {
  const { value } = pair as { value: unknown };
  return value === null || (value as { stringValue?: unknown }).stringValue === HIDDEN;
}

function isSecret(redactor: Redactor, key: string): boolean {
  return key !== '' && redactor.redactValue(key, 'x') !== 'x';
}

type RawJson = typeof JSON & {
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
};

function isRawNumber(value: object): boolean {
  return (JSON as RawJson).isRawJSON(value);
}

/** A reviver: https://tc39.es/proposal-json-parse-with-source/ */
function keepNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value;
  return (JSON as RawJson).rawJSON(context.source);
}
