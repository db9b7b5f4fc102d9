// Comparing a form with a template: which templates are looked at, and where the two differ.
import { type Element, isSameElement, isSlot } from './elements.ts';
import type { LearntTemplate } from './template.ts';

/** Punctuation as it is, everything else alike: only forms of one skeleton are compared. */
export function skeleton(key: readonly Element[]): string {
  return key.map((element) => (element.kind === 'punctuation' ? element.text : 'w')).join('');
}

/** Where a form differs from a template, or null when they differ in a key, which is never a variable, or in most. */
export function differ(
  template: LearntTemplate,
  key: readonly Element[],
  words: readonly number[],
): { places: number[]; equalWords: number } | null {
  const places: number[] = [];
  let equalWords = 0;
  for (const at of words) {
    const mine = template.key[at]!;
    const other = key[at]!;
    if (isSameElement(mine, other)) {
      if (!isSlot(mine)) equalWords++;
      continue;
    }
    if (isSlot(mine) && template.learnt.has(at)) continue;
    const next = key[at + 1]?.text;
    if (next === '=') return null;
    if (
      next === ':' &&
      !isSlot(mine) &&
      !isSlot(other) &&
      !(at === words[0] && isName(mine) && isName(other))
    )
      return null;
    places.push(at);
    if (places.length * 2 > words.length) return null;
  }
  return { places, equalWords };
}

/** Looks like a name of a thing (`sshd_1`, `nova-api`), not like a word. */
function isName(element: Element): boolean {
  return /[._\\-]|[a-z][A-Z]/.test(element.text);
}
