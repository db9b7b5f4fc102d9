// Mines plain lines from the first to the last and reads the templates at the end.

import { createScanner } from '../../src/core/scan/scanner.ts';
import { LINES_PER_BUCKET, LineMiner } from './line-miner.ts';

export interface MinedLines {
  /** Final template text of each line. */
  readonly templates: readonly string[];
  /** Lines that were counted under an id that was merged into another in a later bucket. */
  readonly reidentified: number;
  /** Distinct signatures. */
  readonly signatures: number;
}

export function mineLines(lines: readonly string[]): MinedLines {
  const lineMiner = new LineMiner(createScanner());
  const encoder = new TextEncoder();
  const signatureOf: string[] = [];
  const firstId: string[] = [];
  const noteIds = (): void => {
    for (let i = firstId.length; i < signatureOf.length; i++)
      firstId.push(resolve(lineMiner, signatureOf[i]!));
  };
  for (const line of lines) {
    signatureOf.push(lineMiner.add(encoder.encode(line)));
    if (signatureOf.length % LINES_PER_BUCKET === 0) noteIds();
  }
  lineMiner.flush();
  noteIds();
  const ids = signatureOf.map((signature) => resolve(lineMiner, signature));
  return {
    templates: ids.map((id) => lineMiner.miner.template('s', id)!.text),
    reidentified: ids.filter((id, i) => id !== firstId[i]).length,
    signatures: new Set(signatureOf).size,
  };
}

function resolve({ miner }: LineMiner, signature: string): string {
  return miner.resolve(
    's',
    Number.parseInt(signature.slice(0, 8), 16),
    Number.parseInt(signature.slice(8), 16),
  )!;
}
