// Two places that vary on their own: `PAID -> OPEN`, `PAID -> CLOSED`, `NEW -> OPEN` … Different events do not multiply.
import type { Element } from './elements.ts';
import { elementAt } from './packed.ts';
import type { LearntTemplate } from './template.ts';

/** Templates that differ from a new form at the same places. */
export interface Siblings {
  readonly places: readonly number[];
  readonly templates: LearntTemplate[];
  readonly equalWords: number;
}

/** Distinct values of each of the two places: three states of two peers each are few enough to tell apart. */
const VALUES_MIN = 4;
/** Pairs of values that were seen, for each value of the place that has more: one would mean that the two go together. */
const PAIRS_PER_VALUE = 1.5;
/** Words that all of them have in common. */
const EQUAL_WORDS_MIN = 2;

/**
 * The templates that differ from the form at either or both of two places, when their values are combined freely. That
 * makes variables of words whose number alone says little.
 */
export function crossedSiblings(key: readonly Element[], groups: readonly Siblings[]): Siblings | null {
  const first = key.findIndex((element) => element.kind !== 'punctuation');
  for (const { places, equalWords } of groups) {
    if (places.length !== 2 || places[0] === first || equalWords < EQUAL_WORDS_MIN) continue;
    const templates = groups
      .filter((group) => group.places.every((place) => places.includes(place)))
      .flatMap((group) => group.templates);
    const most = Math.max(...places.map((place) => distinct(templates, place, key)));
    const fewest = Math.min(...places.map((place) => distinct(templates, place, key)));
    if (fewest >= VALUES_MIN && templates.length + 1 >= most * PAIRS_PER_VALUE)
      return { places, templates, equalWords };
  }
  return null;
}

function distinct(templates: readonly LearntTemplate[], place: number, key: readonly Element[]): number {
  return new Set([...templates.map((t) => elementAt(t.key, place).text), key[place]!.text]).size;
}
