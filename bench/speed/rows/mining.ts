import { readFileSync } from 'node:fs';
import { minerPeer, type PeerName } from '../../peers/miners.ts';
import { prepareLines } from '../corpora.ts';
import type { LineKind } from '../formats.ts';
import {
  type Absent,
  type Aim,
  byteRate,
  figureLine,
  type Line,
  nanosPerRecord,
  ratioLine,
  recordRate,
} from '../line.ts';
import { alternate, type Launch, nodeSubject, type Timed } from '../rounds.ts';
import type { Context, Row } from '../row.ts';

const SEED = 1;

interface Mined {
  readonly kind: LineKind;
  readonly lines: number;
  readonly peers: readonly PeerName[];
  readonly aims: Partial<Record<PeerName, Aim>>;
  readonly rateAim?: Aim;
}

const MIXED: Mined = {
  kind: 'mixed',
  lines: 200_000,
  peers: [
    'Drain3 with masks',
    'Drain3',
    'go-drain3',
    'logdrain',
    'logdrain with masks',
    'drain3 crate',
    'drain3 crate with masks',
  ],
  aims: {
    'Drain3 with masks': { is: 'at least', demanded: 30 },
    'go-drain3': { is: 'at least', demanded: 3 },
    logdrain: { is: 'at least', demanded: 1 },
    'drain3 crate': { is: 'at least', demanded: 1 },
  },
};

const STRUCTURED: Mined = {
  kind: 'structured',
  lines: 60_000,
  peers: ['Drain3 with masks', 'go-drain3', 'logdrain'],
  aims: { 'Drain3 with masks': { is: 'at least', demanded: 20 } },
  rateAim: { is: 'at least', demanded: 100 },
};

const OTHERS: readonly Mined[] = (['short', 'json', 'wordy', 'trace'] as const).map((kind) => ({
  kind,
  lines: 50_000,
  peers: ['Drain3 with masks'],
  aims: {},
}));

export const mixedRow: Row = {
  name: 'mixed',
  about: 'decode + scan + count + mine on lines whose digits never repeat, beside other miners',
  measure: (context) => mine(MIXED, context),
};

export const structuredRow: Row = {
  name: 'structured',
  about: 'the same on long structured lines',
  measure: (context) => mine(STRUCTURED, context),
};

export const kindsRow: Row = {
  name: 'kinds',
  about: 'the same on each other kind of lines',
  measure: async (context) => {
    const lines = [];
    for (const mined of OTHERS) lines.push(...(await mine(mined, context)));
    return lines;
  },
};

async function mine(mined: Mined, context: Context): Promise<(Line | Absent)[]> {
  const { kind, aims } = mined;
  context.progress(`lines of kind ${kind}`);
  const file = prepareLines(kind, context.quick ? 10_000 : mined.lines, SEED);
  const absent: Absent[] = [];
  const launches: Launch[] = [
    nodeSubject('winnow', 'mining', { lines: file }),
    nodeSubject('scanner alone', 'scanning', { lines: file }),
  ];
  for (const name of mined.peers) {
    context.progress(`peer ${name}`);
    const peer = minerPeer(name, file);
    if ('absent' in peer) absent.push({ id: `${kind}.${name}`, absent: peer.absent });
    else launches.push(peer);
  }
  const [ours, scanner, ...peers] = await alternate(launches, context);
  const end = sizesOf(file);
  for (const { name, end: said } of peers) {
    if (said.bytes !== end(said.lines!))
      throw new Error(`${name} read ${said.bytes} bytes in ${said.lines} lines`);
    if (!(said.templates! > 0)) throw new Error(`${name} found no template`);
  }
  const megabytes = (timed: Timed): number[] => timed.rounds.map((round) => byteRate(round) / 1e6);
  return [
    ...peers.map((peer) => {
      const aim = aims[peer.name as PeerName];
      return ratioLine(
        `${kind}.${peer.name}`,
        `${kind} lines, mined : ${peer.name}`,
        ours!,
        peer,
        recordRate,
        {
          ...(aim === undefined ? {} : { aim }),
          note: `${peer.end.templates} templates after ${peer.end.lines} lines`,
        },
      );
    }),
    figureLine(`${kind}.rate`, `${kind} lines, mined`, 'MB/s', megabytes(ours!), {
      better: 'more',
      ...(mined.rateAim === undefined ? {} : { aim: mined.rateAim }),
    }),
    figureLine(`${kind}.ns`, `${kind} lines, mined`, 'ns/line', ours!.rounds.map(nanosPerRecord), {
      better: 'less',
      note: noteOf(ours!),
    }),
    figureLine(`${kind}.scan-rate`, `${kind} lines, scanned only`, 'MB/s', megabytes(scanner!), {
      better: 'more',
    }),
    figureLine(
      `${kind}.scan-ns`,
      `${kind} lines, scanned only`,
      'ns/line',
      scanner!.rounds.map(nanosPerRecord),
      {
        better: 'less',
      },
    ),
    ...absent,
  ];
}

function noteOf({ end }: Timed): string {
  const censored =
    end.censoredShare! > 0 ? `, ${(end.censoredShare! * 100).toFixed(1)} % of the lines censored` : '';
  return `${end.templates} templates, ${Math.round(end.rowsPerBucket!)} signatures in a bucket of 10,000 lines${censored}; ${Math.round(end.learningNs!).toLocaleString('en-US')} ns/line while the first were learnt`;
}

/** Bytes of the first `lines` lines, the file read round and round: what a peer must have read. */
function sizesOf(file: string): (lines: number) => number {
  const bytes = readFileSync(file);
  const ends = [0];
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) ends.push(at + 1 - ends.length);
  const count = ends.length - 1;
  return (lines) => Math.floor(lines / count) * ends[count]! + ends[lines % count]!;
}
