import type { SeverityClass } from '../../contracts.ts';
import type { Budget } from './budget.ts';
import { DAY_MS, decayFactor, HOUR_MS } from './time.ts';

/** Least bits of surprise that speak, before the budget raises them: WARN, and INFO and below. */
const FLOOR_WARN_BITS = 8;
const FLOOR_REST_BITS = 12;

/** ERROR and above: bits of "this service logs an ERROR", and bits of "it logs this ERROR". */
const FLOOR_FIRST_ERROR_BITS = 5;
const FLOOR_ERROR_BITS = 9;

/** Scores are kept in bins of half a bit up to this many bits. */
const BITS_MAX = 32;
const BINS_PER_BIT = 2;
const BINS = BITS_MAX * BINS_PER_BIT;

const HALF_LIFE_MS = 7 * DAY_MS;

/** Days of budget that may be spent before any history tells what is usual. */
const ADVANCE_DAYS = 1;

/** History counts as at least this much. */
const HISTORY_MIN_DAYS = 1 / 24;

/**
 * Announced ERROR clusters a day that go unquestioned, in shares of the ERROR budget. Real incidents spend it, too: on a
 * day with twenty of them the twentieth must still be told.
 */
const ERROR_SLACK = 10;

/**
 * In the first hours of the fleet every service shows for the first time what it always logs: the slack is smaller, so that
 * a dozen services with routine ERRORs do not each open a window, while the first few speak at once.
 */
const ERROR_SLACK_FRESH = 2;
const FRESH_MS = 3 * HOUR_MS;
const ERROR_CLUSTER_MS = 300_000;
const ERROR_PRESSURE_BITS = 4;

/** Below ERROR: bits by which the bar rises for every doubling of what the budget allows in a day. */
const PRESSURE_BITS = 4;

/** What the thresholds remember, fleet-wide. Plain data. */
export interface ThresholdState {
  atMs: number;
  /** When history began. */
  readonly sinceMs: number;
  /** Discounted days of history. */
  days: number;
  /** Discounted numbers of candidates per bin of score: WARN, rest. */
  readonly warn: number[];
  readonly rest: number[];
  /** New ERRORs among the routine ones. */
  readonly errors: number[];
  /** Discounted announced findings below ERROR (half-life one day): WARN, rest; brought forward to `atMs`. */
  warnSpoken: number;
  restSpoken: number;
  /** Discounted announced ERROR clusters (half-life one day), and when the last began or went on. */
  errorClusters: number;
  errorAtMs: number;
  errorLastMs: number | null;
  /** Discounted number of ERROR templates first seen, fleet-wide: how many could come back. */
  errorBirths: number;
}

export function newThresholdState(ms: number): ThresholdState {
  return {
    atMs: ms,
    sinceMs: ms,
    days: 0,
    warn: new Array<number>(BINS).fill(0),
    rest: new Array<number>(BINS).fill(0),
    errors: new Array<number>(BINS).fill(0),
    warnSpoken: 0,
    restSpoken: 0,
    errorClusters: 0,
    errorAtMs: ms,
    errorLastMs: null,
    errorBirths: 0,
  };
}

/** Brings the discounted history forward to `ms`. */
export function ageThresholds(state: ThresholdState, ms: number): void {
  const elapsed = ms - state.atMs;
  if (elapsed <= 0) return;
  const kept = decayFactor(elapsed, HALF_LIFE_MS);
  state.days = state.days * kept + elapsed / DAY_MS;
  for (let i = 0; i < BINS; i++) {
    if (state.warn[i] !== 0) state.warn[i]! *= kept;
    if (state.rest[i] !== 0) state.rest[i]! *= kept;
    if (state.errors[i] !== 0) state.errors[i]! *= kept;
  }
  state.errorBirths *= kept;
  const spokenKept = decayFactor(elapsed, DAY_MS);
  state.warnSpoken *= spokenKept;
  state.restSpoken *= spokenKept;
  state.atMs = ms;
}

/** Books a candidate below ERROR, or a new ERROR where ERRORs are routine: what is usual sets the bar. */
export function bookCandidate(state: ThresholdState, severity: SeverityClass, bits: number): void {
  binsOf(state, severity)[binOf(bits - historyBits(state))]! += 1;
}

/**
 * Bits below ERROR from which a candidate speaks: the score that candidates exceed just as often as the budget allows.
 * Invariant: of the candidates booked so far, at most budget × days are above it.
 */
export function noveltyThreshold(state: ThresholdState, budget: Budget, severity: SeverityClass): number {
  const usual = usualBits(state, budget, severity);
  return (
    Math.max(usual, severity === 2 ? FLOOR_WARN_BITS : FLOOR_REST_BITS) +
    pressureBits(state, budget, severity)
  );
}

function usualBits(state: ThresholdState, budget: Budget, severity: SeverityClass): number {
  const bins = binsOf(state, severity);
  const allowed = budget.rarityPerDay(severity) * (state.days + ADVANCE_DAYS);
  let above = 0;
  let bin = BINS - 1;
  while (bin >= 0 && above + bins[bin]! <= allowed) above += bins[bin--]!;
  return bin < 0 ? 0 : (bin + 1) / BINS_PER_BIT + historyBits(state);
}

/**
 * Every novelty is a bit more surprising than the same one was with half the history: scores are booked and compared as
 * if all had come now, or in the first days each would beat all before it.
 */
function historyBits(state: ThresholdState): number {
  return Math.log2(state.days + HISTORY_MIN_DAYS);
}

function binsOf(state: ThresholdState, severity: SeverityClass): number[] {
  return severity >= 3 ? state.errors : severity === 2 ? state.warn : state.rest;
}

/** Bits grow with history, so that each novelty beats all before it: what was spoken today raises the bar, too. */
function pressureBits(state: ThresholdState, budget: Budget, severity: SeverityClass): number {
  const spoken = (severity === 2 ? state.warnSpoken : state.restSpoken) + 1;
  const allowed = budget.rarityPerDay(severity) + 1;
  return spoken > allowed ? PRESSURE_BITS * Math.log2(spoken / allowed) : 0;
}

/** Books an announced finding below ERROR. */
export function bookSpoken(state: ThresholdState, severity: SeverityClass): void {
  if (severity === 2) state.warnSpoken += 1;
  else state.restSpoken += 1;
}

/**
 * Whether the return of a known ERROR template is news: only when all the fleet's known ERROR templates together, each
 * coming back as often as this one, would stay within the budget. In the first days hardly any may speak.
 */
export function mayReturn(state: ThresholdState, budget: Budget, perDay: number): boolean {
  return perDay * Math.max(1, state.errorBirths) <= budget.rarityPerDay(3);
}

/** Books the first sight of an ERROR template. */
export function bookErrorBirth(state: ThresholdState): void {
  state.errorBirths += 1;
}

/** The two bars at ERROR and above, raised when more clusters were announced than the budget's slack. */
export function errorThresholds(
  state: ThresholdState,
  budget: Budget,
  ms: number,
): { first: number; joint: number } {
  const clusters = state.errorClusters * decayFactor(ms - state.errorAtMs, DAY_MS);
  const slack = ms - state.sinceMs < FRESH_MS ? ERROR_SLACK_FRESH : ERROR_SLACK;
  const free = slack * budget.rarityPerDay(3);
  const pressure = clusters > free ? ERROR_PRESSURE_BITS * Math.log2(clusters / free) : 0;
  const usual = usualBits(state, budget, 3);
  return {
    first: FLOOR_FIRST_ERROR_BITS + pressure,
    joint: Math.max(FLOOR_ERROR_BITS, usual) + pressure,
  };
}

/** Books an announced finding at ERROR or above; those within five minutes of each other count once. */
export function bookError(state: ThresholdState, ms: number): void {
  const isNew = state.errorLastMs === null || ms - state.errorLastMs > ERROR_CLUSTER_MS;
  state.errorLastMs = ms;
  if (!isNew) return;
  state.errorClusters = state.errorClusters * decayFactor(ms - state.errorAtMs, DAY_MS) + 1;
  state.errorAtMs = ms;
}

function binOf(bits: number): number {
  return Math.min(Math.max(Math.floor(bits * BINS_PER_BIT), 0), BINS - 1);
}
