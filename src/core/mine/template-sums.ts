import type { SignatureBucket, TemplateCount } from '../../contracts.ts';
import { KeySorter, PLACE_LIMIT, placeOf, sortKey } from '../sort-keys.ts';
import type { LearningEvents } from './learning-events.ts';
import type { TemplateList } from './template-list.ts';
import { TemplateSum } from './template-sum.ts';

/** Counts the signatures of a service's bucket by template; what it holds is scratch memory for the next one. */
export class TemplateSums {
  /** Of the service in hand, by the template's slot. */
  private readonly bySlot: (TemplateSum | undefined)[] = [];
  private readonly slots: number[] = [];
  private readonly sums: TemplateSum[] = [];
  private keys = new Float64Array(64);
  private readonly sorter = new KeySorter();

  /** `ofSignature[i]` is the slot of the template of `signatures[i]`. Sorted by template id. */
  count(
    signatures: readonly SignatureBucket[],
    ofSignature: readonly number[],
    templates: TemplateList,
    { created, candidates }: LearningEvents,
  ): TemplateCount[] {
    const { bySlot, slots, sums } = this;
    for (let i = 0; i < signatures.length; i++) {
      const signature = signatures[i]!;
      const slot = ofSignature[i]!;
      while (bySlot.length <= slot) bySlot.push(undefined);
      const known = bySlot[slot];
      if (known !== undefined) {
        known.add(signature);
        continue;
      }
      const isCreated = created.size > 0 && created.has(templates.at(slot));
      const isCandidate = isCreated && candidates.has(templates.at(slot));
      const sum = new TemplateSum(templates.idAt(slot), isCreated, isCandidate, signature);
      bySlot[slot] = sum;
      this.setKey(sums.length, templates.orderAt(slot));
      slots.push(slot);
      sums.push(sum);
    }
    for (const slot of slots) bySlot[slot] = undefined;
    const sorted = this.sorted();
    slots.length = sums.length = 0;
    return sorted;
  }

  private setKey(place: number, order: number): void {
    if (place === this.keys.length) {
      const larger = new Float64Array(place * 2);
      larger.set(this.keys);
      this.keys = larger;
    }
    this.keys[place] = sortKey(order >>> 0, place);
  }

  private sorted(): TemplateSum[] {
    const { sums, keys } = this;
    this.sorter.sort(keys, 0, sums.length);
    // As long as it is to be from the start, or growing would leave more behind than it holds.
    const sorted = sums.slice();
    for (let i = 0; i < sums.length; i++) {
      const sum = sums[placeOf(keys[i]!)]!;
      let at = i;
      // Ids whose first digits are the same, or nearly so, are compared whole.
      const isNear = i > 0 && keys[i]! - keys[i - 1]! < PLACE_LIMIT;
      for (; isNear && at > 0 && sorted[at - 1]!.templateId > sum.templateId; at--)
        sorted[at] = sorted[at - 1]!;
      sorted[at] = sum;
    }
    return sorted;
  }
}
