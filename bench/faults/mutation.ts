import { createDecoder } from '../../src/core/decode/decoder.ts';
import { encodeLogsRequest } from '../../src/core/decode/otlp-encode.ts';
import { createTextResource } from '../../src/core/decode/resource.ts';
import type { Random } from '../../src/simulator/random.ts';

/** `MUTANT_MESSAGE_BYTES_MAX` is what the service is configured to take. */
export const MUTANT_MESSAGE_BYTES_MAX = 256 * 1024;

export type ValueMutation = 'bits flipped' | 'cut short' | 'random bytes' | 'oversized' | 'empty' | 'null';

/** What a decoder alone makes of a message: the yardstick for what the service must have counted. */
export interface Outcome {
  records: number;
  malformed: number;
  tooLarge: number;
}

/** Makes damaged values out of requests of one record. */
export class Mutator {
  readonly #random: Random;
  readonly #decoder = createDecoder('otlp_proto', { maxMessageBytes: MUTANT_MESSAGE_BYTES_MAX });
  #made = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  mutate(mutation: ValueMutation, timeMs: number): Buffer | null {
    const sound = this.#request(timeMs, mutation === 'oversized' ? MUTANT_MESSAGE_BYTES_MAX + 40_000 : 0);
    if (mutation === 'bits flipped') return this.#flipBits(sound, timeMs);
    if (mutation === 'cut short') return sound.subarray(0, this.#random.between(1, sound.length - 1));
    if (mutation === 'random bytes') {
      const bytes = Buffer.alloc(this.#random.between(1, 2_000));
      for (let i = 0; i < bytes.length; i++) bytes[i] = this.#random.between(0, 255);
      return bytes;
    }
    if (mutation === 'oversized') return sound;
    return mutation === 'empty' ? Buffer.alloc(0) : null;
  }

  /** An undamaged request of one record. */
  sound(timeMs: number): Buffer {
    return this.#request(timeMs, 0);
  }

  outcomeOf(value: Buffer | null, timeMs: number): Outcome {
    const message = { value: value ?? Buffer.alloc(0), offset: 0, referenceTimeMs: timeMs };
    let records = 0;
    const sink = {
      onRecord: () => {
        records++;
      },
    };
    const defect = this.#decoder.decode(message, createTextResource('default', 'mutant'), sink);
    const tooLarge = Number(defect?.reason === 'too_large');
    return { records, malformed: defect === null ? 0 : 1 - tooLarge, tooLarge };
  }

  #request(timeMs: number, paddingBytes: number): Buffer {
    const nanos = String(BigInt(Math.floor(timeMs)) * 1_000_000n);
    const body = `mutant ${this.#made++} of the herd asked for ${this.#random.between(1, 9_999)} things`;
    const record = {
      timeUnixNano: nanos,
      observedTimeUnixNano: nanos,
      severityNumber: 9,
      body: body + ' and more'.repeat(Math.ceil(paddingBytes / 9)),
      attributes: { 'thread.name': 'mutation-pool-7', 'http.response.status_code': 200 },
      traceId: '0af7651916cd43dd8448eb211c80319c',
    };
    const resource = { 'service.name': 'mutant', 'host.name': 'herd-1', 'service.version': '1.0.0' };
    return Buffer.from(encodeLogsRequest([{ resource, records: [record] }]));
  }

  /** Not in the times: a wrong clock is a believable record of another time, which is another matter than damage. */
  #flipBits(value: Buffer, timeMs: number): Buffer {
    const time = Buffer.alloc(8);
    time.writeBigUInt64LE(BigInt(Math.floor(timeMs)) * 1_000_000n);
    const first = value.indexOf(time);
    const second = value.indexOf(time, first + 1);
    const isTime = (at: number): boolean =>
      (at >= first && at < first + 8) || (at >= second && at < second + 8);
    for (let flips = this.#random.between(1, 8); flips > 0; ) {
      const at = this.#random.between(0, value.length - 1);
      if (isTime(at)) continue;
      value[at] = value[at]! ^ (1 << this.#random.between(0, 7));
      flips--;
    }
    return value;
  }
}
