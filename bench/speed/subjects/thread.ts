// One of the threads of `threads.ts`: answers `pass` with the records it read, `end` with all it counted.
import { parentPort, workerData } from 'node:worker_threads';
import { Counting } from '../../../src/core/counting.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';
import { OffsetsWalk } from '../walk.ts';
import { ClosedSums, Feed } from './stage1.ts';
import type { ThreadWork } from './threads.ts';

const { facts, requests } = workerData as ThreadWork;
const feed = new Feed(facts, requests);
const counting = new Counting({ tenant: 'default', decode: {} }, createScanner());
const closed = new ClosedSums();
const walk = new OffsetsWalk();
for (const request of requests) walk.request(request);

parentPort!.on('message', (question: 'pass' | 'end') => {
  if (question === 'pass') {
    feed.nextPass();
    feed.pass((batch) => counting.accept(batch, closed.add));
    parentPort!.postMessage(walk.records);
    return;
  }
  counting.drain(closed.add);
  parentPort!.postMessage(closed.counted);
});
