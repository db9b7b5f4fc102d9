const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const TWO_TO_32 = 4_294_967_296;
const TWO_TO_21 = 2_097_152;
const TWO_TO_53 = 9_007_199_254_740_992;
/** Rounds thrown away after seeding, so that near seeds give unrelated streams (PractRand's sfc32 uses 12 to 15). */
const WARM_UP_ROUNDS = 15;
/** Above this mean a normal approximation replaces Knuth's product, which costs one draw per event. */
const POISSON_NORMAL_ABOVE = 40;
const HEX_DIGITS = '0123456789abcdef';
const BASE32_DIGITS = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * Seeded random numbers and the few distributions the simulator draws from.
 * Generator: sfc32, "small fast counter" by Chris Doty-Humphrey (PractRand, http://pracrand.sourceforge.net/RNG_engines.txt),
 * seeded with splitmix32 steps (Steele, Lea, Flood, OOPSLA 2014, doi:10.1145/2660193.2660195).
 * Only integer arithmetic and correctly rounded operations feed the raw draws; `Math.log`, `Math.cos` and `Math.exp`
 * shape them, and results are rounded where they become text or time.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number) {
    let state = seed | 0;
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let mixed = state ^ (state >>> 16);
      mixed = Math.imul(mixed, 0x21f0aaad);
      mixed ^= mixed >>> 15;
      mixed = Math.imul(mixed, 0x735a2d97);
      return (mixed ^ (mixed >>> 15)) | 0;
    };
    this.a = next();
    this.b = next();
    this.c = next();
    for (let i = 0; i < WARM_UP_ROUNDS; i++) this.uint32();
  }

  /** An independent stream for a named purpose: drawing from it never moves any other stream. */
  static named(seed: number, purpose: string): Random {
    return new Random(Math.imul(seed | 0, 0x9e3779b1) ^ hashText(purpose));
  }

  uint32(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + sum) | 0;
    return sum >>> 0;
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return this.uint32() / TWO_TO_32;
  }

  /** Uniform in [0, 1) with 53 bits. */
  unit53(): number {
    return (this.uint32() * TWO_TO_21 + (this.uint32() >>> 11)) / TWO_TO_53;
  }

  chance(probability: number): boolean {
    return probability > 0 && this.unit() < probability;
  }

  /** Uniform integer in [low, high]. */
  between(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.unit() * items.length)]!;
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.unit());
  }

  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.unit()));
    return radius * Math.cos(2 * Math.PI * this.unit());
  }

  /** Log-normal with the given median; spread is the standard deviation of the logarithm. */
  logNormal(median: number, spread: number): number {
    return median * Math.exp(spread * this.normal());
  }

  /** Knuth, TAOCP 2, §3.4.1, algorithm Q, for small means; a rounded normal above. */
  poisson(mean: number): number {
    if (mean <= 0) return 0;
    if (mean > POISSON_NORMAL_ABOVE) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let product = this.unit53();
    let count = 0;
    while (product > limit) {
      product *= this.unit53();
      count += 1;
    }
    return count;
  }

  /** Size of a burst: geometric on 1, 2, 3 … with the given mean. */
  burstSize(mean: number): number {
    if (mean <= 1) return 1;
    return 1 + Math.floor(Math.log(1 - this.unit()) / Math.log(1 - 1 / mean));
  }

  hex(digits: number): string {
    let text = '';
    let bits = 0;
    for (let i = 0; i < digits; i++) {
      if ((i & 7) === 0) bits = this.uint32();
      text += HEX_DIGITS[bits & 15];
      bits >>>= 4;
    }
    return text;
  }

  /** Version 4 layout (RFC 9562, §5.4). */
  uuid(): string {
    const variant = HEX_DIGITS[8 + (this.uint32() & 3)];
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-${variant}${this.hex(3)}-${this.hex(12)}`;
  }

  /** Letters and digits as Kubernetes uses for pod names (no vowels, no 0, 1 or 3). */
  podSuffix(length: number): string {
    let text = '';
    for (let i = 0; i < length; i++) text += BASE32_DIGITS[Math.floor(this.unit() * BASE32_DIGITS.length)];
    return text;
  }
}

/** FNV-1a over UTF-16 units (Fowler, Noll, Vo; draft-eastlake-fnv), finished with a multiply to spread the low bits. */
export function hashText(text: string): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) | 0;
}
