import { InstanceBlocks } from './instance-blocks.ts';
import { AT, KEPT_WORDS, KeptSlots, LENGTH, NEXT, NONE } from './kept-slots.ts';
import { INSTANCE_SLOTS } from './limits.ts';
import { type ChunkPool, SampleArena } from './sample-arena.ts';

const ROWS_FIRST = 16;
/** Slots of the hash index that stay allocated while the table is spare. */
const SPARE_SLOTS_MAX = 65_536;

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
/** Kept slot of the exemplar, which may be one of the sample. */
export const EXEMPLAR = 3;
/** Records in the sample, 0…SAMPLE_SIZE, and the first of their slots, which are linked. */
export const SAMPLES = 4;
export const SAMPLE = 5;
/** Meaningful when the sample is full: the key of its first slot, which is the one that the next better record replaces. */
export const WORST_KEY = 6;
/** Instances in the set, and INSTANCES_CENSORED when there were more. */
export const INSTANCES = 7;
/** Doubles of a head. */
export const RECORDS = 4;
export const FIRST_MS = 5;
export const LAST_MS = 6;
/** Words again: the block of its instances, and the pair in it that was counted last. */
export const BLOCK = 14;
export const LAST_INSTANCE = 15;

/** Beside a number of instances. */
export const INSTANCES_CENSORED = 256;

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
  readonly kept = new KeptSlots();
  /** Pairs of a row: order keys of hashes, ascending, and their records. */
  readonly instances = new InstanceBlocks();
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

  /**
   * Appends a row for a (group, signature) that `find` did not know, with one instance. Times are unset (NaN), records
   * zero, nothing is kept.
   */
  insert(group: number, high: number, low: number, instanceKey: number): number {
    if ((this.rows + 1) * HEAD_WORDS > this.head.length) this.#grow();
    if ((this.rows + 1) * 2 > this.#slots.length) this.#rehash(this.#slots.length * 2);
    const row = this.rows++;
    const at = row * HEAD_WORDS;
    const { head } = this;
    for (let i = 0; i < HEAD_WORDS; i++) head[at + i] = 0;
    head[at + LOW] = low;
    head[at + HIGH] = high;
    head[at + GROUP] = group;
    head[at + EXEMPLAR] = NONE;
    head[at + SAMPLE] = NONE;
    this.numbers[row * HEAD_NUMBERS + FIRST_MS] = Number.NaN;
    this.numbers[row * HEAD_NUMBERS + LAST_MS] = Number.NaN;
    this.#place(row);
    this.#findInstance(at, instanceKey);
    return row;
  }

  /** Keeps the rows for which `keep[row]` is 1, in their order, and rebuilds the index. */
  retain(keep: Uint8Array): void {
    const { head } = this;
    let to = 0;
    for (let from = 0; from < this.rows; from++) {
      if (keep[from] === 0) {
        this.#release(from * HEAD_WORDS);
        continue;
      }
      if (to !== from) head.copyWithin(to * HEAD_WORDS, from * HEAD_WORDS, (from + 1) * HEAD_WORDS);
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
    const { words } = this.instances;
    const at = row * HEAD_WORDS;
    const last = this.head[at + LAST_INSTANCE]!;
    if (words[last] === key) words[last + 1]!++;
    else this.#findInstance(at, key);
  }

  /** True: the slot is one of the row's sample. */
  isSample(row: number, slot: number): boolean {
    const { words } = this.kept;
    let one = this.head[row * HEAD_WORDS + SAMPLE]!;
    while (one !== NONE && one !== slot) one = words[one * KEPT_WORDS + NEXT]!;
    return one !== NONE;
  }

  /** Moves the live bytes of the arena together. */
  compactArena(): void {
    const { arena, head } = this;
    const { words } = this.kept;
    const chunks = arena.restart();
    const move = (slot: number): void => {
      const word = slot * KEPT_WORDS;
      words[word + AT] = arena.moveFrom(chunks, words[word + AT]!, Math.abs(words[word + LENGTH]!));
    };
    for (let row = 0; row < this.rows; row++) {
      const exemplar = head[row * HEAD_WORDS + EXEMPLAR]!;
      if (exemplar !== NONE && !this.isSample(row, exemplar)) move(exemplar);
      for (
        let slot = head[row * HEAD_WORDS + SAMPLE]!;
        slot !== NONE;
        slot = words[slot * KEPT_WORDS + NEXT]!
      )
        move(slot);
    }
    arena.release(chunks);
  }

  /** Forgets everything; views of the arena are no longer valid. */
  clear(): void {
    this.rows = 0;
    if (this.#slots.length > SPARE_SLOTS_MAX) this.#slots = new Int32Array(ROWS_FIRST * 4);
    this.#slots.fill(-1);
    this.kept.clear();
    this.instances.clear();
    this.arena.release(this.arena.restart());
  }

  #findInstance(at: number, key: number): void {
    const { head, instances } = this;
    const size = head[at + INSTANCES]! & (INSTANCES_CENSORED - 1);
    const begin = head[at + BLOCK]!;
    let pair = begin;
    const end = begin + size * 2;
    while (pair < end && instances.words[pair]! < key) pair += 2;
    if (pair < end && instances.words[pair] === key) {
      instances.words[pair + 1]!++;
      head[at + LAST_INSTANCE] = pair;
      return;
    }
    if (size === INSTANCE_SLOTS) {
      head[at + INSTANCES]! |= INSTANCES_CENSORED;
      if (pair < end) this.#putInstance(at, pair, end - 2, key);
      return;
    }
    head[at + INSTANCES]!++;
    if (!instances.isFull(size)) {
      this.#putInstance(at, pair, end, key);
      return;
    }
    const block = instances.take(size);
    instances.words.copyWithin(block, begin, end);
    if (size > 0) instances.give(begin, size);
    head[at + BLOCK] = block;
    this.#putInstance(at, block + pair - begin, block + size * 2, key);
  }

  /** Puts a new pair in front of those in [pair, end), which has room for one more behind it. */
  #putInstance(at: number, pair: number, end: number, key: number): void {
    const { words } = this.instances;
    if (pair < end) words.copyWithin(pair + 2, pair, end);
    words[pair] = key;
    words[pair + 1] = 1;
    this.head[at + LAST_INSTANCE] = pair;
  }

  /** Gives back what a row holds beside its head. */
  #release(at: number): void {
    const { head, kept } = this;
    const row = at / HEAD_WORDS;
    const exemplar = head[at + EXEMPLAR]!;
    if (exemplar !== NONE && !this.isSample(row, exemplar)) kept.give(exemplar);
    for (let slot = head[at + SAMPLE]!; slot !== NONE; ) {
      const next = kept.words[slot * KEPT_WORDS + NEXT]!;
      kept.give(slot);
      slot = next;
    }
    this.instances.give(head[at + BLOCK]!, head[at + INSTANCES]! & (INSTANCES_CENSORED - 1));
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

  #grow(): void {
    const head = new Int32Array(Math.ceil((this.head.length / HEAD_WORDS) * 1.5) * HEAD_WORDS);
    head.set(this.head);
    this.head = head;
    this.numbers = new Float64Array(head.buffer);
  }
}
