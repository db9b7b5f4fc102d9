import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../src/simulator/random.ts';

export type BatchDamage = 'wrong codec' | 'compressed bytes flipped' | 'bomb';

/** https://kafka.apache.org/documentation/#recordbatch: from `baseOffset` to the first record. */
const HEADER_BYTES = 61;
const LENGTH_AT = 8;
const BYTES_BEFORE_LENGTH_COUNTS = 12;
const ATTRIBUTES_LOW_BYTE_AT = 22;
const CODEC_BITS = 7;
const GZIP = 1;

/**
 * Damages the gzip batches of a partition in the broker's own file, as a rotten disk would: the n-th one as `damages[n]`
 * says. Returns how many there were. Neither the broker nor kafkajs looks at a batch's checksum when it is read.
 */
export function damageBatches(
  dataDirectory: string,
  topic: string,
  partition: number,
  damages: readonly BatchDamage[],
  random: Random,
): number {
  const path = join(dataDirectory, `${topic}-${partition}`, '00000000000000000000.log');
  const bytes = readFileSync(path);
  const file = openSync(path, 'r+');
  let found = 0;
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const length = bytes.readInt32BE(at + LENGTH_AT);
    if (length <= 0) break;
    const end = at + BYTES_BEFORE_LENGTH_COUNTS + length;
    const attributes = bytes[at + ATTRIBUTES_LOW_BYTE_AT]!;
    if ((attributes & CODEC_BITS) === GZIP) {
      const damage = damages[found++];
      if (damage === 'wrong codec') {
        const codec = random.pick([2, 3, 4]);
        const changed = Buffer.from([(attributes & ~CODEC_BITS) | codec]);
        writeSync(file, changed, 0, 1, at + ATTRIBUTES_LOW_BYTE_AT);
      } else if (damage === 'compressed bytes flipped') {
        const where = random.between(at + HEADER_BYTES + 10, end - 9);
        writeSync(file, Buffer.from([bytes[where]! ^ (1 << random.between(0, 7))]), 0, 1, where);
      }
    }
    at = end;
  }
  closeSync(file);
  return found;
}
