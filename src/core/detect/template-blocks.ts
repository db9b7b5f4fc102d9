import type { StateRow } from '../../contracts.ts';
import { RowWriter } from '../row-bytes.ts';
import { writeNumbers, writeRates, writeTemplates } from './block-bytes.ts';
import { compareText } from './findings.ts';
import type { ServiceState } from './service-state.ts';
import { blockKey, RATE_TABLE, TEMPLATE_NUMBERS_TABLE, TEMPLATE_TABLE } from './state-tables.ts';
import type { TemplateState } from './template-state.ts';

/**
 * Templates of a service that share a row. A row costs a store as much as a thousand bytes, so that small blocks were the
 * greatest part of a checkpoint (`npm run bench -- --only steady`); the more share one, the more that did not change is
 * written again. They are together as they came: those seen first, and so most often, share rows.
 */
const BLOCK_TEMPLATES = 64;

/** Which rows of a block are to be written. */
const TEMPLATES = 1;
const NUMBERS = 2;
const RATES = 4;

/** The tables in the order of their rows, each row a piece of the same templates. */
const TABLES = [
  { table: TEMPLATE_TABLE, row: TEMPLATES, write: writeTemplates },
  { table: TEMPLATE_NUMBERS_TABLE, row: NUMBERS, write: writeNumbers },
  { table: RATE_TABLE, row: RATES, write: writeRates },
] as const;

/** Some templates of one service. Empty: its rows are to be deleted. */
export interface TemplateBlock {
  readonly key: string;
  readonly service: ServiceState;
  /** In the order in which they came. */
  readonly templates: TemplateState[];
  /** Rows to be written, a bit for each. */
  changed: number;
}

/**
 * Puts templates into blocks and gives the rows of what changed: of one table who they are, of another the numbers that any
 * record of a template changes, of a third its rates, three times as large, which only a judged minute changes.
 */
export class TemplateBlocks {
  /** By key: a service that was evicted and came back has other blocks under the same keys. */
  readonly #changed = new Map<string, TemplateBlock>();
  readonly #writer = new RowWriter();

  /** Into the first block with room: which one follows from what is held, never from when it was stored. */
  add(service: ServiceState, template: TemplateState): void {
    const { templates } = service;
    while ((templates.blocks[templates.roomFrom]?.templates.length ?? 0) >= BLOCK_TEMPLATES)
      templates.roomFrom += 1;
    this.#mark(this.place(service, template, templates.roomFrom), TEMPLATES | NUMBERS);
  }

  /** Into the block it was stored in. */
  place(service: ServiceState, template: TemplateState, number: number): TemplateBlock {
    const { blocks } = service.templates;
    while (blocks.length <= number) blocks.push(newBlock(service, blocks.length));
    const block = blocks[number]!;
    block.templates.push(template);
    template.block = block;
    return block;
  }

  /** Those behind it move up: all rows of its block are other ones. */
  remove(template: TemplateState): void {
    const { block } = template;
    if (block === null) return;
    const { templates } = block;
    this.#mark(
      block,
      templates.some(({ rate }) => rate !== null) ? TEMPLATES | NUMBERS | RATES : TEMPLATES | NUMBERS,
    );
    templates.splice(templates.indexOf(template), 1);
    template.block = null;
    template.next = null;
    block.service.templates.roomFrom = 0;
  }

  touch({ block }: TemplateState): void {
    if (block !== null) this.#mark(block, NUMBERS);
  }

  touchRate({ block, rate }: TemplateState): void {
    if (block !== null && rate !== null) this.#mark(block, RATES);
  }

  /** As if it had just come. */
  touchAll(template: TemplateState): void {
    if (template.block !== null) this.#mark(template.block, TEMPLATES | NUMBERS);
    this.touchRate(template);
  }

  takeChanges(): StateRow<Uint8Array>[] {
    const rows: StateRow<Uint8Array>[] = [];
    const blocks = [...this.#changed.values()].sort((x, y) => compareText(x.key, y.key));
    for (const { table, row, write } of TABLES) {
      for (const { key, templates, changed } of blocks) {
        if ((changed & row) === 0) continue;
        write(this.#writer, templates);
        const value = this.#writer.take();
        rows.push({ table, key, value: templates.length === 0 || value.length === 0 ? null : value });
      }
    }
    for (const block of blocks) block.changed = 0;
    this.#changed.clear();
    return rows;
  }

  /** What another block under its key was to delete is its own to write or delete. */
  #mark(block: TemplateBlock, rows: number): void {
    if ((block.changed & rows) === rows) return;
    block.changed |= rows | (this.#changed.get(block.key)?.changed ?? 0);
    this.#changed.set(block.key, block);
  }
}

function newBlock(service: ServiceState, number: number): TemplateBlock {
  return { key: blockKey(service.ref.key, number), service, templates: [], changed: 0 };
}
