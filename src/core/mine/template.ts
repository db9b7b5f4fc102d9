// One learnt template and how it is stored.
import {
  decodeElement,
  type Element,
  encodeElement,
  type Form,
  isSameElement,
  isSlot,
  joinElements,
} from './elements.ts';

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
  };
  return {
    id,
    sequence: row.sequence,
    key: row.key.map(decodeElement),
    full: row.full === null ? null : row.full.map(decodeElement),
    learnt: new Set(row.learnt),
    wide: row.wide === null ? null : row.wide.map(decodeElement),
    wideKeys: row.wideKeys,
    aliases: row.aliases,
    shapeChecks: row.shapeChecks,
    seen: row.seen,
  };
}
