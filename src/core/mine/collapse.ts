// Payloads of the same statement may have other keys each time: `{economy=3}` and `{express=1, first=2}`, `{}`, `[]`.
import { ANY_SLOT } from '../scan/slots.ts';
import { type Element, isSlot, slot } from './elements.ts';

/** Commas that make a list of words behind a colon; one is in many sentences. */
const COMMAS_MIN = 2;

/** Words of a key in `[Station name list: …]`. */
const KEY_WORDS_MAX = 3;

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/**
 * The elements with one slot for everything inside brackets that hold nothing but `key=slot` or `"key": slot`, or stand
 * empty where a value would. A name in front of the bracket stays, as one word with it: it says what the payload is.
 */
export function collapsePayloads(elements: readonly Element[]): Element[] {
  const out: Element[] = [];
  for (let at = 0; at < elements.length; ) {
    const listStop = Math.max(listEnd(elements, at), valueEnd(elements, at));
    if (listStop > 0) {
      out.push(slot(ANY_SLOT, elements[at]!.spaced));
      at = listStop;
      continue;
    }
    const close = Math.max(payloadEnd(elements, at), listInBrackets(elements, at));
    if (close < 0) {
      out.push(elements[at++]!);
      continue;
    }
    const open = elements[at]!;
    const name = out.at(-1);
    const isNamed = name !== undefined && name.kind === 'word' && !open.spaced;
    if (isNamed) out[out.length - 1] = { ...name, text: name.text + open.text };
    else out.push(open);
    out.push(slot(ANY_SLOT, false), { ...elements[close]!, spaced: false });
    at = close + 1;
  }
  return out;
}

/** End of `a, b, c` behind a colon up to the end of the line or a closing bracket, or -1: single words, two commas or more. */
function listEnd(elements: readonly Element[], at: number): number {
  if (elements[at]!.kind === 'punctuation' || elements[at - 1]?.text !== ':') return -1;
  let commas = 0;
  for (let i = at; i < elements.length; i += 2) {
    if (elements[i]!.kind === 'punctuation') return -1;
    const next = elements[i + 1];
    if (next === undefined || ')]}'.includes(next.text)) return commas >= COMMAS_MIN ? i + 1 : -1;
    if (next.text !== ',') return -1;
    commas++;
  }
  return -1;
}

/**
 * End of the value of `[Key: value]` or `[Key: value, Other key: value]` that begins at `at`, or -1: words, and anything
 * in brackets. Brackets that close at once are one element (`]]`): the value ends in front of one that closes more.
 */
function valueEnd(elements: readonly Element[], at: number): number {
  if (elements[at - 1]?.text !== ':' || !elements[at]!.spaced) return -1;
  let key = at - 2;
  while (key >= 0 && elements[key]!.kind === 'word') key--;
  if (key < 0 || key === at - 2 || at - 2 - key > KEY_WORDS_MAX) return -1;
  if (elements[key]!.text !== '[' && !(elements[key]!.text === ',' && isInBrackets(elements, key))) return -1;
  let depth = 0;
  for (let i = at; i < elements.length; i++) {
    const { kind, text } = elements[i]!;
    if (kind !== 'punctuation') continue;
    if (CLOSING[text[0]!] !== undefined) depth += text.length;
    else if (isClosing(text)) {
      if (text.length > depth) return i > at && text[0] === ']' ? i : -1;
      depth -= text.length;
    } else if (depth === 0) return i > at && text === ',' ? i : -1;
  }
  return -1;
}

function isClosing(text: string): boolean {
  return text[0] === ')' || text[0] === ']' || text[0] === '}';
}

/** A square bracket in front of `at` is still open. */
function isInBrackets(elements: readonly Element[], at: number): boolean {
  let closed = 0;
  for (let i = at - 1; i >= 0; i--) {
    const { kind, text } = elements[i]!;
    if (kind !== 'punctuation') continue;
    if (text[0] === ']') closed += text.length;
    else if (text[0] === '[') {
      if (text.length > closed) return true;
      closed -= text.length;
    }
  }
  return false;
}

/** Place of the bracket that closes the payload opened at `at`, or -1. */
function payloadEnd(elements: readonly Element[], at: number): number {
  const open = elements[at]!;
  if (open.kind !== 'punctuation') return -1;
  if ((open.text === '{' || open.text === '[') && isEmptyValue(elements, at)) return at + 1;
  const close = CLOSING[open.text];
  if (close === undefined) return -1;
  for (let i = at + 1; i + 2 < elements.length; ) {
    const [key, separator] = [elements[i]!, elements[i + 1]!];
    if (key.kind !== 'word' && key.kind !== 'quoted' && !isSlot(key)) return -1;
    if (separator.text !== '=' && !(separator.text === ':' && /^u?["']/.test(key.text))) return -1;
    const end = open.text === '{' ? wordsEnd(elements, i + 2) : i + 3;
    if (end === i + 2 || (open.text !== '{' && !isSlot(elements[i + 2]!))) return -1;
    const next = elements[end]?.text;
    if (next === close) return end;
    if (next !== ',') return -1;
    i = end + 1;
  }
  return -1;
}

/** End of a run of words and slots. */
function wordsEnd(elements: readonly Element[], from: number): number {
  let end = from;
  while (end < elements.length && elements[end]!.kind !== 'punctuation') end++;
  return end;
}

/** Place of the bracket that closes `[old town, market]` opened at `at`, or -1: words, and a comma at least. */
function listInBrackets(elements: readonly Element[], at: number): number {
  if (elements[at]!.text !== '[' || !elements[at]!.spaced) return -1;
  let commas = 0;
  for (let i = at + 1; ; commas++) {
    const end = wordsEnd(elements, i);
    const next = elements[end]?.text;
    if (end === i) return -1;
    if (next === ']') return commas > 0 ? end : -1;
    if (next !== ',') return -1;
    i = end + 1;
  }
}

/** `{}` or `[]` behind white space or punctuation: no call, no type. */
function isEmptyValue(elements: readonly Element[], at: number): boolean {
  const before = elements[at - 1];
  const after = elements[at + 1];
  if (before === undefined || (before.kind !== 'punctuation' && !elements[at]!.spaced)) return false;
  return after !== undefined && !after.spaced && after.text === CLOSING[elements[at]!.text];
}
