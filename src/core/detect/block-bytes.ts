// The rows of a block of templates: ids, which change only when a template comes or goes, and in the same order what a
// bucket changes and what a minute changes.
import type { SeverityClass } from '../../contracts.ts';
import { RowReader, type RowWriter } from '../row-bytes.ts';
import { readRate, writeRate } from './rate-bytes.ts';
import { SLOTS, type TemplateState } from './template-state.ts';

type Block = readonly TemplateState[];

export function writeIds(row: RowWriter, block: Block): void {
  for (const { id } of block) row.text(id);
}

export function readIds(value: Uint8Array): string[] {
  const row = new RowReader(value);
  const ids: string[] = [];
  while (!row.isAtEnd) ids.push(row.text());
  return ids;
}

/** All of the templates but ids and rates. Times and minutes are near those of the template seen last. */
export function writeNumbers(row: RowWriter, block: Block): void {
  let ms = 0;
  let minute = 0;
  for (const template of block) {
    ms = Math.max(ms, template.lastMs);
    minute = Math.max(minute, template.arrivalsMinute);
  }
  row.number(ms);
  row.number(minute);
  for (const template of block) {
    row.below(template.firstMs, ms);
    row.below(template.lastMs, ms);
    row.number(template.severity);
    row.number(template.arrivals);
    row.below(template.arrivalsMinute, minute);
    row.nullable(template.announcedMs);
    row.number(template.peak);
    row.flag(template.ordinary);
    writeYoung(row, template);
    writeOpen(row, template, minute);
  }
}

/** Into the templates of a block, which must have been read from its ids. */
export function readNumbers(value: Uint8Array, block: Block): void {
  const row = new RowReader(value);
  const ms = row.number();
  const minute = row.number();
  for (const template of block) {
    template.firstMs = row.below(ms);
    template.lastMs = row.below(ms);
    template.severity = row.number() as SeverityClass;
    template.arrivals = row.number();
    template.arrivalsMinute = row.below(minute);
    template.announcedMs = row.nullable();
    template.peak = row.number();
    template.ordinary = row.flag();
    template.young = readYoung(row);
    readOpen(row, template, minute);
  }
}

function writeYoung(row: RowWriter, { young }: TemplateState): void {
  row.nullable(young === null ? null : young.buckets);
  if (young !== null) row.number(young.bits);
}

function readYoung(row: RowReader): TemplateState['young'] {
  const buckets = row.nullable();
  return buckets === null ? null : { buckets, bits: row.number() };
}

function writeOpen(row: RowWriter, template: TemplateState, minute: number): void {
  row.flag(template.isOpen);
  if (!template.isOpen) return;
  row.below(template.openMinute!, minute);
  row.number(template.openSeverity);
  for (let slot = 0; slot < SLOTS; slot++) row.number(template.openSlot(slot));
}

function readOpen(row: RowReader, template: TemplateState, minute: number): void {
  if (!row.flag()) return;
  template.open(row.below(minute));
  const severity = row.number() as SeverityClass;
  for (let slot = 0; slot < SLOTS; slot++) template.addOpen(slot, row.number(), severity);
}

/** Up to the last template with a rate. */
export function writeRates(row: RowWriter, block: Block): void {
  const length = block.findLastIndex(({ rate }) => rate !== null) + 1;
  for (let i = 0; i < length; i++) {
    const { rate } = block[i]!;
    row.flag(rate !== null);
    if (rate !== null) writeRate(row, rate);
  }
}

/** Into the templates of a block, which must have been read from its ids. */
export function readRates(value: Uint8Array, block: Block): void {
  const row = new RowReader(value);
  for (let i = 0; !row.isAtEnd; i++) if (row.flag()) block[i]!.rate = readRate(row);
}
