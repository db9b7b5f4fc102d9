import type { SeverityClass } from '../../contracts.ts';
import { NONE, type Numbers, newNumbers, nullable } from './numbers.ts';
import { mergeRates, type RateState } from './rate-state.ts';
import type { TemplateBlock } from './template-blocks.ts';

/** Buckets of the open minute that are kept apart, to say where in the minute a spike began. */
export const SLOTS = 6;

/** Minutes with records before a rate is judged; until then only the rarity path speaks, and of WARN and above a storm. */
export const ACTIVE_MINUTES_MIN = 30;

const FIRST_MS = 0;
const LAST_MS = 1;
const SEVERITY = 2;
const ARRIVALS = 3;
const ARRIVALS_MINUTE = 4;
const ANNOUNCED_MS = 5;
const PEAK = 6;
const IS_ORDINARY = 7;
/** Of the open minute. */
const OPEN_MINUTE = 8;
const OPEN_SEVERITY = 9;
const OPEN_FIRST_MS = 10;
const OPEN_LAST_MS = 11;
const OPEN_SLOTS = 12;
const TEMPLATE_NUMBERS = OPEN_SLOTS + SLOTS;

/** What is known of one template of one service. Its numbers stand in one array, for the reason `Numbers` gives. */
export class TemplateState {
  readonly id: string;
  readonly #numbers: Numbers = newNumbers(TEMPLATE_NUMBERS);
  /** New and not told of yet: its surprise at birth, and the buckets with records since; null = told, or old. */
  young: { bits: number; buckets: number } | null = null;
  /** Made at the second minute with records: most templates are never seen twice. */
  rate: RateState | null = null;
  /** Whose rows it is part of; null = not held. */
  block: TemplateBlock | null = null;

  constructor(id: string, firstMs: number, severity: SeverityClass) {
    this.id = id;
    const numbers = this.#numbers;
    numbers[FIRST_MS] = firstMs;
    numbers[LAST_MS] = firstMs;
    numbers[SEVERITY] = severity;
    numbers[ANNOUNCED_MS] = NONE;
    numbers[OPEN_MINUTE] = NONE;
  }

  get firstMs(): number {
    return this.#numbers[FIRST_MS]!;
  }
  set firstMs(ms: number) {
    this.#numbers[FIRST_MS] = ms;
  }
  get lastMs(): number {
    return this.#numbers[LAST_MS]!;
  }
  set lastMs(ms: number) {
    this.#numbers[LAST_MS] = ms;
  }
  /** Highest class among the records of the last minute with any. */
  get severity(): SeverityClass {
    return this.#numbers[SEVERITY] as SeverityClass;
  }
  set severity(severity: SeverityClass) {
    this.#numbers[SEVERITY] = severity;
  }
  /** Discounted minutes with a record, and the minute up to which they are discounted. */
  get arrivals(): number {
    return this.#numbers[ARRIVALS]!;
  }
  set arrivals(minutes: number) {
    this.#numbers[ARRIVALS] = minutes;
  }
  get arrivalsMinute(): number {
    return this.#numbers[ARRIVALS_MINUTE]!;
  }
  set arrivalsMinute(minute: number) {
    this.#numbers[ARRIVALS_MINUTE] = minute;
  }
  /** Event time at which the rarity path last spoke of it; null = never. */
  get announcedMs(): number | null {
    return nullable(this.#numbers[ANNOUNCED_MS]!);
  }
  set announcedMs(ms: number | null) {
    this.#numbers[ANNOUNCED_MS] = ms ?? NONE;
  }
  /** Most records in one bucket so far. */
  get peak(): number {
    return this.#numbers[PEAK]!;
  }
  set peak(records: number) {
    this.#numbers[PEAK] = records;
  }
  /** It was seen other than as a symptom of an incident of another service. */
  get ordinary(): boolean {
    return this.#numbers[IS_ORDINARY] === 1;
  }
  set ordinary(ordinary: boolean) {
    this.#numbers[IS_ORDINARY] = ordinary ? 1 : 0;
  }

  /** The minute being added up; null = none. */
  get openMinute(): number | null {
    return nullable(this.#numbers[OPEN_MINUTE]!);
  }
  get isOpen(): boolean {
    return !Number.isNaN(this.#numbers[OPEN_MINUTE]!);
  }
  /** Highest class in the open minute. */
  get openSeverity(): SeverityClass {
    return this.#numbers[OPEN_SEVERITY] as SeverityClass;
  }
  get openFirstMs(): number {
    return this.#numbers[OPEN_FIRST_MS]!;
  }
  get openLastMs(): number {
    return this.#numbers[OPEN_LAST_MS]!;
  }
  /** Lines per bucket of the open minute. */
  openSlots(): number[] {
    return this.#numbers.slice(OPEN_SLOTS, OPEN_SLOTS + SLOTS);
  }
  openLines(): number {
    let lines = 0;
    for (let i = OPEN_SLOTS; i < OPEN_SLOTS + SLOTS; i++) lines += this.#numbers[i]!;
    return lines;
  }

  /** Begins a minute; it has no lines yet. */
  open(minute: number, severity: SeverityClass, firstMs: number, lastMs: number): void {
    const numbers = this.#numbers;
    numbers[OPEN_MINUTE] = minute;
    numbers[OPEN_SEVERITY] = severity;
    numbers[OPEN_FIRST_MS] = firstMs;
    numbers[OPEN_LAST_MS] = lastMs;
    for (let i = OPEN_SLOTS; i < OPEN_SLOTS + SLOTS; i++) numbers[i] = 0;
  }

  /** Adds lines to a bucket of the open minute. */
  addOpen(slot: number, lines: number, severity: SeverityClass, lastMs: number): void {
    const numbers = this.#numbers;
    numbers[OPEN_SLOTS + slot]! += lines;
    if (severity > numbers[OPEN_SEVERITY]!) numbers[OPEN_SEVERITY] = severity;
    if (lastMs > numbers[OPEN_LAST_MS]!) numbers[OPEN_LAST_MS] = lastMs;
  }

  close(): void {
    this.#numbers[OPEN_MINUTE] = NONE;
  }

  /** Adds the open minute of another template, which ends with it. */
  takeOpen(from: TemplateState): void {
    if (!from.isOpen) return;
    if (!this.isOpen) this.open(from.openMinute!, 0, from.openFirstMs, from.openLastMs);
    const slots = from.openSlots();
    for (let i = 0; i < SLOTS; i++) this.addOpen(i, slots[i]!, from.openSeverity, from.openLastMs);
    this.#numbers[OPEN_FIRST_MS] = Math.min(this.openFirstMs, from.openFirstMs);
    from.close();
  }
}

/**
 * Two templates turned out to be one: rates add, alarms in progress and refractory times take the maximum.
 * Both must have been brought forward to the same minute.
 */
export function mergeTemplates(into: TemplateState, from: TemplateState): void {
  into.firstMs = Math.min(into.firstMs, from.firstMs);
  if (from.lastMs > into.lastMs) {
    into.lastMs = from.lastMs;
    into.severity = from.severity;
  }
  into.arrivals += from.arrivals;
  into.peak = Math.max(into.peak, from.peak);
  into.young = null;
  into.ordinary ||= from.ordinary;
  if (from.announcedMs !== null) into.announcedMs = Math.max(into.announcedMs ?? 0, from.announcedMs);
  into.takeOpen(from);
  if (into.rate === null) {
    into.rate = from.rate;
    if (into.rate !== null) into.rate.isBusy = false;
  } else if (from.rate !== null) mergeRates(into.rate, from.rate);
}
