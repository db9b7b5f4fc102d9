const TWO_TO_32 = 4294967296;

/** Unix time in nanoseconds as the two uint32 halves of a fixed64, made without BigInt. */
export class Nanos {
  low = 0;
  high = 0;

  set(low: number, high: number): void {
    this.low = low >>> 0;
    this.high = high >>> 0;
  }

  /** From decimal digits, exactly; wraps at 2^64. False = not a run of 1 to 20 digits. */
  setDecimal(text: string): boolean {
    const count = text.length;
    if (count === 0 || count > 20) return false;
    // Six digits at a time: 2^32 times a million stays exact in a double.
    let low = 0;
    let high = 0;
    for (let i = 0; i < count; ) {
      let chunk = 0;
      let scale = 1;
      for (const stop = Math.min(count, i + 6); i < stop; i++) {
        const digit = text.charCodeAt(i) - 0x30;
        if (digit < 0 || digit > 9) return false;
        chunk = chunk * 10 + digit;
        scale *= 10;
      }
      low = low * scale + chunk;
      const carry = Math.floor(low / TWO_TO_32);
      low -= carry * TWO_TO_32;
      high = (high * scale + carry) % TWO_TO_32;
    }
    this.set(low, high);
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
