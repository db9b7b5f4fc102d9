import { prepareRequests } from '../corpora.ts';
import { ratioLine } from '../line.ts';
import { alternate, nodeSubject } from '../rounds.ts';
import type { Row } from '../row.ts';
import { SHORT_504 } from './stage1.ts';

export const threadsRow: Row = {
  name: 'threads',
  about: 'stage 1 in two threads and in one, by the wall clock: only on an idle machine of two cores or more',
  measure: async (context) => {
    const corpus = prepareRequests(SHORT_504);
    const [one, two] = await alternate(
      ['1', '2'].map((threads) => nodeSubject(`${threads} threads`, 'threads', { corpus, threads })),
      context,
    );
    return [
      ratioLine(
        'threads.two',
        'stage 1: two threads : one',
        two!,
        one!,
        (round) => round.records / round.wallMs,
        {
          note: 'wall time; counts are not merged',
        },
      ),
    ];
  },
};
