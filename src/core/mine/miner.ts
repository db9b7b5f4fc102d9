// Stage 2 begins here: signatures of a closed bucket become templates, and their counts are added up by template.
import type {
  AnyStateRow,
  ClosedBucket,
  KeptRecord,
  MinedBucket,
  MinedService,
  Parameter,
  ServiceBucket,
  SignatureBucket,
  Stateful,
  Template,
  TemplateChange,
  TemplateLookup,
} from '../../contracts.ts';
import { compareKept } from '../count/compare-kept.ts';
import { RowWriter } from '../row-bytes.ts';
import { createScanner, type LineScanner, SCANNER_VERSION } from '../scan/scanner.ts';
import { NONE } from '../slot-index.ts';
import { type Form, FormReader } from './elements.ts';
import { evictTemplates, forgetSignatures } from './eviction.ts';
import { Handles } from './handles.ts';
import { type Moment, momentAt } from './last-seen.ts';
import type { LearningEvents } from './learning-events.ts';
import { SILENT_HOURS } from './limits.ts';
import { readParameters } from './parameters.ts';
import { changesNothing, type PlainLines } from './plain-lines.ts';
import { partsOf, renderText } from './render.ts';
import { RepeatedLines } from './repeated-lines.ts';
import { ServiceTemplates } from './service-templates.ts';
import { loadServices, STATE_TABLES, takeRows } from './state.ts';
import type { LearntTemplate } from './template.ts';
import { TemplateSums } from './template-sums.ts';

export interface MinerOptions {
  /** Takes secrets out of a line before anything of it is learnt or stored; leaves `<redacted:rule>` in their place. */
  readonly redact: (text: string) => string;
  /** Text of a kept record that its signature is of. */
  readonly bodyOf: (kept: KeptRecord) => string;
  /** Finds lines that need no reading; without it every line is read whole. */
  readonly plain?: Pick<PlainLines, 'locate' | 'start' | 'end'>;
  /** A scanner of the same version as that of stage 1, used by the miner alone. */
  readonly scanner?: LineScanner;
}

/**
 * Learns the templates of every service, bucket by bucket. All new signatures of a bucket are learnt before any is
 * resolved, in order of their first record, so every record of a bucket is counted under its final template.
 * Invariant: the records of the mined bucket are the records of the closed one, moved, never lost.
 */
export class Miner implements Stateful, TemplateLookup {
  readonly tables = STATE_TABLES;
  private readonly options: MinerOptions;
  private readonly services = new Map<string, ServiceTemplates>();
  private readonly forms: FormReader;
  /** Null: the scanner reads lines as they are, because of the user's own masks. */
  private readonly repeated: RepeatedLines | null;
  private readonly sums = new TemplateSums();
  private readonly handles = new Handles();
  private readonly rowWriter = new RowWriter();
  private templatesHeld = 0;
  private forgotten = 0;
  /** Services that were remapped and whose merges nobody was told of yet; until then the stored state stays as it is. */
  private remapped: ReadonlySet<ServiceTemplates> = new Set();

  constructor(options: MinerOptions) {
    this.options = options;
    this.forms = new FormReader(options.scanner ?? createScanner());
    this.repeated = this.forms.scannerVersion === SCANNER_VERSION ? new RepeatedLines() : null;
  }

  get size(): number {
    return this.templatesHeld;
  }

  /** Signatures forgotten because of a cap since the start; their templates stayed. Evicted templates are changes. */
  get signaturesForgotten(): number {
    return this.forgotten;
  }

  mine(bucket: ClosedBucket): MinedBucket {
    const now = momentAt(bucket.startMs);
    const changes: TemplateChange[] = [];
    this.announceRemapped(now.hour, changes);
    const services = bucket.services.map((service) => this.mineService(service, now, changes));
    this.evict(changes);
    return { ...bucket, services, changes };
  }

  /** Final id of a signature's template, or undefined when it was never learnt or was forgotten. */
  resolve(service: string, hashHigh: number, hashLow: number): string | undefined {
    return this.services.get(service)?.templateOf(hashHigh, hashLow)?.id;
  }

  template(service: string, templateId: string): Template | undefined {
    const template = this.services.get(service)?.find(templateId);
    if (template === undefined) return undefined;
    return { templateId: template.id, service, text: renderText(template), aliases: [...template.aliases] };
  }

  /** `body` is redacted first, so that no secret comes back as a value. */
  parameters(service: string, templateId: string, body: string): readonly Parameter[] {
    const template = this.services.get(service)?.find(templateId);
    return template === undefined ? [] : readParameters(partsOf(template), this.options.redact(body));
  }

  takeChanges(): AnyStateRow[] {
    if (this.remapped.size > 0) return [];
    return takeRows(this.services, this.forms.scannerVersion, this.rowWriter);
  }

  load(rows: readonly AnyStateRow[]): void {
    this.remapped = loadServices(rows, this.services, this.forms, this.handles);
    for (const service of this.services.values()) this.templatesHeld += service.templates.size;
  }

  private announceRemapped(hour: number, changes: TemplateChange[]): void {
    for (const service of this.remapped) {
      service.silentBeforeHour = hour + SILENT_HOURS;
      changes.push(...changesOf(service.service, service.takeEvents()));
    }
    this.remapped = new Set();
  }

  private mineService(bucket: ServiceBucket, now: Moment, changes: TemplateChange[]): MinedService {
    const key = bucket.service.key;
    let service = this.services.get(key);
    if (service === undefined) {
      service = new ServiceTemplates(key, this.handles);
      this.services.set(key, service);
    }
    const before = service.templates.size;
    const { signatures, ...rest } = bucket;
    const slots = this.learn(service, signatures, now);
    const events = service.takeEvents();
    this.templatesHeld += service.templates.size - before;
    changes.push(...changesOf(key, events));
    return { ...rest, templates: this.sums.count(signatures, slots, service.templates, events) };
  }

  /** The slot of each signature's template, when all that is new has been learnt. */
  private learn(
    service: ServiceTemplates,
    signatures: readonly SignatureBucket[],
    now: Moment,
  ): readonly number[] {
    const known = signatures.map(({ hashHigh, hashLow }) => service.see(hashHigh, hashLow, now));
    const unread = toRead(service, signatures, known);
    if (unread.length === 0) return known;
    for (const bucket of unread.sort(byFirstRecord)) {
      const { hashHigh, hashLow } = bucket;
      const template =
        service.templateOf(hashHigh, hashLow) ??
        service.learn(hashHigh, hashLow, this.read(bucket.exemplar), now);
      this.checkShape(service, bucket, template);
    }
    return signatures.map(({ hashHigh, hashLow }) => service.templateOf(hashHigh, hashLow)!.slot);
  }

  private checkShape(service: ServiceTemplates, bucket: SignatureBucket, template: LearntTemplate): void {
    if (!service.wantsShape(template.slot)) return;
    const { exemplar, sample } = bucket;
    // Once more changes nothing, as long as no other line did in between.
    let isExemplarIn = !this.checkLine(service, template, exemplar);
    for (const kept of sample) {
      if (isExemplarIn && compareKept(kept, exemplar) === 0) continue;
      if (this.checkLine(service, template, kept)) isExemplarIn = false;
    }
    service.noteCheck(template);
  }

  /** True when the line changed the template's tokens. */
  private checkLine(service: ServiceTemplates, template: LearntTemplate, kept: KeptRecord): boolean {
    const { plain } = this.options;
    if (template.full === null) return false;
    if (plain?.locate(kept)) {
      const { wire } = kept;
      if (this.repeated?.covers(wire, plain.start, plain.end, template.full)) return false;
      const tokens = this.forms.tokensOf(wire, plain.start, plain.end);
      if (changesNothing(wire, tokens, template.full)) {
        this.repeated?.remember(wire, tokens, template.full);
        return false;
      }
    }
    return service.checkShape(template, this.read(kept));
  }

  private read(kept: KeptRecord): Form {
    return this.forms.read(this.options.redact(this.options.bodyOf(kept)), kept.truncated);
  }

  private evict(changes: TemplateChange[]): void {
    this.forgotten += forgetSignatures(this.services);
    for (const [service, template] of evictTemplates(this.services, this.templatesHeld)) {
      service.evict(template);
      this.templatesHeld--;
      changes.push({ service: service.service, change: 'evicted', templateId: template.id });
    }
  }
}

/**
 * The signatures whose lines are to be read: where one is not known, all, as a line that is learnt may change what the
 * others' templates are; else those of templates whose lines are still looked at.
 */
function toRead(
  service: ServiceTemplates,
  signatures: readonly SignatureBucket[],
  known: readonly number[],
): SignatureBucket[] {
  if (known.includes(NONE)) return [...signatures];
  return signatures.filter((_, i) => service.wantsShape(known[i]!));
}

function byFirstRecord(a: SignatureBucket, b: SignatureBucket): number {
  return (
    a.firstMs - b.firstMs || (a.hashHigh >>> 0) - (b.hashHigh >>> 0) || (a.hashLow >>> 0) - (b.hashLow >>> 0)
  );
}

/** Created, then generalised, then merged; each by id. */
function changesOf(service: string, events: LearningEvents): TemplateChange[] {
  const ids = (templates: Iterable<LearntTemplate>) => [...templates].map((t) => t.id).sort();
  return [
    ...ids(events.created).map((templateId) => ({ service, change: 'created' as const, templateId })),
    ...ids(events.generalised).map((templateId) => ({ service, change: 'generalised' as const, templateId })),
    ...events.merged
      .map(([templateId, into]) => ({ service, change: 'merged' as const, templateId, into: into.id }))
      .sort((a, b) => (a.templateId < b.templateId ? -1 : 1)),
  ];
}
