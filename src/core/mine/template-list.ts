import { hashOfName, NONE, SlotIndex } from '../slot-index.ts';
import type { LearntTemplate } from './template.ts';

/** The templates of one service: each has a slot, by which the tables of the miner name it, and is found by its id. */
export class TemplateList {
  /** Null = free. */
  private readonly slots: (LearntTemplate | null)[] = [];
  private readonly free: number[] = [];
  private readonly byId = new SlotIndex((slot) => hashOfName(this.at(slot).id));

  get size(): number {
    return this.byId.size;
  }

  /** The template of a slot that is not free. */
  at(slot: number): LearntTemplate {
    return this.slots[slot]!;
  }

  get(id: string): LearntTemplate | undefined {
    const { byId } = this;
    const hash = hashOfName(id);
    for (let place = byId.first(hash); ; place = byId.next(hash, place)) {
      const slot = byId.at(place);
      if (slot === NONE) return undefined;
      if (this.at(slot).id === id) return this.at(slot);
    }
  }

  /** A template whose id is not in the list. */
  add(template: LearntTemplate): void {
    template.slot = this.free.pop() ?? this.slots.length;
    this.slots[template.slot] = template;
    this.byId.add(template.slot);
  }

  remove({ slot }: LearntTemplate): void {
    this.byId.remove(slot);
    this.slots[slot] = null;
    this.free.push(slot);
  }

  /** In no particular order. */
  *values(): Generator<LearntTemplate> {
    for (const template of this.slots) if (template !== null) yield template;
  }
}
