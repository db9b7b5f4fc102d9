import { isLiteralAt, type Literal, literal } from './literal.ts';

// Names of OTLP/JSON that are understood, each by a number; lowerCamelCase and snake_case are one.

/** Not understood: its value is passed over. */
export const KEY_UNKNOWN = 0;
export const KEY_RESOURCE_LOGS = 1;
export const KEY_RESOURCE = 2;
export const KEY_SCOPE_LOGS = 3;
export const KEY_ATTRIBUTES = 4;
export const KEY_LOG_RECORDS = 5;
export const KEY_TIME = 6;
export const KEY_OBSERVED_TIME = 7;
export const KEY_SEVERITY_NUMBER = 8;
export const KEY_SEVERITY_TEXT = 9;
export const KEY_BODY = 10;
export const KEY_DROPPED_ATTRIBUTES_COUNT = 11;
export const KEY_FLAGS = 12;
export const KEY_TRACE_ID = 13;
export const KEY_SPAN_ID = 14;
export const KEY_EVENT_NAME = 15;
export const KEY_KEY = 16;
export const KEY_VALUE = 17;
export const KEY_STRING_VALUE = 18;
export const KEY_BOOL_VALUE = 19;
export const KEY_INT_VALUE = 20;
export const KEY_DOUBLE_VALUE = 21;
export const KEY_BYTES_VALUE = 22;
export const KEY_ARRAY_VALUE = 23;
export const KEY_KVLIST_VALUE = 24;
export const KEY_VALUES = 25;

const NAMES: readonly (readonly [string, number])[] = [
  ['resourceLogs', KEY_RESOURCE_LOGS],
  ['resource', KEY_RESOURCE],
  ['scopeLogs', KEY_SCOPE_LOGS],
  ['attributes', KEY_ATTRIBUTES],
  ['logRecords', KEY_LOG_RECORDS],
  ['timeUnixNano', KEY_TIME],
  ['observedTimeUnixNano', KEY_OBSERVED_TIME],
  ['severityNumber', KEY_SEVERITY_NUMBER],
  ['severityText', KEY_SEVERITY_TEXT],
  ['body', KEY_BODY],
  ['droppedAttributesCount', KEY_DROPPED_ATTRIBUTES_COUNT],
  ['flags', KEY_FLAGS],
  ['traceId', KEY_TRACE_ID],
  ['spanId', KEY_SPAN_ID],
  ['eventName', KEY_EVENT_NAME],
  ['value', KEY_VALUE],
  ['stringValue', KEY_STRING_VALUE],
  ['boolValue', KEY_BOOL_VALUE],
  ['intValue', KEY_INT_VALUE],
  ['doubleValue', KEY_DOUBLE_VALUE],
  ['bytesValue', KEY_BYTES_VALUE],
  ['arrayValue', KEY_ARRAY_VALUE],
  ['kvlistValue', KEY_KVLIST_VALUE],
  ['values', KEY_VALUES],
];

const SLOTS = 256;
/** The only name shorter than a word, little-endian. */
const KEY_TEXT = 0x79656b;

interface Spelling {
  readonly text: Literal;
  readonly key: number;
}

const TABLE = spellingTable();

/** Number of the key of `length` bytes at `start`, whose closing quote stands behind them. */
export function keyOf(view: DataView, start: number, length: number): number {
  if (length < 4) {
    const isKey = length === 3 && (view.getInt32(start, true) & 0xffffff) === KEY_TEXT;
    return isKey ? KEY_KEY : KEY_UNKNOWN;
  }
  let slot = slotOf(view.getInt32(start, true), view.getInt32(start + length - 4, true), length);
  for (;;) {
    const spelling = TABLE[slot];
    if (spelling === null || spelling === undefined) return KEY_UNKNOWN;
    if (spelling.text.length === length && isLiteralAt(view, start, spelling.text)) return spelling.key;
    slot = (slot + 1) & (SLOTS - 1);
  }
}

/** By the first and the last four bytes and the length. */
function slotOf(first: number, last: number, length: number): number {
  const hash = Math.imul(first ^ Math.imul(last, 31) ^ length, 0x9e3779b1);
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

function spellingTable(): readonly (Spelling | null)[] {
  const table: (Spelling | null)[] = new Array(SLOTS).fill(null);
  for (const [camel, key] of NAMES) {
    const snake = camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    for (const name of new Set([camel, snake])) {
      if (name.length < 4) continue;
      const text = literal(name);
      let slot = slotOf(text.words[0]!, text.words[text.words.length - 1]!, name.length);
      while (table[slot] !== null) slot = (slot + 1) & (SLOTS - 1);
      table[slot] = { text, key };
    }
  }
  return table;
}
