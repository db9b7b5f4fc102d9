// One learnt template and how it is stored.
import {
  decodeElement,
  type Element,
  encodeElement,
  type Form,
  isSameElement,
  isSlot,
  joinElements,
  slot,
} from './elements.ts';
import { wideForm } from './wide.ts';

/** Pairs of elements compared when a form is carried over to another scanner's; bounds the time of one template. */
const COMMON_CELLS_MAX = 65_536;

/** Mutable state of one template; owned by `ServiceTemplates`, which marks what changed. */
export interface LearntTemplate {
  readonly id: string;
  /** Order of creation within the service: the oldest survives a merge. */
  readonly sequence: number;
  readonly key: Element[];
  /** Tokens of all its lines, or null when they differ in more than words; the text is then made from `key`. */
  full: Element[] | null;
  /** Places of `key` that evidence made variable. */
  readonly learnt: Set<number>;
  /** Form of the white-space-level key by which a differently cut line was found to be the same event. */
  wide: readonly Element[] | null;
  readonly wideKeys: string[];
  readonly aliases: string[];
  shapeChecks: number;
  /** Hour of event time in which it was seen last. */
  seen: number;
  /** Its first line, redacted: what a changed scanner reads to find the template's new form. */
  readonly exemplar: string;
  /** The line went on. */
  readonly isExemplarCut: boolean;
  /** The form is another scanner's, and the exemplar too short to tell the present one's. */
  isStale: boolean;
}

/** Takes another line's tokens into the full form: differing words become slots, a different shape ends it. */
export function widenFull(template: LearntTemplate, full: readonly Element[]): boolean {
  const mine = template.full;
  if (mine === null) return false;
  if (mine.length !== full.length) {
    template.full = null;
    return true;
  }
  let isChanged = false;
  for (let i = 0; i < mine.length; i++) {
    const a = mine[i]!;
    const b = full[i]!;
    if (isSameElement(a, b) && a.type === b.type) continue;
    if (a.kind === 'punctuation' || b.kind === 'punctuation') {
      template.full = null;
      return true;
    }
    const joined = joinElements(a, b);
    if (isSameElement(joined, a) && joined.type === a.type) continue;
    mine[i] = joined;
    isChanged = true;
  }
  return isChanged;
}

/** Checks one more line of a known signature; only lines of the same key can say something about the full form. */
export function hasKey(template: LearntTemplate, form: Form): boolean {
  if (template.key.length !== form.key.length) return false;
  return template.key.every((element, i) => isSlot(element) || isSameElement(element, form.key[i]!));
}

/**
 * Replaces the form by the one that the present scanner reads in the template's line. Places that evidence made
 * variable stay so: between constants that both forms have, words stand for what was variable there.
 */
export function adoptForm(template: LearntTemplate, form: Form): void {
  const old = template.key.splice(0);
  const wasLearnt = new Set(template.learnt);
  template.learnt.clear();
  template.key.push(...form.key);
  if (wasLearnt.size > 0) carryLearnt(old, wasLearnt, template);
  if (template.full !== null) template.full = fullOf(template, form);
  if (template.wide !== null) template.wide = wideForm(form.full);
  template.shapeChecks = 0;
  template.isStale = false;
}

function carryLearnt(
  old: readonly Element[],
  wasLearnt: ReadonlySet<number>,
  template: LearntTemplate,
): void {
  const { key, learnt } = template;
  let oldGap = 0;
  let gap = 0;
  for (const [i, j] of [...commonElements(old, key), [old.length, key.length] as const]) {
    const before = old.slice(oldGap, i);
    if (before.some((_, at) => wasLearnt.has(oldGap + at))) {
      for (let at = gap; at < j; at++) if (!isCutAnew(key[at]!, before)) learnt.add(at);
    }
    if (wasLearnt.has(i) && j < key.length) learnt.add(j);
    oldGap = i + 1;
    gap = j + 1;
  }
  for (const at of learnt) if (!isSlot(key[at]!)) key[at] = slot('str', key[at]!.spaced);
}

/** Punctuation, or a constant that was one before, in another cut: `cache_node` for `cache` and `node`. */
function isCutAnew(element: Element, before: readonly Element[]): boolean {
  if (element.kind === 'punctuation') return true;
  return before.some(
    ({ text }) =>
      text !== '' && (element.text.includes(text) || (!isSlot(element) && text.includes(element.text))),
  );
}

function fullOf(template: LearntTemplate, form: Form): Element[] | null {
  if (template.learnt.size === 0) return [...form.full];
  if (form.full.length !== form.key.length) return null;
  return form.full.map((element, at) =>
    template.learnt.has(at) && !isSlot(element) ? slot('str', element.spaced) : element,
  );
}

/** Pairs of places of a longest common subsequence; of very long forms, only of what they begin with alike. */
function commonElements(a: readonly Element[], b: readonly Element[]): [number, number][] {
  const pairs: [number, number][] = [];
  if (a.length * b.length > COMMON_CELLS_MAX) {
    for (let i = 0; i < a.length && i < b.length && isSameElement(a[i]!, b[i]!); i++) pairs.push([i, i]);
    return pairs;
  }
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] = isSameElement(a[i]!, b[j]!)
        ? longest[(i + 1) * width + j + 1]! + 1
        : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
    }
  }
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (isSameElement(a[i]!, b[j]!)) pairs.push([i++, j++]);
    else if (longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!) i++;
    else j++;
  }
  return pairs;
}

export function encodeTemplate(template: LearntTemplate): string {
  return JSON.stringify({
    sequence: template.sequence,
    key: template.key.map(encodeElement),
    full: template.full === null ? null : template.full.map(encodeElement),
    learnt: [...template.learnt].sort((a, b) => a - b),
    wide: template.wide === null ? null : template.wide.map(encodeElement),
    wideKeys: template.wideKeys,
    aliases: template.aliases,
    shapeChecks: template.shapeChecks,
    seen: template.seen,
    exemplar: template.exemplar,
    ...(template.isExemplarCut ? { cut: true } : {}),
    ...(template.isStale ? { stale: true } : {}),
  });
}

export function decodeTemplate(id: string, value: string): LearntTemplate {
  const row = JSON.parse(value) as {
    sequence: number;
    key: string[];
    full: string[] | null;
    learnt: number[];
    wide: string[] | null;
    wideKeys: string[];
    aliases: string[];
    shapeChecks: number;
    seen: number;
    exemplar?: string;
    cut?: true;
    stale?: true;
  };
  // The two forms share their elements.
  const known = new Map<string, Element>();
  const decode = (code: string): Element => {
    const element = known.get(code) ?? decodeElement(code);
    known.set(code, element);
    return element;
  };
  return {
    id,
    sequence: row.sequence,
    key: row.key.map(decode),
    full: row.full === null ? null : row.full.map(decode),
    learnt: new Set(row.learnt),
    wide: row.wide === null ? null : row.wide.map(decode),
    wideKeys: row.wideKeys,
    aliases: row.aliases,
    shapeChecks: row.shapeChecks,
    seen: row.seen,
    exemplar: row.exemplar ?? '',
    isExemplarCut: row.cut ?? false,
    isStale: row.stale ?? false,
  };
}
