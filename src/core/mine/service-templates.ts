// The templates of one service: learns forms, merges what evidence shows to be one, and forgets what is unused.
import { NONE } from '../slot-index.ts';
import { differ } from './compare.ts';
import { crossedSiblings, type Siblings } from './crossed.ts';
import { type Element, type Form, isSameElement } from './elements.ts';
import { isVariable } from './evidence.ts';
import type { FirstLine } from './first-line.ts';
import type { Handles } from './handles.ts';
import { dayOf, dayOfFirst, type Moment } from './last-seen.ts';
import { LearningEvents } from './learning-events.ts';
import { ALIASES_MAX, SHAPE_CHECKS } from './limits.ts';
import { elementAt, pack, unpack, unpackPlaces } from './packed.ts';
import { Signatures } from './signatures.ts';
import { countWords, Skeletons } from './skeletons.ts';
import {
  adoptForm,
  createTemplate,
  hasKey,
  type LearntTemplate,
  makeVariable,
  widenFull,
  widenLearnt,
} from './template.ts';
import { templateId } from './template-id.ts';
import { TemplateList } from './template-list.ts';
import { blockOf, type TemplateUse } from './template-use.ts';
import { wideForm, wideKey } from './wide.ts';
import { keyOf, WideKeys } from './wide-keys.ts';

/**
 * Invariants: every signature, alias and wide key points at a live template; a template's id and sequence never change;
 * places only ever turn from constant to variable. The result depends on the order of `learn` calls alone.
 */
export class ServiceTemplates {
  readonly service: string;
  readonly templates: TemplateList;
  readonly signatures = new Signatures();
  readonly changedTemplates = new Set<string>();
  /** Blocks of templates whose use changed. */
  readonly changedUse = new Set<number>();
  /** First lines of templates, by id, that are not stored yet. */
  readonly newLines = new Map<string, FirstLine>();
  nextSequence = 0;
  /** What is created before this hour is a candidate, as known lines may look new to a changed scanner. */
  silentBeforeHour = 0;
  private readonly aliases = new Map<string, string>();
  private readonly skeletons: Skeletons;
  private readonly wideKeys = new WideKeys();
  /** Templates of another scanner's making that only the beginning of a line is known of, until a line claims them. */
  private readonly stale = new Map<LearntTemplate, readonly Element[]>();
  private events = new LearningEvents();

  constructor(service: string, handles: Handles) {
    this.service = service;
    this.templates = new TemplateList(handles);
    this.skeletons = new Skeletons(this.templates);
  }

  /** The live template of an id, over merges. */
  find(id: string): LearntTemplate | undefined {
    return this.templates.get(id) ?? this.templates.get(this.aliases.get(id) ?? '');
  }

  /** Template of a signature, if that is known. */
  templateOf(high: number, low: number): LearntTemplate | undefined {
    return this.atEntry(this.signatures.find(high, low));
  }

  /** Template at an entry of `signatures`. */
  atEntry(entry: number): LearntTemplate | undefined {
    return entry === NONE ? undefined : this.templates.at(this.signatures.slotOf(entry));
  }

  /** Learns a signature seen for the first time. */
  learn(high: number, low: number, form: Form, now: Moment): LearntTemplate {
    const template = this.place(form, now.hour);
    this.signatures.markChanged(this.signatures.add(high, low, template, dayOfFirst(low, now)));
    this.seeTemplate(template.slot, now.hour);
    return template;
  }

  /** Marks a signature and its template as seen. Returns the slot of the template, or `NONE`: the signature is not known. */
  see(high: number, low: number, now: Moment): number {
    const entry = this.signatures.find(high, low);
    if (entry === NONE) return NONE;
    this.signatures.see(entry, dayOf(low, now));
    const slot = this.signatures.slotOf(entry);
    this.seeTemplate(slot, now.hour);
    return slot;
  }

  /** True: further lines of the template in this slot are to be looked at. */
  wantsShape(slot: number): boolean {
    const { templates } = this;
    if (templates.checksAt(slot) === SHAPE_CHECKS) return false;
    if (templates.at(slot).full !== null) return true;
    this.setChecks(slot, SHAPE_CHECKS);
    return false;
  }

  /** Looks whether a further line of a known signature has the template's tokens; true = it changed them. */
  checkShape(template: LearntTemplate, form: Form): boolean {
    if (!hasKey(template, form) || !widenFull(template, form.full)) return false;
    this.changedTemplates.add(template.id);
    return true;
  }

  /** Counts the bucket in which lines of the template were looked at. */
  noteCheck({ slot }: LearntTemplate): void {
    this.setChecks(slot, this.templates.checksAt(slot) + 1);
  }

  /** All that is stored of a template is to be written anew. */
  markAll(template: LearntTemplate): void {
    this.changedTemplates.add(template.id);
    this.changedUse.add(blockOf(template.sequence));
  }

  takeEvents(): LearningEvents {
    const { events } = this;
    this.events = new LearningEvents();
    return events;
  }

  wideKeysOf(template: LearntTemplate): readonly string[] {
    return this.wideKeys.of(template);
  }

  /** Removes a template, its signatures and its aliases. */
  evict(template: LearntTemplate): void {
    this.skeletons.remove(template);
    this.stale.delete(template);
    this.signatures.forget(template, () => true);
    for (const alias of template.aliases) this.aliases.delete(alias);
    this.wideKeys.removeAll(template);
    this.unlist(template);
    this.changedTemplates.add(template.id);
  }

  /** A template whose lines begin with `prefix`: the first line that does and fits no other gives it its form. */
  awaitLine(template: LearntTemplate, prefix: readonly Element[]): void {
    this.stale.set(template, prefix);
  }

  /** Merges two live templates, which a changed scanner no longer tells apart. */
  unite(a: LearntTemplate, b: LearntTemplate): void {
    this.merge([a, b], []);
  }

  /** Puts a stored template back; in order of sequence. */
  restore(template: LearntTemplate, wideKeys: readonly string[], use: TemplateUse): void {
    this.list(template, use);
    for (const alias of template.aliases) this.aliases.set(alias, template.id);
    for (const key of wideKeys) this.wideKeys.add(keyOf(key), template);
  }

  /** The template of a form: one that fits, one cut differently, or a new one that may merge with its siblings. */
  private place(form: Form, hour: number): LearntTemplate {
    const { fitting, siblings } = this.compare(form.key);
    if (fitting !== null) {
      if (widenFull(fitting, form.full)) this.changedTemplates.add(fitting.id);
      return fitting;
    }
    const wide = wideForm(form.full);
    const key = wide === null ? null : wideKey(wide);
    const alike = key === null ? NONE : this.wideKeys.slotOf(key);
    if (alike !== NONE) {
      const template = this.templates.at(alike);
      template.full = null;
      template.wide = pack(wide!);
      this.changedTemplates.add(template.id);
      return template;
    }
    const claimed = this.claim(form);
    if (claimed !== null) return claimed;
    const template = this.create(form, hour);
    if (key !== null) this.wideKeys.add(key, template);
    const { created, candidates } = this.events;
    const isNear = siblings.some((s) => s.places.length === 1 && s.templates.some((t) => !created.has(t)));
    if (isNear || hour < this.silentBeforeHour) candidates.add(template);
    return this.mergeSiblings(template, form.key, siblings);
  }

  /** Gives a stale template the form of the first line that begins as its own line did. */
  private claim(form: Form): LearntTemplate | null {
    for (const [template, prefix] of this.stale) {
      if (!prefix.every((element, i) => form.key[i] !== undefined && isSameElement(element, form.key[i]!)))
        continue;
      this.stale.delete(template);
      this.skeletons.remove(template);
      adoptForm(template, form);
      this.setChecks(template.slot, 0);
      this.skeletons.add(template);
      this.changedTemplates.add(template.id);
      return template;
    }
    return null;
  }

  private create(form: Form, hour: number): LearntTemplate {
    const id = templateId(this.service, form.key, (taken) => this.find(taken) !== undefined);
    const template = createTemplate(id, this.nextSequence++, form);
    this.newLines.set(id, { text: form.exemplar, isCut: form.isExemplarCut });
    this.list(template, { hour, checks: 0 });
    this.markUse(template.slot);
    this.events.created.add(template);
    this.changedTemplates.add(id);
    return template;
  }

  /** The best template that the form fits, and those it nearly fits, grouped by the places where they differ. */
  private compare(key: readonly Element[]): { fitting: LearntTemplate | null; siblings: Siblings[] } {
    const words = countWords(key);
    const siblings = new Map<string, Siblings>();
    let fitting: LearntTemplate | null = null;
    let equalMost = -1;
    for (const template of this.skeletons.alike(key)) {
      const difference = differ(template, key, words);
      if (difference === null) continue;
      const { places, equalWords } = difference;
      if (places.length === 0) {
        if (equalWords > equalMost) {
          equalMost = equalWords;
          fitting = template;
        }
        continue;
      }
      if (equalWords < 1 || places.length > equalWords) continue;
      const name = places.join(',');
      const group = siblings.get(name);
      if (group === undefined) siblings.set(name, { places, templates: [template], equalWords });
      else group.templates.push(template);
    }
    return { fitting, siblings: [...siblings.values()] };
  }

  /** Merges the new template with the siblings whose differing places all have enough distinct values. */
  private mergeSiblings(
    template: LearntTemplate,
    key: readonly Element[],
    groups: Siblings[],
  ): LearntTemplate {
    groups.sort((a, b) => a.places.length - b.places.length || b.templates.length - a.templates.length);
    const first = key.findIndex((element) => element.kind !== 'punctuation');
    for (const group of groups) {
      const isOne = group.places.every((at) => {
        const values = new Map(
          group.templates.map((t) => {
            const value = elementAt(t.key, at);
            return [value.text, value] as const;
          }),
        );
        values.set(key[at]!.text, key[at]!);
        return isVariable(values, key, at, at === first, group.equalWords, group.places.length);
      });
      if (isOne) return this.merge([...group.templates, template], group.places);
    }
    const crossed = crossedSiblings(key, groups);
    return crossed === null ? template : this.merge([...crossed.templates, template], crossed.places);
  }

  private merge(templates: readonly LearntTemplate[], places: readonly number[]): LearntTemplate {
    const root = templates.reduce((oldest, t) => (t.sequence < oldest.sequence ? t : oldest));
    const variable = new Set(places);
    this.skeletons.remove(root);
    for (const template of templates) {
      if (template === root) continue;
      for (const at of unpackPlaces(template.learnt)) variable.add(at);
      if (template.full === null) root.full = null;
      else widenFull(root, unpack(template.full));
      this.absorb(template, root);
    }
    makeVariable(root, variable);
    widenLearnt(root);
    this.skeletons.add(root);
    this.changedTemplates.add(root.id);
    if (!this.events.created.has(root)) this.events.generalised.add(root);
    return root;
  }

  /** Everything that pointed at `template` points at `root`. */
  private absorb(template: LearntTemplate, root: LearntTemplate): void {
    this.skeletons.remove(template);
    this.stale.delete(template);
    this.signatures.giveAll(template, root);
    this.wideKeys.giveAll(template, root);
    this.seeTemplate(root.slot, this.templates.hourAt(template.slot));
    this.unlist(template);
    const { created, candidates, generalised, merged } = this.events;
    generalised.delete(template);
    // Also of one just created: there may be rows of an evicted one with its id.
    this.changedTemplates.add(template.id);
    if (created.delete(template)) {
      candidates.delete(template);
      return;
    }
    merged.push([template.id, root]);
    const aliases = [...root.aliases, template.id, ...template.aliases];
    for (const alias of aliases.splice(0, Math.max(0, aliases.length - ALIASES_MAX)))
      this.aliases.delete(alias);
    for (const alias of aliases) this.aliases.set(alias, root.id);
    root.aliases = aliases;
  }

  private seeTemplate(slot: number, hour: number): void {
    if (this.templates.hourAt(slot) >= hour) return;
    this.templates.setHour(slot, hour);
    this.markUse(slot);
  }

  private setChecks(slot: number, checks: number): void {
    this.templates.setChecks(slot, checks);
    this.markUse(slot);
  }

  private markUse(slot: number): void {
    this.changedUse.add(blockOf(this.templates.at(slot).sequence));
  }

  private list(template: LearntTemplate, use: TemplateUse): void {
    this.templates.add(template, use);
    this.skeletons.add(template);
  }

  private unlist(template: LearntTemplate): void {
    this.markUse(template.slot);
    this.templates.remove(template);
    this.newLines.delete(template.id);
  }
}
