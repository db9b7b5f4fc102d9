import { INSTANCE_SLOTS, SAMPLE_SIZE } from './limits.ts';
import { SampleArena } from './sample-arena.ts';

const ROWS_FIRST = 16;
const SLOTS = SAMPLE_SIZE + 1;

/**
 * The rows of one open bucket: an open-addressing hash table over (group, signature) in typed arrays, where a group is
 * one severity class of one service version. A row's records, times, instances and kept records live at its number in
 * parallel arrays: no object and no allocation for a signature that is already there.
 * Slot 0 of a row's kept records is its exemplar, slots 1… its sample.
 */
export class BucketTable {
  rows = 0;
  group = new Uint32Array(ROWS_FIRST);
  high = new Uint32Array(ROWS_FIRST);
  low = new Uint32Array(ROWS_FIRST);
  records = new Float64Array(ROWS_FIRST);
  firstMs = new Float64Array(ROWS_FIRST);
  lastMs = new Float64Array(ROWS_FIRST);
  /** INSTANCE_SLOTS a row: hashes ascending, and their records. */
  instanceHash = new Uint32Array(ROWS_FIRST * INSTANCE_SLOTS);
  instanceRecords = new Uint32Array(ROWS_FIRST * INSTANCE_SLOTS);
  instances = new Uint8Array(ROWS_FIRST);
  instancesCensored = new Uint8Array(ROWS_FIRST);
  /** SLOTS a row. */
  samples = new Uint8Array(ROWS_FIRST);
  keptHash = new Uint32Array(ROWS_FIRST * SLOTS);
  keptMs = new Float64Array(ROWS_FIRST * SLOTS);
  keptOffset = new Float64Array(ROWS_FIRST * SLOTS);
  keptIndex = new Uint32Array(ROWS_FIRST * SLOTS);
  keptPartition = new Uint32Array(ROWS_FIRST * SLOTS);
  keptInstance = new Uint32Array(ROWS_FIRST * SLOTS);
  keptSeverity = new Uint8Array(ROWS_FIRST * SLOTS);
  keptAt = new Uint32Array(ROWS_FIRST * SLOTS);
  /** Bytes in the arena; negative = the record was cut to fit. */
  keptLength = new Int32Array(ROWS_FIRST * SLOTS);
  readonly arena = new SampleArena();
  #slots = new Int32Array(ROWS_FIRST * 4).fill(-1);

  /** Row of (group, signature), or -1. */
  find(group: number, high: number, low: number): number {
    const mask = this.#slots.length - 1;
    let slot = (low ^ Math.imul(group, 0x9e3779b1)) & mask;
    for (;;) {
      const row = this.#slots[slot]!;
      if (row < 0) return -1;
      if (this.low[row] === low && this.high[row] === high && this.group[row] === group) return row;
      slot = (slot + 1) & mask;
    }
  }

  /** Appends a row for a (group, signature) that `find` did not know. Times are unset (NaN), counts zero. */
  insert(group: number, high: number, low: number): number {
    if (this.rows === this.group.length) this.#grow();
    if ((this.rows + 1) * 2 > this.#slots.length) this.#rehash(this.#slots.length * 2);
    const row = this.rows++;
    this.group[row] = group;
    this.high[row] = high;
    this.low[row] = low;
    this.records[row] = 0;
    this.firstMs[row] = Number.NaN;
    this.lastMs[row] = Number.NaN;
    this.instances[row] = 0;
    this.instancesCensored[row] = 0;
    this.samples[row] = 0;
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
    this.#compactArena();
  }

  /**
   * Counts the row's record under its instance: a bottom-k set by hash, with counts. A member of the final set was
   * never out of it, so its count is exact.
   */
  countInstance(row: number, hash: number): void {
    const base = row * INSTANCE_SLOTS;
    const size = this.instances[row]!;
    let at = base;
    while (at < base + size && this.instanceHash[at]! < hash) at++;
    if (at < base + size && this.instanceHash[at] === hash) {
      this.instanceRecords[at]!++;
      return;
    }
    if (size === INSTANCE_SLOTS) {
      this.instancesCensored[row] = 1;
      if (at === base + size) return;
    } else {
      this.instances[row] = size + 1;
    }
    const end = base + Math.min(size, INSTANCE_SLOTS - 1);
    this.instanceHash.copyWithin(at + 1, at, end);
    this.instanceRecords.copyWithin(at + 1, at, end);
    this.instanceHash[at] = hash;
    this.instanceRecords[at] = 1;
  }

  /** Copies one kept record's columns; its bytes are then shared. */
  copyKept(from: number, to: number): void {
    for (const array of this.#perKept()) array[to] = array[from]!;
  }

  /** Frees the bytes of replaced samples when they are most of the arena. */
  compactIfWasteful(): void {
    if (this.arena.wasteful) this.#compactArena();
  }

  clear(): void {
    this.rows = 0;
    if (this.#slots.length > 65_536) this.#slots = new Int32Array(ROWS_FIRST * 4);
    this.#slots.fill(-1);
    this.arena.clear();
  }

  /** Typed arrays' bytes, arena included. */
  get sizeBytes(): number {
    return this.group.length * (40 + INSTANCE_SLOTS * 8 + SLOTS * 41) + this.arena.bytes.length;
  }

  #place(row: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.low[row]! ^ Math.imul(this.group[row]!, 0x9e3779b1)) & mask;
    while (this.#slots[slot]! >= 0) slot = (slot + 1) & mask;
    this.#slots[slot] = row;
  }

  #rehash(size: number): void {
    this.#slots = size === this.#slots.length ? this.#slots.fill(-1) : new Int32Array(size).fill(-1);
    for (let row = 0; row < this.rows; row++) this.#place(row);
  }

  #moveRow(from: number, to: number): void {
    for (const array of this.#perRow()) array[to] = array[from]!;
    for (const array of this.#perInstance()) {
      array.copyWithin(to * INSTANCE_SLOTS, from * INSTANCE_SLOTS, (from + 1) * INSTANCE_SLOTS);
    }
    for (const array of this.#perKept()) array.copyWithin(to * SLOTS, from * SLOTS, (from + 1) * SLOTS);
  }

  #compactArena(): void {
    const arena = this.arena;
    const moved = new Uint8Array(arena.bytes.length);
    let used = 0;
    for (let row = 0; row < this.rows; row++) {
      const exemplar = row * SLOTS;
      const exemplarAt = this.keptAt[exemplar]!;
      for (let kept = exemplar; kept <= exemplar + this.samples[row]!; kept++) {
        const length = Math.abs(this.keptLength[kept]!);
        const at = this.keptAt[kept]!;
        // The first record of a row is exemplar and sample at once and stands in the arena once.
        if (kept !== exemplar && at === exemplarAt) {
          this.keptAt[kept] = this.keptAt[exemplar]!;
          continue;
        }
        moved.set(arena.bytes.subarray(at, at + length), used);
        this.keptAt[kept] = used;
        used += length;
      }
    }
    arena.bytes = moved;
    arena.used = used;
    arena.garbage = 0;
  }

  #perRow(): (Uint32Array | Float64Array | Uint8Array)[] {
    return [
      this.group,
      this.high,
      this.low,
      this.records,
      this.firstMs,
      this.lastMs,
      this.instances,
      this.instancesCensored,
      this.samples,
    ];
  }

  #perInstance(): Uint32Array[] {
    return [this.instanceHash, this.instanceRecords];
  }

  #perKept(): (Uint32Array | Float64Array | Uint8Array | Int32Array)[] {
    return [
      this.keptHash,
      this.keptMs,
      this.keptOffset,
      this.keptIndex,
      this.keptPartition,
      this.keptInstance,
      this.keptSeverity,
      this.keptAt,
      this.keptLength,
    ];
  }

  #grow(): void {
    const rows = this.group.length * 2;
    this.group = grown(this.group, rows);
    this.high = grown(this.high, rows);
    this.low = grown(this.low, rows);
    this.records = grown(this.records, rows);
    this.firstMs = grown(this.firstMs, rows);
    this.lastMs = grown(this.lastMs, rows);
    this.instances = grown(this.instances, rows);
    this.instancesCensored = grown(this.instancesCensored, rows);
    this.samples = grown(this.samples, rows);
    this.instanceHash = grown(this.instanceHash, rows * INSTANCE_SLOTS);
    this.instanceRecords = grown(this.instanceRecords, rows * INSTANCE_SLOTS);
    this.keptHash = grown(this.keptHash, rows * SLOTS);
    this.keptMs = grown(this.keptMs, rows * SLOTS);
    this.keptOffset = grown(this.keptOffset, rows * SLOTS);
    this.keptIndex = grown(this.keptIndex, rows * SLOTS);
    this.keptPartition = grown(this.keptPartition, rows * SLOTS);
    this.keptInstance = grown(this.keptInstance, rows * SLOTS);
    this.keptSeverity = grown(this.keptSeverity, rows * SLOTS);
    this.keptAt = grown(this.keptAt, rows * SLOTS);
    this.keptLength = grown(this.keptLength, rows * SLOTS);
  }
}

/** Kept records a row has room for: its exemplar and its sample. */
export const KEPT_SLOTS: number = SLOTS;

interface TypedArray<Self> {
  set(from: Self): void;
}

function grown<Array_ extends TypedArray<Array_>>(array: Array_, length: number): Array_ {
  const larger = new (array.constructor as new (length: number) => Array_)(length);
  larger.set(array);
  return larger;
}
