import {
  REQUEST_RESOURCE_LOGS,
  RESOURCE_LOGS_RESOURCE,
  RESOURCE_LOGS_SCHEMA_URL,
  RESOURCE_LOGS_SCOPE_LOGS,
} from './otlp-fields.ts';
import { WireReader } from './wire.ts';

/** Bytes looked at for what a message is; also where OTLP/JSON must name its resource logs. */
const HEAD_BYTES = 512;

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

export type DetectedEncoding = 'otlp_proto' | 'otlp_json' | 'json' | 'text' | 'unknown';

/**
 * What the bytes of one message are: an OTLP request as protobuf, the same as JSON, JSON lines, or text.
 * `unknown` = binary, but no request: text has no NUL.
 */
export function detectEncoding(bytes: Uint8Array): DetectedEncoding {
  if (looksLikeRequest(bytes)) return 'otlp_proto';
  const limit = Math.min(bytes.length, HEAD_BYTES);
  let at = startsWithByteOrderMark(bytes) ? 3 : 0;
  while (at < limit && bytes[at]! <= 0x20 && bytes[at] !== 0) at++;
  if (bytes[at] === OPEN_BRACE) {
    return contains(bytes, at, limit, 'resourceLogs') || contains(bytes, at, limit, 'resource_logs')
      ? 'otlp_json'
      : 'json';
  }
  if (bytes[at] === OPEN_BRACKET) {
    let next = at + 1;
    while (next < limit && bytes[next]! <= 0x20) next++;
    if (bytes[next] === OPEN_BRACE) return 'json';
  }
  for (let i = 0; i < limit; i++) if (bytes[i] === 0) return 'unknown';
  return 'text';
}

/**
 * A request begins with a ResourceLogs, whose first field is one of three. Text can begin alike (a line feed is the tag
 * 0x0a), so the message must also be whole fields to its end, or hold control characters that text does not have.
 */
function looksLikeRequest(bytes: Uint8Array): boolean {
  if (bytes[0] !== REQUEST_RESOURCE_LOGS * 8 + 2) return false;
  const reader = new WireReader();
  reader.open(bytes, 1);
  if (!reader.varint(bytes.length) || reader.high !== 0) return false;
  const isEmpty = reader.low === 0;
  const inner = bytes[reader.at];
  const isField =
    inner === RESOURCE_LOGS_RESOURCE * 8 + 2 ||
    inner === RESOURCE_LOGS_SCOPE_LOGS * 8 + 2 ||
    inner === RESOURCE_LOGS_SCHEMA_URL * 8 + 2;
  if (!isEmpty && !isField) return false;
  return wholeFields(reader, bytes) || hasControlCharacters(bytes);
}

function wholeFields(reader: WireReader, bytes: Uint8Array): boolean {
  reader.open(bytes, 0);
  while (reader.at < bytes.length) {
    const tag = reader.tag(bytes.length);
    if (tag === 0 || !reader.skip(tag, bytes.length)) return false;
  }
  return true;
}

function hasControlCharacters(bytes: Uint8Array): boolean {
  const limit = Math.min(bytes.length, HEAD_BYTES);
  for (let i = 0; i < limit; i++) {
    const byte = bytes[i]!;
    // Tab, line feed, form feed, carriage return and the escape of colours occur in text.
    if (byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b)) return true;
  }
  return false;
}

/** UTF-8's mark, which editors and .NET put in front of a file. */
export function startsWithByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** Whether `bytes[start, end)` holds the key: in quotes, and a colon behind it. */
function contains(bytes: Uint8Array, start: number, end: number, key: string): boolean {
  for (let at = start; at + key.length + 1 < end; at++) {
    if (bytes[at] !== 0x22) continue;
    let i = 0;
    while (i < key.length && bytes[at + 1 + i] === key.charCodeAt(i)) i++;
    if (i < key.length || bytes[at + 1 + i] !== 0x22) continue;
    let next = at + i + 2;
    while (next < end && bytes[next]! <= 0x20) next++;
    if (bytes[next] === 0x3a) return true;
  }
  return false;
}
