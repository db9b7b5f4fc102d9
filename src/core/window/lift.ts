import { compareText } from './format.ts';
import { PAIRS_MAX } from './limits.ts';

/** Weighted counts of key=value pairs. A sampled record stands for `weight` records of its bucket. */
export interface PairTable {
  /** By id: where the pair's weight stands in `weights`. */
  readonly places: Map<string, number>;
  readonly weights: number[];
  /** Σ weight, Σ weight² and number of the records added. */
  weight: number;
  squares: number;
  records: number;
}

/** One key=value that is over-represented in a finding. */
export interface Lift {
  readonly key: string;
  readonly value: string;
  readonly share: number;
  readonly serviceShare: number;
  readonly logOdds: number;
  readonly q: number;
}

/** A pair's count in the finding and in the comparison, and the (effective) totals of both. */
export interface PairCounts {
  readonly key: string;
  readonly value: string;
  readonly here: number;
  readonly hereTotal: number;
  readonly there: number;
  readonly thereTotal: number;
}

/** Share of the finding's records below which a pair is not worth a line (docs/detection.md: support ≥ 5 %). */
const SUPPORT_MIN = 0.05;

/** Records with the pair below which the G-test's χ² is too generous: one line would always "prove" its own pod. */
const RECORDS_MIN = 5;

/** Odds at least e¹ = 2.7 times those of the service: below it a pair may be significant but tells nothing. */
const LOG_ODDS_MIN = 1;

/** Benjamini–Hochberg level within one finding. */
const Q_MAX = 0.05;

const SEPARATOR = '\u0000';

export function emptyPairTable(): PairTable {
  return { places: new Map(), weights: [], weight: 0, squares: 0, records: 0 };
}

/** A pair as tables know it. Of equal pairs there may be several. */
export class CountedPair {
  readonly key: string;
  readonly value: string;
  readonly id: string;
  /** Is there a UUID in its value? May its value be a peer's name? Null = nobody has looked yet. */
  mayHoldUuid: boolean | null = null;
  mayNamePeer: boolean | null = null;
  /** Its place in the table of the counter that counted it last; -1 = none. */
  place = -1;
  placedBy: object | null = null;

  constructor(key: string, value: string) {
    this.key = key;
    this.value = value;
    this.id = key + SEPARATOR + value;
  }
}

/** Counts the pairs of records into one table. Of a pair that comes again it knows the place: make one for many records. */
export class PairCounter {
  readonly #table: PairTable;
  /** Stands for this counter in pairs, which live on and must not keep its table alive. */
  readonly #mark = {};

  constructor(table: PairTable) {
    this.#table = table;
  }

  /**
   * Adds one record. Weights are fractions, whose sums depend on the order of adding: it is that of the records, whatever
   * is remembered of their pairs.
   */
  add(pairs: readonly CountedPair[], weight: number): void {
    const table = this.#table;
    const { weights } = table;
    table.weight += weight;
    table.squares += weight * weight;
    table.records++;
    for (let i = 0; i < pairs.length; i++) {
      const pair = pairs[i]!;
      if (pair.placedBy !== this.#mark) {
        pair.placedBy = this.#mark;
        pair.place = placeOf(pair, table);
      }
      if (pair.place >= 0) weights[pair.place]! += weight;
    }
  }
}

/** -1 = the table is full. */
function placeOf({ id }: CountedPair, { places, weights }: PairTable): number {
  const known = places.get(id);
  if (known !== undefined) return known;
  if (weights.length >= PAIRS_MAX) return -1;
  places.set(id, weights.length);
  return weights.push(0) - 1;
}

/** Counts of both tables, scaled to their effective sizes (Kish: (Σw)²/Σw²), because unequal weights inform less. */
export function pairCounts(here: PairTable, there: PairTable): PairCounts[] {
  if (here.records === 0 || there.records === 0) return [];
  const hereTotal = (here.weight * here.weight) / here.squares;
  const thereTotal = (there.weight * there.weight) / there.squares;
  return [...here.places].map(([id, place]) => {
    const at = id.indexOf(SEPARATOR);
    const weight = here.weights[place]!;
    const other = there.places.get(id);
    return {
      key: id.slice(0, at),
      value: id.slice(at + 1),
      here: (weight / here.weight) * hereTotal,
      hereTotal,
      there: ((other === undefined ? 0 : there.weights[other]!) / there.weight) * thereTotal,
      thereTotal,
    };
  });
}

/**
 * Pairs that are over-represented: log-odds with +½ smoothing, G-test with one degree of freedom,
 * Benjamini–Hochberg over all pairs tested of this finding. Strongest first.
 */
export function lifts(counts: readonly PairCounts[], max: number): Lift[] {
  const tested = counts
    .filter((pair) => pair.here >= RECORDS_MIN && pair.here >= SUPPORT_MIN * pair.hereTotal)
    .map((pair) => ({ pair, p: gTestP(pair), logOdds: logOddsOf(pair) }))
    .sort(
      (a, b) => a.p - b.p || compareText(a.pair.key, b.pair.key) || compareText(a.pair.value, b.pair.value),
    );
  const out: Lift[] = [];
  let q = 1;
  for (let i = tested.length - 1; i >= 0; i--) {
    const { pair, p, logOdds } = tested[i]!;
    q = Math.min(q, (p * tested.length) / (i + 1));
    if (q > Q_MAX || logOdds < LOG_ODDS_MIN) continue;
    const { key, value } = pair;
    const share = pair.here / pair.hereTotal;
    out.push({ key, value, share, serviceShare: Math.min(1, pair.there / pair.thereTotal), logOdds, q });
  }
  return out
    .sort(
      (a, b) =>
        b.logOdds - a.logOdds ||
        b.share - a.share ||
        compareText(a.key, b.key) ||
        compareText(a.value, b.value),
    )
    .slice(0, max);
}

function logOddsOf({ here, hereTotal, there, thereTotal }: PairCounts): number {
  const [a, b] = [here + 0.5, hereTotal - here + 0.5];
  const [c, d] = [there + 0.5, Math.max(0, thereTotal - there) + 0.5];
  return Math.log((a * d) / (b * c));
}

/** Upper tail of χ² with 1 degree of freedom at G = 2 Σ O ln(O/E). */
function gTestP({ here, hereTotal, there, thereTotal }: PairCounts): number {
  const total = hereTotal + thereTotal;
  const withPair = here + there;
  const cells: readonly (readonly [number, number])[] = [
    [here, (hereTotal * withPair) / total],
    [hereTotal - here, (hereTotal * (total - withPair)) / total],
    [there, (thereTotal * withPair) / total],
    [thereTotal - there, (thereTotal * (total - withPair)) / total],
  ];
  let g = 0;
  for (const [observed, expected] of cells)
    if (observed > 0 && expected > 0) g += observed * Math.log(observed / expected);
  return erfc(Math.sqrt(Math.max(0, g)));
}

/** Complementary error function for x ≥ 0: Taylor series below 2.5, continued fraction above (DLMF 7.6.1, 7.9.1). */
function erfc(x: number): number {
  if (x < 2.5) {
    let term = x;
    let total = x;
    for (let n = 1; n < 60; n++) {
      term *= (-x * x) / n;
      total += term / (2 * n + 1);
    }
    return Math.max(0, 1 - (2 / Math.sqrt(Math.PI)) * total);
  }
  let fraction = x;
  for (let n = 60; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}
