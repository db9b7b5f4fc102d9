// How templates are used: what most buckets change of them while they are new, and every hour later, in rows apart from what
// templates are.
import { RowReader, type RowWriter } from '../row-bytes.ts';
import type { LearntTemplate } from './template.ts';
import type { TemplateList } from './template-list.ts';

export interface TemplateUse {
  /** Hour of event time, since 1970, in which it was seen last. */
  readonly hour: number;
  /** How often its lines were looked at; at `SHAPE_CHECKS` no further one is. */
  readonly checks: number;
}

/** Templates with so many sequence numbers, the first a multiple of it, share a row. */
const BLOCK_TEMPLATES = 256;

export function blockOf(sequence: number): number {
  return Math.floor(sequence / BLOCK_TEMPLATES);
}

/**
 * The rows of these blocks, ascending; null = the block has no template any more. Looks at all templates of the service, which
 * takes less than keeping them by block would.
 */
export function writeUse(
  writer: RowWriter,
  templates: TemplateList,
  blocks: ReadonlySet<number>,
): [block: number, row: Uint8Array | null][] {
  const byBlock = new Map([...blocks].sort((a, b) => a - b).map((block) => [block, [] as LearntTemplate[]]));
  for (const template of templates.values()) byBlock.get(blockOf(template.sequence))?.push(template);
  return [...byBlock].map(([block, own]) => [
    block,
    own.length === 0 ? null : writeBlock(writer, templates, block, own),
  ]);
}

/** By sequence number. */
export function readUse(value: Uint8Array, block: number): Map<number, TemplateUse> {
  const row = new RowReader(value);
  const use = new Map<number, TemplateUse>();
  const latest = row.number();
  for (let next = block * BLOCK_TEMPLATES; !row.isAtEnd; next++) {
    next += row.number();
    use.set(next, { hour: latest - row.number(), checks: row.number() });
  }
  return use;
}

/** Hours are told from the latest, and sequence numbers from the one before, as small numbers take one byte. */
function writeBlock(
  writer: RowWriter,
  templates: TemplateList,
  block: number,
  own: LearntTemplate[],
): Uint8Array {
  own.sort((a, b) => a.sequence - b.sequence);
  let latest = 0;
  for (const { slot } of own) latest = Math.max(latest, templates.hourAt(slot));
  writer.number(latest);
  let next = block * BLOCK_TEMPLATES;
  for (const { slot, sequence } of own) {
    writer.number(sequence - next);
    writer.number(latest - templates.hourAt(slot));
    writer.number(templates.checksAt(slot));
    next = sequence + 1;
  }
  return writer.take();
}
