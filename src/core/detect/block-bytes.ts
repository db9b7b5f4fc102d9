// The rows of a block of templates: who they are, which changes only when one comes or goes, and in the same order what a
// bucket changes and what a minute changes.
import { RowReader, type RowWriter } from '../row-bytes.ts';
import type { Numbers } from './numbers.ts';
import { readRate, writeRate } from './rate-bytes.ts';
import type { TemplateRows } from './template-rows.ts';
import { TemplateState } from './template-state.ts';

type Block = readonly TemplateState[];

export function writeTemplates(row: RowWriter, block: Block): void {
  for (const { id, firstMs } of block) {
    row.text(id);
    row.number(firstMs);
  }
}

/** Templates of which nothing else is known yet. */
export function readTemplates(value: Uint8Array, rows: TemplateRows): TemplateState[] {
  const row = new RowReader(value);
  const block: TemplateState[] = [];
  while (!row.isAtEnd) block.push(new TemplateState(rows, row.text(), row.number(), 0));
  return block;
}

export function writeNumbers(row: RowWriter, block: Block): void {
  let minute = 0;
  for (const { arrivalsMinute, openMinute } of block)
    minute = Math.max(minute, arrivalsMinute, openMinute ?? 0);
  row.number(minute);
  for (const template of block) row.run(row.desk, 0, template.listNumbers(row.desk, minute));
}

/** Of the templates that were written, which must be new. */
export function readNumbers(value: Uint8Array, block: Block): void {
  const row = new RowReader(value);
  const minute = row.number();
  for (const template of block) template.takeNumbers(row, minute);
}

/** Up to the last template with a rate. */
export function writeRates(row: RowWriter, block: Block): void {
  const length = block.findLastIndex(({ rate }) => rate !== null) + 1;
  let before: Numbers | undefined;
  for (let i = 0; i < length; i++) {
    const { rate } = block[i]!;
    row.flag(rate !== null);
    if (rate !== null) before = writeRate(row, rate, before);
  }
}

/** Of the templates that were written. */
export function readRates(value: Uint8Array, block: Block): void {
  const row = new RowReader(value);
  let before: Numbers | undefined;
  for (let i = 0; !row.isAtEnd; i++) {
    if (!row.flag()) continue;
    const rate = readRate(row, before);
    before = rate.readFolded();
    block[i]!.rate = rate;
  }
}
