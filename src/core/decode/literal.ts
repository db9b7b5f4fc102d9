import { asciiBytes } from './ascii.ts';

/** Text that is compared four bytes at a time; the last four overlap those before. */
export interface Literal {
  readonly words: Int32Array;
  readonly offsets: Int32Array;
  /** Bytes compared. */
  readonly length: number;
  /** Bytes stepped over: a quote at the end is left to be read as the begin of a string. */
  readonly step: number;
}

/** Of at least four characters. */
export function literal(text: string): Literal {
  const offsets: number[] = [];
  for (let at = 0; at + 4 <= text.length; at += 4) offsets.push(at);
  if (text.length % 4 !== 0) offsets.push(text.length - 4);
  const view = new DataView(asciiBytes(text).buffer);
  return {
    words: Int32Array.from(offsets, (at) => view.getInt32(at, true)),
    offsets: Int32Array.from(offsets),
    length: text.length,
    step: text.endsWith('"') ? text.length - 1 : text.length,
  };
}

/** Whether the text stands at `at`; the caller has checked that as many bytes are there. */
export function isLiteralAt(view: DataView, at: number, text: Literal): boolean {
  const { words, offsets } = text;
  for (let i = 0; i < words.length; i++) if (view.getInt32(at + offsets[i]!, true) !== words[i]) return false;
  return true;
}
