import type {
  Decoder,
  Encoding,
  Malformed,
  Message,
  RecordSink,
  RecordSkimmer,
  Resource,
} from '../../contracts.ts';
import { ValueRenderer } from './any-value.ts';
import { type DetectedEncoding, detectEncoding, startsWithByteOrderMark } from './detect-encoding.ts';
import { LineReader, parseJson } from './lines.ts';
import { OtlpJsonWriter } from './otlp-json.ts';
import { OtlpJsonBytes } from './otlp-json-bytes.ts';
import { OtlpProtobufReader } from './otlp-protobuf.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { DEFAULT_TENANT, type ResourceRedactor } from './resource.ts';
import { ResourceCache } from './resource-cache.ts';
import type { Defect } from './wire.ts';

/** The OTLP specification's recommended limit of a request (opentelemetry-proto docs/specification.md), 64 MiB. */
const DEFAULT_MAX_MESSAGE_BYTES = 64 << 20;

/** Depth of lists and maps within one value. Collector pipelines make a handful; 64 is far beyond any real body. */
const DEFAULT_MAX_DEPTH = 64;

/** Offsets within a message stay below 2^29, see `WireReader.payloadEnd`. */
const LARGEST_MAX_MESSAGE_BYTES = (512 << 20) - 1;

const LINE_FEED = 0x0a;

export interface DecoderOptions {
  /** Resource attribute that names the tenant; absent = everybody is the default tenant. */
  readonly tenantAttribute?: string;
  readonly defaultTenant?: string;
  /** A longer message is `Malformed` with reason `too_large`; no byte of it is read. At most 512 MiB − 1. */
  readonly maxMessageBytes?: number;
  /** A body nested deeper than this is `Malformed` with reason `too_large`. */
  readonly maxDepth?: number;
  /** Hides secrets in names, versions, instances and attributes of resources; bodies stay as they are. */
  readonly redactor?: ResourceRedactor;
}

/**
 * Makes the decoder of one intake. It holds one reused record and bounded caches; it is not for concurrent use. With a
 * `skimmer` the ordinary records of the message that it holds are read faster, and no other way.
 */
export function createDecoder(
  encoding: Encoding,
  options: DecoderOptions = {},
  skimmer: RecordSkimmer | null = null,
): Decoder {
  return new MessageDecoder(encoding, options, skimmer);
}

class MessageDecoder implements Decoder {
  private readonly encoding: Encoding;
  private readonly maxMessageBytes: number;
  private readonly protobuf: OtlpProtobufReader;
  private readonly lines: LineReader;
  private readonly writer = new ProtobufWriter();
  private readonly json: OtlpJsonWriter;
  private readonly jsonBytes: OtlpJsonBytes;
  private readonly text = new TextDecoder();

  constructor(encoding: Encoding, options: DecoderOptions, skimmer: RecordSkimmer | null) {
    const maxDepth = options.maxDepth ?? DEFAULT_MAX_DEPTH;
    const resourceOptions = {
      tenantAttribute: options.tenantAttribute ?? '',
      defaultTenant: options.defaultTenant ?? DEFAULT_TENANT,
      ...(options.redactor === undefined ? {} : { redactor: options.redactor }),
    };
    this.encoding = encoding;
    this.maxMessageBytes = Math.min(
      options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
      LARGEST_MAX_MESSAGE_BYTES,
    );
    this.protobuf = new OtlpProtobufReader(
      new ResourceCache(resourceOptions, maxDepth),
      new ValueRenderer(maxDepth),
      skimmer,
    );
    this.lines = new LineReader(this.protobuf, options.redactor);
    this.json = new OtlpJsonWriter(this.writer, maxDepth);
    this.jsonBytes = new OtlpJsonBytes(this.writer, maxDepth);
  }

  decode(message: Message, defaultResource: Resource, sink: RecordSink): Malformed | null {
    const { value, referenceTimeMs } = message;
    if (value.length === 0) return null;
    if (value.length > this.maxMessageBytes) return { reason: 'too_large' satisfies Defect, at: 0 };
    const isDetected = this.encoding === 'auto' || this.encoding === 'auto_json';
    const encoding = isDetected ? detectEncoding(value) : (this.encoding as DetectedEncoding | 'raw');
    this.protobuf.startMessage(referenceTimeMs, defaultResource, sink);
    if (encoding === 'otlp_proto') return this.protobuf.read(value, 0, value.length);
    if (encoding === 'otlp_json') return this.otlpJson(value);
    this.lines.startMessage(value, referenceTimeMs, defaultResource, sink);
    const start = startsWithByteOrderMark(value) ? 3 : 0;
    if (this.encoding === 'auto_json') return this.lines.readJson(start, value.length, true);
    return this.readLines(encoding, start, value.length);
  }

  private readLines(
    encoding: Exclude<DetectedEncoding | 'raw', 'otlp_proto' | 'otlp_json'>,
    start: number,
    end: number,
  ): Malformed | null {
    switch (encoding) {
      case 'json':
        return this.lines.readJson(start, end);
      case 'raw':
        this.lines.readRaw(start, end);
        return null;
      case 'text':
        this.lines.readText(start, end);
        return null;
      case 'unknown':
        return { reason: 'not_text' satisfies Defect, at: 0 };
    }
  }

  /** One request, or one request a line (the Collector's fileexporter). */
  private otlpJson(value: Uint8Array): Malformed | null {
    const start = startsWithByteOrderMark(value) ? 3 : 0;
    const end = this.jsonBytes.write(value, start, value.length);
    if (end >= 0 && isBlankUpTo(value, end, value.length)) return this.otlpWritten(0);
    const isFirstOfLines =
      end >= 0 && isBlankUpTo(value, end, lineEnd(value, start)) && end <= lineEnd(value, start);
    if (!isFirstOfLines) {
      const whole = parseJson(this.text.decode(value));
      if (whole !== undefined) return this.otlpRequest(whole, 0);
    }
    for (let at = 0; at < value.length; ) {
      const end = lineEnd(value, at);
      const malformed = this.otlpLine(value, at, end);
      if (malformed !== null) return malformed;
      at = end + 1;
    }
    return null;
  }

  private otlpLine(value: Uint8Array, at: number, end: number): Malformed | null {
    const stop = this.jsonBytes.write(value, at, end);
    if (stop >= 0 && isBlankUpTo(value, stop, end)) return this.otlpWritten(at);
    const line = this.text.decode(value.subarray(at, end));
    if (line.trim() === '') return null;
    const request = parseJson(line);
    return request === undefined
      ? { reason: 'bad_json' satisfies Defect, at }
      : this.otlpRequest(request, at);
  }

  private otlpRequest(request: unknown, at: number): Malformed | null {
    this.writer.reset();
    const defect = this.json.write(request);
    return defect === null ? this.otlpWritten(at) : { reason: defect, at };
  }

  /** Reads the request that was written as protobuf. */
  private otlpWritten(at: number): Malformed | null {
    const malformed = this.protobuf.read(this.writer.bytes, 0, this.writer.length);
    return malformed === null ? null : { reason: malformed.reason, at };
  }
}

/** End of the line that begins at `at`: its line feed, or the end. */
function lineEnd(bytes: Uint8Array, at: number): number {
  const end = bytes.indexOf(LINE_FEED, at);
  return end < 0 ? bytes.length : end;
}

/** Only JSON's white space in `[start, end)`. */
function isBlankUpTo(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const c = bytes[i]!;
    if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return false;
  }
  return true;
}
