// Allocates what makes both generations grow, and prints their sizes in MiB: `node small-heap-process.ts [small]`.
import { getHeapSpaceStatistics } from 'node:v8';
import { keepOldHeapSmall, keepYoungHeapSmall } from '../src/small-heap.ts';

const KEPT = 200_000;
const MADE = 4_000_000;

if (process.argv[2] === 'small') {
  keepYoungHeapSmall();
  keepOldHeapSmall();
}
const kept: unknown[] = [];
for (let i = 0; i < MADE; i++) kept[i % KEPT] = { i, list: [i] };
const sizes = getHeapSpaceStatistics().map((space) => [space.space_name, space.space_size / 2 ** 20]);
process.stdout.write(JSON.stringify(Object.fromEntries(sizes)));
