import { isDigit, isLetter } from './ascii.ts';
import { DAY_MS, dateMs, nearestYear } from './calendar.ts';

// Time stamps at the head of a text line. A class with fields for the result, so that a line costs no allocation.

/** Bytes of a line in which a time stamp may begin: host, identity and level stand in front of it. */
const HEAD_BYTES = 96;

/** Epoch numbers are believed between 2001-09-09 (ten digits of seconds) and 2096. */
const EPOCH_MIN_S = 1_000_000_000;
const EPOCH_MAX_S = 4_000_000_000;

/** Digits of an epoch number in seconds; ms, µs and ns have 3, 6 and 9 more. */
const EPOCH_DIGITS_S = 10;

/**
 * A line may begin with a counter of ten digits (BGL: `1365301360 double-hummer alignment exceptions`), so whole seconds
 * at the start count only this near to the reference time.
 */
const BARE_EPOCH_RANGE_MS = 365 * DAY_MS;

const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';

/**
 * Finds the time a line was written. Forms: ISO 8601 and RFC 3339 (blank or T, comma or dot fraction, zone or none),
 * `YYYY/MM/DD HH:MM:SS`, the access log's `[10/Oct/2000:13:55:36 -0700]`, `Fri Sep 09 10:42:29.9 2011`, epoch seconds
 * to nanoseconds, and without a year syslog's `Oct  3 12:34:56` and klog's `E0102 12:34:56`, which take the year that
 * brings them nearest to the reference time and are unusable without one. No zone means UTC.
 *
 * A date in prose is not the line's time: a stamp counts only at the start (after `<pri>`, an opening bracket or one
 * level word), after `[` within the head, or after a key such as `time=`.
 */
export class TimeParser {
  /** The last result, in milliseconds; NaN = none. */
  timeMs = Number.NaN;
  /** Where the stamp ended; the start of the line where there was none. */
  endAt = 0;
  private at = 0;
  private end = 0;
  private bytes: Uint8Array = new Uint8Array(0);

  /** Returns whether a time was found. `referenceMs` gives the year where the stamp has none; NaN = unknown. */
  parseHead(bytes: Uint8Array, start: number, end: number, referenceMs: number): boolean {
    this.bytes = bytes;
    this.end = end;
    this.timeMs = Number.NaN;
    this.endAt = start;
    const first = this.skipPrefix(start);
    if (this.parseAt(first, referenceMs, true, true)) return true;
    const second = this.afterLevelWord(first);
    if (second > first && this.parseAt(second, referenceMs, true, true)) return true;
    const limit = Math.min(end, start + HEAD_BYTES);
    for (let at = first; at < limit; at++) {
      const byte = bytes[at]!;
      const opens = byte === 0x5b || ((byte === 0x3d || byte === 0x3a) && this.isTimeKeyBefore(start, at));
      if (opens && this.parseAt(this.skipQuotes(at + 1), referenceMs, byte !== 0x5b)) return true;
    }
    return false;
  }

  /** Whether all of `[start, end)` is one time stamp. For values of time keys. */
  parseWhole(bytes: Uint8Array, start: number, end: number, referenceMs: number): boolean {
    this.bytes = bytes;
    this.end = end;
    this.timeMs = Number.NaN;
    return this.parseAt(start, referenceMs, true);
  }

  private parseAt(at: number, referenceMs: number, epoch: boolean, bare = false): boolean {
    if (at >= this.end) return false;
    this.at = at;
    const byte = this.bytes[at]!;
    let time = Number.NaN;
    if (isDigit(byte)) {
      const digits = this.digitRun(at);
      const after = this.peek(at + digits);
      if (digits === 4 && (after === 0x2d || after === 0x2f || after === 0x2e))
        time = this.dateThenTime(after);
      else if (digits === 2 && after === 0x2f) time = this.accessLog();
      else if (epoch && digits >= EPOCH_DIGITS_S) {
        time = this.epoch(digits);
        const isCounter = bare && this.at === at + EPOCH_DIGITS_S && !isNear(time, referenceMs);
        if (isCounter) return false;
      }
    } else if (isLetter(byte)) time = this.named(referenceMs);
    if (Number.isNaN(time)) return false;
    this.timeMs = time;
    this.endAt = this.at;
    return true;
  }

  /** `2026-11-22T01:02:03.004Z`; the separator of the date is `separator`. */
  private dateThenTime(separator: number): number {
    const year = this.number(4);
    if (!this.take(separator)) return Number.NaN;
    const month = this.number(2);
    if (!this.take(separator)) return Number.NaN;
    const day = this.number(2);
    const between = this.peek(this.at);
    if (between !== 0x54 && between !== 0x20 && between !== 0x74 && between !== 0x5f) return Number.NaN;
    this.at++;
    const clock = this.clock();
    return dateMs(year, month, day) + clock + this.zone();
  }

  /** `10/Oct/2000:13:55:36 -0700` */
  private accessLog(): number {
    const day = this.number(2);
    if (!this.take(0x2f)) return Number.NaN;
    const month = this.monthName();
    if (!this.take(0x2f)) return Number.NaN;
    const year = this.number(4);
    if (!this.take(0x3a)) return Number.NaN;
    const clock = this.clock();
    return dateMs(year, month, day) + clock + this.zone();
  }

  /** `Oct  3 12:34:56`, `Fri Sep 09 10:42:29.902022 2011`, `E0102 12:34:56.789` */
  private named(referenceMs: number): number {
    const first = this.bytes[this.at]!;
    if (
      (first === 0x49 || first === 0x57 || first === 0x45 || first === 0x46) &&
      this.digitRun(this.at + 1) === 4
    ) {
      this.at++;
      const month = this.number(2);
      const day = this.number(2);
      if (!this.take(0x20)) return Number.NaN;
      return nearestYear(month, day, this.clock(), referenceMs);
    }
    let month = this.monthName();
    if (month === 0) {
      // A day of the week is three letters and a blank; anything else fails at the month.
      this.at += 3;
      if (!this.take(0x20)) return Number.NaN;
      month = this.monthName();
      if (month === 0) return Number.NaN;
    }
    if (!this.take(0x20)) return Number.NaN;
    this.take(0x20);
    const day = this.number(this.digitRun(this.at) === 1 ? 1 : 2);
    if (!this.take(0x20)) return Number.NaN;
    const clock = this.clock();
    if (this.peek(this.at) === 0x20 && this.digitRun(this.at + 1) === 4) {
      this.at++;
      return dateMs(this.number(4), month, day) + clock;
    }
    return nearestYear(month, day, clock, referenceMs);
  }

  private epoch(digits: number): number {
    const start = this.at;
    const after = this.peek(start + digits);
    if (isLetter(after) || after === 0x5f || after === 0x2d) return Number.NaN;
    let divisor = 1;
    if (digits === EPOCH_DIGITS_S + 3) divisor = 1e3;
    else if (digits === EPOCH_DIGITS_S + 6) divisor = 1e6;
    else if (digits === EPOCH_DIGITS_S + 9) divisor = 1e9;
    else if (digits !== EPOCH_DIGITS_S) return Number.NaN;
    const seconds = this.number(EPOCH_DIGITS_S);
    if (!(seconds >= EPOCH_MIN_S && seconds <= EPOCH_MAX_S)) return Number.NaN;
    if (divisor > 1) return seconds * 1000 + (this.number(digits - EPOCH_DIGITS_S) * 1000) / divisor;
    return seconds * 1000 + this.fraction();
  }

  /** `HH:MM[:SS[.fraction]]` in milliseconds of the day. */
  private clock(): number {
    const hours = this.number(2);
    if (!this.take(0x3a)) return Number.NaN;
    const minutes = this.number(2);
    let seconds = 0;
    let fraction = 0;
    if (this.peek(this.at) === 0x3a) {
      this.at++;
      seconds = this.number(2);
      fraction = this.fraction();
    }
    if (!(hours <= 23 && minutes <= 59 && seconds <= 60)) return Number.NaN;
    return (hours * 60 + minutes) * 60_000 + seconds * 1000 + fraction;
  }

  /** `.123456` or `,123` as milliseconds; digits beyond nine are passed over. */
  private fraction(): number {
    const mark = this.peek(this.at);
    if ((mark !== 0x2e && mark !== 0x2c) || !isDigit(this.peek(this.at + 1))) return 0;
    this.at++;
    let value = 0;
    let scale = 1;
    for (; isDigit(this.peek(this.at)); this.at++) {
      if (scale >= 1e9) continue;
      value = value * 10 + this.bytes[this.at]! - 0x30;
      scale *= 10;
    }
    return (value * 1000) / scale;
  }

  /** Milliseconds to add to get UTC; 0 for `Z` and where no zone is given. */
  private zone(): number {
    const start = this.at;
    const blank = this.peek(start) === 0x20 ? 1 : 0;
    const sign = this.peek(start + blank);
    if ((sign === 0x5a || sign === 0x7a) && blank === 0) this.at++;
    if (sign !== 0x2b && sign !== 0x2d) return 0;
    const digits = this.digitRun(start + blank + 1);
    const colon = digits === 2 && this.peek(start + blank + 3) === 0x3a;
    // A blank and a two-digit number is not a zone: `12:00:00 -12 items`.
    if (digits !== 4 && !(colon && this.digitRun(start + blank + 4) === 2) && !(digits === 2 && blank === 0))
      return 0;
    this.at = start + blank + 1;
    const hours = this.number(2);
    if (colon) this.at++;
    const minutes = digits === 4 || colon ? this.number(2) : 0;
    if (hours > 18 || minutes > 59) {
      this.at = start;
      return 0;
    }
    return (sign === 0x2b ? -1 : 1) * (hours * 60 + minutes) * 60_000;
  }

  /** 1–12 and the cursor behind the name, or 0 and the cursor unmoved. */
  private monthName(): number {
    if (this.at + 3 > this.end) return 0;
    for (let month = 0; month < 12; month++) {
      let i = 0;
      while (i < 3 && (this.bytes[this.at + i]! | 0x20) === MONTHS.charCodeAt(month * 3 + i)) i++;
      if (i === 3) {
        this.at += 3;
        return month + 1;
      }
    }
    return 0;
  }

  private number(digits: number): number {
    let value = 0;
    for (let i = 0; i < digits; i++) {
      const byte = this.peek(this.at + i);
      if (!isDigit(byte)) return Number.NaN;
      value = value * 10 + byte - 0x30;
    }
    this.at += digits;
    return value;
  }

  /** Digits from `at` on, counted up to 20. */
  private digitRun(at: number): number {
    let count = 0;
    while (count < 20 && isDigit(this.peek(at + count))) count++;
    return count;
  }

  private take(byte: number): boolean {
    if (this.peek(this.at) !== byte) return false;
    this.at++;
    return true;
  }

  private peek(at: number): number {
    return at < this.end ? this.bytes[at]! : 0;
  }

  /** Blanks, a syslog priority with its version, and opening brackets and quotes. */
  private skipPrefix(start: number): number {
    let at = start;
    while (this.peek(at) === 0x20 || this.peek(at) === 0x09) at++;
    if (this.peek(at) === 0x3c) {
      const digits = this.digitRun(at + 1);
      if (digits >= 1 && digits <= 3 && this.peek(at + 1 + digits) === 0x3e) {
        at += digits + 2;
        if (this.digitRun(at) === 1 && this.peek(at + 1) === 0x20) at += 2;
      }
    }
    return this.skipQuotes(at);
  }

  private skipQuotes(start: number): number {
    let at = start;
    for (let byte = this.peek(at); byte === 0x5b || byte === 0x22 || byte === 0x28 || byte === 0x20; )
      byte = this.peek(++at);
    return at;
  }

  /** Behind one word of letters (perhaps in brackets) and the blanks, colons and brackets after it. */
  private afterLevelWord(start: number): number {
    let at = start;
    while (at < start + 8 && isLetter(this.peek(at))) at++;
    if (at - start < 3) return start;
    const wordEnd = at;
    for (let byte = this.peek(at); byte === 0x5d || byte === 0x3a || byte === 0x20 || byte === 0x5b; )
      byte = this.peek(++at);
    return at === wordEnd ? start : at;
  }

  /** A key that ends in `time`, `timestamp`, `date` or is `ts` or `t`. */
  private isTimeKeyBefore(start: number, at: number): boolean {
    let last = at - 1;
    while (last > start && (this.bytes[last] === 0x22 || this.bytes[last] === 0x20)) last--;
    let first = last + 1;
    while (first > start && isLetter(this.bytes[first - 1]!)) first--;
    const size = last + 1 - first;
    if (size === 1) return (this.bytes[first]! | 0x20) === 0x74;
    if (size === 2) return this.endsWith(last + 1, 'ts');
    return (
      this.endsWith(last + 1, 'time') ||
      this.endsWith(last + 1, 'timestamp') ||
      this.endsWith(last + 1, 'date')
    );
  }

  private endsWith(end: number, word: string): boolean {
    for (let i = 0; i < word.length; i++) {
      const at = end - word.length + i;
      if (at < 0 || (this.bytes[at]! | 0x20) !== word.charCodeAt(i)) return false;
    }
    return true;
  }
}

function isNear(timeMs: number, referenceMs: number): boolean {
  return Math.abs(timeMs - referenceMs) <= BARE_EPOCH_RANGE_MS;
}
