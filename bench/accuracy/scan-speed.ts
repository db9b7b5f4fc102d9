// Time of one scan: `node bench/accuracy/scan-speed.ts FILE…`, each a file of lines. CPU time, best of many passes, beside
// a plain loop over the same bytes, so that figures of a busy machine can be compared by their ratio.
import { readFileSync } from 'node:fs';
import { createScanner } from '../../src/core/scan/scanner.ts';

/** Bytes scanned in all passes over a file; the best pass is the least disturbed. */
const BYTES_SCANNED = 150_000_000;
/** Bytes of a file that are used, so that a pass is short. */
const BYTES_MAX = 2_000_000;

for (const file of process.argv.slice(2)) measure(file);

function measure(file: string): void {
  const bytes = new Uint8Array(readFileSync(file).subarray(0, BYTES_MAX));
  const starts = lineStarts(bytes);
  const scanner = createScanner();
  const lines = starts.length - 1;
  const passes = Math.ceil(BYTES_SCANNED / bytes.length);
  const scan = best(passes, () => {
    for (let i = 0; i < lines; i++) scanner.scan(bytes, starts[i]!, starts[i + 1]! - 1);
  });
  const loop = best(passes, () => sum(bytes));
  const perLine = ((scan * 1000) / lines).toFixed(0);
  const perByte = (scan * 1000) / bytes.length;
  console.log(
    `${file}: ${lines} lines of ${(bytes.length / lines).toFixed(0)} B, ${perLine} ns/line, ${perByte.toFixed(2)} ns/B ` +
      `(${(1000 / perByte).toFixed(0)} MB/s), ${(scan / loop).toFixed(1)} times a loop over the bytes`,
  );
}

/** Least CPU time of a pass, in microseconds. */
function best(passes: number, pass: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < passes; i++) {
    const before = process.cpuUsage();
    pass();
    const used = process.cpuUsage(before);
    least = Math.min(least, used.user + used.system);
  }
  return least;
}

function lineStarts(bytes: Uint8Array): number[] {
  const starts = [0];
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === 10) starts.push(i + 1);
  return starts;
}

function sum(bytes: Uint8Array): number {
  let all = 0;
  for (let i = 0; i < bytes.length; i++) all += bytes[i]!;
  return all;
}
