// Templates by the punctuation of their forms: only forms of one skeleton are compared.
import { hashString, mix32 } from '../hash.ts';
import { NONE, SlotIndex } from '../slot-index.ts';
import type { Element } from './elements.ts';
import { COMPARED_MAX, COMPARED_WORDS_MAX } from './limits.ts';
import { elementEnd, headerKind, type Packed, PUNCTUATION_KIND, SLOT_KIND } from './packed.ts';
import type { LearntTemplate } from './template.ts';
import type { TemplateList } from './template-list.ts';

const SEED = 0x3f84d5b5;
/** Changes the hash of a skeleton into that of its templates with learnt places. */
const GENERAL = 0x5bd1e995;

/** Hash of the punctuation as it is, everything else alike. Two skeletons of one hash cost time, nothing else. */
export function skeletonOf(key: readonly Element[]): number {
  const text = key.map((element) => (element.kind === 'punctuation' ? element.text : 'w')).join('');
  return hashString(text, SEED) | 0;
}

/** The same of a packed form, which is not unpacked for it: the start of a worker reads thousands. */
export function skeletonOfPacked(packed: Packed): number {
  let text = '';
  for (let at = 0; at < packed.length; ) {
    const end = elementEnd(packed, at);
    text += headerKind(packed.charCodeAt(at)) === PUNCTUATION_KIND ? packed.slice(at + 1, end) : 'w';
    at = end;
  }
  return hashString(text, SEED) | 0;
}

export function wordBitsOfPacked(packed: Packed): number {
  let bits = 0;
  for (let at = 0; at < packed.length; ) {
    const end = elementEnd(packed, at);
    const kind = headerKind(packed.charCodeAt(at));
    if (kind !== PUNCTUATION_KIND && kind !== SLOT_KIND)
      bits |= 1 << (hashString(packed.slice(at + 1, end), SEED) & 31);
    at = end;
  }
  return bits;
}

/** One bit for each constant word, by its hash. */
export function wordBits(key: readonly Element[]): number {
  let bits = 0;
  for (const { kind, text } of key)
    if (kind === 'word' || kind === 'quoted') bits |= 1 << (hashString(text, SEED) & 31);
  return bits;
}

/**
 * Lists within the templates themselves, by sequence, the youngest first. Those with learnt places have a list of their
 * own: however many others there are, what fits one of them is found.
 */
export class Skeletons {
  private readonly templates: TemplateList;
  /** The youngest of each list, by its slot. */
  private readonly heads = new SlotIndex((slot) => hashOf(listOf(this.templates.at(slot))));

  constructor(templates: TemplateList) {
    this.templates = templates;
  }

  add(template: LearntTemplate): void {
    let after: LearntTemplate | null = null;
    let before = this.head(listOf(template));
    while (before !== null && before.sequence > template.sequence) {
      after = before;
      before = before.olderAlike;
    }
    template.youngerAlike = after;
    template.olderAlike = before;
    if (before !== null) before.youngerAlike = template;
    if (after !== null) after.olderAlike = template;
    else {
      if (before !== null) this.heads.remove(before.slot);
      this.heads.add(template.slot);
    }
  }

  remove(template: LearntTemplate): void {
    const { youngerAlike: after, olderAlike: before } = template;
    if (before !== null) before.youngerAlike = after;
    if (after !== null) after.olderAlike = before;
    else {
      this.heads.remove(template.slot);
      if (before !== null) this.heads.add(before.slot);
    }
    template.youngerAlike = null;
    template.olderAlike = null;
  }

  /**
   * Templates that a form may fit or nearly fit, in order of sequence, of the youngest of its skeleton. Each bit of a
   * template that the form has not is a word that differs: with more than half of the words, the two are not alike.
   */
  alike(key: readonly Element[]): LearntTemplate[] {
    const skeleton = skeletonOf(key);
    const words = countWords(key);
    const most = Math.min(COMPARED_MAX, Math.ceil(COMPARED_WORDS_MAX / Math.max(1, words)));
    const found: LearntTemplate[] = [];
    const others = ~wordBits(key);
    for (const list of [skeleton, skeleton ^ GENERAL]) {
      let left = most;
      for (let t = this.head(list); t !== null && left > 0; t = t.olderAlike, left--)
        if (countBits(t.wordBits & others) * 2 <= words) found.push(t);
    }
    return found.sort((a, b) => a.sequence - b.sequence);
  }

  private head(list: number): LearntTemplate | null {
    const { heads } = this;
    const hash = hashOf(list);
    for (let place = heads.first(hash); ; place = heads.next(hash, place)) {
      const slot = heads.at(place);
      if (slot === NONE) return null;
      const template = this.templates.at(slot);
      if (listOf(template) === list) return template;
    }
  }
}

export function countWords(key: readonly Element[]): number {
  let words = 0;
  for (const { kind } of key) if (kind !== 'punctuation') words++;
  return words;
}

/** Number of ones: H. Warren, Hacker's Delight, 2nd edition, figure 5-2. */
function countBits(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function hashOf(list: number): number {
  return mix32(list) | 0;
}

/** Name of the list that it belongs to. */
function listOf(template: LearntTemplate): number {
  return template.learnt === '' ? template.skeleton : template.skeleton ^ GENERAL;
}
