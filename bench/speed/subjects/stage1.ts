import type { Batch, ClosedBucket, Encoding, PartitionRef } from '../../../src/contracts.ts';
import { Counting } from '../../../src/core/counting.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';
import { type Facts, readRequests } from '../corpora.ts';
import { mustBe, type Subject, timedPasses } from '../subject.ts';
import { shiftTimes } from '../walk.ts';

/** All of stage 1 as the pipeline runs it, closing of buckets included: decode → scan → count → closed bucket. */
export function stage1(settings: Readonly<Record<string, string>>): Subject {
  const { facts, requests } = readRequests(settings.corpus!);
  const feed = new Feed(facts, requests);
  const counting = new Counting({ tenant: 'default', decode: {} }, createScanner());
  const closed = new ClosedSums();
  return {
    round: (budgetMs) =>
      timedPasses(
        budgetMs,
        () => feed.nextPass(),
        () => {
          feed.pass((batch) => counting.accept(batch, closed.add));
          return { records: facts.records, bytes: facts.wireBytes };
        },
      ),
    end: () => {
      counting.drain(closed.add);
      mustBe('records counted', closed.counted, feed.passes * facts.records);
      mustBe('records consumed', closed.consumed, feed.passes * facts.records);
      return {
        rowsPerBucket: closed.rows / closed.buckets,
        recordsPerBucket: closed.counted / closed.buckets,
      };
    },
  };
}

/** Gives the requests of a corpus again and again: times and offsets go on, as if a topic were read. */
export class Feed {
  passes = 0;
  readonly #facts: Facts;
  readonly #requests: readonly Uint8Array[];
  readonly #encoding: Encoding;
  readonly #partitions: readonly PartitionRef[];
  readonly #offsets: number[];

  constructor(facts: Facts, requests: readonly Uint8Array[], encoding: Encoding = 'otlp_proto') {
    this.#facts = facts;
    this.#requests = requests;
    this.#encoding = encoding;
    this.#partitions = Array.from({ length: facts.partitions }, (_, partition) => ({
      source: 'bench',
      topic: 'otlp_logs',
      partition,
    }));
    this.#offsets = this.#partitions.map(() => 0);
  }

  /** Call before each pass. */
  nextPass(): void {
    if (this.passes++ > 0) shiftTimes(this.#requests, this.#facts.durationMs);
  }

  /** Hands over every request, a batch each, the `[from, to)`-th of the corpus. */
  pass(accept: (batch: Batch) => void, from = 0, to: number = this.#requests.length): void {
    for (let i = from; i < to; i++) {
      const partition = i % this.#partitions.length;
      const message = {
        value: this.#requests[i]!,
        offset: this.#offsets[partition]!++,
        referenceTimeMs: Number.NaN,
      };
      accept({
        partition: this.#partitions[partition]!,
        messages: [message],
        encoding: this.#encoding,
        caughtUp: false,
      });
    }
  }
}

/** What the closed buckets say was counted. */
export class ClosedSums {
  buckets = 0;
  consumed = 0;
  counted = 0;
  rows = 0;

  readonly add = (bucket: ClosedBucket): void => {
    this.buckets++;
    this.consumed += bucket.accounting.consumed;
    this.counted += bucket.accounting.counted;
    for (const service of bucket.services) this.rows += service.signatures.length;
  };
}
