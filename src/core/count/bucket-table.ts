import { grown } from '../grown.ts';
import { InstanceBlocks } from './instance-blocks.ts';
import * as header from './kept-header.ts';
import { KeptMessages } from './kept-messages.ts';
import { type ChunkPool, KeptRecords, placeOf } from './kept-records.ts';
import * as limits from './limits.ts';
import * as layout from './row-head.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { INSTANCE_SLOTS, SAMPLE_SIZE } = limits;
const { MESSAGE, NONE } = header;
const { HEAD_BYTES, HEAD_NUMBERS, HEAD_WORDS, FIRST_MS, LAST_MS, LOW, HIGH, GROUP } = layout;
const { WORST_KEY, BLOCK, INSTANCES, LAST_INSTANCE, IS_CENSORED, SAMPLES, EXEMPLAR, SAMPLE } = layout;

const ROWS_FIRST = 16;
/**
 * A slot of the hash index holds a row in its low bits, far more than `ROWS_PER_CLASS` leaves, and above them bits of its
 * signature: rows of other signatures are not looked at.
 */
const ROW_BITS = 17;
const ROW_MASK = 2 ** ROW_BITS - 1;
const MARK_MASK = 0x7fffffff - ROW_MASK;
/** Slots of the hash index that stay allocated while the table is spare. */
const SPARE_SLOTS_MAX = 65_536;

/** Kept records of one row at most: the sample, and the exemplar. */
const KEPT_PER_ROW = SAMPLE_SIZE + 1;
/** So many messages are not worth looking after. */
const MESSAGES_MIN = 4_096;

/** No key is greater. */
const KEY_MAX = 0x7fffffff;

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
  bytes = new Uint8Array(this.head.buffer);
  /** SAMPLE_SIZE words a row: sampling order (see `orderKey`) of the records in `SAMPLE`. */
  sampleKeys = new Int32Array(ROWS_FIRST * SAMPLE_SIZE);
  /** As many bytes a row: units of those records, at most SAMPLE_UNITS_MAX. Reading them in the records would wait for memory. */
  sampleUnits = new Uint8Array(ROWS_FIRST * SAMPLE_SIZE);
  readonly kept: KeptRecords;
  readonly messages: KeptMessages = new KeptMessages();
  /** Pairs of a row: order keys of hashes, ascending, and their records. */
  readonly instances = new InstanceBlocks();
  #slots = new Int32Array(ROWS_FIRST * 4).fill(-1);

  constructor(pool: ChunkPool) {
    this.kept = new KeptRecords(pool);
  }

  /** Row of (group, signature), or -1. */
  find(group: number, high: number, low: number): number {
    const slots = this.#slots;
    const head = this.head;
    const mask = slots.length - 1;
    const mark = markOf(high);
    let slot = (low ^ Math.imul(group, 0x9e3779b1)) & mask;
    for (;;) {
      const held = slots[slot]!;
      if (held < 0) return -1;
      if ((held & MARK_MASK) === mark) {
        const row = held & ROW_MASK;
        const at = row * HEAD_WORDS;
        if (head[at + LOW] === low && head[at + HIGH] === high && head[at + GROUP] === group) return row;
      }
      slot = (slot + 1) & mask;
    }
  }

  /**
   * Appends a row for a (group, signature) that `find` did not know, with one instance. Times are unset (NaN), records
   * zero, nothing is kept.
   */
  insert(group: number, high: number, low: number, instanceKey: number): number {
    if ((this.rows + 1) * HEAD_WORDS > this.head.length) this.#grow();
    if ((this.rows + 1) * 4 > this.#slots.length * 3) this.#rehash(this.#slots.length * 2);
    const row = this.rows++;
    const at = row * HEAD_WORDS;
    const { head } = this;
    for (let i = 0; i < HEAD_WORDS; i++) head[at + i] = 0;
    head[at + LOW] = low;
    head[at + HIGH] = high;
    head[at + GROUP] = group;
    head[at + WORST_KEY] = KEY_MAX;
    head[at + EXEMPLAR] = NONE;
    this.numbers[row * HEAD_NUMBERS + FIRST_MS] = Number.NaN;
    this.numbers[row * HEAD_NUMBERS + LAST_MS] = Number.NaN;
    this.#place(row);
    this.#findInstance(row, instanceKey);
    return row;
  }

  /** Keeps the rows for which `keep[row]` is 1, in their order, and rebuilds the index. */
  retain(keep: Uint8Array): void {
    const { head } = this;
    let to = 0;
    for (let from = 0; from < this.rows; from++) {
      if (keep[from] === 0) {
        this.instances.give(head[from * HEAD_WORDS + BLOCK]!, this.bytes[from * HEAD_BYTES + INSTANCES]!);
        continue;
      }
      if (to !== from) {
        head.copyWithin(to * HEAD_WORDS, from * HEAD_WORDS, (from + 1) * HEAD_WORDS);
        this.sampleKeys.copyWithin(to * SAMPLE_SIZE, from * SAMPLE_SIZE, (from + 1) * SAMPLE_SIZE);
        this.sampleUnits.copyWithin(to * SAMPLE_SIZE, from * SAMPLE_SIZE, (from + 1) * SAMPLE_SIZE);
      }
      to++;
    }
    this.rows = to;
    this.#rehash(this.#slots.length);
    this.compactKept();
  }

  /**
   * Counts the row's record under its instance: a bottom-k set by hash, with counts. A member of the final set was
   * never out of it, so its count is exact.
   */
  countInstance(row: number, key: number): void {
    const { words } = this.instances;
    const last = this.head[row * HEAD_WORDS + BLOCK]! + 2 * this.bytes[row * HEAD_BYTES + LAST_INSTANCE]!;
    if (words[last] === key) words[last + 1]!++;
    else this.#findInstance(row, key);
  }

  /** True: the kept record is one of the row's sample. */
  isSample(row: number, kept: number): boolean {
    const first = row * HEAD_WORDS + SAMPLE;
    const end = first + this.bytes[row * HEAD_BYTES + SAMPLES]!;
    for (let i = first; i < end; i++) if (this.head[i] === kept) return true;
    return false;
  }

  /** Call after a record was kept: what was replaced takes memory until more than half of it is waste. */
  spareMemory(): void {
    const { kept, messages } = this;
    const areWasteful = messages.size > MESSAGES_MIN && messages.size > 2 * KEPT_PER_ROW * this.rows;
    if (kept.isWasteful || areWasteful) this.compactKept();
  }

  /** Moves kept records together, and forgets messages that none is of. */
  compactKept(): void {
    const { head, kept, messages } = this;
    const chunks = kept.restart();
    const messageOf = messages.restart();
    const move = (at: number): number => {
      const to = kept.moveFrom(chunks, at);
      const { words } = kept.chunkOf(to);
      const message = placeOf(to) * 2 + MESSAGE;
      words[message] = messageOf(words[message]!);
      return to;
    };
    for (let row = 0; row < this.rows; row++) {
      const at = row * HEAD_WORDS;
      const exemplar = head[at + EXEMPLAR]!;
      if (exemplar === NONE) continue;
      if (!this.isSample(row, exemplar)) head[at + EXEMPLAR] = move(exemplar);
      const end = at + SAMPLE + this.bytes[row * HEAD_BYTES + SAMPLES]!;
      for (let i = at + SAMPLE; i < end; i++) {
        const isExemplar = head[i] === exemplar;
        head[i] = move(head[i]!);
        if (isExemplar) head[at + EXEMPLAR] = head[i]!;
      }
    }
    kept.release(chunks);
  }

  /** Forgets everything; views of kept records are no longer valid. */
  clear(): void {
    this.rows = 0;
    if (this.#slots.length > SPARE_SLOTS_MAX) this.#slots = new Int32Array(ROWS_FIRST * 4);
    this.#slots.fill(-1);
    this.instances.clear();
    this.messages.clear();
    this.kept.release(this.kept.restart());
  }

  /** As `countInstance`. Moves words one by one: these are few, and `copyWithin` is a call into the engine. */
  #findInstance(row: number, key: number): void {
    const { head, bytes, instances } = this;
    const size = bytes[row * HEAD_BYTES + INSTANCES]!;
    let begin = head[row * HEAD_WORDS + BLOCK]!;
    let place = 0;
    while (place < size && instances.words[begin + place * 2]! < key) place++;
    if (place < size && instances.words[begin + place * 2] === key) {
      instances.words[begin + place * 2 + 1]!++;
      bytes[row * HEAD_BYTES + LAST_INSTANCE] = place;
      return;
    }
    let moved = size - place;
    if (size === INSTANCE_SLOTS) {
      bytes[row * HEAD_BYTES + IS_CENSORED] = 1;
      if (moved === 0) return;
      moved--;
    } else {
      bytes[row * HEAD_BYTES + INSTANCES] = size + 1;
      if (instances.isFull(size)) {
        const block = instances.take(size);
        const { words } = instances;
        for (let i = 0; i < size * 2; i++) words[block + i] = words[begin + i]!;
        if (size > 0) instances.give(begin, size);
        head[row * HEAD_WORDS + BLOCK] = block;
        begin = block;
      }
    }
    const { words } = instances;
    const pair = begin + place * 2;
    for (let i = pair + moved * 2 - 1; i >= pair; i--) words[i + 2] = words[i]!;
    words[pair] = key;
    words[pair + 1] = 1;
    bytes[row * HEAD_BYTES + LAST_INSTANCE] = place;
  }

  #place(row: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const at = row * HEAD_WORDS;
    let slot = (this.head[at + LOW]! ^ Math.imul(this.head[at + GROUP]!, 0x9e3779b1)) & mask;
    while (slots[slot]! >= 0) slot = (slot + 1) & mask;
    slots[slot] = row | markOf(this.head[at + HIGH]!);
  }

  #rehash(size: number): void {
    this.#slots = size === this.#slots.length ? this.#slots.fill(-1) : new Int32Array(size).fill(-1);
    for (let row = 0; row < this.rows; row++) this.#place(row);
  }

  #grow(): void {
    const rows = Math.ceil((this.head.length / HEAD_WORDS) * 1.5);
    this.head = grown(this.head, new Int32Array(rows * HEAD_WORDS));
    this.numbers = new Float64Array(this.head.buffer);
    this.bytes = new Uint8Array(this.head.buffer);
    this.sampleKeys = grown(this.sampleKeys, new Int32Array(rows * SAMPLE_SIZE));
    this.sampleUnits = grown(this.sampleUnits, new Uint8Array(rows * SAMPLE_SIZE));
  }
}

function markOf(high: number): number {
  return (high << ROW_BITS) & MARK_MASK;
}
