// How well the miner finds templates, how fast, and what they cost: `npm run bench:accuracy -- [DIR] [--drain3]`.
// Without DIR: generated lines of known call sites, and fresh lines (see structured.ts, fresh-lines.ts). With DIR, which
// holds NAME.log and NAME.truth.csv, the labelled corpora first: each mined alone, shuffled, and interleaved with all
// others into one service; one setting for all. With --drain3, or once it is installed, Drain3's figures follow ours.

import { join } from 'node:path';
import { type Corpus, readCorpora } from './corpus.ts';
import { drain3Templates, installDrain3, isDrain3Installed } from './drain3.ts';
import { freshTable } from './fresh-lines.ts';
import { type Accuracy, accuracy, normalise } from './metrics.ts';
import { mineLines } from './mine-lines.ts';
import { structuredTable } from './structured.ts';

/** Seeds of the shuffles; their accuracies are averaged. */
const SHUFFLE_SEEDS = [1, 2, 3];

interface Row {
  readonly name: string;
  readonly accuracy: Accuracy;
}

const directory = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
if (directory !== undefined) {
  const corpora = readCorpora(directory);
  run(corpora);
  compare(directory, corpora);
}
structuredTable();
freshTable();

function run(corpora: readonly Corpus[]): void {
  const annotations = [...new Set(corpora.flatMap((corpus) => [...corpus.truth.keys()]))];
  const alone = corpora.map((corpus) => mineLines(corpus.lines));
  const predicted = alone.map((mined) => mined.templates);
  for (const annotation of annotations) print(`alone, ${annotation}`, score(corpora, predicted, annotation));
  for (const annotation of annotations) {
    const rows = SHUFFLE_SEEDS.flatMap((seed) => {
      const shuffled = corpora.map((corpus) => mineShuffled(corpus.lines, seed));
      return score(corpora, shuffled, annotation);
    });
    printAverage(`shuffled ${SHUFFLE_SEEDS.length} times, ${annotation}`, rows);
  }
  const interleaved = mineInterleaved(corpora);
  for (const annotation of annotations)
    printAverage(`interleaved, ${annotation}`, score(corpora, interleaved, annotation));
  const lines = corpora.reduce((sum, corpus) => sum + corpus.lines.length, 0);
  const moved = alone.reduce((sum, mined) => sum + mined.reidentified, 0);
  console.log(`re-identified later: ${moved} of ${lines} lines (${((100 * moved) / lines).toFixed(2)} %)`);
  console.log(
    `signatures: ${corpora.map((corpus, i) => `${corpus.name} ${alone[i]!.signatures}`).join(', ')}`,
  );
}

/** Drain3 alone on each file, with the same scores. */
function compare(directory: string, corpora: readonly Corpus[]): void {
  if (!isDrain3Installed()) {
    if (!process.argv.includes('--drain3')) return;
    if (!installDrain3()) {
      console.log('drain3: needs python3 and a package index');
      return;
    }
  }
  const predicted = drain3Templates(corpora.map((corpus) => join(directory, `${corpus.name}.log`)));
  const annotations = [...new Set(corpora.flatMap((corpus) => [...corpus.truth.keys()]))];
  for (const annotation of annotations) print(`Drain3, ${annotation}`, score(corpora, predicted, annotation));
}

function score(
  corpora: readonly Corpus[],
  predicted: readonly (readonly string[])[],
  annotation: string,
): Row[] {
  return corpora.flatMap((corpus, i) => {
    const truth = corpus.truth.get(annotation);
    return truth === undefined
      ? []
      : [{ name: corpus.name, accuracy: accuracy(truth, predicted[i]!.map(normalise)) }];
  });
}

function mineShuffled(lines: readonly string[], seed: number): string[] {
  const order = shuffled(lines.length, seed);
  const { templates } = mineLines(order.map((i) => lines[i]!));
  const inOrder = new Array<string>(lines.length);
  order.forEach((line, i) => {
    inOrder[line] = templates[i]!;
  });
  return inOrder;
}

/** One service receives one line of each corpus in turn. */
function mineInterleaved(corpora: readonly Corpus[]): string[][] {
  const from: [corpus: number, line: number][] = [];
  const longest = Math.max(...corpora.map((corpus) => corpus.lines.length));
  for (let line = 0; line < longest; line++) {
    for (let i = 0; i < corpora.length; i++) if (line < corpora[i]!.lines.length) from.push([i, line]);
  }
  const { templates } = mineLines(from.map(([corpus, line]) => corpora[corpus]!.lines[line]!));
  const perCorpus = corpora.map((corpus) => new Array<string>(corpus.lines.length));
  from.forEach(([corpus, line], i) => {
    perCorpus[corpus]![line] = templates[i]!;
  });
  return perCorpus;
}

/** Fisher–Yates with a linear congruential generator (Numerical Recipes' constants), so that a seed is an order. */
function shuffled(length: number, seed: number): number[] {
  const order = Array.from({ length }, (_, i) => i);
  let state = seed >>> 0;
  for (let i = length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function print(title: string, rows: readonly Row[]): void {
  console.log(`\n${title.padEnd(24)}     GA    FGA     PA    FTA  lines  true  found`);
  for (const row of rows) console.log(line(row.name, row.accuracy));
  console.log(line('average', average(rows)));
}

function printAverage(title: string, rows: readonly Row[]): void {
  console.log(line(title, average(rows)));
}

function line(name: string, a: Accuracy): string {
  const shares = [a.ga, a.fga, a.pa, a.fta].map((value) => value.toFixed(4)).join(' ');
  const counts = `${String(a.lines).padStart(6)} ${String(a.trueGroups).padStart(5)} ${String(a.groups).padStart(6)}`;
  return `${name.padEnd(26)} ${shares} ${counts}`;
}

function average(rows: readonly Row[]): Accuracy {
  const mean = (of: (a: Accuracy) => number) =>
    rows.reduce((sum, row) => sum + of(row.accuracy), 0) / rows.length;
  return {
    ga: mean((a) => a.ga),
    fga: mean((a) => a.fga),
    pa: mean((a) => a.pa),
    fta: mean((a) => a.fta),
    lines: Math.round(mean((a) => a.lines)),
    trueGroups: Math.round(mean((a) => a.trueGroups)),
    groups: Math.round(mean((a) => a.groups)),
  };
}
