import type { SeverityClass } from '../../contracts.ts';
import { A, B, beginBaseline } from './baseline.ts';
import { mergeCusum, resetCusum } from './cusum.ts';
import { mergeDispersion } from './dispersion.ts';
import { foldNumbers, unfoldNumbers } from './fold.ts';
import { mergeGaps } from './gaps.ts';
import { NONE, type Numbers, newNumbers, nullable } from './numbers.ts';
import {
  ACTIVE_MINUTES,
  ALARM_MINUTE,
  ALARM_UP,
  BASELINE,
  CLOCK,
  DEADLINE,
  DISPERSION,
  DOWN,
  EXPOSURE_AT,
  FIRST_MINUTE,
  GAPS,
  IS_BUSY,
  IS_SPARSE,
  LAST_MINUTE,
  LONGEST_GAP,
  OBSERVED_AT,
  OCCUPANCY,
  OCCUPIED,
  RATE_NUMBERS,
  RATIO,
  RECENT,
  REFRACTORY_UNTIL_MS,
  SEEN_AT,
  SILENT_AFTER,
  SPARSE,
  SURGE,
  UP,
} from './rate-places.ts';
import { beginRecent, mergeRecent } from './recent.ts';

/**
 * The rate of one series (a template, or a whole service). Brought forward lazily: minutes without a record are
 * added only when the next record comes or the deadline passes, so an untouched series is unchanged.
 *
 * Whole or folded: folded it takes half of the memory, and has everything but its `numbers`.
 */
export class RateState {
  #numbers: Numbers;
  /** The folded ones, which whole ones are folded into again; null = never folded. */
  #folded: Numbers | null;

  private constructor(numbers: Numbers, folded: Numbers | null) {
    this.#numbers = numbers;
    this.#folded = folded;
  }

  static whole(): RateState {
    return new RateState(newRateNumbers(), null);
  }

  static ofFolded(folded: Numbers): RateState {
    return new RateState(folded, folded);
  }

  /** The numbers of all its statistics (see rate-places.ts). It must be whole. */
  get numbers(): Numbers {
    if (this.#numbers === this.#folded) throw new Error('BUG: statistics of a series that is folded');
    return this.#numbers;
  }

  /** Makes it whole, in numbers that are nobody else's until it is folded again. */
  unfold(into: Numbers = newRateNumbers()): void {
    if (this.#numbers === this.#folded) this.#numbers = unfoldNumbers(this.#numbers, into);
  }

  fold(): void {
    if (this.#numbers === this.#folded) return;
    this.#folded = foldNumbers(this.#numbers, this.#folded);
    this.#numbers = this.#folded;
  }

  /** Its numbers, to be read only, without unfolding it. */
  readNumbers(): Numbers {
    return this.#numbers === this.#folded ? unfoldNumbers(this.#numbers, newRateNumbers()) : this.#numbers;
  }

  /** Its numbers as they are folded, to be read only, without folding it. */
  readFolded(): Numbers {
    return this.#numbers === this.#folded ? this.#numbers : foldNumbers([...this.#numbers], null);
  }

  /** Baseline: discounted lines in discounted minutes of usual traffic. */
  get a(): number {
    return this.#numbers[A]!;
  }
  get b(): number {
    return this.#numbers[B]!;
  }
  /** Lines in a minute of usual traffic. */
  get perMinute(): number {
    return this.#numbers[A]! / this.#numbers[B]!;
  }

  /** The service's clocks (see `Exposure`) up to which this series has learnt: usual-traffic minutes, observed minutes. */
  get exposureAt(): number {
    return this.#numbers[EXPOSURE_AT]!;
  }
  set exposureAt(exposure: number) {
    this.#numbers[EXPOSURE_AT] = exposure;
  }
  get observedAt(): number {
    return this.#numbers[OBSERVED_AT]!;
  }
  set observedAt(minutes: number) {
    this.#numbers[OBSERVED_AT] = minutes;
  }
  /** The first of these clocks at the last record: since then nothing was seen. */
  get seenAt(): number {
    return this.#numbers[SEEN_AT]!;
  }
  set seenAt(exposure: number) {
    this.#numbers[SEEN_AT] = exposure;
  }
  /** Severity class whose clocks the two above belong to. */
  get clock(): SeverityClass {
    return this.#numbers[CLOCK] as SeverityClass;
  }
  set clock(severity: SeverityClass) {
    this.#numbers[CLOCK] = severity;
  }

  /** Minute of event time that was judged last with a record in it. */
  get lastMinute(): number {
    return this.#numbers[LAST_MINUTE]!;
  }
  set lastMinute(minute: number) {
    this.#numbers[LAST_MINUTE] = minute;
  }
  get firstMinute(): number {
    return this.#numbers[FIRST_MINUTE]!;
  }
  set firstMinute(minute: number) {
    this.#numbers[FIRST_MINUTE] = minute;
  }
  get activeMinutes(): number {
    return this.#numbers[ACTIVE_MINUTES]!;
  }
  set activeMinutes(minutes: number) {
    this.#numbers[ACTIVE_MINUTES] = minutes;
  }

  /** Smoothed lines over baseline, the series' contribution to its service's traffic index. */
  get ratio(): number {
    return this.#numbers[RATIO]!;
  }
  set ratio(ratio: number) {
    this.#numbers[RATIO] = ratio;
  }
  /** Discounted minutes with a record, for the sparse arm. */
  get occupied(): number {
    return this.#numbers[OCCUPIED]!;
  }
  set occupied(minutes: number) {
    this.#numbers[OCCUPIED] = minutes;
  }
  get isSparse(): boolean {
    return this.#numbers[IS_SPARSE] === 1;
  }
  set isSparse(isSparse: boolean) {
    this.#numbers[IS_SPARSE] = isSparse ? 1 : 0;
  }
  /** Usual-traffic minutes in the longest stretch without a record that was not announced. */
  get longestGap(): number {
    return this.#numbers[LONGEST_GAP]!;
  }
  set longestGap(exposure: number) {
    this.#numbers[LONGEST_GAP] = exposure;
  }

  /** Exposure at which the absence of records must be judged; null = never. */
  get deadline(): number | null {
    return nullable(this.#numbers[DEADLINE]!);
  }
  set deadline(exposure: number | null) {
    this.#numbers[DEADLINE] = exposure ?? NONE;
  }
  /** A silence was announced at this much exposure without a record, and lasts; null = none. */
  get silentAfter(): number | null {
    return nullable(this.#numbers[SILENT_AFTER]!);
  }
  set silentAfter(exposure: number | null) {
    this.#numbers[SILENT_AFTER] = exposure ?? NONE;
  }
  get refractoryUntilMs(): number {
    return this.#numbers[REFRACTORY_UNTIL_MS]!;
  }
  set refractoryUntilMs(ms: number) {
    this.#numbers[REFRACTORY_UNTIL_MS] = ms;
  }
  /** Minute and direction of the last alarm, or of its last confirmation; null = none. */
  get alarmMinute(): number | null {
    return nullable(this.#numbers[ALARM_MINUTE]!);
  }
  set alarmMinute(minute: number | null) {
    this.#numbers[ALARM_MINUTE] = minute ?? NONE;
  }
  get alarmUp(): boolean {
    return this.#numbers[ALARM_UP] === 1;
  }
  set alarmUp(up: boolean) {
    this.#numbers[ALARM_UP] = up ? 1 : 0;
  }
  /** Takes part in its service's traffic index: it was at `BUSY_RATE` or above when it was judged last. */
  get isBusy(): boolean {
    return this.#numbers[IS_BUSY] === 1;
  }
  set isBusy(isBusy: boolean) {
    this.#numbers[IS_BUSY] = isBusy ? 1 : 0;
  }
}

/** Room for the numbers of a whole series. */
export function newRateNumbers(): Numbers {
  return newNumbers(RATE_NUMBERS);
}

/** A series that begins in `minute`, at its service's clocks; whole. */
export function newRateState(
  minute: number,
  clock: SeverityClass,
  exposureAt: number,
  observedAt: number,
): RateState {
  const rate = RateState.whole();
  const { numbers } = rate;
  beginBaseline(numbers, BASELINE);
  for (const sum of [UP, DOWN, SPARSE, SURGE]) resetCusum(numbers, sum, minute);
  beginRecent(numbers, RECENT, minute);
  rate.exposureAt = exposureAt;
  rate.observedAt = observedAt;
  rate.seenAt = exposureAt;
  rate.clock = clock;
  rate.lastMinute = minute;
  rate.firstMinute = minute;
  rate.ratio = 1;
  rate.deadline = null;
  rate.silentAfter = null;
  rate.alarmMinute = null;
  return rate;
}

/** Both must be whole and have been brought forward to the same minute. */
export function mergeRates(into: RateState, from: RateState): void {
  const older = from.firstMinute < into.firstMinute ? from : into;
  const [n, other] = [into.numbers, from.numbers];
  n[A]! += other[A]!;
  n[B] = older.b;
  mergeDispersion(n, other, DISPERSION);
  mergeDispersion(n, other, OCCUPANCY);
  into.lastMinute = Math.max(into.lastMinute, from.lastMinute);
  into.firstMinute = older.firstMinute;
  into.activeMinutes = Math.max(into.activeMinutes, from.activeMinutes);
  for (const sum of [UP, DOWN, SPARSE, SURGE]) mergeCusum(n, other, sum);
  mergeRecent(n, other, RECENT);
  mergeGaps(n, other, GAPS);
  into.occupied = Math.min(into.occupied + from.occupied, into.b);
  into.seenAt = Math.max(into.seenAt, from.seenAt);
  into.longestGap = Math.min(into.longestGap, from.longestGap);
  if (from.silentAfter === null) into.silentAfter = null;
  into.refractoryUntilMs = Math.max(into.refractoryUntilMs, from.refractoryUntilMs);
  if (from.alarmMinute !== null && (into.alarmMinute === null || from.alarmMinute > into.alarmMinute)) {
    into.alarmMinute = from.alarmMinute;
    into.alarmUp = from.alarmUp;
  }
  into.deadline = null;
}
