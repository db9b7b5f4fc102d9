// The masked form of a line as text: what the scanner sees. For documentation, tests and people; cold.

import type { LineScanner } from './scanner.ts';
import { runType, slotType } from './slots.ts';
import { SLOT } from './token-kinds.ts';

/** The line with every variable as `<type>`; runs of white space are one blank. */
export function maskLine(scanner: LineScanner, line: string): string {
  const bytes = new TextEncoder().encode(line);
  const decoder = new TextDecoder();
  const tokens = scanner.tokenise(bytes, 0, bytes.length);
  let masked = '';
  for (let i = 0; i < tokens.keyCount; i++) {
    const first = tokens.keyFirst[i]!;
    const last = tokens.keyLast[i]!;
    const text = decoder.decode(bytes.subarray(tokens.from[first]!, tokens.to[last]!));
    if (i > 0 && tokens.spaced[first] === 1) masked += ' ';
    if (tokens.kind[first] !== SLOT) masked += text;
    else masked += `<${first === last ? slotType(text) : runType(text)}>`;
  }
  return masked;
}
