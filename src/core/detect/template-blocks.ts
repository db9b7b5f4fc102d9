import type { StateRow } from '../../contracts.ts';
import { RowWriter } from '../row-bytes.ts';
import { compareText } from './findings.ts';
import type { ServiceState } from './service-state.ts';
import { blockKey, RATE_TABLE, TEMPLATE_TABLE, writeTemplate, writeTemplateRate } from './state-rows.ts';
import type { TemplateState } from './template-state.ts';

/**
 * Templates of a service that share a row. A row costs a store as much as a thousand bytes, so rows of one template each
 * were the greatest part of a checkpoint (`npm run bench -- --only steady`); the more share one, the more that did not
 * change is written again. They are together as they came: those seen first, and so most often, share rows.
 */
const BLOCK_TEMPLATES = 16;

/** Some templates of one service. Empty: its rows are to be deleted. */
export interface TemplateBlock {
  readonly key: string;
  readonly service: ServiceState;
  /** In the order in which they came. */
  readonly templates: TemplateState[];
  /** Its rows are to be written. */
  isChanged: boolean;
  areRatesChanged: boolean;
}

/**
 * Puts templates into blocks and gives the rows of what changed: of one table what any record of a template changes, of
 * another its rates, ten times as large, which only a judged minute changes.
 */
export class TemplateBlocks {
  /** By key: a service that was evicted and came back has other blocks under the same keys. */
  readonly #changed = new Map<string, TemplateBlock>();
  readonly #changedRates = new Map<string, TemplateBlock>();
  readonly #writer = new RowWriter();

  /** Into the first block with room: which one follows from what is held, never from when it was stored. */
  add(service: ServiceState, template: TemplateState): void {
    const { templates } = service;
    while ((templates.blocks[templates.roomFrom]?.templates.length ?? 0) >= BLOCK_TEMPLATES)
      templates.roomFrom += 1;
    this.place(service, template, templates.roomFrom);
    this.touch(template);
  }

  /** Into the block it was stored in. */
  place(service: ServiceState, template: TemplateState, number: number): void {
    const { blocks } = service.templates;
    while (blocks.length <= number) blocks.push(newBlock(service, blocks.length));
    template.block = blocks[number]!;
    template.block.templates.push(template);
  }

  remove(template: TemplateState): void {
    const { block } = template;
    if (block === null) return;
    this.touch(template);
    this.touchRate(template);
    block.templates.splice(block.templates.indexOf(template), 1);
    template.block = null;
    block.service.templates.roomFrom = 0;
  }

  touch({ block }: TemplateState): void {
    if (block === null || block.isChanged) return;
    block.isChanged = true;
    this.#changed.set(block.key, block);
  }

  touchRate({ block, rate }: TemplateState): void {
    if (block === null || rate === null || block.areRatesChanged) return;
    block.areRatesChanged = true;
    this.#changedRates.set(block.key, block);
  }

  takeChanges(): StateRow<Uint8Array>[] {
    const rows: StateRow<Uint8Array>[] = [];
    for (const [key, block] of inOrder(this.#changed)) {
      rows.push({ table: TEMPLATE_TABLE, key, value: this.#templates(block) });
      block.isChanged = false;
    }
    for (const [key, block] of inOrder(this.#changedRates)) {
      rows.push({ table: RATE_TABLE, key, value: this.#rates(block) });
      block.areRatesChanged = false;
    }
    this.#changed.clear();
    this.#changedRates.clear();
    return rows;
  }

  #templates({ templates }: TemplateBlock): Uint8Array | null {
    for (const template of templates) writeTemplate(this.#writer, template);
    return templates.length === 0 ? null : this.#writer.take();
  }

  #rates({ templates }: TemplateBlock): Uint8Array | null {
    let rates = 0;
    for (const { id, rate } of templates) {
      if (rate === null) continue;
      writeTemplateRate(this.#writer, id, rate);
      rates += 1;
    }
    return rates === 0 ? null : this.#writer.take();
  }
}

function newBlock(service: ServiceState, number: number): TemplateBlock {
  const key = blockKey(service.ref.key, number);
  return { key, service, templates: [], isChanged: false, areRatesChanged: false };
}

function inOrder(blocks: ReadonlyMap<string, TemplateBlock>): [string, TemplateBlock][] {
  return [...blocks].sort((x, y) => compareText(x[0], y[0]));
}
