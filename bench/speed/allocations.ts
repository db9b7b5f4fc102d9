// Which functions of stage 1 allocate: `node bench/speed/allocations.ts`. V8's sampling heap profiler over some passes of
// the corpus of the row `stage1`, counting also what was collected meanwhile. Bytes are estimates from samples.
import { Session } from 'node:inspector/promises';
import { Counting } from '../../src/core/counting.ts';
import { createScanner } from '../../src/core/scan/scanner.ts';
import { prepareRequests, readRequests } from './corpora.ts';
import { SHORT_504 } from './rows/stage1.ts';
import { ClosedSums, Feed } from './subjects/stage1.ts';

/** Compiled code and tables as they are in a process that runs for long. */
const PASSES_BEFORE = 5;
const PASSES = 5;
/** Mean bytes between two samples. */
const SAMPLING_BYTES = 1_024;
const SHOWN = 25;

interface Allocating {
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly selfSize: number;
  readonly children: readonly Allocating[];
}

const { facts, requests } = readRequests(prepareRequests(SHORT_504));
const feed = new Feed(facts, requests);
const counting = new Counting({ tenant: 'default', decode: {} }, createScanner());
const closed = new ClosedSums();
const pass = (): void => {
  feed.nextPass();
  feed.pass((batch) => counting.accept(batch, closed.add));
};
for (let i = 0; i < PASSES_BEFORE; i++) pass();
const session = new Session();
session.connect();
await session.post('HeapProfiler.startSampling', {
  samplingInterval: SAMPLING_BYTES,
  includeObjectsCollectedByMajorGC: true,
  includeObjectsCollectedByMinorGC: true,
});
for (let i = 0; i < PASSES; i++) pass();
const { profile } = await session.post('HeapProfiler.stopSampling');
session.disconnect();

const sizes = new Map<string, number>();
add(profile.head as Allocating);
const records = PASSES * facts.records;
for (const [name, bytes] of [...sizes].sort((a, b) => b[1] - a[1]).slice(0, SHOWN)) {
  console.log(`${(bytes / records).toFixed(2).padStart(8)} B/record  ${name}`);
}

function add(node: Allocating): void {
  const { functionName, url, lineNumber } = node.callFrame;
  const file = url.replace(/^.*\/(?=(?:src|bench)\/)/, '');
  const name = `${functionName || '(anonymous)'}  ${file}:${lineNumber + 1}`;
  sizes.set(name, (sizes.get(name) ?? 0) + node.selfSize);
  for (const child of node.children) add(child);
}
