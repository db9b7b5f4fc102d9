import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildBench } from '../build.ts';
import { prepareRequests, type RequestSpec, readRequests } from '../corpora.ts';
import { figureLine, type Line, nanosPerRecord } from '../line.ts';
import { alternate, nodeSubject } from '../rounds.ts';
import type { Context, Row } from '../row.ts';
import { startLines } from '../start.ts';

const SERVICES = 100;
const TEMPLATES_PER_SERVICE = 100;

/** A hundred services whose templates are all about equally frequent: nearly all are active in every bucket. */
function spec(formatsPerService: number, context: Context): RequestSpec {
  return {
    name: `steady-${formatsPerService}${context.quick ? '-quick' : ''}`,
    seed: 1,
    kind: 'short',
    services: context.quick ? 10 : SERVICES,
    formatsPerService,
    exponent: 0,
    recordsPerBucket: context.quick ? 4_000 : 40_000,
    buckets: 2,
    recordBytes: 0,
    partitions: 1,
  };
}

export const steadyRow: Row = {
  name: 'steady',
  about: 'memory, stage 2 and start of a worker with its store: 100 services of 100 templates each',
  measure: async (context) => {
    const directory = mkdtempSync(join(tmpdir(), 'winnow-bench-'));
    try {
      return await measureIn(directory, context);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

async function measureIn(directory: string, context: Context): Promise<Line[]> {
  const corpora = [TEMPLATES_PER_SERVICE, 1].map((formats) => prepareRequests(spec(formats, context)));
  const stores = ['many.db', 'one.db'].map((name) => join(directory, name));
  // At least six: one of them ends a minute.
  const bucketsPerRound = context.quick ? 6 : 20;
  const main = buildBench(join(directory, 'bench'));
  const launches = corpora.map((corpus, i) => {
    const messagesPerBucket = readRequests(corpus).requests.length / 2;
    return nodeSubject(
      i === 0 ? 'many templates' : 'one template a service',
      'steady',
      {
        corpus,
        store: stores[i]!,
        messagesPerBucket: String(messagesPerBucket),
        bucketsPerRound: String(bucketsPerRound),
      },
      ['--expose-gc', '--import', join(dirname(main), 'small-heap.js')],
      main,
    );
  });
  const [many, one] = await alternate(launches, context);
  const { templates, activePerBucket, retainedBytes, residentMaxMiB, longestStage2Ms } = many!.end;
  const perTemplate = (figure: string): number =>
    (many!.end[figure]! - one!.end[figure]!) / (templates! - one!.end.templates!);
  const figures = (name: string): number[] => many!.rounds.map((round) => round.figures![name]!);
  const size = `${templates} templates, ${Math.round(activePerBucket!)} active in a bucket`;
  const atMost = (demanded: number) => ({ aim: { is: 'at most', demanded }, better: 'less' }) as const;
  return [
    figureLine('steady.stage2', 'stage 2 of a bucket', 'ms CPU', figures('stage2Ms'), {
      ...atMost(50),
      note: `${size}; longest ${longestStage2Ms!.toFixed(0)} ms`,
    }),
    figureLine('steady.minute', 'the same of a bucket that ends a minute', 'ms CPU', figures('minuteMs'), {
      ...atMost(50),
      note: 'every sixth: the rates of all templates are judged and stored',
    }),
    figureLine(
      'steady.minute.judge',
      'of that: mining, detecting and assembling windows',
      'ms CPU',
      figures('minuteJudgeMs'),
      { ...atMost(50), note: 'without the checkpoint and its commit' },
    ),
    figureLine(
      'steady.judge',
      'of any bucket: mining, detecting and assembling windows',
      'ms CPU',
      figures('judgeMs'),
      { better: 'less', note: 'what no checkpoint and no record is part of' },
    ),
    figureLine(
      'steady.checkpoint',
      'of any bucket: its checkpoint and the commit of that',
      'ms CPU',
      figures('checkpointMs'),
      {
        better: 'less',
        note: 'rows of state, their encoding and the transaction; every second checkpoint closes no bucket and writes next to nothing',
      },
    ),
    figureLine('steady.block', 'longest block of the event loop in a round', 'ms CPU', figures('longestMs'), {
      ...atMost(50),
      note: `a message of 1,000 records, the bucket it closes, its checkpoint and commit; an hour turns in the first round; by the wall clock ${Math.max(...figures('longestWallMs')).toFixed(0)} ms`,
    }),
    figureLine('steady.resident', 'resident memory', 'MiB', figures('residentMiB'), {
      ...atMost(200),
      note: `${size}; at most ${residentMaxMiB!.toFixed(0)} MiB`,
    }),
    figureLine(
      'steady.template',
      'retained for a template beyond the first of a service',
      'B',
      [perTemplate('retainedBytes')],
      {
        ...atMost(2_048),
        note: `after a collection; ${perTemplate('heapBytes').toFixed(0)} B of it heap, the rest typed arrays, those of open buckets among them; ${(retainedBytes! / 2 ** 20).toFixed(0)} MiB in all`,
      },
    ),
    figureLine('steady.ns', 'worker and store', 'ns/record', many!.rounds.map(nanosPerRecord), {
      better: 'less',
    }),
    ...(await startLines(stores[0]!, templates!, directory, context)),
  ];
}
