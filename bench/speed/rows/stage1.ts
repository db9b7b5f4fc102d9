import { installBufbuild } from '../../peers/bufbuild.ts';
import { prepareRequests, type RequestSpec, readRequests } from '../corpora.ts';
import {
  type Absent,
  byteRate,
  figureLine,
  type Line,
  nanosPerRecord,
  ratioLine,
  recordRate,
} from '../line.ts';
import { alternate, nodeSubject } from '../rounds.ts';
import type { Row } from '../row.ts';

/** Ten services with three pods each, 2,000 records a second together; a thousand records a request. */
export const SHORT_504: RequestSpec = {
  name: 'short-504',
  seed: 1,
  kind: 'short',
  services: 10,
  formatsPerService: 150,
  exponent: 1.3,
  recordsPerBucket: 20_000,
  buckets: 3,
  recordBytes: 504,
  partitions: 4,
};

const LONG_1200: RequestSpec = {
  ...SHORT_504,
  name: 'structured-1200',
  kind: 'structured',
  recordBytes: 1_200,
};

export const stage1Row: Row = {
  name: 'stage1',
  about: 'decode + scan + count + closing of buckets, beside protobufjs and a walk over the fields',
  measure: async (context) => {
    const lines: (Line | Absent)[] = [];
    const missing = installBufbuild();
    if (missing !== null) lines.push({ id: 'stage1.bufbuild', absent: missing });
    for (const spec of context.quick ? [SHORT_504] : [SHORT_504, LONG_1200]) {
      context.progress(`corpus ${spec.name}`);
      const corpus = prepareRequests(spec);
      const { facts } = readRequests(corpus);
      const [ours, protobufjs, walk, bufbuild] = await alternate(
        [
          nodeSubject('stage 1', 'stage1', { corpus }),
          nodeSubject('protobufjs', 'protobufjs', { corpus }),
          nodeSubject('offsets walk', 'walk', { corpus }),
          ...(missing === null ? [nodeSubject('@bufbuild/protobuf', 'bufbuild', { corpus })] : []),
        ],
        context,
      );
      const demanded = spec === SHORT_504;
      const size = `${Math.round(facts.wireBytes / facts.records)} B records`;
      const id = `stage1.${spec.name}`;
      lines.push(
        ratioLine(
          `${id}.protobufjs`,
          `stage 1 : protobufjs decoding, ${size}`,
          ours!,
          protobufjs!,
          recordRate,
          {
            ...(demanded ? { aim: { is: 'at least', demanded: 4, goal: 6 } as const } : {}),
          },
        ),
        ratioLine(`${id}.walk`, `stage 1 : walk over the offsets, ${size}`, ours!, walk!, recordRate, {
          ...(demanded ? { aim: { is: 'at least', demanded: 0.13, goal: 0.2 } as const } : {}),
        }),
        figureLine(`${id}.ns`, `stage 1, ${size}`, 'ns/record', ours!.rounds.map(nanosPerRecord), {
          better: 'less',
          note: `${Math.round(ours!.end.rowsPerBucket!)} rows in a bucket of ${Math.round(ours!.end.recordsPerBucket!)} records, ${Math.round(facts.rareShare * 100)} % with at most 5`,
        }),
        figureLine(
          `${id}.rate`,
          `stage 1, ${size}`,
          'MB/s',
          ours!.rounds.map((round) => byteRate(round) / 1e6),
          {
            better: 'more',
          },
        ),
        figureLine(
          `${id}.protobufjs-ns`,
          `protobufjs, ${size}`,
          'ns/record',
          protobufjs!.rounds.map(nanosPerRecord),
        ),
        figureLine(`${id}.walk-ns`, `walk, ${size}`, 'ns/record', walk!.rounds.map(nanosPerRecord)),
      );
      if (bufbuild === undefined) continue;
      const text = `stage 1 : @bufbuild/protobuf decoding, ${size}`;
      lines.push(ratioLine(`${id}.bufbuild`, text, ours!, bufbuild, recordRate));
    }
    return lines;
  },
};
