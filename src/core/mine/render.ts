// The text of a template: constants as they stand in the line, slots by type, white space as single blanks.
import { ANY_SLOT } from '../scan/slots.ts';
import { type Element, isSlot } from './elements.ts';
import { unpack } from './packed.ts';
import type { LearntTemplate } from './template.ts';

/** Literal text or a slot, in order. Two slots are never neighbours. */
export type Part = { readonly literal: string } | { readonly type: string; readonly name: string };

/** The elements that the text is made of. */
export function textElements(template: LearntTemplate): readonly Element[] {
  if (template.wide !== null && template.learnt === '') return unpack(template.wide);
  return unpack(template.full ?? template.key);
}

export function renderText(template: LearntTemplate): string {
  return partsOf(template)
    .map((part) => ('literal' in part ? part.literal : `<${part.type}>`))
    .join('');
}

export function partsOf(template: LearntTemplate): Part[] {
  const elements = joinNeighbours(textElements(template));
  const parts: Part[] = [];
  let literal = '';
  elements.forEach((element, i) => {
    if (element.spaced && i > 0) literal += ' ';
    if (!isSlot(element)) {
      literal += element.text;
      return;
    }
    if (literal !== '') parts.push({ literal });
    literal = '';
    parts.push({ type: element.type, name: slotName(elements, i) });
  });
  if (literal !== '') parts.push({ literal });
  return parts;
}

/** Slots that touch, or are joined by a dot or slash only, are one: nothing in a line says where one of them ends. */
function joinNeighbours(elements: readonly Element[]): Element[] {
  const joined: Element[] = [];
  for (const element of elements) {
    const last = joined.at(-1);
    if (isSlot(element) && !element.spaced && last !== undefined) {
      if (isSlot(last)) {
        joined[joined.length - 1] = { ...last, type: last.type === element.type ? last.type : ANY_SLOT };
        continue;
      }
      const before = joined.at(-2);
      if (last.text === '.' && !last.spaced && before !== undefined && isSlot(before)) {
        joined.length -= 2;
        joined.push({
          ...before,
          type: before.type === element.type && before.type === 'num' ? 'num' : ANY_SLOT,
        });
        continue;
      }
    }
    joined.push(element);
  }
  return joined;
}

/** The key in front (`lag=`, `lag:`), else the type. */
function slotName(elements: readonly Element[], at: number): string {
  let i = at - 1;
  while (i > 0 && elements[i]!.kind === 'punctuation' && /^["'([{]$/.test(elements[i]!.text)) i--;
  const separator = elements[i];
  const key = elements[i - 1];
  if (separator !== undefined && key !== undefined && (separator.text === '=' || separator.text === ':')) {
    if (key.kind === 'word') return key.text.replace(/^[ub]?["']|["']$/g, '');
  }
  if (separator !== undefined && separator.kind === 'word' && /^[^=:]+[=:]$/.test(separator.text))
    return separator.text.slice(0, -1);
  const { type } = elements[at]!;
  return type;
}
