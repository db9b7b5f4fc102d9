import kafkajs from 'kafkajs';
import { serviceLabel } from '../../api/service-label.ts';
import type { Encoding, LogRecord, RecordSink } from '../../contracts.ts';
import { FUTURE_MAX_MS, LATENESS_MS, PAST_MAX_MS } from '../../core/count/limits.ts';
import { createDecoder, type DecoderOptions } from '../../core/decode/decoder.ts';
import { detectEncoding } from '../../core/decode/detect-encoding.ts';
import { createTextResource } from '../../core/decode/resource.ts';
import type { PartitionReader, StoredMessage } from '../../kafka/partition-reader.ts';

/** Bytes asked for at once; a message that is larger comes alone. */
const FETCH_BYTES_MAX = 1024 * 1024;
/** Fetches per partition: transactions and compaction leave gaps, and a sample must end. */
const FETCHES_MAX = 8;

/** Records of one service in a sample. */
export interface SampledService {
  records: number;
  readonly partitions: Set<number>;
}

/** What the last messages of a topic are, as a worker would read them. */
export interface Sample {
  messages: number;
  empty: number;
  records: number;
  /** Messages that could not be read, or not to their end, by reason. */
  readonly malformed: Map<string, number>;
  /** Messages by what their bytes look like. */
  readonly encodings: Map<string, number>;
  /** Codecs of the batches; `none` is seen as the absence of others. */
  readonly codecs: Set<string>;
  readonly services: Map<string, SampledService>;
  /** Message timestamp minus record time, of records with a time of their own. */
  readonly delaysMs: number[];
  readonly timeless: { records: number };
  readonly outOfRange: Map<string, number>;
  late: number;
  readonly isAppendTime: Set<boolean>;
  readonly partitions: Set<number>;
}

export function emptySample(): Sample {
  return {
    messages: 0,
    empty: 0,
    records: 0,
    malformed: new Map(),
    encodings: new Map(),
    codecs: new Set(),
    services: new Map(),
    delaysMs: [],
    timeless: { records: 0 },
    outOfRange: new Map(),
    late: 0,
    isAppendTime: new Set(),
    partitions: new Set(),
  };
}

export interface SampleOptions {
  readonly encoding: Encoding;
  readonly decode: DecoderOptions;
  /** Service of text lines. */
  readonly defaultService: string;
}

/** The last `want` messages of a partition that ends at `high`. */
export async function lastMessages(
  reader: Pick<PartitionReader, 'fetch'>,
  topic: string,
  partition: number,
  bounds: { readonly low: number; readonly high: number },
  want: number,
): Promise<readonly StoredMessage[]> {
  const found: StoredMessage[] = [];
  let offset = Math.max(bounds.low, bounds.high - want);
  for (let i = 0; i < FETCHES_MAX && offset < bounds.high; i++) {
    const { messages } = await reader.fetch(topic, partition, offset, FETCH_BYTES_MAX);
    if (messages.length === 0) break;
    found.push(...messages);
    offset = messages.at(-1)!.offset + 1;
  }
  return found.slice(-want);
}

/** Adds one partition's messages, in the order of their offsets. */
export function addToSample(
  sample: Sample,
  partition: number,
  messages: readonly StoredMessage[],
  options: SampleOptions,
): void {
  const decoder = createDecoder(options.encoding, options.decode);
  const resource = createTextResource(options.decode.defaultTenant ?? 'default', options.defaultService);
  const sink = new SampleSink(sample, partition);
  for (const message of messages) {
    const { value, timestampMs, isAppendTime } = message;
    sample.messages++;
    sample.partitions.add(partition);
    if (value === null || value.length === 0) {
      sample.empty++;
      continue;
    }
    sample.isAppendTime.add(isAppendTime);
    increment(sample.encodings, detectEncoding(value));
    sink.begin(timestampMs);
    const malformed = decoder.decode(
      { value, offset: message.offset, referenceTimeMs: timestampMs },
      resource,
      sink,
    );
    if (malformed !== null) increment(sample.malformed, malformed.reason);
  }
}

/** Judges time as the worker does, see `core/count`: range first, then lateness behind the partition's maximum. */
class SampleSink implements RecordSink {
  readonly #sample: Sample;
  readonly #partition: number;
  #timestampMs = Number.NaN;
  #maxMs = Number.NEGATIVE_INFINITY;
  #maxBeforeMs = Number.NEGATIVE_INFINITY;

  constructor(sample: Sample, partition: number) {
    this.#sample = sample;
    this.#partition = partition;
  }

  begin(timestampMs: number): void {
    this.#timestampMs = timestampMs;
    this.#maxBeforeMs = this.#maxMs;
  }

  onRecord(record: LogRecord): void {
    const sample = this.#sample;
    const key = serviceLabel(record.resource.service);
    sample.records++;
    const service = sample.services.get(key) ?? { records: 0, partitions: new Set() };
    service.records++;
    service.partitions.add(this.#partition);
    sample.services.set(key, service);
    if (record.timeFrom !== 'record' && record.timeFrom !== 'observed') {
      sample.timeless.records++;
      return;
    }
    const delayMs = this.#timestampMs - record.timeMs;
    if (delayMs > PAST_MAX_MS || delayMs < -FUTURE_MAX_MS) {
      increment(sample.outOfRange, key);
      return;
    }
    sample.delaysMs.push(delayMs);
    if (record.timeMs < this.#maxBeforeMs - LATENESS_MS) sample.late++;
    this.#maxMs = Math.max(this.#maxMs, record.timeMs);
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/**
 * Notes which codecs are asked for until the returned function is called. The registry is kafkajs' own, for the process;
 * a fetched message no longer says how it was compressed.
 */
export function watchCodecs(seen: (codec: string) => void): () => void {
  const { CompressionCodecs } = kafkajs;
  const before = new Map<number, () => Codec>();
  for (const [name, type] of CODECS) {
    const original = CompressionCodecs[type] as () => Codec;
    before.set(type, original);
    CompressionCodecs[type] = (): Codec => {
      const codec = original();
      return {
        ...codec,
        decompress: (bytes) => {
          seen(name);
          return codec.decompress(bytes);
        },
      };
    };
  }
  return () => {
    for (const [type, original] of before)
      CompressionCodecs[type as keyof typeof CompressionCodecs] = original;
  };
}

interface Codec {
  compress(encoder: unknown): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

const CODECS = [
  ['gzip', kafkajs.CompressionTypes.GZIP],
  ['snappy', kafkajs.CompressionTypes.Snappy],
  ['lz4', kafkajs.CompressionTypes.LZ4],
  ['zstd', kafkajs.CompressionTypes.ZSTD],
] as const;
