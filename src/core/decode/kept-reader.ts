import type { KeptContent, KeptRecord, LogRecord } from '../../contracts.ts';
import { readKeyValue, readValue, ValueRenderer, type ValueSlot } from './any-value.ts';
import { hexText } from './byte-text.ts';
import { EventLine, takeLegacyEventName } from './event-line.ts';
import { KnownBytes } from './known-bytes.ts';
import { createLogRecord, NO_BYTES } from './log-record.ts';
import {
  RECORD_ATTRIBUTES,
  RECORD_BODY,
  RECORD_EVENT_NAME,
  RECORD_SPAN_ID,
  RECORD_TIME,
  RECORD_TRACE_ID,
  SPAN_ID_BYTES,
  TRACE_ID_BYTES,
  VALUE_STRING,
} from './otlp-fields.ts';
import { createTextResource } from './resource.ts';
import { uint32At, WireReader } from './wire.ts';

/** Attributes of one record read for evidence; what a window shows is capped again, and lower. */
const MAX_EVIDENCE_ATTRIBUTES = 64;

/** Bytes read of one attribute key or value for evidence: a stack trace may fill a whole kept record. */
const MAX_EVIDENCE_BYTES = 2048;

/** Depth to which a structured value is rendered as text. */
const MAX_DEPTH = 64;

/** Attributes that are known at most, and keys. */
const KNOWN_PAIRS = 2_048;
const KNOWN_KEYS = 256;

type Pair = readonly [key: string, value: string];

/**
 * Decodes kept records for evidence, with buffers of its own that it uses again. Never fails: what cannot be read is
 * absent.
 */
export class KeptReader {
  readonly #fields = new WireReader();
  readonly #values = new WireReader();
  readonly #renderer = new ValueRenderer(MAX_DEPTH);
  readonly #text = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #lineText = new TextDecoder();
  readonly #encoder = new TextEncoder();
  /** Both are made at the first attribute: who only reads lines needs none. */
  #pairs: KnownBytes<Pair> | null = null;
  #keys: KnownBytes<string> | null = null;
  readonly #attributes: Pair[] = [];
  readonly #slot = { keyStart: 0, keyEnd: 0, valueStart: 0, valueEnd: 0 };
  readonly #value: ValueSlot = { field: 0, start: 0, end: 0, low: 0, high: 0 };
  readonly #eventLine = new EventLine();
  readonly #record: LogRecord = createLogRecord(createTextResource('', ''));
  /** Payload of the body's AnyValue, of the record in hand; an empty range = no body. */
  #bodyStart = 0;
  #bodyEnd = 0;

  /** All of it. */
  read(kept: KeptRecord): KeptContent {
    const { wire } = kept;
    const reader = this.#fields;
    const content = { traceId: '', spanId: '', eventName: '', timeUnixNano: '' };
    const attributes: Pair[] = [];
    this.#open(wire);
    while (reader.at < wire.length) {
      const tag = reader.tag(wire.length);
      const start = reader.at;
      if (tag === 0 || !reader.skip(tag, wire.length)) break;
      const end = reader.at;
      if (tag === RECORD_TIME * 8 + 1) {
        const nanos = (BigInt(uint32At(wire, start + 4)) << 32n) | BigInt(uint32At(wire, start));
        content.timeUnixNano = nanos === 0n ? '' : nanos.toString();
      }
      if ((tag & 7) !== 2) continue;
      const from = this.#payload(start, end);
      switch (tag >>> 3) {
        case RECORD_BODY:
          this.#bodyStart = from;
          this.#bodyEnd = end;
          break;
        case RECORD_ATTRIBUTES:
          takeLegacyEventName(this.#record, wire, from, end);
          if (attributes.length < MAX_EVIDENCE_ATTRIBUTES) {
            const pair = this.#attribute(wire, from, end);
            if (pair !== null) attributes.push(pair);
          }
          break;
        case RECORD_TRACE_ID:
          content.traceId = end - from === TRACE_ID_BYTES ? hexText(wire, from, end) : '';
          break;
        case RECORD_SPAN_ID:
          content.spanId = end - from === SPAN_ID_BYTES ? hexText(wire, from, end) : '';
          break;
        case RECORD_EVENT_NAME:
          this.#nameEvent(from, end);
          content.eventName = this.#cut(wire, from, end);
          break;
      }
    }
    const body = this.#body(wire);
    const eventName = content.eventName || (attributes.find(([key]) => key === 'event.name')?.[1] ?? '');
    return { ...content, body, eventName, line: this.#line(wire, body), attributes };
  }

  /**
   * Its attributes alone, as `read` gives them, valid until the next call. A pair that came before may be the same object
   * again: then it is frozen, and whoever keeps notes by object finds them.
   */
  attributes(kept: KeptRecord): readonly Pair[] {
    const { wire } = kept;
    const reader = this.#fields;
    const attributes = this.#attributes;
    let n = 0;
    reader.open(wire, 0);
    while (reader.at < wire.length && n < MAX_EVIDENCE_ATTRIBUTES) {
      const tag = reader.tag(wire.length);
      if (tag !== RECORD_ATTRIBUTES * 8 + 2) {
        if (tag === 0 || !reader.skip(tag, wire.length)) break;
        continue;
      }
      const end = reader.payloadEnd(wire.length);
      if (end < 0) break;
      const pair = this.#attribute(wire, reader.at, end);
      if (pair !== null) attributes[n++] = pair;
      reader.at = end;
    }
    attributes.length = n;
    return attributes;
  }

  /** Its line alone, as `read` gives it. */
  line(kept: KeptRecord): string {
    this.#findLine(kept.wire);
    return this.#line(kept.wire, this.#body(kept.wire));
  }

  /** Where the line stands in the kept bytes, `[lineStart, lineEnd)`. False = it does not stand there as one piece. */
  locate(kept: KeptRecord): boolean {
    const { wire } = kept;
    const value = this.#value;
    this.#findLine(wire);
    if (this.#record.eventEnd > this.#record.eventStart) return false;
    this.#values.open(wire, this.#bodyStart);
    if (!readValue(this.#values, this.#bodyStart, this.#bodyEnd, value)) return false;
    return value.field === VALUE_STRING && value.end > value.start;
  }

  get lineStart(): number {
    return this.#value.start;
  }

  get lineEnd(): number {
    return this.#value.end;
  }

  /** Finds the body and the name of the event. */
  #findLine(wire: Uint8Array): void {
    const reader = this.#fields;
    this.#open(wire);
    while (reader.at < wire.length) {
      const tag = reader.tag(wire.length);
      const start = reader.at;
      if (tag === 0 || !reader.skip(tag, wire.length)) break;
      const field = tag >>> 3;
      if ((tag & 7) !== 2) continue;
      if (field !== RECORD_BODY && field !== RECORD_ATTRIBUTES && field !== RECORD_EVENT_NAME) continue;
      const end = reader.at;
      const from = this.#payload(start, end);
      if (field === RECORD_ATTRIBUTES) takeLegacyEventName(this.#record, wire, from, end);
      else if (field === RECORD_EVENT_NAME) this.#nameEvent(from, end);
      else {
        this.#bodyStart = from;
        this.#bodyEnd = end;
      }
    }
  }

  #open(wire: Uint8Array): void {
    this.#fields.open(wire, 0);
    this.#record.eventStart = this.#record.eventEnd = 0;
    this.#bodyStart = this.#bodyEnd = 0;
  }

  /** Start of the payload of the length-delimited field that begins at `start`. The reader stands at `end` afterwards. */
  #payload(start: number, end: number): number {
    const reader = this.#fields;
    reader.at = start;
    reader.payloadEnd(end);
    const from = reader.at;
    reader.at = end;
    return from;
  }

  #nameEvent(from: number, end: number): void {
    this.#record.eventStart = from;
    this.#record.eventEnd = end;
  }

  /** Null = it cannot be read. */
  #attribute(wire: Uint8Array, from: number, end: number): Pair | null {
    this.#pairs ??= new KnownBytes(KNOWN_PAIRS);
    const known = this.#pairs.find(wire, from, end);
    if (known !== null) return known;
    const slot = this.#slot;
    this.#values.open(wire, from);
    if (!readKeyValue(this.#values, from, end, slot)) return null;
    const value = this.#valueText(wire, slot.valueStart, slot.valueEnd);
    if (value === null) return null;
    const pair: Pair = [this.#key(wire, slot.keyStart, slot.keyEnd), value];
    if (this.#pairs.add(wire, from, end, pair)) Object.freeze(pair);
    return pair;
  }

  /** Keys come again where values do not. */
  #key(wire: Uint8Array, start: number, end: number): string {
    this.#keys ??= new KnownBytes(KNOWN_KEYS);
    const known = this.#keys.find(wire, start, end);
    if (known !== null) return known;
    const key = this.#cut(wire, start, end);
    this.#keys.add(wire, start, end, key);
    return key;
  }

  /** Null = the value cannot be read. */
  #valueText(wire: Uint8Array, start: number, end: number): string | null {
    const value = this.#value;
    const renderer = this.#renderer;
    this.#values.open(wire, start);
    if (readValue(this.#values, start, end, value) && value.field === VALUE_STRING)
      return this.#cut(wire, value.start, value.end);
    return renderer.render(wire, start, end) ? this.#cut(renderer.bytes, 0, renderer.length) : null;
  }

  #cut(bytes: Uint8Array, start: number, end: number): string {
    return this.#text.decode(bytes.subarray(start, Math.min(end, start + MAX_EVIDENCE_BYTES)));
  }

  #body(wire: Uint8Array): string {
    const value = this.#value;
    const [start, end] = [this.#bodyStart, this.#bodyEnd];
    if (start === end) return '';
    this.#values.open(wire, start);
    if (readValue(this.#values, start, end, value) && value.field === VALUE_STRING)
      return this.#text.decode(wire.subarray(value.start, value.end));
    this.#renderer.render(wire, start, end);
    return this.#text.decode(this.#renderer.bytes.subarray(0, this.#renderer.length));
  }

  /** What its signature is of: the body, unless the event has a name or there is no body. */
  #line(wire: Uint8Array, body: string): string {
    const record = this.#record;
    if (body !== '' && record.eventStart === record.eventEnd) return body;
    const bytes = this.#encoder.encode(body);
    const line = this.#eventLine;
    record.wire = wire;
    record.wireEnd = wire.length;
    record.body = bytes;
    record.bodyEnd = bytes.length;
    const isWritten = line.write(record);
    record.wire = NO_BYTES;
    return isWritten ? this.#lineText.decode(line.bytes.subarray(0, line.length)) : body;
  }
}
