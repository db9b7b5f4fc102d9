import type { StateRow, TemplateLookup } from '../../contracts.ts';
import { compareText, significant } from './format.ts';
import { PAST_MS, PAST_WINDOWS_MAX, PAST_WINDOWS_PER_TENANT, SIMILAR_MIN, SIMILAR_SHOWN } from './limits.ts';
import { isOverflow, templateIdsOf } from './members.ts';
import { isAbsence } from './rank.ts';
import { decodeState, encodeState, type OpenWindow, type TrackedFinding } from './state.ts';

/** One thing that a window told: a template of a service, or the service itself (null), that came or that went. */
interface Mark {
  readonly serviceKey: string;
  readonly service: string;
  readonly templateId: string | null;
  readonly gone: boolean;
}

interface PastWindow {
  readonly windowId: string;
  readonly tenant: string;
  readonly environment: string;
  readonly onsetMs: number;
  /** Watermark at which it closed. */
  readonly closedMs: number;
  readonly hadChange: boolean;
  readonly marks: readonly Mark[];
}

export interface Similar {
  readonly windowId: string;
  readonly onsetMs: number;
  /** Marks in common over marks of either (Jaccard 1912), 0–1. */
  readonly similarity: number;
  /** References of this window's findings that the past one told, too. */
  readonly same: readonly string[];
  /** Phrases of a fixed grammar. */
  readonly different: readonly string[];
}

const MARKS_MAX = 64;

/**
 * What closed windows told, for `PAST_MS`: a new window names those that told much the same, and how they differ.
 * Holds at most `PAST_WINDOWS_PER_TENANT` windows of a tenant and `PAST_WINDOWS_MAX` in all; the oldest are forgotten first.
 */
export class PastWindows {
  readonly table: string;
  /** In order of closing, then of id. */
  #windows: PastWindow[] = [];
  readonly #changed = new Set<string>();

  constructor(table: string) {
    this.table = table;
  }

  remember(window: OpenWindow, closedMs: number): void {
    const past: PastWindow = {
      windowId: window.windowId,
      tenant: window.tenant,
      environment: window.environment,
      onsetMs: window.firstOnsetMs,
      closedMs,
      hadChange: window.changes.some(({ change }) => change.kind === 'service.version'),
      marks: window.findings.flatMap(marksOf).slice(0, MARKS_MAX),
    };
    const others = this.#windows.filter((other) => other.windowId !== past.windowId);
    this.#windows = [...others, past].sort(byClosing);
    this.#changed.add(past.windowId);
    const ofTenant = this.#windows.filter((other) => other.tenant === past.tenant);
    if (ofTenant.length > PAST_WINDOWS_PER_TENANT) this.#forget(ofTenant[0]!);
    if (this.#windows.length > PAST_WINDOWS_MAX) this.#forget(this.#windows[0]!);
  }

  /** The most similar ones of the same tenant and environment, most similar first, then latest. */
  similarTo(window: OpenWindow, templates: TemplateLookup): Similar[] {
    const own = new Map<string, string>();
    for (const tracked of window.findings)
      for (const mark of marksOf(tracked)) own.set(keyOf(mark, templates), tracked.ref);
    return this.#windows
      .filter(
        (past) =>
          past.tenant === window.tenant &&
          past.environment === window.environment &&
          past.windowId !== window.windowId &&
          window.firstOnsetMs - past.onsetMs <= PAST_MS,
      )
      .map((past) => compare(past, window, own, templates))
      .filter(({ similarity }) => similarity >= SIMILAR_MIN)
      .sort(
        (a, b) => b.similarity - a.similarity || b.onsetMs - a.onsetMs || compareText(a.windowId, b.windowId),
      )
      .slice(0, SIMILAR_SHOWN);
  }

  takeChanges(): StateRow[] {
    const held = new Map(this.#windows.map((past) => [past.windowId, past]));
    const rows = [...this.#changed].sort(compareText).map((windowId): StateRow => {
      const past = held.get(windowId);
      return { table: this.table, key: windowId, value: past === undefined ? null : encodeState(past) };
    });
    this.#changed.clear();
    return rows;
  }

  load(rows: readonly StateRow[]): void {
    this.#windows = rows
      .filter(({ table, value }) => table === this.table && value !== null)
      .map(({ value }) => decodeState<PastWindow>(value!))
      .sort(byClosing);
  }

  #forget(past: PastWindow): void {
    this.#windows = this.#windows.filter((other) => other !== past);
    this.#changed.add(past.windowId);
  }
}

function byClosing(a: PastWindow, b: PastWindow): number {
  return a.closedMs - b.closedMs || compareText(a.windowId, b.windowId);
}

function marksOf({ finding }: TrackedFinding): Mark[] {
  const { key, name } = finding.service;
  const ids = isOverflow(finding) ? templateIdsOf(finding) : [finding.templateId];
  return ids.map((templateId) => ({
    serviceKey: key,
    service: name,
    templateId,
    gone: isAbsence(finding.kind),
  }));
}

/** New once, rare or a spike the next time: what counts is that the line came, or that it went. */
function keyOf({ serviceKey, templateId, gone }: Mark, templates: TemplateLookup): string {
  const id =
    templateId === null ? '' : (templates.template(serviceKey, templateId)?.templateId ?? templateId);
  return [gone ? 'gone' : 'came', serviceKey, id].join('\u0000');
}

function compare(
  past: PastWindow,
  window: OpenWindow,
  own: ReadonlyMap<string, string>,
  templates: TemplateLookup,
): Similar {
  const theirs = new Map(past.marks.map((mark) => [keyOf(mark, templates), mark]));
  const same = [...own].filter(([key]) => theirs.has(key)).map(([, ref]) => ref);
  const onlyHere = [...own].filter(([key]) => !theirs.has(key)).map(([, ref]) => ref);
  const onlyThere = [...theirs].filter(([key]) => !own.has(key)).map(([, mark]) => mark);
  const common = same.length;
  return {
    windowId: past.windowId,
    onsetMs: past.onsetMs,
    similarity: significant(common / (own.size + theirs.size - common)),
    same: inOrder(same),
    different: [
      ...(onlyHere.length === 0 ? [] : [`only here ${inOrder(onlyHere).join(' ')}`]),
      ...phrases(onlyThere),
      ...changePhrase(past, window),
    ],
  };
}

function phrases(marks: readonly Mark[]): string[] {
  const counts = new Map<string, number>();
  for (const { service, templateId, gone } of marks) {
    const what = templateId === null ? 'traffic' : 'lines';
    const phrase = `${what} of ${service} that ${gone ? 'went' : 'came'}`;
    counts.set(phrase, (counts.get(phrase) ?? 0) + 1);
  }
  const told = [...counts].sort((a, b) => b[1] - a[1] || compareText(a[0], b[0])).slice(0, PHRASES_MAX);
  return told.map(([phrase, n]) => `only there ${n} ${phrase}`);
}

const PHRASES_MAX = 2;

function changePhrase(past: PastWindow, window: OpenWindow): string[] {
  const here = window.changes.some(({ change }) => change.kind === 'service.version');
  if (here === past.hadChange) return [];
  return [here ? 'a version change here, none there' : 'a version change there, none here'];
}

function inOrder(refs: readonly string[]): string[] {
  return [...new Set(refs)].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
}
