import type { SignatureBucket, TemplateCount } from '../../contracts.ts';
import { KeySorter, PLACE_LIMIT, placeOf, sortKey } from '../sort-keys.ts';
import type { LearningEvents } from './learning-events.ts';
import type { TemplateList } from './template-list.ts';
import { TemplateSum } from './template-sum.ts';

/** Counts the signatures of a service's bucket by template; what it holds is scratch memory for the next one. */
export class TemplateSums {
  /** By the template's slot: its sum; null = it has a signature in hand, undefined = it has none. */
  private readonly bySlot: (TemplateSum | null | undefined)[] = [];
  /** Of each template the place of its first signature in hand, in sort keys by the order of ids. */
  private keys = new Float64Array(64);
  /** Places of the signatures that are not their template's first. */
  private readonly further: number[] = [];
  private readonly sorter = new KeySorter();

  /** `ofSignature[i]` is the slot of the template of `signatures[i]`. Sorted by template id. */
  count(
    signatures: readonly SignatureBucket[],
    ofSignature: readonly number[],
    templates: TemplateList,
    { created, candidates }: LearningEvents,
  ): TemplateCount[] {
    const { bySlot, further } = this;
    const size = this.setKeys(ofSignature, templates);
    const { keys } = this;
    this.sorter.sort(keys, 0, size);
    // Made in the order in which later stages read them, they are in the order of memory, too.
    const sums: TemplateSum[] = [];
    for (let i = 0; i < size; i++) {
      const place = placeOf(keys[i]!);
      const slot = ofSignature[place]!;
      const isCreated = created.size > 0 && created.has(templates.at(slot));
      const isCandidate = isCreated && candidates.has(templates.at(slot));
      const id = templates.idAt(slot);
      const sum = new TemplateSum(id, templates.handleAt(slot), isCreated, isCandidate, signatures[place]!);
      bySlot[slot] = sum;
      let at = sums.push(sum) - 1;
      // Ids whose first digits are the same, or nearly so, are compared whole.
      const isNear = i > 0 && keys[i]! - keys[i - 1]! < PLACE_LIMIT;
      for (; isNear && at > 0 && sums[at - 1]!.templateId > sum.templateId; at--) sums[at] = sums[at - 1]!;
      sums[at] = sum;
    }
    for (const place of further) bySlot[ofSignature[place]!]!.add(signatures[place]!);
    for (const slot of ofSignature) bySlot[slot] = undefined;
    further.length = 0;
    return sums;
  }

  /** Returns how many templates there are. */
  private setKeys(ofSignature: readonly number[], templates: TemplateList): number {
    const { bySlot, further } = this;
    if (ofSignature.length > this.keys.length) this.keys = new Float64Array(ofSignature.length * 2);
    const { keys } = this;
    let size = 0;
    for (let place = 0; place < ofSignature.length; place++) {
      const slot = ofSignature[place]!;
      while (bySlot.length <= slot) bySlot.push(undefined);
      if (bySlot[slot] === null) further.push(place);
      else keys[size++] = sortKey(templates.orderAt(slot) >>> 0, place);
      bySlot[slot] = null;
    }
    return size;
  }
}
