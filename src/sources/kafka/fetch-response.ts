/** One record batch inside a fetch response; positions are bytes of the response. */
export interface WireBatch {
  readonly topic: string;
  readonly partition: number;
  readonly highWatermark: number;
  readonly start: number;
  /** Behind its last byte. */
  readonly end: number;
  readonly baseOffset: number;
  /** Base offset of the batch that follows in the response; null = none does. */
  readonly nextOffset: number | null;
}

/** False: the rest of this partition's batches is left out. */
export type Visit = (batch: WireBatch) => boolean;

/**
 * Calls `visit` for every whole record batch of format 2 in a fetch response as the broker sent it (API versions 4 to 11;
 * https://kafka.apache.org/protocol#The_Messages_Fetch). Anything unexpected ends the walk: what it sees is the broker's
 * to get right and kafkajs' to complain about. Never reads beyond the response.
 */
export function walkBatches(response: Buffer, apiVersion: number, visit: Visit): void {
  if (apiVersion < 4 || apiVersion > 11) return;
  try {
    walkTopics(new Cursor(response, apiVersion >= 7 ? 10 : 4), apiVersion, visit);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}

/** Header of a record batch: everything in front of its records. https://kafka.apache.org/documentation/#recordbatch */
export const BATCH_HEADER_BYTES = 61;
/** Positions in the header. */
export const BATCH = {
  length: 8,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  records: 57,
} as const;
/** The batch's length counts from behind itself. */
export const LENGTH_END = 12;

function walkTopics(cursor: Cursor, apiVersion: number, visit: Visit): void {
  for (let topics = cursor.int32(); topics > 0; topics--) {
    const topic = cursor.string();
    for (let partitions = cursor.int32(); partitions > 0; partitions--) {
      const partition = cursor.int32();
      cursor.skip(2); // error code
      const highWatermark = cursor.int64();
      cursor.skip(apiVersion >= 5 ? 16 : 8); // last stable offset, log start offset
      cursor.skip(Math.max(0, cursor.int32()) * 16); // aborted transactions
      if (apiVersion >= 11) cursor.skip(4); // preferred read replica
      const bytes = Math.max(0, cursor.int32());
      walkRecords(cursor.bytes, cursor.at, cursor.at + bytes, { topic, partition, highWatermark }, visit);
      cursor.skip(bytes);
    }
  }
}

function walkRecords(
  bytes: Buffer,
  from: number,
  end: number,
  where: Pick<WireBatch, 'topic' | 'partition' | 'highWatermark'>,
  visit: Visit,
): void {
  let batchEnd = wholeBatchEnd(bytes, from, end);
  for (let start = from; batchEnd > 0; ) {
    const followingEnd = wholeBatchEnd(bytes, batchEnd, end);
    const hasNext = batchEnd + 8 <= end;
    const goesOn = visit({
      ...where,
      start,
      end: batchEnd,
      baseOffset: int64(bytes, start),
      nextOffset: hasNext ? int64(bytes, batchEnd) : null,
    });
    if (!goesOn) return;
    start = batchEnd;
    batchEnd = followingEnd;
  }
}

/** 0 = there is no whole batch of format 2 at `start`: the fetch ends within it, or it is of an older format. */
function wholeBatchEnd(bytes: Buffer, start: number, end: number): number {
  if (start + BATCH_HEADER_BYTES > end || bytes[start + BATCH.magic] !== 2) return 0;
  const batchEnd = start + LENGTH_END + bytes.readInt32BE(start + BATCH.length);
  return batchEnd < start + BATCH_HEADER_BYTES || batchEnd > end ? 0 : batchEnd;
}

/** Throws a RangeError where it would read beyond the end. */
class Cursor {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  int32(): number {
    const value = this.bytes.readInt32BE(this.at);
    this.at += 4;
    return value;
  }

  int64(): number {
    const value = int64(this.bytes, this.at);
    this.at += 8;
    return value;
  }

  string(): string {
    const length = this.bytes.readInt16BE(this.at);
    const start = this.at + 2;
    this.skip(2 + Math.max(0, length));
    return this.bytes.toString('utf8', start, this.at);
  }

  skip(bytes: number): void {
    this.at += bytes;
    if (this.at > this.bytes.length) throw new RangeError('beyond the end');
  }
}

/** Offsets stay below 2^53. */
function int64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}
