import { hashOfName, NONE, SlotIndex } from '../slot-index.ts';
import type { TemplateBlock } from './template-blocks.ts';
import { TemplateRows } from './template-rows.ts';
import type { TemplateState } from './template-state.ts';

/** The templates of all services by the rows of their numbers, in which those of a service are found by their ids. */
export class HeldTemplates {
  readonly rows = new TemplateRows();
  /** Null = the row is free. */
  readonly #byRow: (TemplateState | null)[] = [];
  readonly #byId = new SlotIndex((row) => hashOfName(this.#byRow[row]!.id));

  get size(): number {
    return this.#byId.size;
  }

  find(service: ServiceTemplates, id: string): TemplateState | undefined {
    const byId = this.#byId;
    const hash = hashOfName(id);
    for (let place = byId.first(hash); ; place = byId.next(hash, place)) {
      const row = byId.at(place);
      if (row === NONE) return undefined;
      const template = this.#byRow[row]!;
      if (template.id === id && template.block!.service.templates === service) return template;
    }
  }

  /** A template of `rows` that is in a block and whose id its service does not know. */
  add(template: TemplateState): void {
    this.#byRow[template.row] = template;
    this.#byId.add(template.row);
  }

  /** Its row is the next template's. */
  remove({ row }: TemplateState): void {
    this.#byId.remove(row);
    this.#byRow[row] = null;
    this.rows.give(row);
  }
}

/** The templates of one service. */
export class ServiceTemplates {
  /** By their number; which of them share rows of state. */
  readonly blocks: TemplateBlock[] = [];
  /** No block before this one has room. */
  roomFrom = 0;
  readonly #held: HeldTemplates;

  constructor(held: HeldTemplates) {
    this.#held = held;
  }

  get(id: string): TemplateState | undefined {
    return this.#held.find(this, id);
  }

  /** In no particular order; a list of its own. */
  all(): TemplateState[] {
    const all: TemplateState[] = [];
    for (const { templates } of this.blocks) for (const template of templates) all.push(template);
    return all;
  }
}
