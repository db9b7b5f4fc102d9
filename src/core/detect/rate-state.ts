import type { SeverityClass } from '../../contracts.ts';
import { A, B, beginBaseline } from './baseline.ts';
import { mergeCusum, resetCusum } from './cusum.ts';
import { mergeDispersion } from './dispersion.ts';
import { foldedNumber, foldNumbers, unfoldNumbers } from './fold.ts';
import { mergeGaps } from './gaps.ts';
import { type Numbers, newNumbers } from './numbers.ts';
import {
  ACTIVE_MINUTES,
  ALARM_MINUTE,
  BASELINE,
  DEADLINE,
  DISPERSION,
  DOWN,
  EXPOSURE_AT,
  FIRST_AND_FLAGS,
  GAPS,
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

/** Flags share a number with the first minute, of which they are the last digit to this base. */
const FLAGS_BASE = 512;
/** Of flags: the severity class, */
const CLOCK_MASK = 7;
/** and a bit for each of these. */
const IS_SPARSE = 8;
const IS_BUSY = 16;
const HAS_DEADLINE = 32;
const IS_SILENT = 64;
const HAS_ALARM = 128;
const ALARM_UP = 256;

/**
 * The rate of one series (a template, or a whole service). Brought forward lazily: minutes without a record are
 * added only when the next record comes or the deadline passes, so an untouched series is unchanged.
 *
 * Whole or folded: folded it takes a quarter of the memory, everything can be read but its `numbers`, and what is seldom
 * (see rate-places.ts) cannot be set. No method is a `#` one: for those V8 keeps a further field in each object.
 */
export class RateState {
  #numbers: Numbers;

  private constructor(numbers: Numbers) {
    this.#numbers = numbers;
  }

  static whole(): RateState {
    return new RateState(newRateNumbers());
  }

  static ofFolded(folded: Numbers): RateState {
    return new RateState(folded);
  }

  /** The numbers of all its statistics (see rate-places.ts). It must be whole. */
  get numbers(): Numbers {
    if (this.isFolded) throw new Error('BUG: statistics of a series that is folded');
    return this.#numbers;
  }

  /**
   * Makes it whole, in numbers that are nobody else's until it is folded again. Returns the folded ones, in which there is
   * room for folding it again; null = it was whole.
   */
  unfold(into: Numbers = newRateNumbers()): Numbers | null {
    if (!this.isFolded) return null;
    const folded = this.#numbers;
    this.#numbers = unfoldNumbers(folded, into);
    return folded;
  }

  /** `room`: what its `unfold` returned. */
  fold(room: Numbers | null = null): void {
    if (!this.isFolded) this.#numbers = foldNumbers(this.#numbers, room);
  }

  /** Its numbers, to be read only, without unfolding it: those are put into other ones. */
  readNumbers(into: Numbers = newRateNumbers()): Numbers {
    return this.isFolded ? unfoldNumbers(this.#numbers, into) : this.#numbers;
  }

  /** Its numbers as they are folded, to be read only, without folding it. */
  readFolded(): Numbers {
    return this.isFolded ? this.#numbers : foldNumbers([...this.#numbers], null);
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
    return (this.flags & CLOCK_MASK) as SeverityClass;
  }
  set clock(severity: SeverityClass) {
    this.flags = (this.flags & ~CLOCK_MASK) | severity;
  }

  /** Minute of event time that was judged last with a record in it. */
  get lastMinute(): number {
    return this.#numbers[LAST_MINUTE]!;
  }
  set lastMinute(minute: number) {
    this.#numbers[LAST_MINUTE] = minute;
  }
  get firstMinute(): number {
    return Math.floor(this.#numbers[FIRST_AND_FLAGS]! / FLAGS_BASE);
  }
  set firstMinute(minute: number) {
    this.#numbers[FIRST_AND_FLAGS] = minute * FLAGS_BASE + this.flags;
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
    return this.has(IS_SPARSE);
  }
  set isSparse(isSparse: boolean) {
    this.mark(IS_SPARSE, isSparse);
  }
  /** Usual-traffic minutes in the longest stretch without a record that was not announced. */
  get longestGap(): number {
    return this.seldom(LONGEST_GAP);
  }
  set longestGap(exposure: number) {
    this.numbers[LONGEST_GAP] = exposure;
  }

  /** Exposure at which the absence of records must be judged; null = never. */
  get deadline(): number | null {
    return this.has(HAS_DEADLINE) ? this.seldom(DEADLINE) : null;
  }
  set deadline(exposure: number | null) {
    this.mark(HAS_DEADLINE, exposure !== null);
    this.numbers[DEADLINE] = exposure ?? 0;
  }
  /** A silence was announced at this much exposure without a record, and lasts; null = none. */
  get silentAfter(): number | null {
    return this.has(IS_SILENT) ? this.seldom(SILENT_AFTER) : null;
  }
  set silentAfter(exposure: number | null) {
    this.mark(IS_SILENT, exposure !== null);
    this.numbers[SILENT_AFTER] = exposure ?? 0;
  }
  get refractoryUntilMs(): number {
    return this.seldom(REFRACTORY_UNTIL_MS);
  }
  set refractoryUntilMs(ms: number) {
    this.numbers[REFRACTORY_UNTIL_MS] = ms;
  }
  /** Minute and direction of the last alarm, or of its last confirmation; null = none. */
  get alarmMinute(): number | null {
    return this.has(HAS_ALARM) ? this.seldom(ALARM_MINUTE) : null;
  }
  set alarmMinute(minute: number | null) {
    this.mark(HAS_ALARM, minute !== null);
    this.numbers[ALARM_MINUTE] = minute ?? 0;
  }
  get alarmUp(): boolean {
    return this.has(ALARM_UP);
  }
  set alarmUp(up: boolean) {
    this.mark(ALARM_UP, up);
  }
  /** Takes part in its service's traffic index: it was at `BUSY_RATE` or above when it was judged last. */
  get isBusy(): boolean {
    return this.has(IS_BUSY);
  }
  set isBusy(isBusy: boolean) {
    this.mark(IS_BUSY, isBusy);
  }

  /** Whole numbers are one more than folded ones can be. */
  private get isFolded(): boolean {
    return this.#numbers.length <= RATE_NUMBERS;
  }

  private get flags(): number {
    return this.#numbers[FIRST_AND_FLAGS]! & (FLAGS_BASE - 1);
  }
  private set flags(flags: number) {
    this.#numbers[FIRST_AND_FLAGS]! += flags - this.flags;
  }

  private has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  private mark(flag: number, isSet: boolean): void {
    this.flags = isSet ? this.flags | flag : this.flags & ~flag;
  }

  /** A number that folding may leave out. */
  private seldom(place: number): number {
    return this.isFolded ? foldedNumber(this.#numbers, place) : this.#numbers[place]!;
  }
}

/** Room for the numbers of a whole series, and one more, which tells them from folded ones. */
export function newRateNumbers(): Numbers {
  return newNumbers(RATE_NUMBERS + 1);
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
