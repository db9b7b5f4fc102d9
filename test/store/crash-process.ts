// Child process of crash.test.ts: commits checkpoints whose parts all carry the same number, as fast as it can.
import type { Checkpoint } from '../../src/contracts.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { samplePosition, sampleRevision } from './sample-checkpoint.ts';

const [path = ''] = process.argv.slice(2);

/** Checkpoint n says n in its positions, in each of many state rows, and adds window n. */
function numbered(n: number): Checkpoint {
  return {
    positions: [0, 1, 2].map((partition) => samplePosition({ partition, resumeAt: n, readTo: n })),
    state: Array.from({ length: 200 }, (_, i) => ({ table: 't', key: `k${i}`, value: `${n}` })),
    revisions: [sampleRevision({ windowId: `w_${n}`, event: { n, filler: 'x'.repeat(5_000) } })],
    closedToMs: n,
  };
}

const store = openStore({ path });
const first = (store.load().closedToMs ?? 0) + 1;
process.stdout.write('open\n');
for (let n = first; ; n++) {
  store.commit(numbered(n));
  process.stdout.write(`${n}\n`);
}
