// The signatures of one service whose template is known.
import { hex32 } from '../hash.ts';
import { NONE } from '../slot-index.ts';
import { HashTable } from './hash-table.ts';
import { SIGNATURES_PER_TEMPLATE } from './limits.ts';
import type { LearntTemplate } from './template.ts';

/** A signature as rows of state have it: its text and, unless it was forgotten, the entry. */
export type ChangedSignature = readonly [signature: string, entry: number | null];

/** Every signature belongs to one template, by its slot, and has the day in which it was seen last (last-seen.ts). */
export class Signatures {
  private readonly table = new HashTable();
  private readonly changed = new Set<number>();
  /** Forgotten since the last `takeChanged`. */
  private readonly gone = new Set<string>();
  /** Templates that had more than their share at some time since `takeOverfull`. */
  private overfull: Set<LearntTemplate> | null = null;

  get size(): number {
    return this.table.size;
  }

  /** Entry of a signature, or `NONE`. */
  find(high: number, low: number): number {
    return this.table.find(high, low);
  }

  slotOf(entry: number): number {
    return this.table.owner(entry);
  }

  dayAt(entry: number): number {
    return this.table.stamp(entry);
  }

  /** A signature that is not known. */
  add(high: number, low: number, template: LearntTemplate, day: number): number {
    const { table } = this;
    template.firstSignature = table.add(high, low, template.slot, day, template.firstSignature);
    if (++template.signatures > SIGNATURES_PER_TEMPLATE) {
      this.overfull ??= new Set();
      this.overfull.add(template);
    }
    return template.firstSignature;
  }

  see(entry: number, day: number): void {
    if (this.table.stamp(entry) === day) return;
    this.table.setStamp(entry, day);
    this.changed.add(entry);
  }

  markChanged(entry: number): void {
    this.changed.add(entry);
  }

  /** A stored signature: its row is to be written anew, or deleted when it is not known. */
  markStored(high: number, low: number): void {
    const entry = this.find(high, low);
    if (entry === NONE) this.gone.add(textOf(high, low));
    else this.changed.add(entry);
  }

  /** All signatures of `from` are those of `to` now. */
  giveAll(from: LearntTemplate, to: LearntTemplate): void {
    for (const entry of this.table.list(from.firstSignature)) this.changed.add(entry);
    to.firstSignature = this.table.giveAll(from.firstSignature, to.slot, to.firstSignature);
    to.signatures += from.signatures;
    from.firstSignature = NONE;
    from.signatures = 0;
    this.overfull?.delete(from);
    if (to.signatures > SIGNATURES_PER_TEMPLATE) {
      this.overfull ??= new Set();
      this.overfull.add(to);
    }
  }

  forget(template: LearntTemplate, isForgotten: (entry: number) => boolean): void {
    template.firstSignature = this.table.prune(template.firstSignature, (entry) => {
      if (!isForgotten(entry)) return false;
      this.changed.delete(entry);
      this.gone.add(this.textAt(entry));
      template.signatures--;
      return true;
    });
  }

  /** Entries of all templates or of one, those unseen for longest first, then by signature. */
  oldestFirst(template: LearntTemplate | null): number[] {
    const { table } = this;
    const entries = template === null ? table.all() : table.list(template.firstSignature);
    return entries.sort(
      (a, b) =>
        table.stamp(a) - table.stamp(b) ||
        (table.high(a) >>> 0) - (table.high(b) >>> 0) ||
        (table.low(a) >>> 0) - (table.low(b) >>> 0),
    );
  }

  takeOverfull(): Iterable<LearntTemplate> {
    const { overfull } = this;
    this.overfull = null;
    return overfull ?? [];
  }

  takeChanged(): ChangedSignature[] {
    const rows: ChangedSignature[] = [...this.changed].map((entry) => [this.textAt(entry), entry]);
    for (const signature of this.gone)
      if (this.find(...halvesOf(signature)) === NONE) rows.push([signature, null]);
    this.changed.clear();
    this.gone.clear();
    return rows;
  }

  private textAt(entry: number): string {
    return textOf(this.table.high(entry), this.table.low(entry));
  }
}

/** The halves of a signature's text, 16 hex digits, as int32. */
export function halvesOf(signature: string): readonly [high: number, low: number] {
  return [Number.parseInt(signature.slice(0, 8), 16) | 0, Number.parseInt(signature.slice(8), 16) | 0];
}

function textOf(high: number, low: number): string {
  return hex32(high) + hex32(low);
}
