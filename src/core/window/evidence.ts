import type {
  Finding,
  KeptContent,
  KeptRecord,
  Parameter,
  ServiceRef,
  TemplateCount,
  TemplateLookup,
} from '../../contracts.ts';
import type { Redactor } from '../redact.ts';
import { type ExceptionSummary, exceptionOf, isExceptionAttribute } from './exception.ts';
import { capText, hash64 } from './format.ts';
import { hintsOf, type RecordHints } from './hints.ts';
import { CountedPair } from './lift.ts';
import {
  ATTRIBUTES_PER_RECORD,
  EXEMPLAR_CHARS,
  LINKS_PER_RECORD,
  MEMBERS_READ,
  PARAMETER_CHARS,
  PARAMETERS_PER_LINE,
  TEMPLATE_CHARS,
  VALUE_CHARS,
} from './limits.ts';
import { isPeerKey, namedAsPeer, namedServices } from './names.ts';

/** Decodes a kept record; `readKept` of core/decode, injected. */
export type ReadKept = (kept: KeptRecord) => KeptContent;

export interface EvidenceOptions {
  readonly readKept: ReadKept;
  /**
   * The attributes that `readKept` gives, read alone, valid until the next call; without it all is read. A frozen pair may
   * be given again.
   */
  readonly readAttributes?: (kept: KeptRecord) => KeptContent['attributes'];
  readonly redactor: Redactor;
  readonly templates: TemplateLookup;
}

/** A kept record, decoded, redacted and capped: nothing of the original text is left in it. */
export interface Evidence {
  readonly kept: KeptRecord;
  readonly body: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parameters: readonly Parameter[];
  readonly attributes: readonly CountedPair[];
  readonly exception: ExceptionSummary | null;
  readonly hints: RecordHints | null;
  readonly names: readonly string[];
  /** Trace id and the UUIDs of its text: two records with one in common speak of the same request or object. */
  readonly links: readonly string[];
  /** Orders a sample: by trace where there is one, so that two findings sample the same traces. */
  readonly hash: string;
}

/** Attributes that are the text itself, or that differ in every record. */
const NOT_COMPARED =
  /^(?:exception\.(?:message|stacktrace)|log\.record\.|code\.stacktrace|event\.id|message$|trace[._]?id|span[._]?id)/i;

type Pair = readonly [key: string, value: string];

/** Pairs, and keys, remembered as harmless. All are forgotten when there are too many. */
const HARMLESS_MAX = 4_096;

/** The only reader of kept records here: whatever leaves it is redacted. */
export class EvidenceReader {
  readonly #readKept: ReadKept;
  readonly #readAttributes: NonNullable<EvidenceOptions['readAttributes']>;
  readonly #redactor: Redactor;
  readonly #templates: TemplateLookup;
  /**
   * Frozen pairs of which redaction left everything and counted nothing: they are told as they are, each time; null =
   * not at all.
   */
  readonly #harmless = new Map<Pair, CountedPair | null>();
  /** The same of keys. */
  readonly #harmlessKeys = new Map<string, string | null>();
  readonly #compared: CountedPair[] = [];

  constructor(options: EvidenceOptions) {
    const { readKept } = options;
    this.#readKept = readKept;
    this.#readAttributes = options.readAttributes ?? ((kept) => readKept(kept).attributes);
    this.#redactor = options.redactor;
    this.#templates = options.templates;
  }

  /** Parameters are read when `wantsParameters` of the record's hash; also of a line that holds something to redact. */
  read(
    service: ServiceRef,
    templateId: string,
    kept: KeptRecord,
    known: ReadonlyMap<string, unknown>,
    wantsParameters: (hash: string) => boolean = () => true,
  ): Evidence {
    const content = this.#readKept(kept);
    const attributes = this.#tellAll(content.attributes, []);
    const line = this.#redactor.redact(content.line);
    const body =
      content.body === content.line
        ? line
        : content.body === ''
          ? this.#withoutBody(content, attributes)
          : this.#redactor.redact(content.body);
    const peers = attributes.map((pair) => peerIn(pair, known));
    const names = [...new Set([...namedServices(body, known), ...peers])].filter((name) => name !== '');
    const { source, topic, partition, offset, index } = kept.position;
    const hash = hash64(
      content.traceId === '' ? [source, topic, partition, offset, index].join('\u0000') : content.traceId,
    );
    const isClean = line === content.line;
    return {
      kept,
      body: capText(body, EXEMPLAR_CHARS),
      traceId: content.traceId,
      spanId: content.spanId,
      parameters:
        isClean && !wantsParameters(hash)
          ? []
          : this.#parameters(service.key, templateId, content.line, line),
      attributes,
      hints: hintsOf(content, (text) => (text === '' ? '' : this.#redactor.redact(text))),
      exception: exceptionOf(body, this.#exceptionAttributes(content)),
      names: names.filter((name) => name !== service.name),
      links: linksOf(content.traceId, body, attributes),
      hash,
    };
  }

  /** Pairs to compare, for records that serve as comparison only. Valid until the next call. */
  comparedPairs(kept: KeptRecord): readonly CountedPair[] {
    return this.#tellAll(this.#readAttributes(kept), this.#compared);
  }

  templateText(serviceKey: string, templateId: string): string | null {
    const template = this.#templates.template(serviceKey, templateId);
    if (template === undefined) return null;
    return capText(this.#redactor.redact(template.text), TEMPLATE_CHARS);
  }

  redactionCounts(): Record<string, number> {
    return this.#redactor.counts();
  }

  /** Writes over `out` and returns it. */
  #tellAll(attributes: KeptContent['attributes'], out: CountedPair[]): CountedPair[] {
    let n = 0;
    for (let i = 0; i < attributes.length && n < ATTRIBUTES_PER_RECORD; i++) {
      const told = this.#tell(attributes[i]!);
      if (told !== null) out[n++] = told;
    }
    out.length = n;
    return out;
  }

  /** Null = it is neither told nor compared. */
  #tell(pair: Pair): CountedPair | null {
    const known = this.#harmless.get(pair);
    if (known !== undefined) return known;
    const before = this.#redactor.replacements;
    const told = this.#redacted(pair);
    const isAsItWas = told === null || (told.key === pair[0] && told.value === pair[1]);
    if (isAsItWas && this.#redactor.replacements === before && Object.isFrozen(pair)) {
      if (this.#harmless.size === HARMLESS_MAX) this.#harmless.clear();
      this.#harmless.set(pair, told);
    }
    return told;
  }

  #redacted(pair: Pair): CountedPair | null {
    const key = pair[0];
    const value = pair[1];
    if (value === '' || value.length > VALUE_CHARS || key.length > VALUE_CHARS) return null;
    const told = this.#tellKey(key);
    return told === null ? null : new CountedPair(told, this.#redactor.redactValue(key, value));
  }

  /** Null = it is neither told nor compared. */
  #tellKey(key: string): string | null {
    const known = this.#harmlessKeys.get(key);
    if (known !== undefined) return known;
    const before = this.#redactor.replacements;
    const told = NOT_COMPARED.test(key) ? null : this.#redactor.redact(key);
    if (this.#redactor.replacements === before) {
      if (this.#harmlessKeys.size === HARMLESS_MAX) this.#harmlessKeys.clear();
      this.#harmlessKeys.set(key, told);
    }
    return told;
  }

  /** An event that is all attributes: its name and their values; or the exception that it is. */
  #withoutBody(content: KeptContent, attributes: readonly CountedPair[]): string {
    if (content.attributes.some(([key]) => key === 'exception.type' || key === 'exception.message'))
      return this.#redactor.redact(content.line);
    const pairs = attributes.filter(({ key }) => !/^(?:event|code|log|thread)\./.test(key));
    const values = pairs.map(({ key, value }) => `${key}=${value}`).join(', ');
    return `${this.#redactor.redact(content.eventName)}${values === '' ? '' : ` with ${values}`}`;
  }

  #exceptionAttributes(content: KeptContent): [string, string][] {
    return content.attributes
      .filter((pair) => isExceptionAttribute(pair[0]))
      .map(([key, value]) => [key, this.#redactor.redact(value)]);
  }

  /** A slot's value may be a secret only in its context: what redaction took out of the line is taken out here too. */
  #parameters(serviceKey: string, templateId: string, raw: string, redacted: string): Parameter[] {
    return this.#templates
      .parameters(serviceKey, templateId, raw)
      .slice(0, PARAMETERS_PER_LINE)
      .map(({ name, type, value }) => {
        const safe =
          raw === redacted || redacted.includes(value)
            ? this.#redactor.redactValue(name, value)
            : '<redacted:secret>';
        return {
          name: capText(this.#redactor.redact(name), PARAMETER_CHARS),
          type,
          value: capText(safe, PARAMETER_CHARS),
        };
      });
  }
}

/**
 * Kept records of a finding's templates in one bucket, those from the onset on first. Slots differ between the templates
 * of an overflow finding, so that its records have no parameters.
 */
export function evidenceOf(
  reader: EvidenceReader,
  finding: Finding,
  counts: readonly TemplateCount[],
  known: ReadonlyMap<string, unknown>,
  wantsParameters?: (hash: string) => boolean,
): Evidence[] {
  const all = counts
    .slice(0, MEMBERS_READ)
    .flatMap((count) =>
      keptOf(count).map((kept) =>
        reader.read(finding.service, count.templateId, kept, known, wantsParameters),
      ),
    )
    .map((item) => (finding.templateId === null ? { ...item, parameters: [] } : item));
  const isEarly = (item: Evidence): boolean => item.kept.timeMs < finding.onsetMs;
  return [...all.filter((item) => !isEarly(item)), ...all.filter(isEarly)];
}

/** Exemplar first, then the sample; each record once. */
function keptOf({ exemplar, sample }: TemplateCount): KeptRecord[] {
  const first = exemplar.position;
  const others = sample.filter(
    ({ position }) =>
      position.offset !== first.offset ||
      position.index !== first.index ||
      position.partition !== first.partition ||
      position.topic !== first.topic ||
      position.source !== first.source,
  );
  return [exemplar, ...others];
}

function peerIn(pair: CountedPair, known: ReadonlyMap<string, unknown>): string {
  pair.mayNamePeer ??= isPeerKey(pair.key);
  return pair.mayNamePeer ? namedAsPeer(pair.value, known) : '';
}

/** UUIDs only: longer or shorter hex is as often a user, a project or a build, which half of all lines share. */
const UUID = /(?<![0-9a-f])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-f])/gi;

function linksOf(traceId: string, body: string, attributes: readonly CountedPair[]): string[] {
  const links = new Set(traceId === '' ? [] : [traceId]);
  addUuids(links, body);
  for (const pair of attributes) {
    pair.mayHoldUuid ??= pair.value.search(UUID) >= 0;
    if (pair.mayHoldUuid) addUuids(links, pair.value);
  }
  return [...links];
}

function addUuids(links: Set<string>, text: string): void {
  if (!text.includes('-')) return;
  for (const [uuid] of text.matchAll(UUID)) {
    if (links.size >= LINKS_PER_RECORD) break;
    if (/[1-9a-f]/i.test(uuid)) links.add(uuid.toLowerCase());
  }
}
