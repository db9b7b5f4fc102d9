// 64-bit hashes and what they belong to, in two typed arrays: some 30 bytes each, where a Map of strings takes 150.
import { grown } from '../grown.ts';
import { mix32 } from '../hash.ts';
import { NONE, SlotIndex } from '../slot-index.ts';

/** Numbers of one entry: the two halves of its hash, its owner, a stamp, and the owner's next entry. */
const STRIDE = 5;
const HIGH = 0;
const LOW = 1;
const OWNER = 2;
const STAMP = 3;
const NEXT = 4;

const ENTRIES_MIN = 4;
/** Room of a full table grows by half: doubling would leave a third of it empty on average. */
const GROWTH = 1.5;

/**
 * Dense entries and an index of them. An entry's number stays the same until it is removed. The entries of one owner are
 * a list: the owner keeps its first, `next` gives the others, the youngest first.
 */
export class HashTable {
  private entries = new Int32Array(ENTRIES_MIN * STRIDE);
  private readonly index = new SlotIndex((entry) => hashOf(this.high(entry), this.low(entry)));
  /** Entries in use or on the free list. */
  private used = 0;
  private free = NONE;

  get size(): number {
    return this.index.size;
  }

  find(high: number, low: number): number {
    const { index, entries } = this;
    const hash = hashOf(high, low);
    for (let place = index.first(hash); ; place = index.next(hash, place)) {
      const entry = index.at(place);
      if (entry === NONE) return NONE;
      const at = entry * STRIDE;
      if (entries[at + HIGH] === (high | 0) && entries[at + LOW] === (low | 0)) return entry;
    }
  }

  /** Adds a hash that is not in the table, in front of the owner's list that begins with `next`. */
  add(high: number, low: number, owner: number, stamp: number, next: number): number {
    const entry = this.free === NONE ? this.used++ : this.free;
    if (entry === this.free) this.free = this.next(entry);
    else if (entry * STRIDE === this.entries.length) this.growEntries();
    const at = entry * STRIDE;
    this.entries[at + HIGH] = high;
    this.entries[at + LOW] = low;
    this.entries[at + OWNER] = owner;
    this.entries[at + STAMP] = stamp;
    this.entries[at + NEXT] = next;
    this.index.add(entry);
    return entry;
  }

  /** Removes entries of the list that begins with `first`; returns the list's new beginning. */
  prune(first: number, isGone: (entry: number) => boolean): number {
    let kept = NONE;
    let begin = NONE;
    for (let entry = first; entry !== NONE; ) {
      const next = this.next(entry);
      if (isGone(entry)) this.remove(entry);
      else {
        if (kept === NONE) begin = entry;
        else this.entries[kept * STRIDE + NEXT] = entry;
        kept = entry;
      }
      entry = next;
    }
    if (kept !== NONE) this.entries[kept * STRIDE + NEXT] = NONE;
    return begin;
  }

  /** Gives a whole list to another owner, in front of the list that begins with `rest`; returns the new beginning. */
  giveAll(first: number, owner: number, rest: number): number {
    if (first === NONE) return rest;
    let last = first;
    for (let entry = first; entry !== NONE; entry = this.next(entry)) {
      this.entries[entry * STRIDE + OWNER] = owner;
      last = entry;
    }
    this.entries[last * STRIDE + NEXT] = rest;
    return first;
  }

  high(entry: number): number {
    return this.entries[entry * STRIDE + HIGH]!;
  }

  low(entry: number): number {
    return this.entries[entry * STRIDE + LOW]!;
  }

  owner(entry: number): number {
    return this.entries[entry * STRIDE + OWNER]!;
  }

  stamp(entry: number): number {
    return this.entries[entry * STRIDE + STAMP]!;
  }

  setStamp(entry: number, stamp: number): void {
    this.entries[entry * STRIDE + STAMP] = stamp;
  }

  next(entry: number): number {
    return this.entries[entry * STRIDE + NEXT]!;
  }

  /** Entries of the list that begins with `first`. */
  list(first: number): number[] {
    const found: number[] = [];
    for (let entry = first; entry !== NONE; entry = this.next(entry)) found.push(entry);
    return found;
  }

  /** Every entry, in no particular order. */
  all(): number[] {
    return this.index.slots();
  }

  private remove(entry: number): void {
    this.index.remove(entry);
    this.entries[entry * STRIDE + NEXT] = this.free;
    this.free = entry;
  }

  private growEntries(): void {
    const room = Math.ceil((this.entries.length / STRIDE) * GROWTH);
    this.entries = grown(this.entries, new Int32Array(room * STRIDE));
  }
}

function hashOf(high: number, low: number): number {
  return mix32(high ^ Math.imul(low, 0x9e3779b1)) | 0;
}
