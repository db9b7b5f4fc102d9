// Comparing a form with a template: where the two differ.
import { type Element, isSlot } from './elements.ts';
import { elementEnd, headerKind, PUNCTUATION_KIND, QUOTED_KIND, SLOT_KIND } from './packed.ts';
import type { LearntTemplate } from './template.ts';

/** Where a form differs from a template, or null when they differ in a key, which is never a variable, or in most. */
export function differ(
  template: LearntTemplate,
  key: readonly Element[],
  words: number,
): { places: number[]; equalWords: number } | null {
  // Over the packed form as it stands: unpacking every template that is compared would take most of the time.
  const { key: packed, learnt } = template;
  const places: number[] = [];
  let equalWords = 0;
  let isFirstWord = true;
  let nextLearnt = 0;
  let at = 0;
  for (let place = 0; place < key.length; place++) {
    if (at >= packed.length) return null;
    const other = key[place]!;
    const kind = headerKind(packed.charCodeAt(at));
    const end = elementEnd(packed, at);
    const isLearnt = learnt.charCodeAt(nextLearnt) === place;
    if (isLearnt) nextLearnt++;
    if ((kind === PUNCTUATION_KIND) !== (other.kind === 'punctuation')) return null;
    const isSame = isSameAt(packed, at, end, kind, other);
    const start = at + 1;
    at = end;
    if (kind === PUNCTUATION_KIND) {
      if (!isSame) return null;
      continue;
    }
    const isFirst = isFirstWord;
    isFirstWord = false;
    if (isSame) {
      if (kind !== SLOT_KIND) equalWords++;
      continue;
    }
    if (kind === SLOT_KIND && isLearnt) continue;
    const next = key[place + 1]?.text;
    if (next === '=') return null;
    if (next === ':' && kind !== SLOT_KIND && !isSlot(other)) {
      if (!(isFirst && isName(packed.slice(start, end)) && isName(other.text))) return null;
    }
    places.push(place);
    if (places.length * 2 > words) return null;
  }
  return at === packed.length ? { places, equalWords } : null;
}

/** The packed element `[at, end)` is the same as the other as far as identity goes. */
function isSameAt(packed: string, at: number, end: number, kind: number, other: Element): boolean {
  if (kind === SLOT_KIND) return isSlot(other);
  if (isSlot(other) || end - at - 1 !== other.text.length) return false;
  if ((kind === QUOTED_KIND) !== (other.kind === 'quoted')) return false;
  for (let i = 0; i < other.text.length; i++)
    if (packed.charCodeAt(at + 1 + i) !== other.text.charCodeAt(i)) return false;
  return true;
}

/** Looks like a name of a thing (`sshd_1`, `nova-api`), not like a word. */
function isName(text: string): boolean {
  return /[._\\-]|[a-z][A-Z]/.test(text);
}
