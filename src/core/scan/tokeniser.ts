// One pass over a line's bytes into tokens: words, punctuation, variables. The order of the cases is the grammar.
import * as bits from './byte-class.ts';
import * as classes from './classes.ts';
import { letters } from './four-bytes.ts';
import { framesEnd } from './frames.ts';
import type { LineKernel } from './line-kernel.ts';
import { LookAhead } from './lookahead.ts';
import { isMessageKey, PayloadReader } from './payload.ts';
import { WordReader } from './pieces.ts';
import {
  containsScheme,
  emailEnd,
  endpointEnd,
  escapeEnd,
  isPathRun,
  pathRunEnd,
  redactionEnd,
  urlEnd,
} from './shapes.ts';
import * as kinds from './token-kinds.ts';
import type { TokenBuffer } from './tokens.ts';
import type { UserMasks } from './user-masks.ts';
import { classifyPlain, isCallName } from './words.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { BYTE_CLASS } = classes;
const { DELIMITER, DIGIT, LETTER, PLAIN_END, SPACE, UNDERSCORE, WORD_CHARACTER, WORD_END } = bits;
const { PUNCTUATION, QUOTED, SLOT, WORD } = kinds;

/** Keeps a quoted constant apart from the same words unquoted. */
const QUOTED_SALT = 0x51ed270b;

/** 1 for a delimiter that may begin something that is read as a whole: quotes, `( [ { <`. */
const OPENS = Uint8Array.from({ length: 256 }, (_, c) =>
  '"\'([{<'.includes(String.fromCharCode(c)) ? 1 : 0,
);

/** Turns lines into tokens of a `TokenBuffer` that the caller owns and resets. Holds no state between lines. */
export class Tokeniser {
  private readonly tokens: TokenBuffer;
  private readonly masks: UserMasks;
  private readonly lookAhead = new LookAhead();
  private readonly payloads: PayloadReader;
  private readonly words: WordReader;
  /** All of the kernel's memory, where the line is. */
  private readonly bytes: Uint8Array;
  private end = 0;
  private inText = false;

  constructor(kernel: LineKernel, tokens: TokenBuffer, masks: UserMasks) {
    this.bytes = kernel.bytes;
    this.tokens = tokens;
    this.masks = masks;
    this.words = new WordReader(tokens, kernel.bytes, kernel.words);
    this.payloads = new PayloadReader(this.lookAhead, this, kernel.words);
  }

  /** The line `[start, end)` of the kernel's memory. */
  tokenise(start: number, end: number): void {
    this.end = end;
    this.tokens.reset(this.bytes);
    this.lookAhead.reset(end - start);
    this.inText = false;
    this.run(start, end);
  }

  /** Reads the text of a message inside a payload, up to an escaped line feed: what follows is a stack trace or the like. */
  readText(from: number, to: number): void {
    const { bytes, end } = this;
    let stop = from;
    while (stop < to && !(bytes[stop] === 92 && stop + 1 < to && bytes[stop + 1] === 110)) stop++;
    this.inText = true;
    this.end = stop;
    this.tokens.pendingSpace = 0;
    this.run(from, stop);
    if (stop < to) this.tokens.slot(stop, to);
    this.inText = false;
    this.end = end;
    this.tokens.pendingSpace = 0;
  }

  private run(start: number, end: number): void {
    const { bytes, tokens, masks } = this;
    const { begins } = masks;
    const hasMasks = masks.version !== '';
    const { view } = tokens;
    let i = start;
    while (i < end) {
      let is = BYTE_CLASS[bytes[i]!]!;
      if ((is & SPACE) !== 0) {
        if (bytes[i] === 10 && tokens.count > 0) i = this.frames(i);
        else if (bytes[i] === 27) i = escapeEnd(bytes, i, end);
        else i = this.space(i, end);
        if (tokens.count > 0) tokens.pendingSpace = 1;
        continue;
      }
      if ((is & DELIMITER) !== 0) {
        const c = bytes[i]!;
        if (OPENS[c] === 0 && (i + 1 === end || bytes[i + 1] !== c)) tokens.single(i++, c);
        else i = this.delimiter(i, start);
        continue;
      }
      // Plain words and whole numbers at once; everything else by `anyWord`.
      const at = i;
      if (hasMasks && begins[bytes[at]!] === 1) {
        i = masks.match(bytes, at, end);
        if (i > 0) {
          tokens.slot(at, i);
          continue;
        }
        i = at;
      }
      if ((is & LETTER) !== 0) {
        // Most words are letters alone: their end is found four bytes at a time.
        i = letters(bytes, view, at + 1, end);
        if (i === end || (BYTE_CLASS[bytes[i]!]! & PLAIN_END) !== 0) {
          tokens.constant(at, i, WORD);
          continue;
        }
        if ((BYTE_CLASS[bytes[i]!]! & DELIMITER) !== 0) {
          i = this.anyWord(at, i, LETTER, start);
          continue;
        }
        i = at;
      }
      let seen = 0;
      do {
        seen |= is;
        i++;
        is = i < end ? BYTE_CLASS[bytes[i]!]! : WORD_END | PLAIN_END;
      } while ((is & WORD_END) === 0);
      if ((is & PLAIN_END) === 0) i = this.anyWord(at, i, seen, start);
      else if ((seen & ~(LETTER | UNDERSCORE)) === 0 && (seen & LETTER) !== 0) tokens.constant(at, i, WORD);
      else if (seen === DIGIT) tokens.slot(at, i);
      else if ((at > start && bytes[at - 1] === 61) || bytes[i] === 61) i = this.anyWord(at, i, seen, start);
      else this.words.append(at, i, seen);
    }
  }

  /** Over the white space that begins at `at`; two blanks in a row and a tab are a gap. */
  private space(at: number, end: number): number {
    const { bytes, tokens } = this;
    let i = at + 1;
    if (i < end && bytes[i] === 32) {
      if (tokens.count > 0) tokens.hasGap = true;
      while (++i < end && bytes[i] === 32);
    } else if (bytes[at] === 9 && tokens.count > 0) tokens.hasGap = true;
    return i;
  }

  /** Over the stack frames behind the line feed at `at`: any number of them is one variable. */
  private frames(at: number): number {
    const from = at + 1;
    const stop = framesEnd(this.bytes, from, this.end);
    if (stop === from) return from;
    this.tokens.pendingSpace = 1;
    this.tokens.slot(from, stop);
    return Math.min(stop + 1, this.end);
  }

  private delimiter(at: number, start: number): number {
    const { bytes, end } = this;
    const c = bytes[at]!;
    if (c === 34 || c === 39) {
      if (at === start || ((BYTE_CLASS[bytes[at - 1]!]! & WORD_CHARACTER) === 0 && !this.opensMessage(at))) {
        const close = this.lookAhead.quotedSpan(bytes, at, end);
        if (close > 0) return this.quoted(at, at, close);
      }
    } else if (c === 40 || c === 91 || c === 123) {
      if (
        c !== 123 &&
        this.tokens.pendingSpace === 1 &&
        bytes[at + 1] === (c === 40 ? 41 : 93) &&
        at + 1 < end
      )
        return this.emptySlot(at);
      const next = this.inText ? -1 : this.payloads.read(bytes, start, at, end, this.tokens);
      if (next > 0) {
        this.tokens.pendingSpace = 0;
        return next;
      }
    } else if (c === 60) {
      const close = redactionEnd(bytes, at, end);
      if (close > 0) {
        this.tokens.slot(at, close);
        return close;
      }
    }
    let i = at + 1;
    if (i === end || bytes[i] !== c) {
      this.tokens.single(at, c);
      return i;
    }
    while (i < end && bytes[i] === c) i++;
    this.tokens.constant(at, i, PUNCTUATION);
    return i;
  }

  /** `'…'` from `open` (with a prefix letter from `at`) to `close`: a variable if it holds a digit or is a path, else a constant. */
  private quoted(at: number, open: number, close: number): number {
    const { bytes } = this;
    this.tokens.constant(at, open + 1, PUNCTUATION);
    let seen = 0;
    for (let i = open + 1; i < close; i++) seen |= BYTE_CLASS[bytes[i]!]!;
    const isData =
      containsScheme(bytes, open + 1, close) ||
      (seen & DIGIT) !== 0 ||
      ((seen & (SPACE | DELIMITER)) === 0 && classifyPlain(bytes, open + 1, close, seen) === SLOT);
    if (isData) this.tokens.slot(open + 1, close);
    else this.tokens.constant(open + 1, close, QUOTED, QUOTED_SALT);
    this.tokens.single(close, bytes[close]!);
    return close + 1;
  }

  /** `msg="`: what is quoted is the line's own text. */
  private opensMessage(at: number): boolean {
    const { tokens, bytes } = this;
    const key = tokens.count - 2;
    if (key < 0 || bytes[at - 1] !== 61 || this.tokens.pendingSpace === 1) return false;
    return tokens.kind[key] === WORD && isMessageKey(bytes, tokens.from[key]!, tokens.to[key]!);
  }

  /** ` ()` and ` []`: the place of a value that is missing. */
  private emptySlot(at: number): number {
    const { bytes } = this;
    this.tokens.single(at, bytes[at]!);
    this.tokens.slot(at + 1, at + 1);
    this.tokens.single(at + 1, bytes[at + 1]!);
    return at + 2;
  }

  /** A word beside a delimiter that may make it part of something longer: a value, an address, a call, a tag. */
  private anyWord(at: number, i: number, seen: number, start: number): number {
    const { bytes, end } = this;
    const next = i < end ? bytes[i]! : 0;
    const last = this.tokens.count - 1;
    if (
      this.tokens.pendingSpace === 0 &&
      last >= 0 &&
      bytes[at - 1] === 61 &&
      this.tokens.kind[last] === PUNCTUATION
    ) {
      const valueEnd = this.lookAhead.value(bytes, at, end, i, seen);
      if (valueEnd > 0) {
        this.tokens.slot(at, valueEnd);
        return valueEnd;
      }
    }
    if (next === 58) {
      const shapeEnd = this.colonShape(at, i, seen);
      if (shapeEnd > 0) {
        this.tokens.slot(at, shapeEnd);
        return shapeEnd;
      }
    } else if ((next === 39 || next === 34) && i === at + 1 && (bytes[at] === 117 || bytes[at] === 98)) {
      const before = at === start ? 0 : BYTE_CLASS[bytes[at - 1]!]!;
      const close = (before & WORD_CHARACTER) === 0 ? this.lookAhead.quotedSpan(bytes, i, end) : -1;
      if (close > 0) return this.quoted(at, i, close);
    }
    if (next === 64) {
      const addressEnd = emailEnd(bytes, at, i, end);
      if (addressEnd > 0) {
        this.tokens.slot(at, addressEnd);
        return addressEnd;
      }
    }
    if (next === 40 && isCallName(bytes, at, i, seen)) {
      this.tokens.constant(at, i, WORD);
      return i;
    }
    const isTag = next === 62 || next === 58;
    const isClosingTag = isTag && bytes[at] === 47 && at > start && bytes[at - 1] === 60;
    if (isClosingTag) {
      this.tokens.constant(at, i, WORD);
      return i;
    }
    if (bytes[at] === 47 && isPathRun(bytes, at, i, end)) {
      const pathEnd = pathRunEnd(bytes, at, end);
      this.tokens.slot(at, pathEnd);
      return pathEnd;
    }
    this.words.append(at, i, seen);
    return i;
  }

  /** End of an address or URL whose first part `[at, colon)` stands before a colon, or -1. */
  private colonShape(at: number, colon: number, seen: number): number {
    const { bytes, end } = this;
    const endpoint = endpointEnd(bytes, at, colon, end, seen);
    if (endpoint > 0) return endpoint;
    if (bytes[colon + 1] === 47 && bytes[colon + 2] === 47 && colon + 2 < end)
      return urlEnd(bytes, colon + 3, end);
    if (colon === at + 1 && bytes[colon + 1] === 92 && colon + 2 < end && (seen & LETTER) !== 0) {
      return urlEnd(bytes, colon + 2, end);
    }
    return colon - at <= 4 ? this.lookAhead.colonGroups(bytes, at, colon, end) : -1;
  }
}
