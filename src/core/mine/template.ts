// One learnt template: what is kept of it, and how its form changes.
import { NONE } from '../slot-index.ts';
import { type Element, type Form, isSameElement, isSlot, joinElements, slot } from './elements.ts';
import { type Packed, type Places, pack, packPlaces, unpack, unpackPlaces } from './packed.ts';
import { skeletonOf, skeletonOfPacked, wordBits, wordBitsOfPacked } from './skeletons.ts';
import { wideForm } from './wide.ts';

/** Pairs of elements compared when a form is carried over to another scanner's; bounds the time of one template. */
const COMMON_CELLS_MAX = 65_536;

/** What most templates have none of: one of these for all of them, as each field would cost every template its room. */
interface Seldom {
  readonly learnt: Places;
  readonly wide: Packed | null;
  readonly aliases: readonly string[];
  readonly isStale: boolean;
}

const NONE_OF_IT: Seldom = Object.freeze({
  learnt: '',
  wide: null,
  aliases: Object.freeze([]),
  isStale: false,
});

/** What a template is made of again. */
type Learnt = Seldom & Pick<LearntTemplate, 'full'>;

/** Mutable state of one template; owned by `ServiceTemplates`, which marks what changed. Kept small: see packed.ts. */
export class LearntTemplate {
  readonly id: string;
  /** Order of creation within the service: the oldest survives a merge. */
  readonly sequence: number;
  /** Its place in the service's list, by which the hash tables name it. */
  slot: number = NONE;
  key: Packed;
  /** Hash of the key's punctuation. */
  skeleton: number;
  /** Its constant words, a bit each. */
  wordBits: number;
  /** Tokens of all its lines, or null when they differ in more than words; the text is then made from `key`. */
  full: Packed | null;
  /** First of its entries in the tables of white-space-level keys and of signatures, and how many signatures there are. */
  firstWideKey: number = NONE;
  firstSignature: number = NONE;
  signatures = 0;
  /** Its neighbours in the list of its skeleton. */
  youngerAlike: LearntTemplate | null = null;
  olderAlike: LearntTemplate | null = null;
  private seldom = NONE_OF_IT;

  /** As it was; nothing points at it yet. */
  constructor(id: string, sequence: number, key: Packed, was: Learnt) {
    this.id = id;
    this.sequence = sequence;
    this.key = key;
    this.skeleton = skeletonOfPacked(key);
    this.wordBits = wordBitsOfPacked(key);
    this.full = was.full === null ? null : sharing(was.full, key);
    const { learnt, wide, aliases, isStale } = was;
    this.set({ learnt, wide, aliases, isStale });
  }

  /** Places of `key` that evidence made variable. */
  get learnt(): Places {
    return this.seldom.learnt;
  }
  set learnt(learnt: Places) {
    this.set({ learnt });
  }
  /** Form of the white-space-level key by which a differently cut line was found to be the same event. */
  get wide(): Packed | null {
    return this.seldom.wide;
  }
  set wide(wide: Packed | null) {
    this.set({ wide });
  }
  /** Ids that were merged into it, oldest first. */
  get aliases(): readonly string[] {
    return this.seldom.aliases;
  }
  set aliases(aliases: readonly string[]) {
    this.set({ aliases });
  }
  /** The form is another scanner's, and its first line was too long to be kept whole and tell the present one's. */
  get isStale(): boolean {
    return this.seldom.isStale;
  }
  set isStale(isStale: boolean) {
    this.set({ isStale });
  }

  private set(changed: Partial<Seldom>): void {
    const { learnt, wide, aliases, isStale } = { ...this.seldom, ...changed };
    const isNone = learnt === '' && wide === null && aliases.length === 0 && !isStale;
    this.seldom = isNone ? NONE_OF_IT : { learnt, wide, aliases, isStale };
  }
}

/** A new template that nothing points at yet. */
export function createTemplate(id: string, sequence: number, form: Form): LearntTemplate {
  return new LearntTemplate(id, sequence, pack(form.key), { ...NONE_OF_IT, full: pack(form.full) });
}

/** The key itself where the full form is equal to it: one string then. */
function sharing(full: Packed, key: Packed): Packed {
  return full === key ? key : full;
}

/** Makes places of the key variable. Not while the template is in a list of its skeleton. */
export function makeVariable(template: LearntTemplate, places: Iterable<number>): void {
  const learnt = unpackPlaces(template.learnt);
  const key = unpack(template.key);
  for (const at of places) {
    learnt.add(at);
    if (!isSlot(key[at]!)) key[at] = slot('str', key[at]!.spaced);
  }
  template.key = pack(key);
  template.wordBits = wordBits(key);
  template.learnt = packPlaces(learnt);
  if (template.full !== null) template.full = sharing(template.full, template.key);
}

/** What is variable in the key is so in the full form, where the two have the same places. */
export function widenLearnt(template: LearntTemplate): void {
  if (template.full === null) return;
  const full = unpack(template.full);
  if (full.length !== unpack(template.key).length) return;
  for (const at of unpackPlaces(template.learnt)) {
    if (!isSlot(full[at]!)) full[at] = slot('str', full[at]!.spaced);
  }
  template.full = sharing(pack(full), template.key);
}

/** Takes another line's tokens into the full form: differing words become slots, a different shape ends it. */
export function widenFull(template: LearntTemplate, full: readonly Element[]): boolean {
  if (template.full === null) return false;
  const mine = unpack(template.full);
  if (mine.length !== full.length) {
    template.full = null;
    return true;
  }
  let isChanged = false;
  for (let i = 0; i < mine.length; i++) {
    const a = mine[i]!;
    const b = full[i]!;
    if (isSameElement(a, b) && a.type === b.type) continue;
    if (a.kind === 'punctuation' || b.kind === 'punctuation') {
      template.full = null;
      return true;
    }
    const joined = joinElements(a, b);
    if (isSameElement(joined, a) && joined.type === a.type) continue;
    mine[i] = joined;
    isChanged = true;
  }
  if (isChanged) template.full = sharing(pack(mine), template.key);
  return isChanged;
}

/** Checks one more line of a known signature; only lines of the same key can say something about the full form. */
export function hasKey(template: LearntTemplate, form: Form): boolean {
  const key = unpack(template.key);
  if (key.length !== form.key.length) return false;
  return key.every((element, i) => isSlot(element) || isSameElement(element, form.key[i]!));
}

/**
 * Replaces the form by the one that the present scanner reads in the template's line. Places that evidence made
 * variable stay so: between constants that both forms have, words stand for what was variable there. Not while the
 * template is in a list of its skeleton.
 */
export function adoptForm(template: LearntTemplate, form: Form): void {
  const learnt = carryLearnt(unpack(template.key), unpackPlaces(template.learnt), form.key);
  const key = form.key.map((element, at) =>
    learnt.has(at) && !isSlot(element) ? slot('str', element.spaced) : element,
  );
  template.key = pack(key);
  template.skeleton = skeletonOf(key);
  template.wordBits = wordBits(key);
  template.learnt = packPlaces(learnt);
  if (template.full !== null) template.full = fullOf(form, learnt, template.key);
  if (template.wide !== null) template.wide = packWide(form.full);
  template.isStale = false;
}

function packWide(full: readonly Element[]): Packed | null {
  const wide = wideForm(full);
  return wide === null ? null : pack(wide);
}

/** Places of the new key that stand for what was variable in the old one. */
function carryLearnt(
  old: readonly Element[],
  wasLearnt: ReadonlySet<number>,
  key: readonly Element[],
): Set<number> {
  const learnt = new Set<number>();
  if (wasLearnt.size === 0) return learnt;
  let oldGap = 0;
  let gap = 0;
  for (const [i, j] of [...commonElements(old, key), [old.length, key.length] as const]) {
    const before = old.slice(oldGap, i);
    if (before.some((_, at) => wasLearnt.has(oldGap + at))) {
      for (let at = gap; at < j; at++) if (!isCutAnew(key[at]!, before)) learnt.add(at);
    }
    if (wasLearnt.has(i) && j < key.length) learnt.add(j);
    oldGap = i + 1;
    gap = j + 1;
  }
  return learnt;
}

/** Punctuation, or a constant that was one before, in another cut: `cache_node` for `cache` and `node`. */
function isCutAnew(element: Element, before: readonly Element[]): boolean {
  if (element.kind === 'punctuation') return true;
  return before.some(
    ({ text }) =>
      text !== '' && (element.text.includes(text) || (!isSlot(element) && text.includes(element.text))),
  );
}

function fullOf(form: Form, learnt: ReadonlySet<number>, key: Packed): Packed | null {
  if (learnt.size > 0 && form.full.length !== form.key.length) return null;
  const full = form.full.map((element, at) =>
    learnt.has(at) && !isSlot(element) ? slot('str', element.spaced) : element,
  );
  return sharing(pack(full), key);
}

/** Pairs of places of a longest common subsequence; of very long forms, only of what they begin with alike. */
function commonElements(a: readonly Element[], b: readonly Element[]): [number, number][] {
  const pairs: [number, number][] = [];
  if (a.length * b.length > COMMON_CELLS_MAX) {
    for (let i = 0; i < a.length && i < b.length && isSameElement(a[i]!, b[i]!); i++) pairs.push([i, i]);
    return pairs;
  }
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] = isSameElement(a[i]!, b[j]!)
        ? longest[(i + 1) * width + j + 1]! + 1
        : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
    }
  }
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (isSameElement(a[i]!, b[j]!)) pairs.push([i++, j++]);
    else if (longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!) i++;
    else j++;
  }
  return pairs;
}
