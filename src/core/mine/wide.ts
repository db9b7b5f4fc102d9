// A second, coarser key: white-space words, each one constant or variable. Finds the same event cut into other tokens.
import { hashString } from '../hash.ts';
import { ANY_SLOT } from '../scan/slots.ts';
import { collapsePayloads } from './collapse.ts';
import { type Element, isSlot, slot } from './elements.ts';

const HIGH_SEED = 0x3c6ef372;
const LOW_SEED = 0x510e527f;

/** Joins the parts of a wide form into its key; not in any line, since control bytes are white space to the scanner. */
const SEPARATOR = '\u0001';

/** The wide form of a line, or null when too little of it is constant to tell lines apart. */
export function wideForm(elements: readonly Element[]): readonly Element[] | null {
  const full = collapsePayloads(elements);
  const form: Element[] = [];
  let constants = 0;
  let words = 0;
  let afterSlotWord = false;
  for (let i = 0; i < full.length; ) {
    let end = i + 1;
    while (end < full.length && !full[end]!.spaced) end++;
    const word = full.slice(i, end);
    if (!word.some(isSlot)) {
      form.push({ text: word.map((e) => e.text).join(''), type: '', kind: 'word', spaced: i > 0 });
      constants++;
      words++;
      afterSlotWord = false;
    } else {
      const parts = variableWord(word, i === 0);
      const isBare = parts.length === 1;
      if (!(isBare && afterSlotWord)) {
        form.push(...parts);
        words++;
        if (isNamedPayload(word[0]!)) constants++;
      }
      afterSlotWord = isBare;
    }
    i = end;
  }
  return constants >= 2 && constants * 2 >= words ? form : null;
}

export type WideKey = readonly [high: number, low: number];

/** 64 bits of hash: the text itself would be as long as the line, for every template. */
export function wideKey(form: readonly Element[]): WideKey {
  const text = form.map((e) => (e.spaced ? ' ' : '') + (isSlot(e) ? '' : e.text)).join(SEPARATOR);
  return [hashString(text, HIGH_SEED) | 0, hashString(text, LOW_SEED) | 0];
}

/** `key=` or `key....` in front and punctuation behind stay; what is between is one variable. */
function variableWord(word: readonly Element[], isFirst: boolean): Element[] {
  const spaced = word[0]!.spaced;
  let end = word.length;
  if (isNamedPayload(word[0]!) && word.slice(2).every((e) => e.kind === 'punctuation')) end = 2;
  while (end > 1 && isTrailing(word[end - 1]!)) end--;
  let head = '';
  if (word[1] !== undefined && /^([=:]|\.{3,})$/.test(word[1].text)) head = word[0]!.text + word[1].text;
  else if (isFirst || isNamedPayload(word[0]!)) head = word[0]!.text;
  const tail = word
    .slice(end)
    .map((e) => e.text)
    .join('');
  const parts: Element[] = [];
  if (head !== '') parts.push({ text: head, type: '', kind: 'word', spaced });
  parts.push(slot(ANY_SLOT, head === '' && spaced));
  if (tail !== '') parts.push({ text: tail, type: '', kind: 'punctuation', spaced: false });
  return parts;
}

function isTrailing(element: Element): boolean {
  return element.kind === 'punctuation' && !')]}"\''.includes(element.text[0]!);
}

/** `Name(` as `collapsePayloads` leaves it: the name says what the payload is. */
function isNamedPayload(element: Element): boolean {
  return element.kind === 'word' && /\w[([{]$/.test(element.text);
}
