// Speed and memory on lines that never repeat, counted and mined as the pipeline does it. Neither the CPU time of a line
// nor the bytes that a template retains may grow with the number of lines read.
import { readFileSync } from 'node:fs';
import { createScanner } from '../../src/core/scan/scanner.ts';
import { Random } from '../../src/simulator/random.ts';
import { simulate } from '../../src/simulator/simulate.ts';
import { STORIES } from '../../src/simulator/stories.ts';
import { toText } from '../../src/simulator/to-text.ts';
import { LineMiner } from './line-miner.ts';
import { Held } from './retained.ts';

const DEFAULT_LINES = 1_000_000;
const HOSTILE_LINES = 100_000;
/** Lines of one printed row; the first and the last two rows are what is compared. */
const ROW_LINES = 100_000;
const COMPARED_ROWS = 2;
const SEED = 1;
const ONE_LINE_READINGS = 4;
/** Lines before the first measurement. */
const WARM_UP = 50_000;
/** Lines of a bucket and between two checkpoints: ten seconds of a busy service. */
const LINES_PER_BUCKET = 10_000;

type Lines = (line: number) => string;

/** Lines of a simulation (or a file) with every run of digits drawn anew; then words drawn at random. */
export function freshTable(lines = DEFAULT_LINES, file?: string): void {
  measure(
    file === undefined ? 'fresh lines of the simulator' : `fresh lines of ${file}`,
    redrawn(file),
    lines,
    ROW_LINES,
  );
  measure('hostile: every word drawn at random', randomWords(), HOSTILE_LINES, HOSTILE_LINES / 5);
}

function measure(title: string, lines: Lines, total: number, rowLines: number): void {
  // What compiled code, caches and the scanner of stage 1 take is not the templates'.
  const scanner = createScanner();
  const newMiner = (): LineMiner => new LineMiner(scanner, LINES_PER_BUCKET);
  const warm = new Held(newMiner);
  mineRows(warm, lines, WARM_UP, WARM_UP, false);
  // The least of some: what code gives back in the meantime would be taken off every template.
  const oneBytes = Math.min(
    ...Array.from({ length: ONE_LINE_READINGS }, () => {
      const one = new Held(newMiner);
      mineRows(one, lines, 1, 1, false);
      return one.release();
    }),
  );
  console.log(`\n${title.padEnd(40)} ns/line  templates  signatures  forgotten`);
  const all = new Held(newMiner);
  const times = mineRows(all, lines, total, rowLines, true);
  const templates = all.read(({ miner }) => miner.size);
  const perTemplate = (all.release() - oneBytes) / Math.max(1, templates - 1);
  // Only now: with the last object of a class goes the code that was compiled for it.
  warm.release();
  const compared = Math.min(COMPARED_ROWS, times.length);
  const ratio = sum(times.slice(-compared)) / sum(times.slice(0, compared));
  console.log(
    `retained: ${perTemplate.toFixed(0)} B per template beyond the first; ` +
      `time of the last ${compared * rowLines} lines / the first: ${ratio.toFixed(2)}`,
  );
}

/** Nanoseconds of a line, row by row. */
function mineRows(
  held: Held<LineMiner>,
  lines: Lines,
  total: number,
  rowLines: number,
  isPrinted: boolean,
): number[] {
  const times: number[] = [];
  for (let start = 0; start < total; start += rowLines) {
    const end = Math.min(start + rowLines, total);
    times.push((held.read((miner) => feed(miner, lines, start, end)) * 1e6) / (end - start));
    if (isPrinted)
      console.log(
        `${`${end} lines`.padEnd(40)} ${times.at(-1)!.toFixed(0).padStart(7)} ${held.read(counts)}`,
      );
  }
  return times;
}

function counts({ templates, signatures, miner }: LineMiner): string {
  const forgotten = String(miner.signaturesForgotten).padStart(10);
  return `${String(templates).padStart(10)} ${String(signatures).padStart(11)} ${forgotten}`;
}

/** Time of counting and mining the lines `[from, to)`, without making them or taking the state's changes. */
function feed(lineMiner: LineMiner, lines: Lines, from: number, to: number): number {
  const encoder = new TextEncoder();
  let spentMs = 0;
  for (let start = from; start < to; start += LINES_PER_BUCKET) {
    const wires: Uint8Array[] = [];
    for (let i = start; i < Math.min(start + LINES_PER_BUCKET, to); i++) wires.push(encoder.encode(lines(i)));
    const started = process.cpuUsage();
    for (const wire of wires) lineMiner.add(wire);
    lineMiner.flush();
    const { user, system } = process.cpuUsage(started);
    spentMs += (user + system) / 1_000;
    lineMiner.miner.takeChanges();
  }
  return spentMs;
}

function redrawn(file: string | undefined): Lines {
  // One array of bytes: strings that are still being put together would be charged to the templates.
  const text = file === undefined ? simulated() : readFileSync(file);
  const ends = lineEnds(text);
  const random = new Random(SEED);
  const decoder = new TextDecoder();
  return (line) => {
    const at = line % ends.length;
    return redraw(decoder.decode(text.subarray(at === 0 ? 0 : ends[at - 1]! + 1, ends[at]!)), random);
  };
}

/** Three to eight words of three to ten letters: nothing to mask, and no two lines have a word in common. */
function randomWords(): Lines {
  const random = new Random(SEED);
  return () => Array.from({ length: 3 + Math.floor(6 * random.unit()) }, () => randomWord(random)).join(' ');
}

function randomWord(random: Random): string {
  return Array.from({ length: 3 + Math.floor(8 * random.unit()) }, () =>
    String.fromCharCode(97 + Math.floor(26 * random.unit())),
  ).join('');
}

function simulated(): Uint8Array {
  return new TextEncoder().encode(`${[...toText(simulate(STORIES.refused_then_504.options))].join('\n')}\n`);
}

function lineEnds(text: Uint8Array): Int32Array {
  const ends: number[] = [];
  for (let i = text.indexOf(10); i >= 0; i = text.indexOf(10, i + 1)) ends.push(i);
  return Int32Array.from(ends);
}

/** Every run of digits by one of the same length. */
function redraw(line: string, random: Random): string {
  return line.replace(/\d+/g, (digits) => {
    let drawn = '';
    for (let i = 0; i < digits.length; i++) drawn += Math.floor(random.unit() * 10);
    return drawn;
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
