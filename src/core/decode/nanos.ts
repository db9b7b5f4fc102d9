const TWO_TO_32 = 4294967296;

/** Digits of 2^64 − 1. */
const MAX_DIGITS = 20;

/** Unix time in nanoseconds as the two uint32 halves of a fixed64, made without BigInt. */
export class Nanos {
  low = 0;
  high = 0;
  private readonly scratch = new Uint8Array(MAX_DIGITS);

  set(low: number, high: number): void {
    this.low = low >>> 0;
    this.high = high >>> 0;
  }

  /** From decimal digits, exactly; wraps at 2^64. False = not a run of 1 to 20 digits. */
  setDecimal(text: string): boolean {
    const bytes = this.scratch;
    const count = text.length;
    if (count > MAX_DIGITS) return false;
    for (let i = 0; i < count; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return false;
      bytes[i] = code;
    }
    return this.setDigits(bytes, 0, count);
  }

  /** As `setDecimal`, from the bytes `[start, end)`. */
  setDigits(bytes: Uint8Array, start: number, end: number): boolean {
    if (end === start || end - start > MAX_DIGITS) return false;
    // Up to two digits, nine and nine: parts are int32, sums and products exact in a double.
    const last = Math.max(start, end - 9);
    const middle = Math.max(start, end - 18);
    const first = digits(bytes, start, middle);
    const second = digits(bytes, middle, last);
    const rest = digits(bytes, last, end);
    if (first < 0 || second < 0 || rest < 0) return false;
    const upper = first * 1e9 + second;
    const part = Math.floor(upper / 65_536) * 1e9;
    const low = (part % 65_536) * 65_536 + (upper % 65_536) * 1e9 + rest;
    this.set(low % TWO_TO_32, (Math.floor(part / 65_536) + Math.floor(low / TWO_TO_32)) % TWO_TO_32);
    return true;
  }

  /** From a number of nanoseconds, with the precision a number has (256 ns in this century). */
  setNumber(nanos: number): void {
    const high = Math.floor(nanos / TWO_TO_32);
    this.set(nanos - high * TWO_TO_32, high);
  }

  /** From milliseconds with a fraction; negative or unknown time becomes 0 = not set. */
  setMs(timeMs: number): void {
    if (!(timeMs > 0)) {
      this.set(0, 0);
      return;
    }
    const whole = Math.floor(timeMs);
    const upper = Math.floor(whole / 1048576) * 1e6;
    const rest = (whole % 1048576) * 1e6 + Math.round((timeMs - whole) * 1e6);
    // upper × 2^20 + rest, in halves.
    const low = (upper % 4096) * 1048576 + (rest % TWO_TO_32);
    const carry = Math.floor(low / TWO_TO_32);
    this.set(low - carry * TWO_TO_32, Math.floor(upper / 4096) + Math.floor(rest / TWO_TO_32) + carry);
  }
}

/** At most nine decimal digits as a number, -1 = something else is among them. */
function digits(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = (Math.imul(value, 10) + digit) | 0;
  }
  return value;
}
