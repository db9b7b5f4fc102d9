import type { DropReason } from './contracts.ts';

/** Units that no bucket's books hold; see `Counting.unbooked`. */
export interface UnbookedTotals {
  readonly consumed: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
}

export interface UnbookedNews {
  readonly records: number;
  /** Reasons that grew, by how much. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** Says at most once a minute how much was dropped that shows in no window, because no window is told of it. */
export class UnbookedWatch {
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #told = new Map<string, number>();
  #consumed = 0;

  /** Null: nothing new, or too soon after the last news. */
  look(totals: UnbookedTotals, nowMs: number): UnbookedNews | null {
    if (totals.consumed === this.#consumed || nowMs - this.#toldAtMs < TELL_EVERY_MS) return null;
    const dropped: Record<string, number> = {};
    for (const [reason, units] of Object.entries(totals.dropped)) {
      const grown = units - (this.#told.get(reason) ?? 0);
      if (grown > 0) dropped[reason] = grown;
      this.#told.set(reason, units);
    }
    const records = totals.consumed - this.#consumed;
    this.#consumed = totals.consumed;
    this.#toldAtMs = nowMs;
    return { records, dropped };
  }
}

const TELL_EVERY_MS = 60_000;
