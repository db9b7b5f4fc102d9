// One pass over a line's bytes into tokens: words, punctuation, variables. The order of the cases is the grammar.
import {
  BYTE_CLASS,
  CUT,
  DASH,
  DELIMITER,
  DIGIT,
  DOT,
  IS_HEX,
  LETTER,
  OTHER,
  PLAIN_END,
  SLASH,
  SPACE,
  UNDERSCORE,
  WORD_CHARACTER,
  WORD_END,
} from './classes.ts';
import { frameEnd } from './frames.ts';
import {
  containsScheme,
  emailEnd,
  endpointEnd,
  isPathRun,
  LookAhead,
  pathRunEnd,
  urlEnd,
} from './lookahead.ts';
import { isMessageKey, PayloadReader } from './payload.ts';
import { PUNCTUATION, QUOTED, SLOT, type TokenBuffer, WEAK_WORD, WORD } from './tokens.ts';
import { classifyDigits, classifyPlain, isCallName, isHex, isUuid, PIECES, UUID_LENGTH } from './words.ts';

/** Keeps a quoted constant apart from the same words unquoted. */
const QUOTED_SALT = 0x51ed270b;
/** A piece of this many hexadecimal digits makes the pieces behind its dashes part of the same id. */
const HEX_PIECE_LENGTH = 6;
/** Redaction marks, as written by the redactor: one variable whatever the rule. */
const REDACTED = new TextEncoder().encode('<redacted:');

/** Turns lines into tokens of a `TokenBuffer` that the caller owns and resets. Holds no state between lines. */
export class Tokeniser {
  private readonly tokens: TokenBuffer;
  private readonly lookAhead = new LookAhead();
  private readonly payloads = new PayloadReader(this.lookAhead, this);
  private bytes: Uint8Array = new Uint8Array(0);
  private end = 0;
  private spaced = 0;
  private inText = false;

  constructor(tokens: TokenBuffer) {
    this.tokens = tokens;
  }

  tokenise(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.end = end;
    this.spaced = 0;
    this.tokens.count = 0;
    this.tokens.hasNotable = false;
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
    this.spaced = 0;
    this.run(from, stop);
    if (stop < to) this.appendSlot(stop, to);
    this.inText = false;
    this.end = end;
    this.spaced = 0;
  }

  private run(start: number, end: number): void {
    const { bytes } = this;
    let i = start;
    while (i < end) {
      const is = BYTE_CLASS[bytes[i]!]!;
      if ((is & SPACE) !== 0) {
        if (bytes[i] === 10 && this.tokens.count > 0) i = this.frames(i);
        else if (bytes[i] === 27) i = escapeEnd(bytes, i, end);
        else i++;
        if (this.tokens.count > 0) this.spaced = 1;
      } else if ((is & DELIMITER) !== 0) i = this.delimiter(i, start);
      else i = this.word(i, start);
    }
  }

  /** Plain words and whole numbers at once; everything else by `anyWord`. */
  private word(at: number, start: number): number {
    const { bytes, end } = this;
    let seen = 0;
    let is = PLAIN_END;
    let i = at;
    for (; i < end; i++) {
      is = BYTE_CLASS[bytes[i]!]!;
      if ((is & WORD_END) !== 0) break;
      seen |= is;
    }
    if (i === end) is = PLAIN_END;
    if ((is & PLAIN_END) !== 0) {
      if ((seen & ~(LETTER | UNDERSCORE)) === 0 && (seen & LETTER) !== 0) {
        this.tokens.constant(bytes, at, i, WORD, this.spaced);
        this.spaced = 0;
        return i;
      }
      if (seen === DIGIT) {
        this.tokens.slot(at, i, this.spaced);
        this.spaced = 0;
        return i;
      }
    }
    return this.anyWord(at, i, seen, start);
  }

  /** Over the stack frames behind the line feed at `at`: any number of them is one variable. */
  private frames(at: number): number {
    let i = at + 1;
    for (;;) {
      const next = frameEnd(this.bytes, i, this.end);
      if (next < 0) break;
      i = Math.min(next + 1, this.end);
    }
    if (i > at + 1) {
      this.spaced = 1;
      this.appendSlot(at + 1, i < this.end ? i - 1 : i);
    }
    return i;
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
      if (c !== 123 && this.spaced === 1 && bytes[at + 1] === (c === 40 ? 41 : 93) && at + 1 < end)
        return this.emptySlot(at);
      const next = this.inText ? -1 : this.payloads.read(bytes, start, at, end, this.spaced, this.tokens);
      if (next > 0) {
        this.spaced = 0;
        return next;
      }
    } else if (c === 60) {
      const close = redactionEnd(bytes, at, end);
      if (close > 0) {
        this.appendSlot(at, close);
        return close;
      }
    }
    let i = at + 1;
    while (i < end && bytes[i] === c) i++;
    this.appendConstant(at, i, PUNCTUATION);
    return i;
  }

  /** `'…'` from `open` (with a prefix letter from `at`) to `close`: a variable if it holds a digit or is a path, else a constant. */
  private quoted(at: number, open: number, close: number): number {
    const { bytes } = this;
    this.appendConstant(at, open + 1, PUNCTUATION);
    let seen = 0;
    for (let i = open + 1; i < close; i++) seen |= BYTE_CLASS[bytes[i]!]!;
    const isData =
      containsScheme(bytes, open + 1, close) ||
      (seen & DIGIT) !== 0 ||
      ((seen & (SPACE | DELIMITER)) === 0 && classifyPlain(bytes, open + 1, close, seen) === SLOT);
    if (isData) this.appendSlot(open + 1, close);
    else this.appendConstant(open + 1, close, QUOTED, QUOTED_SALT);
    this.appendConstant(close, close + 1, PUNCTUATION);
    return close + 1;
  }

  /** `msg="`: what is quoted is the line's own text. */
  private opensMessage(at: number): boolean {
    const { tokens, bytes } = this;
    const key = tokens.count - 2;
    if (key < 0 || bytes[at - 1] !== 61 || this.spaced === 1) return false;
    return tokens.kind[key] === WORD && isMessageKey(bytes, tokens.from[key]!, tokens.to[key]!);
  }

  /** ` ()` and ` []`: the place of a value that is missing. */
  private emptySlot(at: number): number {
    this.appendConstant(at, at + 1, PUNCTUATION);
    this.appendSlot(at + 1, at + 1);
    this.appendConstant(at + 1, at + 2, PUNCTUATION);
    return at + 2;
  }

  private anyWord(at: number, i: number, seen: number, start: number): number {
    const { bytes, end } = this;
    const next = i < end ? bytes[i]! : 0;
    const last = this.tokens.count - 1;
    if (this.spaced === 0 && last >= 0 && bytes[at - 1] === 61 && this.tokens.kind[last] === PUNCTUATION) {
      const valueEnd = this.lookAhead.value(bytes, at, end, i);
      if (valueEnd > 0) {
        this.appendSlot(at, valueEnd);
        return valueEnd;
      }
    }
    if (next === 58) {
      const shapeEnd = this.colonShape(at, i, seen);
      if (shapeEnd > 0) {
        this.appendSlot(at, shapeEnd);
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
        this.appendSlot(at, addressEnd);
        return addressEnd;
      }
    }
    if (next === 40 && isCallName(bytes, at, i, seen)) {
      this.appendConstant(at, i, WORD);
      return i;
    }
    const isTag = next === 62 || next === 58;
    const isClosingTag = isTag && bytes[at] === 47 && at > start && bytes[at - 1] === 60;
    if (isClosingTag) {
      this.appendConstant(at, i, WORD);
      return i;
    }
    if (bytes[at] === 47 && isPathRun(bytes, at, i, end)) {
      const pathEnd = pathRunEnd(bytes, at, end);
      this.appendSlot(at, pathEnd);
      return pathEnd;
    }
    this.trimmedWord(at, i, seen);
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

  /** A word without the punctuation at its ends: final `. - + ~`, and `-` or `+` in front of anything but a digit. */
  private trimmedWord(at: number, end: number, seen: number): void {
    const { bytes } = this;
    let to = end;
    while (to - 1 > at && isTrailing(bytes[to - 1]!)) to--;
    let from = at;
    if (to - from > 1 && isSign(bytes[from]!) && (BYTE_CLASS[bytes[from + 1]!]! & DIGIT) === 0) {
      while (from < to - 1 && isSign(bytes[from]!)) from++;
      this.appendConstant(at, from, PUNCTUATION);
    }
    this.classified(from, to, from === at && to === end ? seen : classesOf(bytes, from, to));
    if (to < end) this.appendConstant(to, end, PUNCTUATION);
  }

  private classified(from: number, to: number, seen: number): void {
    const { bytes } = this;
    if ((seen & (LETTER | DIGIT | OTHER)) === 0) {
      this.appendConstant(from, to, PUNCTUATION);
      return;
    }
    const kind =
      (seen & DIGIT) === 0 ? classifyPlain(bytes, from, to, seen) : classifyDigits(bytes, from, to, seen);
    if (kind === SLOT) this.appendSlot(from, to);
    else if (kind === PIECES) this.pieces(from, to);
    else this.appendConstant(from, to, kind);
  }

  /** Cuts a word at `- . + $ %`. A UUID stays whole behind its prefix, and an id goes on over its dashes. */
  private pieces(from: number, to: number): void {
    const { bytes } = this;
    let i = from;
    let afterId = false;
    while (i < to) {
      const c = bytes[i]!;
      let stop = i + 1;
      if ((BYTE_CLASS[c]! & (DASH | DOT | CUT)) !== 0) {
        while (stop < to && bytes[stop] === c) stop++;
        if (c !== 45) afterId = false;
        this.appendConstant(i, stop, PUNCTUATION);
      } else if (to - i >= UUID_LENGTH && isUuid(bytes, i)) {
        stop = i + UUID_LENGTH;
        this.appendSlot(i, stop);
        afterId = true;
      } else {
        while (stop < to && (BYTE_CLASS[bytes[stop]!]! & (DASH | DOT | CUT)) === 0) stop++;
        afterId = this.piece(i, stop, afterId);
      }
      i = stop;
    }
  }

  private piece(from: number, to: number, afterId: boolean): boolean {
    const { bytes } = this;
    const seen = classesOf(bytes, from, to);
    if (afterId && isHex(bytes, from, to)) {
      this.appendSlot(from, to);
      return true;
    }
    let kind =
      (seen & DIGIT) === 0 ? classifyPlain(bytes, from, to, seen) : classifyDigits(bytes, from, to, seen);
    if (kind === PIECES) kind = WORD;
    if (kind === SLOT) this.appendSlot(from, to);
    else this.appendConstant(from, to, kind === WEAK_WORD ? WEAK_WORD : WORD);
    return kind === SLOT && endsInHexId(bytes, from, to);
  }

  private appendSlot(from: number, to: number): void {
    this.tokens.slot(from, to, this.spaced);
    this.spaced = 0;
  }

  private appendConstant(from: number, to: number, kind: number, salt = 0): void {
    this.tokens.constant(this.bytes, from, to, kind, this.spaced, salt);
    this.spaced = 0;
  }
}

function classesOf(bytes: Uint8Array, from: number, to: number): number {
  let seen = 0;
  for (let i = from; i < to; i++) seen |= BYTE_CLASS[bytes[i]!]!;
  return seen;
}

/** True when the last six or more bytes are hexadecimal, with a digit and no decimal number alone. */
function endsInHexId(bytes: Uint8Array, from: number, to: number): boolean {
  let i = to;
  let digits = 0;
  while (i > from && IS_HEX[bytes[i - 1]!] === 1) {
    i--;
    if ((BYTE_CLASS[bytes[i]!]! & DIGIT) !== 0) digits++;
  }
  return to - i >= HEX_PIECE_LENGTH && digits > 0 && digits < to - from;
}

/** Byte after a terminal's colour code `ESC [ 3 1 m` at `at`; after the escape byte when it is no such code. */
function escapeEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at + 1 >= end || bytes[at + 1] !== 91) return at + 1;
  let i = at + 2;
  while (i < end && ((BYTE_CLASS[bytes[i]!]! & DIGIT) !== 0 || bytes[i] === 59)) i++;
  return i < end && (BYTE_CLASS[bytes[i]!]! & LETTER) !== 0 ? i + 1 : at + 1;
}

function isTrailing(c: number): boolean {
  return c === 46 || c === 45 || c === 43 || c === 126;
}

function isSign(c: number): boolean {
  return c === 45 || c === 43;
}

/** Byte after `<redacted:rule>` at `at`, or -1. */
function redactionEnd(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < REDACTED.length + 1 || bytes[at + 1] !== 114) return -1;
  for (let i = 2; i < REDACTED.length; i++) if (bytes[at + i] !== REDACTED[i]) return -1;
  let i = at + REDACTED.length;
  while (i < end && (BYTE_CLASS[bytes[i]!]! & (WORD_CHARACTER | DASH | DOT | SLASH)) !== 0) i++;
  return i < end && bytes[i] === 62 ? i + 1 : -1;
}
