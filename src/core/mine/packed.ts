// Forms as they are kept: one string each, a quarter of what an array of elements takes.
import { type Element, isSlot, slot } from './elements.ts';

/**
 * The elements, each as one character for its kind and white space, and then its text (a slot: its type). Those
 * characters are control bytes: white space to the scanner, so that only quoted text can hold one (see `packable` in elements.ts).
 */
export type Packed = string;

const KINDS: readonly Element['kind'][] = ['word', 'punctuation', 'quoted', 'slot'];
/** Headers are 1 to this: kind times two, plus one without and two with white space in front. */
const HEADER_MAX = 8;
export const PUNCTUATION_KIND = 1;
export const QUOTED_KIND = 2;
export const SLOT_KIND = 3;

/** Equal forms have equal strings. */
export function pack(elements: readonly Element[]): Packed {
  const parts: string[] = [];
  for (const element of elements) {
    const header = KINDS.indexOf(element.kind) * 2 + (element.spaced ? 2 : 1);
    parts.push(String.fromCharCode(header), isSlot(element) ? element.type : element.text);
  }
  return parts.join('');
}

export function unpack(packed: Packed): Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < packed.length; ) {
    const end = elementEnd(packed, at);
    elements.push(elementIn(packed, at, end));
    at = end;
  }
  return elements;
}

/** The element at one place. */
export function elementAt(packed: Packed, place: number): Element {
  let at = 0;
  for (let i = 0; i < place; i++) at = elementEnd(packed, at);
  return elementIn(packed, at, elementEnd(packed, at));
}

export function headerKind(header: number): number {
  return (header - 1) >> 1;
}

/** Start of the element behind the one at `at`, or the end. */
export function elementEnd(packed: Packed, at: number): number {
  let end = at + 1;
  while (end < packed.length && packed.charCodeAt(end) > HEADER_MAX) end++;
  return end;
}

function elementIn(packed: Packed, at: number, end: number): Element {
  const header = packed.charCodeAt(at);
  const kind = KINDS[headerKind(header)]!;
  const spaced = header % 2 === 0;
  const content = packed.slice(at + 1, end);
  return kind === 'slot' ? slot(content, spaced) : { text: content, type: '', kind, spaced };
}

/** Places as a string of their numbers as characters, ascending: most templates have none, and then it takes nothing. */
export type Places = string;

export function packPlaces(places: Iterable<number>): Places {
  return String.fromCharCode(...[...places].sort((a, b) => a - b));
}

export function unpackPlaces(places: Places): Set<number> {
  return new Set(Array.from(places, (_, i) => places.charCodeAt(i)));
}
