import type { SeverityClass } from '../../contracts.ts';
import type { RowReader } from '../row-bytes.ts';
import { NONE, nullable } from './numbers.ts';
import { mergeRates, type RateState } from './rate-state.ts';
import type { TemplateBlock } from './template-blocks.ts';
import { placeInChunk, ROW_NUMBERS, ROW_WORDS, type RowChunk, type TemplateRows } from './template-rows.ts';
import { decayFactor, MINUTES_PER_DAY } from './time.ts';

/** Buckets of the open minute that are kept apart, to say where in the minute a spike began. */
export const SLOTS = 6;

/** Minutes with records before a rate is judged; until then only the rarity path speaks, and of WARN and above a storm. */
export const ACTIVE_MINUTES_MIN = 30;

/** Half-life of all counts of novelty. */
export const NOVELTY_HALF_LIFE_MINUTES: number = 7 * MINUTES_PER_DAY;

/** Doubles of a row … */
const FIRST_MS = 0;
const LAST_MS = 1;
const ARRIVALS = 2;
const ANNOUNCED_MS = 3;
/** … and words: counts, which are at most COUNT_MAX, minutes, and last the flags. */
const PEAK = 8;
const ARRIVALS_MINUTE = 9;
const OPEN_MINUTE = 10;
const OPEN_SLOTS = 11;
const FLAGS = OPEN_SLOTS + SLOTS;

/** A count that is larger is held as this. */
const COUNT_MAX = 0x7fff_ffff;

/** In place of the open minute: none. */
const NO_MINUTE = -1;

/** Of the flags: the severity class, that of the open minute, and whether it is ordinary. */
const SEVERITY_MASK = 7;
const OPEN_SEVERITY_SHIFT = 3;
const IS_ORDINARY = 64;

/** What a row of state has of a template beside what all have. */
const WITH_OPEN = 1;
const WITH_YOUNG = 2;
const WITH_ANNOUNCED = 4;

/**
 * What is known of one template of one service. Its numbers stand in a row (see `TemplateRows`) until it is removed. No method
 * is a `#` one: for those V8 keeps a further field in each object.
 */
export class TemplateState {
  readonly id: string;
  readonly row: number;
  readonly #chunk: RowChunk;
  /** New and not told of yet: its surprise at birth, and the buckets with records since; null = told, or old. */
  young: { bits: number; buckets: number } | null = null;
  /** Made at the second minute with records: most templates are never seen twice. */
  rate: RateState | null = null;
  /** Its handle as far as it is known, see `TemplateCount`. */
  handle = 0;
  /** The one that came after it when it came last, where one is looked for first; it may be gone. */
  next: TemplateState | null = null;
  /** Whose rows of state it is part of; null = not held, and its numbers are no longer its own. */
  block: TemplateBlock | null = null;

  constructor(rows: TemplateRows, id: string, firstMs: number, severity: SeverityClass) {
    this.id = id;
    this.row = rows.take();
    this.#chunk = rows.chunkOf(this.row);
    this.firstMs = firstMs;
    this.lastMs = firstMs;
    this.severity = severity;
    this.announcedMs = null;
    this.close();
  }

  get firstMs(): number {
    return this.number(FIRST_MS);
  }
  set firstMs(ms: number) {
    this.setNumber(FIRST_MS, ms);
  }
  get lastMs(): number {
    return this.number(LAST_MS);
  }
  set lastMs(ms: number) {
    this.setNumber(LAST_MS, ms);
  }
  /** Highest class among the records of the last minute with any. */
  get severity(): SeverityClass {
    return (this.word(FLAGS) & SEVERITY_MASK) as SeverityClass;
  }
  set severity(severity: SeverityClass) {
    this.setWord(FLAGS, (this.word(FLAGS) & ~SEVERITY_MASK) | severity);
  }
  /** Discounted minutes with a record, and the minute up to which they are discounted. */
  get arrivals(): number {
    return this.number(ARRIVALS);
  }
  set arrivals(minutes: number) {
    this.setNumber(ARRIVALS, minutes);
  }
  get arrivalsMinute(): number {
    return this.word(ARRIVALS_MINUTE);
  }
  set arrivalsMinute(minute: number) {
    this.setWord(ARRIVALS_MINUTE, minute);
  }
  /** Minutes with a record, discounted up to this minute or, if that is later, as they are. */
  arrivalsUpTo(minute: number): number {
    return this.arrivals * decayFactor(minute - this.arrivalsMinute, NOVELTY_HALF_LIFE_MINUTES);
  }
  /** Event time at which the rarity path last spoke of it; null = never. */
  get announcedMs(): number | null {
    return nullable(this.number(ANNOUNCED_MS));
  }
  set announcedMs(ms: number | null) {
    this.setNumber(ANNOUNCED_MS, ms ?? NONE);
  }
  /** Most records in one bucket so far. */
  get peak(): number {
    return this.word(PEAK);
  }
  set peak(records: number) {
    this.setWord(PEAK, Math.min(records, COUNT_MAX));
  }
  /** It was seen other than as a symptom of an incident of another service. */
  get ordinary(): boolean {
    return (this.word(FLAGS) & IS_ORDINARY) !== 0;
  }
  set ordinary(ordinary: boolean) {
    const flags = this.word(FLAGS);
    this.setWord(FLAGS, ordinary ? flags | IS_ORDINARY : flags & ~IS_ORDINARY);
  }

  /** The minute being added up; null = none. */
  get openMinute(): number | null {
    return this.isOpen ? this.word(OPEN_MINUTE) : null;
  }
  get isOpen(): boolean {
    return this.word(OPEN_MINUTE) !== NO_MINUTE;
  }
  /** Highest class in the open minute. */
  get openSeverity(): SeverityClass {
    return ((this.word(FLAGS) >> OPEN_SEVERITY_SHIFT) & SEVERITY_MASK) as SeverityClass;
  }
  /** Lines of one bucket of the open minute. */
  openSlot(slot: number): number {
    return this.word(OPEN_SLOTS + slot);
  }
  /** Lines per bucket of the open minute. */
  openSlots(): number[] {
    const slots: number[] = [];
    for (let i = 0; i < SLOTS; i++) slots.push(this.openSlot(i));
    return slots;
  }
  openLines(): number {
    let lines = 0;
    for (let i = 0; i < SLOTS; i++) lines += this.openSlot(i);
    return lines;
  }

  /** Begins a minute; it has no lines yet. */
  open(minute: number): void {
    this.setWord(OPEN_MINUTE, minute);
    this.setOpenSeverity(0);
    for (let i = 0; i < SLOTS; i++) this.setWord(OPEN_SLOTS + i, 0);
  }

  /** Adds lines to a bucket of the open minute. */
  addOpen(slot: number, lines: number, severity: SeverityClass): void {
    const place = OPEN_SLOTS + slot;
    this.setWord(place, Math.min(this.word(place) + lines, COUNT_MAX));
    if (severity > this.openSeverity) this.setOpenSeverity(severity);
  }

  close(): void {
    this.setWord(OPEN_MINUTE, NO_MINUTE);
  }

  /** Adds the open minute of another template, which ends with it. */
  takeOpen(from: TemplateState): void {
    if (!from.isOpen) return;
    if (!this.isOpen) this.open(from.openMinute!);
    for (let i = 0; i < SLOTS; i++) this.addOpen(i, from.openSlot(i), from.openSeverity);
    from.close();
  }

  /**
   * Lists its numbers, all but `firstMs`, as a row of state has them; returns how many. Minutes are told from one that is not
   * before any of its own, as small numbers take few bytes.
   */
  listNumbers(into: number[], minute: number): number {
    const { numbers, words } = this.#chunk;
    const n = placeInChunk(this.row) * ROW_NUMBERS;
    const w = placeInChunk(this.row) * ROW_WORDS;
    const { young, isOpen } = this;
    const announcedMs = numbers[n + ANNOUNCED_MS]!;
    const isAnnounced = !Number.isNaN(announcedMs);
    let at = 0;
    into[at++] =
      (isOpen ? WITH_OPEN : 0) | (young === null ? 0 : WITH_YOUNG) | (isAnnounced ? WITH_ANNOUNCED : 0);
    into[at++] = words[w + FLAGS]!;
    into[at++] = numbers[n + LAST_MS]!;
    into[at++] = numbers[n + ARRIVALS]!;
    into[at++] = minute - words[w + ARRIVALS_MINUTE]!;
    into[at++] = words[w + PEAK]!;
    if (isOpen) {
      into[at++] = minute - words[w + OPEN_MINUTE]!;
      for (let i = 0; i < SLOTS; i++) into[at++] = words[w + OPEN_SLOTS + i]!;
    }
    if (young !== null) {
      into[at++] = young.bits;
      into[at++] = young.buckets;
    }
    if (isAnnounced) into[at++] = announcedMs;
    return at;
  }

  /** Takes the numbers that were listed over from a row, told from the same minute. */
  takeNumbers(row: RowReader, minute: number): void {
    const has = row.number();
    this.setWord(FLAGS, row.number());
    this.lastMs = row.number();
    this.arrivals = row.number();
    this.arrivalsMinute = minute - row.number();
    this.peak = row.number();
    if ((has & WITH_OPEN) !== 0) {
      this.setWord(OPEN_MINUTE, minute - row.number());
      for (let i = 0; i < SLOTS; i++) this.setWord(OPEN_SLOTS + i, row.number());
    }
    if ((has & WITH_YOUNG) !== 0) this.young = { bits: row.number(), buckets: row.number() };
    if ((has & WITH_ANNOUNCED) !== 0) this.announcedMs = row.number();
  }

  private setOpenSeverity(severity: SeverityClass): void {
    const others = this.word(FLAGS) & ~(SEVERITY_MASK << OPEN_SEVERITY_SHIFT);
    this.setWord(FLAGS, others | (severity << OPEN_SEVERITY_SHIFT));
  }

  private number(place: number): number {
    return this.#chunk.numbers[placeInChunk(this.row) * ROW_NUMBERS + place]!;
  }

  private setNumber(place: number, value: number): void {
    this.#chunk.numbers[placeInChunk(this.row) * ROW_NUMBERS + place] = value;
  }

  private word(place: number): number {
    return this.#chunk.words[placeInChunk(this.row) * ROW_WORDS + place]!;
  }

  private setWord(place: number, value: number): void {
    this.#chunk.words[placeInChunk(this.row) * ROW_WORDS + place] = value;
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
  const minute = Math.max(into.arrivalsMinute, from.arrivalsMinute);
  into.arrivals = into.arrivalsUpTo(minute) + from.arrivalsUpTo(minute);
  into.arrivalsMinute = minute;
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
