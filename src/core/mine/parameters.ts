// Reads the values of a template's slots back out of a line.
import type { Parameter } from '../../contracts.ts';
import type { Part } from './render.ts';

/**
 * Values in order of the slots, or empty when the line does not fit. Each slot takes as little as the text behind it
 * allows; the last literal is matched at the end. Linear in the line for each literal. Filling the values back in gives
 * the line, with every run of white space as one blank.
 */
export function readParameters(parts: readonly Part[], line: string): readonly Parameter[] {
  const text = line.replace(/(\x1b\[[\d;]*[A-Za-z]|[\0-\x20\x7f])+/g, ' ').trim();
  const found: Parameter[] = [];
  let at = 0;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if ('literal' in part) {
      // A literal behind a slot was already searched for.
      if (i === 0 && !text.startsWith(part.literal)) return [];
      if (i === 0) at = part.literal.length;
      continue;
    }
    const next = parts[i + 1];
    if (next === undefined) {
      found.push({ name: part.name, type: part.type, value: text.slice(at) });
      return found;
    }
    const literal = 'literal' in next ? next.literal : '';
    const isLast = i + 2 === parts.length;
    const end = isLast ? lastAt(text, literal, at) : text.indexOf(literal, at);
    if (end < 0) return [];
    found.push({ name: part.name, type: part.type, value: text.slice(at, end) });
    at = end + literal.length;
  }
  return at === text.length ? found : [];
}

/** Fills values into the slots again. */
export function fillIn(parts: readonly Part[], parameters: readonly Parameter[]): string {
  let slot = 0;
  return parts.map((part) => ('literal' in part ? part.literal : (parameters[slot++]?.value ?? ''))).join('');
}

function lastAt(text: string, literal: string, from: number): number {
  const at = text.length - literal.length;
  return at >= from && text.endsWith(literal) ? at : -1;
}
