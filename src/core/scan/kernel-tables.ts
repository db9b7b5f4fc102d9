// Fills the tables that the kernel reads.
import { asciiBytes } from '../decode/ascii.ts';
import { WORD_END } from './byte-class.ts';
import { BYTE_CLASS, IS_HEX } from './classes.ts';
import * as layout from './kernel-layout.ts';
import { STAND_IN_HEADS, STAND_IN_LENGTHS, STAND_IN_TAILS, STAND_IN_UUID } from './stand-ins.ts';
import { unitHashes } from './units.ts';

/** Next to these a word means the same, whatever its digits are: in front of it, and behind it. */
const FREE_BEFORE = ' \t\n\r=([{,;"\'#|*`!&?>';
const FREE_BEHIND = ' \t\n\r,;)]}"\'#|*`!>';
/** A byte that ends a URL for every reader. */
const ENDS_URL = '\0\t\n\r\v\f "\'`<>()[]{},;|';

const HALF_BYTES = 16;
/** Bits of a byte: as many different rows as the tables of ends can tell apart. */
const ROWS_MAX = 8;

export function fillTables(memory: Uint8Array): void {
  const view = new DataView(memory.buffer);
  const fours = (at: number, values: readonly number[]): void => {
    values.forEach((value, i) => {
      view.setInt32(at + 4 * i, value, true);
    });
  };
  BYTE_CLASS.forEach((byteClass, c) => {
    view.setUint16(layout.CLASS_TABLE + 2 * c, byteClass, true);
  });
  const mark = (bytes: Iterable<number>, bit: number): void => {
    for (const c of bytes) memory[layout.MARK_TABLE + c]! |= bit;
  };
  mark(asciiBytes(FREE_BEFORE), layout.FREE_BEFORE);
  mark(asciiBytes(FREE_BEHIND), layout.FREE_BEHIND);
  mark(asciiBytes(ENDS_URL), layout.ENDS_URL);
  IS_HEX.forEach((isHex, c) => {
    if (isHex === 1) mark([c], layout.HEX);
  });
  fillEnds(memory);
  memory.set(STAND_IN_LENGTHS, layout.LENGTH_TABLE);
  fours(layout.HEAD_TABLE, STAND_IN_HEADS);
  fours(layout.TAIL_TABLE, STAND_IN_TAILS);
  memory.set(STAND_IN_UUID, layout.UUID_TEXT);
  const units = unitHashes();
  fours(layout.UNIT_COUNT, [units.length]);
  fours(layout.UNIT_TABLE, units);
}

/**
 * Sixteen bytes are asked at once whether they end a word: two tables by half bytes have a bit in common for those that do.
 * Rows of the code page with the same ends share a bit (J. Langdale, D. Lemire, "Parsing Gigabytes of JSON per Second",
 * section 3.1.2, classifies so).
 */
function fillEnds(memory: Uint8Array): void {
  const bits = new Map<number, number>();
  for (let high = 0; high < HALF_BYTES; high++) {
    let row = 0;
    for (let low = 0; low < HALF_BYTES; low++)
      if ((BYTE_CLASS[high * HALF_BYTES + low]! & WORD_END) !== 0) row |= 1 << low;
    if (row === 0) continue;
    const bit = bits.get(row) ?? 1 << bits.size;
    if (bits.size === ROWS_MAX && !bits.has(row)) throw new Error('too many kinds of rows end words');
    bits.set(row, bit);
    memory[layout.HIGH_TABLE + high] = bit;
    for (let low = 0; low < HALF_BYTES; low++)
      if (((row >> low) & 1) === 1) memory[layout.LOW_TABLE + low]! |= bit;
  }
}
