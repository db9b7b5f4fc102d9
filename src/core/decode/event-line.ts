import type { LogRecord } from '../../contracts.ts';
import { readKeyValue, readValue, type ValueSlot } from './any-value.ts';
import { asciiBytes } from './ascii.ts';
import { RECORD_ATTRIBUTES, VALUE_STRING } from './otlp-fields.ts';
import { WireReader } from './wire.ts';

/** Bytes of a line that are written: as many as the scanner reads of one. */
const LINE_BYTES_MAX = 16 * 1024;
/** Bytes of an event's name; a longer one is a sentence, and its head says enough. */
const NAME_BYTES_MAX = 256;
/** Attribute keys that name the shape of an event without a body. */
const KEYS_MAX = 32;

const EVENT_NAME = asciiBytes('event.name');
/** Length of the older attribute's key, and the byte it begins with. */
export const LEGACY_NAME_LENGTH = 10;
export const LEGACY_NAME_BEGIN = 0x65;
const EXCEPTION_TYPE = asciiBytes('exception.type');
const EXCEPTION_MESSAGE = asciiBytes('exception.message');
const WITH = asciiBytes(' with ');
const COMMA = asciiBytes(', ');
const COLON = asciiBytes(': ');
/** Keys that say where a record was written and how it travelled, not what happened. */
const ABOUT_THE_LINE = ['event.', 'code.', 'log.', 'thread.', 'exception.'].map(asciiBytes);

/**
 * The line that a record's signature is of, where that is more than its body: `event.name: body`; without a body
 * `event.name: exception.type: exception.message` or `event.name with key, key`. Written into one buffer of fixed size,
 * valid until the next call; nothing is allocated for a record.
 */
export class EventLine {
  readonly bytes = new Uint8Array(LINE_BYTES_MAX);
  length = 0;
  private readonly reader = new WireReader();
  private readonly slot = { keyStart: 0, keyEnd: 0, valueStart: 0, valueEnd: 0 };
  private readonly value: ValueSlot = { field: 0, start: 0, end: 0, low: 0, high: 0 };
  private readonly keyStarts = new Int32Array(KEYS_MAX);
  private readonly keyEnds = new Int32Array(KEYS_MAX);
  private keys = 0;
  private typeStart = 0;
  private typeEnd = 0;
  private messageStart = 0;
  private messageEnd = 0;

  /** False: the record's line is its body; nothing was written. */
  write(record: LogRecord): boolean {
    const { eventStart, eventEnd, bodyStart, bodyEnd } = record;
    const hasBody = bodyEnd > bodyStart;
    if (eventEnd === eventStart && (hasBody || record.wireEnd === record.wireStart)) return false;
    this.length = 0;
    this.append(record.wire, eventStart, Math.min(eventEnd, eventStart + NAME_BYTES_MAX));
    if (hasBody) {
      this.append(COLON, 0, COLON.length);
      this.append(record.body, bodyStart, bodyEnd);
      return true;
    }
    this.readAttributes(record.wire, record.wireStart, record.wireEnd);
    if (this.typeEnd > this.typeStart || this.messageEnd > this.messageStart)
      this.writeException(record.wire);
    else if (this.length > 0) this.writeKeys(record.wire);
    return this.length > 0;
  }

  private writeException(wire: Uint8Array): void {
    if (this.length > 0) this.append(COLON, 0, COLON.length);
    this.append(wire, this.typeStart, this.typeEnd);
    if (this.messageEnd === this.messageStart) return;
    if (this.typeEnd > this.typeStart) this.append(COLON, 0, COLON.length);
    this.append(wire, this.messageStart, this.messageEnd);
  }

  private writeKeys(wire: Uint8Array): void {
    for (let i = 0; i < this.keys; i++) {
      const separator = i === 0 ? WITH : COMMA;
      this.append(separator, 0, separator.length);
      this.append(wire, this.keyStarts[i]!, this.keyEnds[i]!);
    }
  }

  /** Finds exception attributes, and the keys of the others in order: exporters write them as their maps happen to be. */
  private readAttributes(wire: Uint8Array, start: number, end: number): void {
    const { reader, slot } = this;
    this.keys = 0;
    this.typeStart = this.typeEnd = this.messageStart = this.messageEnd = 0;
    reader.open(wire, start);
    while (reader.at < end) {
      const tag = reader.tag(end);
      if (tag === 0) return;
      if (tag !== RECORD_ATTRIBUTES * 8 + 2) {
        if (!reader.skip(tag, end)) return;
        continue;
      }
      const stop = reader.payloadEnd(end);
      if (stop < 0 || !readKeyValue(reader, reader.at, stop, slot)) return;
      this.takeAttribute(wire);
      reader.at = stop;
    }
  }

  private takeAttribute(wire: Uint8Array): void {
    const { keyStart, keyEnd, valueStart, valueEnd } = this.slot;
    const isType = equals(wire, keyStart, keyEnd, EXCEPTION_TYPE);
    if (isType || equals(wire, keyStart, keyEnd, EXCEPTION_MESSAGE)) {
      if (!readValue(this.reader, valueStart, valueEnd, this.value) || this.value.field !== VALUE_STRING)
        return;
      if (isType) {
        this.typeStart = this.value.start;
        this.typeEnd = this.value.end;
      } else {
        this.messageStart = this.value.start;
        this.messageEnd = this.value.end;
      }
      return;
    }
    for (const prefix of ABOUT_THE_LINE) if (startsWith(wire, keyStart, keyEnd, prefix)) return;
    this.insertKey(wire, keyStart, keyEnd);
  }

  /** Keeps the smallest keys, sorted. */
  private insertKey(wire: Uint8Array, start: number, end: number): void {
    const { keyStarts, keyEnds } = this;
    let at = this.keys;
    while (at > 0 && compare(wire, start, end, keyStarts[at - 1]!, keyEnds[at - 1]!) < 0) at--;
    if (at === KEYS_MAX) return;
    if (this.keys < KEYS_MAX) this.keys++;
    for (let i = this.keys - 1; i > at; i--) {
      keyStarts[i] = keyStarts[i - 1]!;
      keyEnds[i] = keyEnds[i - 1]!;
    }
    keyStarts[at] = start;
    keyEnds[at] = end;
  }

  private append(source: Uint8Array, start: number, end: number): void {
    const stop = Math.min(end, start + LINE_BYTES_MAX - this.length);
    for (let i = start; i < stop; i++) this.bytes[this.length++] = source[i]!;
  }
}

/**
 * Takes the name of the event from the attribute `[start, end)` when it is `event.name`, which records had before there
 * was a field for it: a string shorter than 128 bytes behind its key, as every encoder writes it. The field wins.
 */
export function takeLegacyEventName(record: LogRecord, bytes: Uint8Array, start: number, end: number): void {
  const value = start + 2 + EVENT_NAME.length;
  if (value + 4 > end || bytes[start] !== 10 || bytes[start + 1] !== EVENT_NAME.length) return;
  if (!startsWith(bytes, start + 2, end, EVENT_NAME) || record.eventEnd > record.eventStart) return;
  if (bytes[value] !== 18 || value + 2 + bytes[value + 1]! !== end) return;
  if (bytes[value + 2] !== VALUE_STRING * 8 + 2 || value + 4 + bytes[value + 3]! !== end) return;
  record.eventStart = value + 4;
  record.eventEnd = end;
}

function equals(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  return end - start === word.length && startsWith(bytes, start, end, word);
}

function startsWith(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  if (end - start < word.length) return false;
  for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word[i]) return false;
  return true;
}

function compare(
  bytes: Uint8Array,
  start: number,
  end: number,
  otherStart: number,
  otherEnd: number,
): number {
  const length = Math.min(end - start, otherEnd - otherStart);
  for (let i = 0; i < length; i++) {
    const difference = bytes[start + i]! - bytes[otherStart + i]!;
    if (difference !== 0) return difference;
  }
  return end - start - (otherEnd - otherStart);
}
