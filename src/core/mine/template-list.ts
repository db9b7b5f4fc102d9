import { grown } from '../grown.ts';
import { hashOfName, NONE, SlotIndex } from '../slot-index.ts';
import type { Handles } from './handles.ts';
import type { LearntTemplate } from './template.ts';
import type { TemplateUse } from './template-use.ts';

const SLOTS_FIRST = 8;
/** Room of a full list grows by a quarter: it is small, and there is one for each service. */
const GROWTH = 1.25;

/**
 * The templates of one service: each has a slot, by which the tables of the miner name it, and is found by its id. What
 * every bucket asks of a template is kept by slot beside it: templates themselves are large, and seldom in the cache.
 */
export class TemplateList {
  /** Null = free. */
  private readonly templates: (LearntTemplate | null)[] = [];
  private readonly free: number[] = [];
  private readonly byId = new SlotIndex((slot) => hashOfName(this.idAt(slot)));
  private readonly ids: string[] = [];
  private orders = new Int32Array(SLOTS_FIRST);
  private handlesBySlot = new Int32Array(SLOTS_FIRST);
  private hours = new Int32Array(SLOTS_FIRST);
  private checks = new Uint8Array(SLOTS_FIRST);
  private readonly handles: Handles;

  constructor(handles: Handles) {
    this.handles = handles;
  }

  get size(): number {
    return this.byId.size;
  }

  /** The template of a slot that is not free. */
  at(slot: number): LearntTemplate {
    return this.templates[slot]!;
  }

  idAt(slot: number): string {
    return this.ids[slot]!;
  }

  /** The first eight digits of its id, as int32: orders templates without reading their ids. */
  orderAt(slot: number): number {
    return this.orders[slot]!;
  }

  handleAt(slot: number): number {
    return this.handlesBySlot[slot]!;
  }

  /** Of its use (template-use.ts): the hour, and the checks. */
  hourAt(slot: number): number {
    return this.hours[slot]!;
  }

  setHour(slot: number, hour: number): void {
    this.hours[slot] = hour;
  }

  checksAt(slot: number): number {
    return this.checks[slot]!;
  }

  setChecks(slot: number, checks: number): void {
    this.checks[slot] = checks;
  }

  get(id: string): LearntTemplate | undefined {
    const { byId } = this;
    const hash = hashOfName(id);
    for (let place = byId.first(hash); ; place = byId.next(hash, place)) {
      const slot = byId.at(place);
      if (slot === NONE) return undefined;
      if (this.idAt(slot) === id) return this.at(slot);
    }
  }

  /** A template whose id is not in the list. */
  add(template: LearntTemplate, { hour, checks }: TemplateUse): void {
    const slot = this.free.pop() ?? this.templates.length;
    if (slot === this.orders.length) this.grow();
    template.slot = slot;
    this.templates[slot] = template;
    this.ids[slot] = template.id;
    this.orders[slot] = Number.parseInt(template.id.slice(2, 10), 16) | 0;
    this.handlesBySlot[slot] = this.handles.take();
    this.hours[slot] = hour;
    this.checks[slot] = checks;
    this.byId.add(slot);
  }

  remove({ slot }: LearntTemplate): void {
    this.byId.remove(slot);
    this.templates[slot] = null;
    this.ids[slot] = '';
    this.free.push(slot);
  }

  /** In no particular order. */
  *values(): Generator<LearntTemplate> {
    for (const template of this.templates) if (template !== null) yield template;
  }

  private grow(): void {
    const room = Math.ceil(this.orders.length * GROWTH);
    this.orders = grown(this.orders, new Int32Array(room));
    this.handlesBySlot = grown(this.handlesBySlot, new Int32Array(room));
    this.hours = grown(this.hours, new Int32Array(room));
    this.checks = grown(this.checks, new Uint8Array(room));
  }
}
