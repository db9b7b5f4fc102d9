import type { ServiceRef, TemplateCount } from '../../contracts.ts';
import { hashOfName, NONE, SlotIndex } from '../slot-index.ts';
import { RING_MINUTES } from './limits.ts';

/** Slots of one block, a power of two. Names share a row of state by block, and so few that a new one rewrites little. */
const BLOCK_SHIFT = 6;
export const BLOCK_SLOTS: number = 1 << BLOCK_SHIFT;

/** Most templates have few records a minute: the counts of a block take as many bytes as the largest that it had needs. */
type Counts = Uint8Array | Uint16Array | Uint32Array;

/** A count that is larger is held as this: beyond it are minutes of four thousand million records. */
const COUNT_MAX = 0xffff_ffff;

/** A service that has records in the ring. */
export interface RingService {
  /** Names it in rows; free again once the service has left the ring. */
  readonly number: number;
  readonly ref: ServiceRef;
}

interface Block {
  /** Whose counts a slot holds; null = free. */
  readonly services: (RingService | null)[];
  readonly ids: string[];
  /** As far as they are known, see `TemplateCount`. */
  readonly handles: Int32Array;
  /** Minute by minute, of each the counts of all slots. */
  counts: Counts;
  taken: number;
}

/** A name to be stored: the template of `service` whose counts are in this slot. */
export interface SlotName {
  readonly service: RingService;
  readonly templateId: string;
}

/**
 * Counts per template and minute, in slots of `RING_MINUTES` integers: as maps of ids, which there was one of for each
 * minute, they took a kilobyte a template. A slot is held as long as one of its counts is not 0. Which slot a template
 * gets follows from what is held, never from when it was stored.
 */
export class RingSlots {
  readonly #blocks: Block[] = [];
  readonly #byId = new SlotIndex((slot) => hashOfName(this.#idOf(slot)));
  /** No block before this one has a free slot. */
  #roomFrom = 0;
  readonly #changed = new Set<number>();

  /**
   * The slot of a template that was counted, or `NONE`. It is looked for first where the caller thinks that it is: templates
   * that come one after the other mostly have slots one after the other, too. Any slot is as good a guess as another.
   */
  findNear(
    guess: number,
    service: RingService,
    { templateId, handle }: Pick<TemplateCount, 'templateId' | 'handle'>,
  ): number {
    const near = this.#blocks[guess >> BLOCK_SHIFT];
    const at = guess & (BLOCK_SLOTS - 1);
    if (near !== undefined && near.handles[at] === handle && handle !== 0 && near.services[at] === service)
      return guess;
    const slot = this.find(service, templateId);
    if (slot !== NONE) this.#blocks[slot >> BLOCK_SHIFT]!.handles[slot & (BLOCK_SLOTS - 1)] = handle;
    return slot;
  }

  /** The slot of a template, or `NONE`. */
  find(service: RingService, templateId: string): number {
    const byId = this.#byId;
    const hash = hashOfName(templateId);
    for (let place = byId.first(hash); ; place = byId.next(hash, place)) {
      const slot = byId.at(place);
      if (slot === NONE || this.#isOf(slot, service, templateId)) return slot;
    }
  }

  count(slot: number, column: number): number {
    return this.#blocks[slot >> BLOCK_SHIFT]!.counts[placeOf(slot, column)]!;
  }

  add(slot: number, column: number, records: number): void {
    const block = this.#blocks[slot >> BLOCK_SHIFT]!;
    const place = placeOf(slot, column);
    const count = Math.min(block.counts[place]! + records, COUNT_MAX);
    if (count > countMax(block.counts)) block.counts = widened(block.counts, count);
    block.counts[place] = count;
  }

  /** The first free slot, for a template that has none. It must be given a count. */
  take(service: RingService, templateId: string): number {
    while ((this.#blocks[this.#roomFrom]?.taken ?? 0) >= BLOCK_SLOTS) this.#roomFrom++;
    const number = this.#roomFrom;
    const at = number < this.#blocks.length ? this.#blocks[number]!.services.indexOf(null) : 0;
    this.#changed.add(number);
    return this.#place(number, at, service, templateId);
  }

  /** Takes the slot it was stored in. */
  restore(slot: number, service: RingService, templateId: string): void {
    this.#place(slot >> BLOCK_SHIFT, slot & (BLOCK_SLOTS - 1), service, templateId);
  }

  /** Adds the counts of a slot to another and frees it; `column` is told each column that changed. */
  move(from: number, into: number, column: (column: number) => void): void {
    for (let i = 0; i < RING_MINUTES; i++) {
      const records = this.count(from, i);
      if (records === 0) continue;
      this.add(into, i, records);
      column(i);
    }
    this.#free(from);
    this.#trim();
  }

  /** Makes room for another minute. Slots without any other count are free. */
  clear(column: number): void {
    for (let number = 0; number < this.#blocks.length; number++) {
      const { counts } = this.#blocks[number]!;
      for (let at = 0; at < BLOCK_SLOTS; at++) {
        const slot = number * BLOCK_SLOTS + at;
        const place = placeOf(slot, column);
        if (counts[place] === 0) continue;
        counts[place] = 0;
        if (isEmpty(counts, at)) this.#free(slot);
      }
    }
    this.#trim();
  }

  /** Calls `each` with every slot's count of a column, in order. */
  forEach(column: number, each: (records: number) => void): void {
    const from = placeOf(0, column);
    for (const { counts } of this.#blocks) {
      for (let place = from; place < from + BLOCK_SLOTS; place++) each(counts[place]!);
    }
  }

  /** Blocks in which another template has a slot since the last call, ascending. */
  takeChanged(): number[] {
    const changed = [...this.#changed].sort((a, b) => a - b);
    this.#changed.clear();
    return changed;
  }

  /** Who holds the slots of a block, null for free ones; null when all are. */
  names(number: number): (SlotName | null)[] | null {
    const block = this.#blocks[number];
    if (block === undefined || block.taken === 0) return null;
    return block.services.map((service, at) =>
      service === null ? null : { service, templateId: block.ids[at]! },
    );
  }

  #place(number: number, at: number, service: RingService, templateId: string): number {
    while (this.#blocks.length <= number) this.#blocks.push(newBlock());
    const block = this.#blocks[number]!;
    block.services[at] = service;
    block.ids[at] = templateId;
    block.taken++;
    const slot = number * BLOCK_SLOTS + at;
    this.#byId.add(slot);
    return slot;
  }

  #free(slot: number): void {
    const number = slot >> BLOCK_SHIFT;
    const at = slot & (BLOCK_SLOTS - 1);
    const block = this.#blocks[number]!;
    this.#byId.remove(slot);
    block.services[at] = null;
    block.ids[at] = '';
    block.handles[at] = 0;
    block.taken--;
    for (let i = 0; i < RING_MINUTES; i++) block.counts[placeOf(slot, i)] = 0;
    this.#roomFrom = Math.min(this.#roomFrom, number);
    this.#changed.add(number);
  }

  #idOf(slot: number): string {
    return this.#blocks[slot >> BLOCK_SHIFT]!.ids[slot & (BLOCK_SLOTS - 1)]!;
  }

  #isOf(slot: number, service: RingService, templateId: string): boolean {
    const block = this.#blocks[slot >> BLOCK_SHIFT];
    const at = slot & (BLOCK_SLOTS - 1);
    return block !== undefined && block.ids[at] === templateId && block.services[at] === service;
  }

  /** Gives back blocks at the end that hold nothing. */
  #trim(): void {
    while (this.#blocks.length > 0 && this.#blocks.at(-1)!.taken === 0) this.#blocks.pop();
    this.#roomFrom = Math.min(this.#roomFrom, this.#blocks.length);
  }
}

function newBlock(): Block {
  return {
    services: new Array<RingService | null>(BLOCK_SLOTS).fill(null),
    ids: new Array<string>(BLOCK_SLOTS).fill(''),
    handles: new Int32Array(BLOCK_SLOTS),
    counts: new Uint8Array(BLOCK_SLOTS * RING_MINUTES),
    taken: 0,
  };
}

function placeOf(slot: number, column: number): number {
  return column * BLOCK_SLOTS + (slot & (BLOCK_SLOTS - 1));
}

function countMax({ BYTES_PER_ELEMENT }: Counts): number {
  return COUNT_MAX >>> (32 - 8 * BYTES_PER_ELEMENT);
}

/** The same with room for a count. */
function widened(counts: Counts, count: number): Counts {
  return count <= 0xffff ? new Uint16Array(counts) : new Uint32Array(counts);
}

function isEmpty(counts: Counts, at: number): boolean {
  for (let place = at; place < counts.length; place += BLOCK_SLOTS) if (counts[place] !== 0) return false;
  return true;
}
