import { INSTANCE_SLOTS, SAMPLE_SIZE } from './limits.ts';
import { type ChunkPool, SampleArena } from './sample-arena.ts';

const ROWS_FIRST = 16;
/** Slots of the hash index that stay allocated while the table is spare. */
const SPARE_SLOTS_MAX = 65_536;

/** Kept records a row has room for: its exemplar (slot 0) and its sample. */
export const KEPT_SLOTS: number = SAMPLE_SIZE + 1;

/**
 * The head of a row is one cache line: 16 words of `head`, which are 8 doubles of `numbers`. A record of a known
 * signature that is not kept touches nothing else but its instance's count.
 */
export const HEAD_WORDS = 16;
export const HEAD_NUMBERS: number = HEAD_WORDS / 2;
/** Words of a head. Hashes are int32. */
export const LOW = 0;
export const HIGH = 1;
/** Severity class of a service version: series × 5 + class. */
export const GROUP = 2;
/** Filled sample slots, 0…SAMPLE_SIZE. */
export const SAMPLES = 3;
/** Kept slot (1…) of the sample that the next better one replaces, and its key; meaningful when all slots are filled. */
export const WORST = 4;
export const WORST_KEY = 5;
export const INSTANCES = 6;
export const INSTANCES_CENSORED = 7;
/** Place in the set of the instance counted last. */
export const LAST_INSTANCE = 14;
/** Doubles of a head. */
export const RECORDS = 4;
export const FIRST_MS = 5;
export const LAST_MS = 6;

/** Words of a kept slot in `kept`; its time and offset are two doubles of `keptNumbers`. */
export const KEPT_WORDS = 8;
export const KEPT_NUMBERS = 2;
/** Sampling order as int32: see `orderKey`. */
export const KEY = 0;
export const INDEX = 1;
export const PARTITION = 2;
export const INSTANCE = 3;
export const SEVERITY = 4;
/** Where the bytes begin in the arena, and how many: negative = the record was cut to fit. */
export const AT = 5;
export const LENGTH = 6;
export const KEPT_MS = 0;
export const KEPT_OFFSET = 1;

/** A uint32 hash as an int32 that sorts alike: hashes stay small integers, which cost no allocation. */
export function orderKey(hash: number): number {
  return (hash ^ 0x80000000) | 0;
}

/**
 * The rows of one open bucket: an open-addressing hash table over (group, signature) in typed arrays, where a group is
 * one severity class of one service version. No object and no allocation for a signature that is already there.
 */
export class BucketTable {
  rows = 0;
  head = new Int32Array(ROWS_FIRST * HEAD_WORDS);
  numbers = new Float64Array(this.head.buffer);
  /** INSTANCE_SLOTS pairs a row: order keys of hashes, ascending, and their records. */
  instances = new Int32Array(ROWS_FIRST * INSTANCE_SLOTS * 2);
  /** KEPT_SLOTS a row. */
  kept = new Int32Array(ROWS_FIRST * KEPT_SLOTS * KEPT_WORDS);
  keptNumbers = new Float64Array(ROWS_FIRST * KEPT_SLOTS * KEPT_NUMBERS);
  readonly arena: SampleArena;
  #slots = new Int32Array(ROWS_FIRST * 4).fill(-1);

  constructor(pool: ChunkPool) {
    this.arena = new SampleArena(pool);
  }

  /** Row of (group, signature), or -1. */
  find(group: number, high: number, low: number): number {
    const slots = this.#slots;
    const head = this.head;
    const mask = slots.length - 1;
    let slot = (low ^ Math.imul(group, 0x9e3779b1)) & mask;
    for (;;) {
      const row = slots[slot]!;
      if (row < 0) return -1;
      const at = row * HEAD_WORDS;
      if (head[at + LOW] === low && head[at + HIGH] === high && head[at + GROUP] === group) return row;
      slot = (slot + 1) & mask;
    }
  }

  /** Appends a row for a (group, signature) that `find` did not know. Times are unset (NaN), counts zero. */
  insert(group: number, high: number, low: number): number {
    if ((this.rows + 1) * HEAD_WORDS > this.head.length) this.#grow();
    if ((this.rows + 1) * 2 > this.#slots.length) this.#rehash(this.#slots.length * 2);
    const row = this.rows++;
    const at = row * HEAD_WORDS;
    const { head } = this;
    for (let i = 0; i < HEAD_WORDS; i++) head[at + i] = 0;
    head[at + LOW] = low;
    head[at + HIGH] = high;
    head[at + GROUP] = group;
    this.numbers[row * HEAD_NUMBERS + FIRST_MS] = Number.NaN;
    this.numbers[row * HEAD_NUMBERS + LAST_MS] = Number.NaN;
    this.#place(row);
    return row;
  }

  /** Keeps the rows for which `keep[row]` is 1, in their order, and rebuilds the index. */
  retain(keep: Uint8Array): void {
    let to = 0;
    for (let from = 0; from < this.rows; from++) {
      if (keep[from] === 0) continue;
      if (to !== from) this.#moveRow(from, to);
      to++;
    }
    this.rows = to;
    this.#rehash(this.#slots.length);
    this.compactArena();
  }

  /**
   * Counts the row's record under its instance: a bottom-k set by hash, with counts. A member of the final set was
   * never out of it, so its count is exact.
   */
  countInstance(row: number, key: number): void {
    const { head, instances } = this;
    const base = row * INSTANCE_SLOTS * 2;
    const last = base + head[row * HEAD_WORDS + LAST_INSTANCE]! * 2;
    // A fresh row has no member yet, but its key 0 may equal what an earlier bucket left there.
    if (instances[last] === key && head[row * HEAD_WORDS + INSTANCES] !== 0) instances[last + 1]!++;
    else this.#findInstance(row, base, key);
  }

  /** Copies one kept record's words; its bytes are then shared. */
  copyKept(from: number, to: number): void {
    const { kept, keptNumbers } = this;
    for (let i = 0; i < KEPT_WORDS; i++) kept[to * KEPT_WORDS + i] = kept[from * KEPT_WORDS + i]!;
    for (let i = 0; i < KEPT_NUMBERS; i++)
      keptNumbers[to * KEPT_NUMBERS + i] = keptNumbers[from * KEPT_NUMBERS + i]!;
  }

  /** Moves the live bytes of the arena together. */
  compactArena(): void {
    const { arena, kept, head } = this;
    const chunks = arena.restart();
    for (let row = 0; row < this.rows; row++) {
      const exemplar = row * KEPT_SLOTS;
      const exemplarAt = kept[exemplar * KEPT_WORDS + AT]!;
      for (let slot = exemplar; slot <= exemplar + head[row * HEAD_WORDS + SAMPLES]!; slot++) {
        const word = slot * KEPT_WORDS;
        const at = kept[word + AT]!;
        // The first record of a row is exemplar and sample at once and stands in the arena once.
        kept[word + AT] =
          slot !== exemplar && at === exemplarAt
            ? kept[exemplar * KEPT_WORDS + AT]!
            : arena.moveFrom(chunks, at, Math.abs(kept[word + LENGTH]!));
      }
    }
    arena.release(chunks);
  }

  /** Forgets everything; views of the arena are no longer valid. */
  clear(): void {
    this.rows = 0;
    if (this.#slots.length > SPARE_SLOTS_MAX) this.#slots = new Int32Array(ROWS_FIRST * 4);
    this.#slots.fill(-1);
    this.arena.release(this.arena.restart());
  }

  #findInstance(row: number, base: number, key: number): void {
    const { head, instances } = this;
    const headAt = row * HEAD_WORDS;
    const size = head[headAt + INSTANCES]!;
    let place = 0;
    while (place < size && instances[base + place * 2]! < key) place++;
    const at = base + place * 2;
    if (place < size && instances[at] === key) {
      instances[at + 1]!++;
      head[headAt + LAST_INSTANCE] = place;
      return;
    }
    if (size === INSTANCE_SLOTS) {
      head[headAt + INSTANCES_CENSORED] = 1;
      if (place === size) return;
    } else {
      head[headAt + INSTANCES] = size + 1;
    }
    const end = base + Math.min(size, INSTANCE_SLOTS - 1) * 2;
    if (at < end) instances.copyWithin(at + 2, at, end);
    instances[at] = key;
    instances[at + 1] = 1;
    head[headAt + LAST_INSTANCE] = place;
  }

  #place(row: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const at = row * HEAD_WORDS;
    let slot = (this.head[at + LOW]! ^ Math.imul(this.head[at + GROUP]!, 0x9e3779b1)) & mask;
    while (slots[slot]! >= 0) slot = (slot + 1) & mask;
    slots[slot] = row;
  }

  #rehash(size: number): void {
    this.#slots = size === this.#slots.length ? this.#slots.fill(-1) : new Int32Array(size).fill(-1);
    for (let row = 0; row < this.rows; row++) this.#place(row);
  }

  #moveRow(from: number, to: number): void {
    moveRow(this.head, HEAD_WORDS, from, to);
    moveRow(this.instances, INSTANCE_SLOTS * 2, from, to);
    moveRow(this.kept, KEPT_SLOTS * KEPT_WORDS, from, to);
    moveRow(this.keptNumbers, KEPT_SLOTS * KEPT_NUMBERS, from, to);
  }

  #grow(): void {
    const head = new Int32Array(this.head.length * 2);
    head.set(this.head);
    this.head = head;
    this.numbers = new Float64Array(head.buffer);
    const instances = new Int32Array(this.instances.length * 2);
    instances.set(this.instances);
    this.instances = instances;
    const kept = new Int32Array(this.kept.length * 2);
    kept.set(this.kept);
    this.kept = kept;
    const keptNumbers = new Float64Array(this.keptNumbers.length * 2);
    keptNumbers.set(this.keptNumbers);
    this.keptNumbers = keptNumbers;
  }
}

function moveRow(array: Int32Array | Float64Array, width: number, from: number, to: number): void {
  array.copyWithin(to * width, from * width, (from + 1) * width);
}
