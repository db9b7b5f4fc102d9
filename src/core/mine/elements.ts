// What templates are made of: constants and slots, with the white space in front of them.
import type { LineScanner } from '../scan/scanner.ts';
import { ANY_SLOT, runType, slotType } from '../scan/slots.ts';
import { PUNCTUATION, QUOTED, SLOT } from '../scan/token-kinds.ts';
import type { TokenBuffer } from '../scan/tokens.ts';
import { ELEMENT_BYTES_MAX, EXEMPLAR_BYTES_MAX, FORM_ELEMENTS_MAX, FORM_TEXT_MAX } from './limits.ts';
import { quickType } from './quick-type.ts';

export interface Element {
  /** Text of a constant; empty = a slot. */
  readonly text: string;
  /** Type of a slot; empty for a constant. */
  readonly type: string;
  readonly kind: 'word' | 'punctuation' | 'quoted' | 'slot';
  /** White space stands in front of it. Any run of white space is one blank. */
  readonly spaced: boolean;
}

/** One line as the miner sees it. */
export interface Form {
  /** The canonical form, which the signature is the hash of: runs of slots, lists and repetitions are one slot. */
  readonly key: readonly Element[];
  /** Every token: what the template's text is made of as long as all its lines have the same tokens. */
  readonly full: readonly Element[];
  /** The line, capped. A copy, so that it holds on to nothing else. */
  readonly exemplar: string;
  readonly isExemplarCut: boolean;
}

/** Elements that most templates have, without and with white space in front: one object each, immutable. */
const SHARED_SLOTS: ReadonlyMap<string, readonly [Element, Element]> = shared('slot', [
  ...[ANY_SLOT, 'str', 'num', 'id', 'hex', 'uuid', 'time', 'dur', 'size', 'ip', 'endpoint', 'url', 'path'],
  ...['list', 'map', 'bool', 'null', 'email', 'mac', 'stack', 'redacted'],
]);
const SHARED_PUNCTUATION: ReadonlyMap<string, readonly [Element, Element]> = shared('punctuation', [
  ...'=:,;()[]{}<>"\'|@#&!?*`-.+$%~/_',
]);

function shared(kind: Element['kind'], names: readonly string[]): Map<string, readonly [Element, Element]> {
  const element = (name: string, spaced: boolean): Element =>
    kind === 'slot' ? { text: '', type: name, kind, spaced } : { text: name, type: '', kind, spaced };
  return new Map(names.map((name) => [name, [element(name, false), element(name, true)] as const]));
}

/** Reads lines into forms with the very tokens that the scanner hashes. */
export class FormReader {
  private readonly scanner: LineScanner;
  private readonly encoder = new TextEncoder();
  private readonly decoder = new TextDecoder();

  constructor(scanner: LineScanner) {
    this.scanner = scanner;
  }

  /** `isCut` = the line went on: what followed is one more slot. */
  read(line: string, isCut = false): Form {
    const bytes = this.encoder.encode(line);
    const tokens = this.scanner.tokenise(bytes, 0, bytes.length);
    const key: Element[] = [];
    const full: Element[] = [];
    let textLength = 0;
    let i = 0;
    for (; i < tokens.keyCount && key.length < FORM_ELEMENTS_MAX && textLength < FORM_TEXT_MAX; i++) {
      const first = tokens.keyFirst[i]!;
      const last = tokens.keyLast[i]!;
      const element = this.element(bytes, tokens, first, last);
      key.push(element);
      textLength += element.text.length;
      const end = i + 1 < tokens.keyCount ? tokens.keyFirst[i + 1]! : tokens.count;
      if (element.type === 'time' && first < last) full.push(element);
      else if (first === last && end === first + 1) full.push(element);
      else for (let at = first; at < end; at++) full.push(this.element(bytes, tokens, at, at));
    }
    const fullKept = keptElements(full);
    if (isCut || i < tokens.keyCount || fullKept < full.length) {
      key.push(slot(ANY_SLOT, true));
      full.length = fullKept;
      full.push(slot(ANY_SLOT, true));
    }
    const kept = exemplarEnd(bytes);
    const exemplar = this.decoder.decode(bytes.subarray(0, kept));
    return { key, full, exemplar, isExemplarCut: isCut || kept < bytes.length };
  }

  /** The tokens of a line, valid until the next reading. */
  tokensOf(bytes: Uint8Array, start: number, end: number): TokenBuffer {
    return this.scanner.tokenise(bytes, start, end);
  }

  get scannerVersion(): string {
    return this.scanner.version;
  }

  signature(line: string): readonly [high: number, low: number] {
    const bytes = this.encoder.encode(line);
    this.scanner.scan(bytes, 0, bytes.length);
    return [this.scanner.hashHigh, this.scanner.hashLow];
  }

  private element(bytes: Uint8Array, tokens: TokenBuffer, first: number, last: number): Element {
    const kind = tokens.kind[first];
    const spaced = tokens.spaced[first] === 1 && first > 0;
    const from = tokens.from[first]!;
    if (kind !== SLOT && tokens.to[first]! - from > ELEMENT_BYTES_MAX) return slot(ANY_SLOT, spaced);
    const text = packable(this.decoder.decode(bytes.subarray(from, Math.max(tokens.to[last]!, from))));
    if (kind === SLOT) {
      const type =
        first === last ? quickType(bytes, from, tokens.to[first]!) || slotType(text) : runType(text);
      return slot(type, spaced);
    }
    if (kind === PUNCTUATION) return punctuation(text, spaced);
    return { text, type: '', kind: kind === QUOTED ? 'quoted' : 'word', spaced };
  }
}

/** Text that is safe to pack: what would be a header there is read as a question mark from now on. */
function packable(text: string): string {
  return /[\0-\x08]/.test(text) ? text.replace(/[\0-\x08]/g, '?') : text;
}

/** Number of elements of a full form that are kept: repeated blocks may make it longer than the key. */
function keptElements(full: readonly Element[]): number {
  let textLength = 0;
  let kept = 0;
  for (; kept < full.length && kept < FORM_ELEMENTS_MAX && textLength < 2 * FORM_TEXT_MAX; kept++)
    textLength += full[kept]!.text.length;
  return kept;
}

/** End of what is kept of a line, not within a character. */
function exemplarEnd(bytes: Uint8Array): number {
  if (bytes.length <= EXEMPLAR_BYTES_MAX) return bytes.length;
  let end = EXEMPLAR_BYTES_MAX;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return end;
}

export function slot(type: string, spaced: boolean): Element {
  return SHARED_SLOTS.get(type)?.[spaced ? 1 : 0] ?? { text: '', type, kind: 'slot', spaced };
}

function punctuation(text: string, spaced: boolean): Element {
  return SHARED_PUNCTUATION.get(text)?.[spaced ? 1 : 0] ?? { text, type: '', kind: 'punctuation', spaced };
}

export function isSlot(element: Element): boolean {
  return element.kind === 'slot';
}

/** Equal as far as identity goes: white space and slot types do not count. */
export function isSameElement(a: Element, b: Element): boolean {
  return a.text === b.text && a.kind === b.kind;
}

/** The slot that stands for both. */
export function joinElements(a: Element, b: Element): Element {
  if (isSlot(a) && isSlot(b) && a.type === b.type) return a;
  return slot(isSlot(a) && isSlot(b) ? ANY_SLOT : 'str', a.spaced);
}

const KIND_LETTERS = { word: 'w', punctuation: 'p', quoted: 'q', slot: 's' } as const;
/** `[kind letter][blank or dot][text or type]`: a compact JSON-safe form. */
export function encodeElement(element: Element): string {
  const content = isSlot(element) ? element.type : element.text;
  return KIND_LETTERS[element.kind] + (element.spaced ? ' ' : '.') + content;
}
