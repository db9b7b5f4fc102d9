// The templates of one service: learns forms, merges what evidence shows to be one, and forgets what is unused.
import { differ, skeleton } from './compare.ts';
import { type Element, type Form, isSameElement, isSlot, slot } from './elements.ts';
import { isVariable } from './evidence.ts';
import { ALIASES_MAX, COMPARED_MAX, COMPARED_WORDS_MAX, SHAPE_CHECKS, WIDE_KEYS_MAX } from './limits.ts';
import { adoptForm, hasKey, type LearntTemplate, widenFull } from './template.ts';
import { templateId } from './template-id.ts';
import { wideForm, wideKey } from './wide.ts';

/** A signature whose template is known, and the hour in which it was last seen. */
interface KnownSignature {
  template: LearntTemplate;
  seen: number;
}

/** Templates that differ from a new form at the same places. */
interface Siblings {
  readonly places: readonly number[];
  readonly templates: LearntTemplate[];
  readonly equalWords: number;
}

/** What happened since the last `takeEvents`. Only what existed before it is named: the rest nobody has seen. */
export interface LearningEvents {
  readonly created: ReadonlySet<LearntTemplate>;
  /** Created with a known template one place away. */
  readonly candidates: ReadonlySet<LearntTemplate>;
  readonly generalised: ReadonlySet<LearntTemplate>;
  readonly merged: readonly (readonly [id: string, into: LearntTemplate])[];
}

/**
 * Invariants: every signature, alias and wide key points at a live template; a template's id and sequence never change;
 * places only ever turn from constant to variable. The result depends on the order of `learn` calls alone.
 */
export class ServiceTemplates {
  readonly service: string;
  readonly templates = new Map<string, LearntTemplate>();
  readonly signatures = new Map<string, KnownSignature>();
  readonly changedTemplates = new Set<string>();
  readonly changedSignatures = new Set<string>();
  nextSequence = 0;
  /** What is created before this hour is a candidate, as known lines may look new to a changed scanner. */
  silentBeforeHour = 0;
  private readonly aliases = new Map<string, string>();
  private readonly skeletons = new Map<string, LearntTemplate[]>();
  private readonly wide = new Map<string, LearntTemplate>();
  private readonly signaturesOf = new Map<LearntTemplate, Set<string>>();
  /** Templates of another scanner's making that only the beginning of a line is known of, until a line claims them. */
  private readonly stale = new Map<LearntTemplate, readonly Element[]>();
  private created = new Set<LearntTemplate>();
  private candidates = new Set<LearntTemplate>();
  private generalised = new Set<LearntTemplate>();
  private merged: [string, LearntTemplate][] = [];

  constructor(service: string) {
    this.service = service;
  }

  /** The live template of an id, over merges. */
  find(id: string): LearntTemplate | undefined {
    return this.templates.get(id) ?? this.templates.get(this.aliases.get(id) ?? '');
  }

  /** Learns a signature seen for the first time. */
  learn(signature: string, form: Form, seen: number): void {
    const template = this.place(form, seen);
    this.signatures.set(signature, { template, seen });
    this.changedSignatures.add(signature);
    this.signaturesOf.get(template)!.add(signature);
  }

  /** Marks a known signature as seen in this hour. */
  touch(signature: string, known: KnownSignature, seen: number): void {
    if (known.seen !== seen) {
      known.seen = seen;
      this.changedSignatures.add(signature);
    }
    if (known.template.seen !== seen) {
      known.template.seen = seen;
      this.changedTemplates.add(known.template.id);
    }
  }

  wantsShape(template: LearntTemplate): boolean {
    return template.full !== null && template.shapeChecks < SHAPE_CHECKS;
  }

  /** Looks whether a further line of a known signature has the template's tokens. */
  checkShape(template: LearntTemplate, forms: readonly Form[]): void {
    template.shapeChecks++;
    this.changedTemplates.add(template.id);
    for (const form of forms) if (hasKey(template, form)) widenFull(template, form.full);
  }

  takeEvents(): LearningEvents {
    const { created, candidates, generalised, merged } = this;
    this.created = new Set();
    this.candidates = new Set();
    this.generalised = new Set();
    this.merged = [];
    return { created, candidates, generalised, merged };
  }

  /** Removes a template, its signatures and its aliases. */
  evict(template: LearntTemplate): void {
    this.unlist(template);
    this.stale.delete(template);
    for (const signature of this.signaturesOf.get(template) ?? []) this.forget(signature);
    this.signaturesOf.delete(template);
    for (const alias of template.aliases) this.aliases.delete(alias);
    for (const key of template.wideKeys) this.wide.delete(key);
    this.templates.delete(template.id);
    this.changedTemplates.add(template.id);
  }

  /** Forgets one signature; its template stays. */
  forget(signature: string): void {
    const known = this.signatures.get(signature);
    if (known === undefined) return;
    this.signaturesOf.get(known.template)?.delete(signature);
    this.signatures.delete(signature);
    this.changedSignatures.add(signature);
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
  restore(template: LearntTemplate): void {
    this.list(template);
    for (const alias of template.aliases) this.aliases.set(alias, template.id);
    for (const key of template.wideKeys) this.wide.set(key, template);
  }

  restoreSignature(signature: string, id: string, seen: number): void {
    const template = this.templates.get(id);
    if (template === undefined) return;
    this.signatures.set(signature, { template, seen });
    this.signaturesOf.get(template)!.add(signature);
  }

  /** The template of a form: one that fits, one cut differently, or a new one that may merge with its siblings. */
  private place(form: Form, seen: number): LearntTemplate {
    const { fitting, siblings } = this.compare(form.key);
    if (fitting !== null) {
      if (widenFull(fitting, form.full)) this.changedTemplates.add(fitting.id);
      return fitting;
    }
    const wide = wideForm(form.full);
    const key = wide === null ? '' : wideKey(wide);
    const alike = wide === null ? undefined : this.wide.get(key);
    if (alike !== undefined) {
      alike.full = null;
      alike.wide = wide;
      this.changedTemplates.add(alike.id);
      return alike;
    }
    const claimed = this.claim(form);
    if (claimed !== null) return claimed;
    const template = this.create(form, seen);
    if (wide !== null) {
      template.wideKeys.push(key);
      this.wide.set(key, template);
    }
    const isNear = siblings.some(
      (s) => s.places.length === 1 && s.templates.some((t) => !this.created.has(t)),
    );
    if (isNear || seen < this.silentBeforeHour) this.candidates.add(template);
    return this.mergeSiblings(template, siblings);
  }

  /** Gives a stale template the form of the first line that begins as its own line did. */
  private claim(form: Form): LearntTemplate | null {
    for (const [template, prefix] of this.stale) {
      if (!prefix.every((element, i) => form.key[i] !== undefined && isSameElement(element, form.key[i]!)))
        continue;
      this.stale.delete(template);
      this.unlist(template);
      adoptForm(template, form);
      this.relist(template);
      this.changedTemplates.add(template.id);
      return template;
    }
    return null;
  }

  private create(form: Form, seen: number): LearntTemplate {
    const id = templateId(this.service, form.key, (taken) => this.find(taken) !== undefined);
    const template: LearntTemplate = {
      id,
      sequence: this.nextSequence++,
      key: [...form.key],
      full: [...form.full],
      learnt: new Set(),
      wide: null,
      wideKeys: [],
      aliases: [],
      shapeChecks: 0,
      seen,
      exemplar: form.exemplar,
      isExemplarCut: form.isExemplarCut,
      isStale: false,
    };
    this.list(template);
    this.created.add(template);
    this.changedTemplates.add(id);
    return template;
  }

  /** The best template that the form fits, and those it nearly fits, grouped by the places where they differ. */
  private compare(key: readonly Element[]): { fitting: LearntTemplate | null; siblings: Siblings[] } {
    const list = this.skeletons.get(skeleton(key)) ?? [];
    const words = key.flatMap((element, i) => (element.kind === 'punctuation' ? [] : [i]));
    const siblings = new Map<string, Siblings>();
    let fitting: LearntTemplate | null = null;
    let equalMost = -1;
    const compared = Math.min(COMPARED_MAX, Math.ceil(COMPARED_WORDS_MAX / Math.max(1, words.length)));
    for (const template of list.slice(-compared)) {
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
  private mergeSiblings(template: LearntTemplate, groups: Siblings[]): LearntTemplate {
    groups.sort((a, b) => a.places.length - b.places.length || b.templates.length - a.templates.length);
    const first = template.key.findIndex((element) => element.kind !== 'punctuation');
    for (const group of groups) {
      const all = [...group.templates, template];
      const isOne = group.places.every((at) => {
        const values = new Map(all.map((t) => [t.key[at]!.text, t.key[at]!] as const));
        return isVariable(values, template.key, at, at === first, group.equalWords, group.places.length);
      });
      if (isOne) return this.merge(all, group.places);
    }
    return template;
  }

  private merge(templates: readonly LearntTemplate[], places: readonly number[]): LearntTemplate {
    const root = templates.reduce((oldest, t) => (t.sequence < oldest.sequence ? t : oldest));
    for (const at of places) this.makeVariable(root, at);
    for (const template of templates) {
      if (template === root) continue;
      for (const at of template.learnt) this.makeVariable(root, at);
      if (template.full === null) root.full = null;
      else widenFull(root, template.full);
      this.absorb(template, root);
    }
    if (root.full !== null && root.full.length === root.key.length) {
      for (const at of root.learnt)
        if (!isSlot(root.full[at]!)) root.full[at] = slot('str', root.full[at]!.spaced);
    }
    this.changedTemplates.add(root.id);
    if (!this.created.has(root)) this.generalised.add(root);
    return root;
  }

  private makeVariable(template: LearntTemplate, at: number): void {
    const element = template.key[at]!;
    if (!isSlot(element)) template.key[at] = slot('str', element.spaced);
    template.learnt.add(at);
  }

  /** Everything that pointed at `template` points at `root`. */
  private absorb(template: LearntTemplate, root: LearntTemplate): void {
    this.unlist(template);
    this.stale.delete(template);
    const signatures = this.signaturesOf.get(root)!;
    for (const signature of this.signaturesOf.get(template)!) {
      this.signatures.get(signature)!.template = root;
      this.changedSignatures.add(signature);
      signatures.add(signature);
    }
    this.signaturesOf.delete(template);
    for (const key of template.wideKeys) {
      if (root.wideKeys.includes(key)) this.wide.set(key, root);
      else if (root.wideKeys.length < WIDE_KEYS_MAX) {
        root.wideKeys.push(key);
        this.wide.set(key, root);
      } else this.wide.delete(key);
    }
    this.templates.delete(template.id);
    this.generalised.delete(template);
    root.seen = Math.max(root.seen, template.seen);
    if (this.created.delete(template)) {
      this.candidates.delete(template);
      this.changedTemplates.delete(template.id);
      return;
    }
    this.changedTemplates.add(template.id);
    this.merged.push([template.id, root]);
    root.aliases.push(template.id, ...template.aliases);
    for (const alias of root.aliases.splice(0, Math.max(0, root.aliases.length - ALIASES_MAX)))
      this.aliases.delete(alias);
    for (const alias of root.aliases) this.aliases.set(alias, root.id);
  }

  private list(template: LearntTemplate): void {
    this.templates.set(template.id, template);
    this.signaturesOf.set(template, new Set());
    this.relist(template);
  }

  private relist(template: LearntTemplate): void {
    const name = skeleton(template.key);
    const list = this.skeletons.get(name);
    if (list === undefined) this.skeletons.set(name, [template]);
    else list.push(template);
  }

  private unlist(template: LearntTemplate): void {
    const name = skeleton(template.key);
    const list = this.skeletons.get(name);
    if (list === undefined) return;
    const at = list.indexOf(template);
    if (at >= 0) list.splice(at, 1);
    if (list.length === 0) this.skeletons.delete(name);
  }
}
