// Lines that never repeat: `npm exec -c 'node bench/accuracy/fresh.ts [LINES] [FILE]'`. Lines of a simulation (or a file)
// with every run of digits drawn anew are counted and mined as the pipeline does it. Prints the CPU time of a line for each
// 100,000 and the bytes that a template retains: neither may grow with the number of lines read.
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createScanner } from '../../src/core/scan/scanner.ts';
import { Random } from '../../src/simulator/random.ts';
import { simulate } from '../../src/simulator/simulate.ts';
import { STORIES } from '../../src/simulator/stories.ts';
import { toText } from '../../src/simulator/to-text.ts';
import { LineMiner } from './line-miner.ts';

const STEP = 100_000;
const DEFAULT_LINES = 1_000_000;
const SEED = 1;
/** Lines before the first measurement. */
const WARM_UP = 50_000;
/** Lines of a bucket and between two checkpoints: ten seconds of a busy service. */
const LINES_PER_BUCKET = 10_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

run(Number(process.argv[2] ?? DEFAULT_LINES), process.argv[3]);

function run(total: number, file: string | undefined): void {
  // One array of bytes: strings that are still being put together would be charged to the templates.
  const text = file === undefined ? simulated() : readFileSync(file);
  const ends = lineEnds(text);
  const random = new Random(SEED);
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  /** Time of counting and mining the lines `[from, to)`, without making them or taking the state's changes. */
  const feed = (lineMiner: LineMiner, from: number, to: number): number => {
    let spentMs = 0;
    for (let start = from; start < to; start += LINES_PER_BUCKET) {
      const wires: Uint8Array[] = [];
      for (let i = start; i < Math.min(start + LINES_PER_BUCKET, to); i++) {
        const at = i % ends.length;
        const line = decoder.decode(text.subarray(at === 0 ? 0 : ends[at - 1]! + 1, ends[at]!));
        wires.push(encoder.encode(redraw(line, random)));
      }
      const started = process.cpuUsage();
      for (const wire of wires) lineMiner.add(wire);
      const { user, system } = process.cpuUsage(started);
      spentMs += (user + system) / 1_000;
      lineMiner.miner.takeChanges();
    }
    return spentMs;
  };
  // What compiled code and caches take is not the templates'.
  feed(new LineMiner(createScanner(), LINES_PER_BUCKET), 0, WARM_UP);
  const miner = new LineMiner(createScanner(), LINES_PER_BUCKET);
  const before = heapUsed();
  for (let start = 0; start < total; start += STEP) {
    const spentMs = feed(miner, start, Math.min(start + STEP, total));
    const retained = heapUsed() - before;
    const { templates, signatures } = miner;
    console.log(
      `${start + STEP} lines: ${((spentMs * 1e6) / STEP).toFixed(0)} ns/line, ${templates} templates, ` +
        `${signatures} signatures, ${(retained / Math.max(1, templates)).toFixed(0)} B/template`,
    );
  }
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

function heapUsed(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
