const SLOTS_FIRST = 32;

/** Words of a kept record in `words`; its time and offset are two doubles of `numbers`. */
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
/** The next slot in the row's sample, or of those that are free; negative = none. */
export const NEXT = 7;
export const KEPT_MS = 0;
export const KEPT_OFFSET = 1;

/** No slot. */
export const NONE = -1;

/**
 * What is known of kept records, a slot each. A row takes as many as it keeps: most rows have few records. Grows by half:
 * doubling would leave a third of it empty on average.
 */
export class KeptSlots {
  words = new Int32Array(SLOTS_FIRST * KEPT_WORDS);
  numbers = new Float64Array(SLOTS_FIRST * KEPT_NUMBERS);
  #used = 0;
  #free = NONE;

  take(): number {
    const slot = this.#free;
    if (slot !== NONE) {
      this.#free = this.words[slot * KEPT_WORDS + NEXT]!;
      return slot;
    }
    if ((this.#used + 1) * KEPT_WORDS > this.words.length) this.#grow();
    return this.#used++;
  }

  give(slot: number): void {
    this.words[slot * KEPT_WORDS + NEXT] = this.#free;
    this.#free = slot;
  }

  clear(): void {
    this.#used = 0;
    this.#free = NONE;
  }

  #grow(): void {
    const slots = Math.ceil(this.#used * 1.5);
    const words = new Int32Array(slots * KEPT_WORDS);
    words.set(this.words);
    this.words = words;
    const numbers = new Float64Array(slots * KEPT_NUMBERS);
    numbers.set(this.numbers);
    this.numbers = numbers;
  }
}
