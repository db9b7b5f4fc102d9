// Allocates what makes both generations grow, and prints their usual sizes in MiB: `node small-heap-process.ts [small]`.
import { getHeapSpaceStatistics } from 'node:v8';
import { median } from '../bench/faults/statistics.ts';
import { keepOldHeapSmall, keepYoungHeapSmall } from '../src/small-heap.ts';

const KEPT = 200_000;
const MADE = 4_000_000;
/** While the heap is marked, as long as other programs let that take, both are larger: one look may fall into it. */
const LOOKS = 40;

if (process.argv[2] === 'small') {
  keepYoungHeapSmall();
  keepOldHeapSmall();
}
const kept: unknown[] = [];
const newMiB: number[] = [];
const oldMiB: number[] = [];
for (let i = 1; i <= MADE; i++) {
  kept[i % KEPT] = { i, list: [i] };
  if (i % (MADE / LOOKS) !== 0) continue;
  newMiB.push(sizeOf('new_space'));
  oldMiB.push(sizeOf('old_space'));
}
process.stdout.write(JSON.stringify({ newSpace: median(newMiB), oldSpace: median(oldMiB) }));

function sizeOf(name: string): number {
  return getHeapSpaceStatistics().find((space) => space.space_name === name)!.space_size / 2 ** 20;
}
