import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Batch } from '../../../src/contracts.ts';
import type { Facts } from '../corpora.ts';
import { shiftTimes } from '../walk.ts';

/**
 * A corpus read from its file message by message, so that the process holds none of it; time goes on with every pass.
 * For subjects whose memory is measured.
 */
export class StreamedFeed {
  readonly facts: Facts;
  readonly #path: string;
  passes = 0;
  #offset = 0;

  readonly #aheadMs: number;

  /** `aheadMs`: how much later than in the file its time begins. */
  constructor(path: string, aheadMs = 0) {
    this.#path = path;
    this.#aheadMs = aheadMs;
    this.facts = (JSON.parse(readFileSync(`${path}.json`, 'utf8')) as { facts: Facts }).facts;
  }

  /** One batch a message, all of one partition. */
  async pass(accept: (batch: Batch) => void | Promise<void>): Promise<void> {
    const file = openSync(`${this.#path}.bin`, 'r');
    const head = new Uint8Array(4);
    const shiftMs = this.#aheadMs + this.passes++ * this.facts.durationMs;
    while (readSync(file, head, 0, 4, null) === 4) {
      const value = new Uint8Array(new DataView(head.buffer).getUint32(0));
      readSync(file, value, 0, value.length, null);
      if (shiftMs > 0) shiftTimes([value], shiftMs);
      const message = { value, offset: this.#offset++, referenceTimeMs: Number.NaN };
      await accept({
        partition: { source: 'bench', topic: 'otlp_logs', partition: 0 },
        messages: [message],
        encoding: 'otlp_proto',
        caughtUp: false,
      });
    }
    closeSync(file);
  }
}
