// Which template a white-space-level key belongs to.
import { hex32 } from '../hash.ts';
import { NONE } from '../slot-index.ts';
import { HashTable } from './hash-table.ts';
import { WIDE_KEYS_MAX } from './limits.ts';
import type { LearntTemplate } from './template.ts';
import type { WideKey } from './wide.ts';

/** Each key belongs to one template; a template keeps its first few. */
export class WideKeys {
  private readonly table = new HashTable();

  /** Slot of the key's template, or `NONE`. */
  slotOf([high, low]: WideKey): number {
    const entry = this.table.find(high, low);
    return entry === NONE ? NONE : this.table.owner(entry);
  }

  /** A key that has a template already stays with it. */
  add([high, low]: WideKey, template: LearntTemplate): void {
    const { table } = this;
    if (table.find(high, low) !== NONE || table.list(template.firstWideKey).length >= WIDE_KEYS_MAX) return;
    template.firstWideKey = table.add(high, low, template.slot, 0, template.firstWideKey);
  }

  /** In the order in which they were added. */
  of(template: LearntTemplate): string[] {
    const { table } = this;
    return table
      .list(template.firstWideKey)
      .reverse()
      .map((entry) => textOfKey([table.high(entry), table.low(entry)]));
  }

  /** The keys of `from` are those of `to`, as far as it has room. */
  giveAll(from: LearntTemplate, to: LearntTemplate): void {
    const keys = this.of(from);
    this.removeAll(from);
    for (const key of keys) this.add(keyOf(key), to);
  }

  removeAll(template: LearntTemplate): void {
    template.firstWideKey = this.table.prune(template.firstWideKey, () => true);
  }
}

/** A key as it is stored: 16 hex digits. */
export function textOfKey([high, low]: WideKey): string {
  return hex32(high) + hex32(low);
}

/** A stored key. */
export function keyOf(text: string): WideKey {
  return [Number.parseInt(text.slice(0, 8), 16) | 0, Number.parseInt(text.slice(8), 16) | 0];
}
