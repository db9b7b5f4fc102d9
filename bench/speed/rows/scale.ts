import { prepareRequests, type RequestSpec } from '../corpora.ts';
import { figureLine, nanosPerRecord } from '../line.ts';
import { alternate, nodeSubject } from '../rounds.ts';
import type { Context, Row } from '../row.ts';
import { ALLOCATION_FLAGS } from '../subjects/allocation.ts';
import { SHORT_504 } from './stage1.ts';

/** Ten services at 10,000 records a second together; only the number of formats differs. */
function sized(formats: number, context: Context): RequestSpec {
  return {
    ...SHORT_504,
    name: `formats-${formats}`,
    formatsPerService: formats / 10,
    recordsPerBucket: context.quick ? 20_000 : 100_000,
    buckets: 1,
    recordBytes: 0,
  };
}

export const scaleRow: Row = {
  name: 'scale',
  about: 'stage 1, and the whole pipeline, with 10,000 templates and with 100',
  measure: async (context) => {
    const few = prepareRequests(sized(100, context));
    const many = prepareRequests(sized(10_000, context));
    const timed = await alternate(
      [
        nodeSubject('stage 1, 100 templates', 'stage1', { corpus: few }),
        nodeSubject('stage 1, 10,000 templates', 'stage1', { corpus: many }),
        nodeSubject('pipeline, 100 templates', 'pipeline', { corpus: few }),
        nodeSubject('pipeline, 10,000 templates', 'pipeline', { corpus: many }),
        nodeSubject('pipeline, 100 templates, learnt', 'pipeline', { corpus: few, learnt: 'yes' }),
        nodeSubject('pipeline, 10,000 templates, learnt', 'pipeline', { corpus: many, learnt: 'yes' }),
      ],
      context,
    );
    const ratio = (id: string, text: string, a: number, b: number) => {
      const ratios = timed[a]!.rounds.map(
        (round, i) => nanosPerRecord(round) / nanosPerRecord(timed[b]!.rounds[i]!),
      );
      return figureLine(id, text, 'x', ratios, { better: 'less', aim: { is: 'at most', demanded: 1.5 } });
    };
    return [
      ratio('scale.stage1', 'stage 1, ns per record: 10,000 templates : 100', 1, 0),
      ratio('scale.pipeline.learnt', 'whole pipeline, ns per record: 10,000 learnt templates : 100', 5, 4),
      ratio('scale.pipeline', 'whole pipeline, ns per record: 10,000 new templates : 100', 3, 2),
      ...timed.map(({ name, rounds, end }) =>
        figureLine(`scale.${name}`, name, 'ns/record', rounds.map(nanosPerRecord), {
          better: 'less',
          note: `${Math.round(end.rowsPerBucket!)} rows in a bucket of ${Math.round(end.recordsPerBucket!)} records`,
        }),
      ),
    ];
  },
};

export const allocationRow: Row = {
  name: 'allocation',
  about: 'bytes that stage 1 allocates',
  measure: async (context) => {
    const corpus = prepareRequests(SHORT_504);
    const [timed] = await alternate(
      [nodeSubject('allocation', 'allocation', { corpus }, ALLOCATION_FLAGS)],
      context,
    );
    const figures = (name: string): number[] => timed!.rounds.map((round) => round.figures![name]!);
    return [
      figureLine(
        'allocation.record',
        'stage 1 allocates, steady, bucket open',
        'B/record',
        figures('bytesPerRecord'),
        {
          aim: { is: 'at most', demanded: 8 },
          better: 'less',
        },
      ),
      figureLine('allocation.row', 'closing a bucket', 'B/row', figures('bytesPerRow'), {
        better: 'less',
      }),
    ];
  },
};
