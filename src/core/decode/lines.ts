import type { LogRecord, Malformed, RecordSink, Resource } from '../../contracts.ts';
import { isBlank } from './ascii.ts';
import { Continuation, MAX_JOINED_BYTES, MAX_JOINED_LINES } from './continuation.ts';
import { JsonLineWriter } from './json-line.ts';
import { createLogRecord, NO_BYTES, setTime } from './log-record.ts';
import { isObject, type JsonObject } from './otlp-json.ts';
import type { OtlpProtobufReader } from './otlp-protobuf.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { createTextResource, type ResourceRedactor } from './resource.ts';
import { inferSeverity } from './severity-text.ts';
import { TimeParser } from './time.ts';
import type { Defect } from './wire.ts';

const LINE_FEED = 0x0a;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const QUOTE = 0x22;

const NO_SINK: RecordSink = { onRecord: () => undefined };

/**
 * Reads messages of lines: text, JSON objects one a line, or one record a message (`raw`). A text record's body is its
 * whole line, in place; continuation lines (see `Continuation`) are joined to the record before, up to 64 KiB and
 * 512 lines, within one message. Blank lines separate and are no records.
 */
export class LineReader {
  private readonly record: LogRecord;
  private readonly time = new TimeParser();
  private readonly continuation = new Continuation();
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private readonly encoder = new TextEncoder();
  private readonly writer = new ProtobufWriter();
  private readonly jsonLine: JsonLineWriter;
  private readonly protobuf: OtlpProtobufReader;
  private bytes: Uint8Array = NO_BYTES;
  private resource: Resource;
  private sink: RecordSink = NO_SINK;
  private referenceMs = Number.NaN;
  private index = 0;
  private isStrict = false;
  /** The text record being joined: `[groupStart, groupEnd)`, lines 0 = none. */
  private groupStart = 0;
  private groupEnd = 0;
  private groupLines = 0;
  /** Time of its first line and where the stamp ended; NaN = none. */
  private groupMs = Number.NaN;
  private groupTimeEnd = 0;

  constructor(protobuf: OtlpProtobufReader, redactor?: ResourceRedactor) {
    this.protobuf = protobuf;
    this.jsonLine = new JsonLineWriter(this.writer, redactor);
    this.resource = createTextResource('', '');
    this.record = createLogRecord(this.resource);
  }

  /** What follows belongs to a new message. */
  startMessage(bytes: Uint8Array, referenceMs: number, resource: Resource, sink: RecordSink): void {
    this.bytes = bytes;
    this.referenceMs = referenceMs;
    this.resource = resource;
    this.sink = sink;
    this.index = 0;
    this.groupLines = 0;
    this.protobuf.startMessage(referenceMs, resource, sink);
  }

  /** Every line is text. */
  readText(start: number, end: number): void {
    this.readLines(start, end, false);
  }

  /**
   * Lines that hold a JSON object are read by their keys; other lines are text. Also one object or list in several lines.
   * `isStrict`: a line that is no JSON at all ends the message as malformed.
   */
  readJson(start: number, end: number, isStrict = false): Malformed | null {
    this.isStrict = isStrict;
    const first = firstByte(this.bytes, start, end);
    const spansLines = first === OPEN_BRACKET || (first === OPEN_BRACE && !this.firstLineParses(start, end));
    const whole = spansLines ? this.objectsOf(start, end) : null;
    return whole === null ? this.readLines(start, end, true) : this.readObjects(whole);
  }

  /** One record, whatever line feeds are in it; a body in JSON quotes is unquoted (the Collector's kafkaexporter `raw`). */
  readRaw(start: number, end: number): void {
    let to = end;
    while (to > start && this.bytes[to - 1]! <= 0x20) to--;
    if (to === start) return;
    if (to - start >= 2 && this.bytes[start] === QUOTE && this.bytes[to - 1] === QUOTE) {
      const text = parseJson(this.decoder.decode(this.bytes.subarray(start, to)));
      if (typeof text === 'string') {
        const body = this.encoder.encode(text);
        this.time.parseHead(body, 0, body.length, this.referenceMs);
        this.deliver(body, 0, body.length, this.time.timeMs, this.time.endAt);
        return;
      }
    }
    this.time.parseHead(this.bytes, start, to, this.referenceMs);
    this.deliver(this.bytes, start, to, this.time.timeMs, this.time.endAt);
  }

  private readLines(start: number, end: number, json: boolean): Malformed | null {
    const bytes = this.bytes;
    let at = start;
    while (at < end) {
      let lineEnd = bytes.indexOf(LINE_FEED, at);
      if (lineEnd < 0 || lineEnd > end) lineEnd = end;
      let textEnd = lineEnd;
      while (textEnd > at && isBlank(bytes[textEnd - 1]!)) textEnd--;
      if (textEnd > at) {
        if (json && firstByte(bytes, at, textEnd) === OPEN_BRACE) {
          const malformed = this.jsonText(at, textEnd);
          if (malformed !== null) return malformed;
        } else if (json && this.isStrict && this.parsed(at, textEnd) === undefined) {
          return this.notJson(at);
        } else this.textLine(at, textEnd);
      }
      at = lineEnd + 1;
    }
    this.flush();
    return null;
  }

  private textLine(start: number, end: number): void {
    const hasTime = this.time.parseHead(this.bytes, start, end, this.referenceMs);
    const joins =
      this.groupLines > 0 &&
      this.groupLines < MAX_JOINED_LINES &&
      end - this.groupStart <= MAX_JOINED_BYTES &&
      this.continuation.joins(this.bytes, start, end, hasTime, !Number.isNaN(this.groupMs));
    if (joins) {
      this.groupEnd = end;
      this.groupLines++;
      return;
    }
    const { timeMs, endAt: timeEnd } = this.time;
    this.flush();
    this.continuation.begin(this.bytes, start, end);
    this.groupStart = start;
    this.groupEnd = end;
    this.groupLines = 1;
    this.groupMs = timeMs;
    this.groupTimeEnd = timeEnd;
  }

  private flush(): void {
    if (this.groupLines === 0) return;
    this.groupLines = 0;
    this.deliver(this.bytes, this.groupStart, this.groupEnd, this.groupMs, this.groupTimeEnd);
  }

  private deliver(body: Uint8Array, start: number, end: number, timeMs: number, timeEnd: number): void {
    const record = this.record;
    setTime(record, timeMs, Number.NaN, this.referenceMs);
    let severity = inferSeverity(body, start, end);
    // Behind the time stamp a line begins anew: `2026-11-22 01:02:03 error: …`.
    if (severity === 0 && timeEnd > start)
      severity = inferSeverity(body, skipBlanks(body, timeEnd, end), end);
    record.resource = this.resource;
    record.body = body;
    record.bodyStart = start;
    record.bodyEnd = end;
    record.severityNumber = severity;
    record.severityInferred = severity !== 0;
    record.index = this.index++;
    this.sink.onRecord(record);
  }

  /** A line that begins like an object; what does not parse as one is text. */
  private jsonText(start: number, end: number): Malformed | null {
    const text = this.decoder.decode(this.bytes.subarray(start, end));
    const parsed = parseJson(text);
    if (!isObject(parsed)) {
      if (this.isStrict) return this.notJson(start);
      this.textLine(start, end);
      return null;
    }
    this.flush();
    return this.jsonObject(parsed, text);
  }

  private parsed(start: number, end: number): unknown {
    return parseJson(this.decoder.decode(this.bytes.subarray(start, end)));
  }

  /** What came before stands. */
  private notJson(at: number): Malformed {
    this.flush();
    return { reason: 'bad_json' satisfies Defect, at };
  }

  private jsonObject(line: JsonObject, text: string): Malformed | null {
    this.writer.reset();
    this.jsonLine.write(line, text, this.referenceMs, this.resource);
    const resource = this.jsonLine.resource ?? this.resource;
    return this.protobuf.readRecord(this.writer.bytes, 0, this.writer.length, resource, this.index++);
  }

  /** The objects of a message that is one JSON value, an object or a list of objects; null = it is neither. */
  private objectsOf(start: number, end: number): JsonObject[] | null {
    const parsed = this.parsed(start, end);
    const objects: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
    return objects.every(isObject) ? objects : null;
  }

  private readObjects(objects: readonly JsonObject[]): Malformed | null {
    for (const object of objects) {
      const malformed = this.jsonObject(object, jsonText(object));
      if (malformed !== null) return malformed;
    }
    return null;
  }

  private firstLineParses(start: number, end: number): boolean {
    const lineEnd = this.bytes.indexOf(LINE_FEED, start);
    if (lineEnd < 0 || lineEnd >= end - 1) return true;
    return isObject(this.parsed(start, lineEnd));
  }
}

/** The value, or undefined where the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** JSON text; empty for a value nested so deep that JSON.stringify, which recurses, gives up. */
function jsonText(value: JsonObject): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '';
  }
}

/** First byte that is not white space, 0 = none. */
export function firstByte(bytes: Uint8Array, start: number, end: number): number {
  const at = skipBlanks(bytes, start, end);
  return at < end ? bytes[at]! : 0;
}

function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(bytes[at]!)) at++;
  return at;
}
