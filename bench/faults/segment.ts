import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../src/simulator/random.ts';

export type BatchDamage = 'wrong codec' | 'compressed bits flipped' | 'stored bits flipped' | 'bomb';

/** https://kafka.apache.org/documentation/#recordbatch: from `baseOffset` to the first record. */
const HEADER_BYTES = 61;
const LENGTH_AT = 8;
const BYTES_BEFORE_LENGTH_COUNTS = 12;
const CHECKSUM_AT = 17;
const ATTRIBUTES_LOW_BYTE_AT = 22;
const CODEC_BITS = 7;

/**
 * Damages stored record batches in the broker's own file, as a rotten disk would: the batch that begins at offset n as
 * `damages.get(n)` says. Returns how many there were. A broker looks at no checksum when it hands a batch out.
 */
export function damageBatches(
  dataDirectory: string,
  topic: string,
  partition: number,
  damages: ReadonlyMap<number, BatchDamage>,
  random: Random,
): number {
  const path = join(dataDirectory, `${topic}-${partition}`, '00000000000000000000.log');
  const bytes = readFileSync(path);
  const file = openSync(path, 'r+');
  const flip = (from: number, to: number): void => {
    for (let flips = random.between(1, 8); flips > 0; flips--) {
      const at = random.between(from, to);
      bytes[at] = bytes[at]! ^ (1 << random.between(0, 7));
      writeSync(file, bytes, at, 1, at);
    }
  };
  let found = 0;
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const length = bytes.readInt32BE(at + LENGTH_AT);
    if (length <= 0) break;
    const end = at + BYTES_BEFORE_LENGTH_COUNTS + length;
    const damage = damages.get(Number(bytes.readBigInt64BE(at)));
    if (damage !== undefined) found++;
    if (damage === 'wrong codec') {
      const codecAt = at + ATTRIBUTES_LOW_BYTE_AT;
      bytes[codecAt] = (bytes[codecAt]! & ~CODEC_BITS) | random.pick([2, 3, 4]);
      writeSync(file, bytes, codecAt, 1, codecAt);
    } else if (damage === 'compressed bits flipped') flip(at + HEADER_BYTES, end - 1);
    else if (damage === 'stored bits flipped') flip(at + CHECKSUM_AT, end - 1);
    at = end;
  }
  closeSync(file);
  return found;
}
