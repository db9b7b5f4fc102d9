// Lines that can be looked at where they stand, in the bytes of a kept record.
import type { KeptRecord } from '../../contracts.ts';
import type { KeptReader } from '../decode/kept-reader.ts';
import type { Redactor } from '../redact.ts';
import { ANY_SLOT, runType, slotType } from '../scan/slots.ts';
import { PUNCTUATION, QUOTED, SLOT } from '../scan/token-kinds.ts';
import type { TokenBuffer } from '../scan/tokens.ts';
import { elementEnd, headerKind, type Packed, PUNCTUATION_KIND, QUOTED_KIND, SLOT_KIND } from './packed.ts';
import { quickType } from './quick-type.ts';

/** A longer line may be cut by one of the caps of a form; it is read whole. */
export const LINE_BYTES_MAX = 1_024;
export const TOKENS_MAX = 256;

const WORD_KIND = 0;

/** Finds the line of a kept record without making text of it. */
export class PlainLines {
  readonly #reader: KeptReader;
  readonly #redactor: Redactor;

  constructor(reader: KeptReader, redactor: Redactor) {
    this.#reader = reader;
    this.#redactor = redactor;
  }

  /** True: its line is `wire[start, end)`, whole, in ASCII, and redaction leaves it alone. */
  locate(kept: KeptRecord): boolean {
    if (kept.truncated || !this.#reader.locate(kept)) return false;
    if (this.end - this.start > LINE_BYTES_MAX) return false;
    return this.#redactor.isPlain(kept.wire, this.start, this.end);
  }

  get start(): number {
    return this.#reader.lineStart;
  }

  get end(): number {
    return this.#reader.lineEnd;
  }
}

/**
 * True when a plain line with these tokens would change nothing of a full form, as `widenFull` does it with the form that
 * `FormReader` makes of them. False says nothing. Makes no objects: nearly all lines of known signatures come here.
 */
export function changesNothing(bytes: Uint8Array, tokens: TokenBuffer, full: Packed): boolean {
  if (tokens.count > TOKENS_MAX) return false;
  let at = 0;
  for (let i = 0; i < tokens.keyCount; i++) {
    const first = tokens.keyFirst[i]!;
    const last = tokens.keyLast[i]!;
    const end = i + 1 < tokens.keyCount ? tokens.keyFirst[i + 1]! : tokens.count;
    const from = tokens.from[first]!;
    if (
      first < last &&
      tokens.kind[first] === SLOT &&
      isTimeRun(bytes, from, Math.max(from, tokens.to[last]!))
    ) {
      if (at === full.length || !isSlotOf(full, at, elementEnd(full, at), 'time')) return false;
      at = elementEnd(full, at);
      continue;
    }
    for (let token = first; token < end; token++) {
      if (at === full.length) return false;
      const stop = elementEnd(full, at);
      if (!isCovered(bytes, tokens, token, full, at, stop)) return false;
      at = stop;
    }
  }
  return at === full.length;
}

/** Does the element `full[at, stop)` stay as it is when this token is joined to it? */
function isCovered(
  bytes: Uint8Array,
  tokens: TokenBuffer,
  token: number,
  full: Packed,
  at: number,
  stop: number,
): boolean {
  const from = tokens.from[token]!;
  const to = Math.max(from, tokens.to[token]!);
  const kind = kindOf(tokens.kind[token]!);
  const mine = headerKind(full.charCodeAt(at));
  if (mine !== SLOT_KIND) return mine === kind && isText(bytes, from, to, full, at + 1, stop);
  if (kind === PUNCTUATION_KIND) return false;
  if (kind !== SLOT_KIND) return isSlotOf(full, at, stop, 'str');
  if (isSlotOf(full, at, stop, ANY_SLOT)) return true;
  return isSlotOf(full, at, stop, valueType(bytes, from, to));
}

/** A run of variables that is one point in time. */
export function isTimeRun(bytes: Uint8Array, from: number, to: number): boolean {
  return runType(textOf(bytes, from, to)) === 'time';
}

/** Type of the slot that `bytes[from, to)` is a value of. */
export function valueType(bytes: Uint8Array, from: number, to: number): string {
  return quickType(bytes, from, to) || slotType(textOf(bytes, from, to));
}

function kindOf(tokenKind: number): number {
  if (tokenKind === SLOT) return SLOT_KIND;
  if (tokenKind === PUNCTUATION) return PUNCTUATION_KIND;
  return tokenKind === QUOTED ? QUOTED_KIND : WORD_KIND;
}

function isSlotOf(full: Packed, at: number, stop: number, type: string): boolean {
  return (
    headerKind(full.charCodeAt(at)) === SLOT_KIND &&
    stop - at - 1 === type.length &&
    full.startsWith(type, at + 1)
  );
}

function isText(
  bytes: Uint8Array,
  from: number,
  to: number,
  full: Packed,
  start: number,
  stop: number,
): boolean {
  if (to - from !== stop - start) return false;
  for (let i = 0; i < to - from; i++) if (bytes[from + i] !== full.charCodeAt(start + i)) return false;
  return true;
}

function textOf(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}
