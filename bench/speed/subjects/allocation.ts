import { getHeapStatistics } from 'node:v8';
import { Counting } from '../../../src/core/counting.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';
import { readRequests } from '../corpora.ts';
import { mustBe, type Subject } from '../subject.ts';
import { ClosedSums, Feed } from './stage1.ts';

/** Flags of the process: room for everything a round allocates, so that no collection hides any of it. */
export const ALLOCATION_FLAGS = ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512'];

/** Passes before the first round: tables and arenas have then grown to what the corpus needs. */
const PASSES_BEFORE = 4;

/** Readings that may go down: a compilation that ends gives back what it took. More, and something is collected. */
const DISTURBED_SHARE_MAX = 0.05;

/**
 * Bytes that stage 1 allocates. Between two collections the used heap only grows, so what a request allocated is the
 * difference of two readings, less what a reading itself allocates; typed arrays are counted beside the heap. Requests
 * that close a bucket are kept apart: what they allocate is for stage 2; a closed row is made of its table when it is read.
 */
export function allocation(settings: Readonly<Record<string, string>>): Subject {
  const collect = globalThis.gc;
  if (collect === undefined) throw new Error('needs --expose-gc');
  const { facts, requests } = readRequests(settings.corpus!);
  const feed = new Feed(facts, requests);
  const counting = new Counting({ tenant: 'default', decode: {} }, createScanner());
  const closed = new ClosedSums();
  const perRequest = facts.records / requests.length;
  const pass = (onRequest: () => void): void => {
    for (let i = 0; i < requests.length; i++) {
      feed.pass((batch) => counting.accept(batch, closed.add), i, i + 1);
      onRequest();
    }
  };
  for (let i = 0; i < PASSES_BEFORE; i++) {
    feed.nextPass();
    pass(() => undefined);
  }
  return {
    round: () => {
      const started = performance.now();
      const cpu = process.cpuUsage();
      const plain = { bytes: 0, requests: 0 };
      const closing = { bytes: 0, rows: 0 };
      let disturbed = 0;
      let rowsBefore = closed.rows;
      // What moving the times allocates is no part of stage 1.
      feed.nextPass();
      collect();
      const reading = readingCost();
      let before = usedBytes();
      pass(() => {
        const bytes = usedBytes() - before - reading;
        if (bytes < -reading) disturbed++;
        else if (closed.rows > rowsBefore) {
          closing.bytes += bytes;
          closing.rows += closed.rows - rowsBefore;
        } else {
          plain.bytes += bytes;
          plain.requests++;
        }
        rowsBefore = closed.rows;
        before = usedBytes();
      });
      if (disturbed > DISTURBED_SHARE_MAX * requests.length)
        throw new Error(`collections disturbed ${disturbed} of ${requests.length} readings`);
      const used = process.cpuUsage(cpu);
      return {
        records: facts.records,
        bytes: facts.wireBytes,
        cpuMs: (used.user + used.system) / 1_000,
        wallMs: performance.now() - started,
        figures: {
          bytesPerRecord: plain.bytes / (plain.requests * perRequest),
          bytesPerRow: closing.bytes / closing.rows,
        },
      };
    },
    end: () => {
      counting.drain(closed.add);
      mustBe('records counted', closed.counted, feed.passes * facts.records);
      return {};
    },
  };
}

function usedBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

/** What looking costs by itself. */
function readingCost(): number {
  const first = usedBytes();
  let last = first;
  for (let i = 0; i < 100; i++) last = usedBytes();
  return (last - first) / 100;
}
