import { type BatchDefect, markDefect, RECORDS_MAX } from '../../kafka/corrupt-batch.ts';
import { crc32c } from '../../kafka/crc32c.ts';
import { BATCH, BATCH_HEADER_BYTES, type WireBatch, walkBatches } from './fetch-response.ts';

/**
 * Looks at every record batch of a fetch before kafkajs decodes it, for kafkajs checks no checksum and no bound.
 * A batch whose checksum is wrong is fetched a second time; if it is still wrong, or holds more records than there is
 * memory for, its bytes are changed into a batch of unreadable records, one for each offset where that can be known.
 * Invariant: every fetch that holds a whole batch moves its partition on, or will the next time.
 */
export class FetchGuard {
  /** `topic/partition` → base offset of a batch with a wrong checksum that is being fetched again. One a partition. */
  readonly #suspects = new Map<string, number>();
  readonly #checksCrc: boolean;

  constructor(checksCrc: boolean) {
    this.#checksCrc = checksCrc;
  }

  /** Returns the bytes of the largest batch in it. */
  inspect(response: Buffer, apiVersion: number): number {
    let records = 0;
    let largest = 0;
    walkBatches(response, apiVersion, (batch) => {
      const defect = records >= FETCH_RECORDS_MAX ? 'again' : this.#judge(response, batch);
      if (defect === 'again') {
        cutOff(response, batch);
        return false;
      }
      if (defect !== null) replace(response, batch, defect);
      records += Math.max(0, response.readInt32BE(batch.start + BATCH.records));
      largest = Math.max(largest, batch.end - batch.start);
      return true;
    });
    return largest;
  }

  #judge(response: Buffer, batch: WireBatch): BatchDefect | 'again' | null {
    const key = `${batch.topic}/${batch.partition}`;
    if (this.#checksCrc && !isSound(response, batch)) {
      if (this.#suspects.get(key) === batch.baseOffset) return 'checksum';
      this.#suspects.set(key, batch.baseOffset);
      return 'again';
    }
    if (this.#suspects.get(key) === batch.baseOffset) this.#suspects.delete(key);
    return response.readInt32BE(batch.start + BATCH.records) > RECORDS_MAX ? 'limit' : null;
  }
}

/** Records of one fetch after which the rest is fetched anew: as objects of kafkajs they take some 400 bytes each. */
const FETCH_RECORDS_MAX = 1 << 18;

function isSound(response: Buffer, { start, end }: WireBatch): boolean {
  return response.readUInt32BE(start + BATCH.crc) === crc32c(response, start + BATCH.attributes, end);
}

/** Makes the batch look as if the fetch ended within it: kafkajs drops it and what follows, and asks for it again. */
function cutOff(response: Buffer, { start }: WireBatch): void {
  response.writeInt32BE(0x7fffffff, start + BATCH.length);
}

/** Turns the batch into a gzip batch whose content is marked unreadable; the codec makes records of that. */
function replace(response: Buffer, batch: WireBatch, defect: BatchDefect): void {
  const { start, end } = batch;
  const { lastOffsetDelta, records } = plausibleExtent(response, batch, defect);
  response.writeInt16BE(GZIP, start + BATCH.attributes);
  response.writeInt32BE(lastOffsetDelta, start + BATCH.lastOffsetDelta);
  response.writeInt32BE(records, start + BATCH.records);
  markDefect(response.subarray(start + BATCH_HEADER_BYTES, end), defect);
}

/** The codec's number in a batch's attributes. */
const GZIP = 1;

/** A header under a wrong checksum is believed as far as it agrees with its surroundings. */
function plausibleExtent(
  response: Buffer,
  { start, end, baseOffset, nextOffset, highWatermark }: WireBatch,
  defect: BatchDefect,
): { lastOffsetDelta: number; records: number } {
  const lastOffsetDelta = response.readInt32BE(start + BATCH.lastOffsetDelta);
  const records = response.readInt32BE(start + BATCH.records);
  const room = (nextOffset ?? highWatermark) - baseOffset;
  const fits =
    lastOffsetDelta >= 0 && lastOffsetDelta < room && records >= 1 && records <= lastOffsetDelta + 1;
  // Too many records to make one for each: a single one, at the last offset, stands for all.
  if (fits) return { lastOffsetDelta, records: defect === 'limit' || records > RECORDS_MAX ? 1 : records };
  const isKnown = nextOffset !== null && nextOffset > baseOffset;
  const lastDelta = isKnown ? Math.min(nextOffset - 1 - baseOffset, 0x7fffffff) : 0;
  // A record takes seven bytes at least, so there were no more than this.
  const most = Math.max(1, Math.floor((end - start - BATCH_HEADER_BYTES) / RECORD_BYTES_MIN));
  return { lastOffsetDelta: lastDelta, records: Math.min(lastDelta + 1, most, RECORDS_MAX) };
}

const RECORD_BYTES_MIN = 7;
