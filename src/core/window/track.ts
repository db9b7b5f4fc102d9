import type { CountedSet, Finding, MinedService, TemplateCount } from '../../contracts.ts';
import type { BucketView } from './bucket-view.ts';
import { busiest } from './busiest.ts';
import type { Candidate } from './candidate.ts';
import { type Evidence, type EvidenceReader, evidenceOf } from './evidence.ts';
import { addExemplar } from './exemplars.ts';
import { compareText, sum } from './format.ts';
import { emptyPairTable, PairCounter } from './lift.ts';
import {
  COMPARISON_PER_BUCKET,
  INSTANCES_PER_SET,
  LINKS_PER_FINDING,
  MEMBERS_READ,
  NAMES_PER_FINDING,
  SAMPLE_PER_FINDING,
  SAMPLING_MS,
  SERIES_MINUTES,
  VERSIONS_PER_SET,
} from './limits.ts';
import {
  countInRing,
  countsOf,
  isOfService,
  isOverflow,
  templateIdsOf,
  uniteMembers,
  withDistinctMembers,
} from './members.ts';
import { MINUTE_MS, type MinuteRing } from './ring.ts';
import type { FindingSamples, OpenWindow, SampledRecord, TrackedFinding, WindowService } from './state.ts';

/** Templates of an overflow finding that are told by their text. */
const MEMBERS_TOLD = 5;

/** After this long without a record, new records of an erroneous new template are another matter. */
const EVIDENCE_GAP_MS = 5 * MINUTE_MS;

/** Begins to track a finding. The ring already contains the bucket at hand, so counts are complete from its start on. */
export function trackFinding(
  window: OpenWindow,
  { finding: raised, baselineAgeMs, evidence, witnesses }: Candidate,
  view: BucketView,
  ring: MinuteRing,
  templateText: string,
): TrackedFinding {
  const fromMs = Math.max(window.startMs, ring.oldestMs ?? window.startMs);
  const distinct = withDistinctMembers(raised);
  const { records, perMinute, isPartial } = isUncounted(distinct)
    ? { records: Math.round(distinct.observed), perMinute: new Map(), isPartial: true }
    : countInRing(ring, distinct, fromMs);
  const finding = isOverflow(distinct) && isPartial ? { ...distinct, censored: true } : distinct;
  const tracked: TrackedFinding = {
    ref: `F${window.nextFinding++}`,
    finding,
    baselineAgeMs,
    raisedMs: view.bucket.watermarkMs,
    evidenceEndMs: evidenceEndOf(finding, view),
    lastRecordMs: finding.lastSeenMs,
    templateText,
    memberTexts: [],
    countedFromMs: fromMs,
    records,
    perMinute,
    trackedFromMs: view.bucket.startMs,
    versions: new Map(),
    instances: new Map(),
    instancesCensored: false,
    samples: noFindingSamples(),
  };
  const counts = countsOf(finding, view);
  for (const count of counts) addCounts(tracked, count);
  const service = view.service(finding.service.key);
  if (isOfService(finding) && service !== undefined) addServiceCounts(tracked, service);
  // What still arrives of a line that fell silent is no example of its silence.
  if (finding.kind !== 'silence') addEvidence(window, tracked, evidence, recordsRead(counts));
  for (const { serviceName, evidence: item } of witnesses)
    addExemplar(window, tracked, item, { serviceName });
  return tracked;
}

function noFindingSamples(): FindingSamples {
  return {
    isChanged: true,
    pairs: emptyPairTable(),
    exemplars: [],
    slots: [],
    records: [],
    recordsOf: 0,
    exception: null,
    hints: null,
    names: [],
    links: [],
  };
}

/** Templates change while a window is open; what is told is their text of now. */
export function refreshTexts(
  window: OpenWindow,
  textOf: (serviceKey: string, templateId: string) => string | null,
): void {
  for (const tracked of window.findings) {
    const { service, templateId, memberTemplateIds } = tracked.finding;
    if (templateId !== null) tracked.templateText = textOf(service.key, templateId) ?? tracked.templateText;
    const texts = (memberTemplateIds ?? []).slice(0, MEMBERS_TOLD).map((id) => textOf(service.key, id));
    tracked.memberTexts = texts.filter((text) => text !== null);
  }
}

/** Adds one bucket to a finding that is already tracked. */
export function updateFinding(
  window: OpenWindow,
  tracked: TrackedFinding,
  view: BucketView,
  reader: EvidenceReader,
  known: ReadonlyMap<string, unknown>,
): void {
  const { finding } = tracked;
  if (isUncounted(finding)) return;
  const service = isOfService(finding) ? view.service(finding.service.key) : undefined;
  const counts = countsOf(finding, view);
  const records = service?.records ?? sum(counts.map((count) => count.records));
  addMinute(tracked.perMinute, view.bucket.startMs, records);
  if (records === 0) return;
  tracked.records += records;
  window.countsMoved = true;
  if (service !== undefined) {
    addServiceCounts(tracked, service);
    return;
  }
  for (const count of counts) addCounts(tracked, count);
  const isNovel = !isOverflow(finding) && (finding.kind === 'new' || finding.kind === 'rare');
  if (isNovel && finding.severity >= 3 && view.bucket.startMs - tracked.evidenceEndMs <= EVIDENCE_GAP_MS) {
    tracked.evidenceEndMs = Math.max(tracked.evidenceEndMs, ...counts.map((count) => count.lastMs));
  }
  if (finding.kind !== 'silence' && view.bucket.watermarkMs - tracked.raisedMs <= SAMPLING_MS) {
    const evidence = evidenceOf(reader, finding, counts, known, mayBeSampled(tracked.samples));
    addEvidence(window, tracked, evidence, recordsRead(counts));
  }
}

/** The detectors spoke of the same thing again: its strongest numbers stay, its first onset stays. */
export function renewFinding(
  tracked: TrackedFinding,
  again: Finding,
  view: BucketView,
  ring: MinuteRing,
): void {
  const before = tracked.finding;
  const numbers = again.score > before.score && again.kind === before.kind ? again : before;
  tracked.finding = {
    ...numbers,
    ...uniteMembers(before, again),
    kind: before.kind,
    onsetMs: before.onsetMs,
    onsetUncertaintyMs: before.onsetUncertaintyMs,
    severity: again.severity > before.severity ? again.severity : before.severity,
    score: Math.max(again.score, before.score),
    lastSeenMs: Math.max(again.lastSeenMs, before.lastSeenMs),
    censored: again.censored || before.censored,
  };
  tracked.lastRecordMs = Math.max(tracked.lastRecordMs, again.lastSeenMs);
  tracked.evidenceEndMs = Math.max(tracked.evidenceEndMs, evidenceEndOf(again, view));
  if (isOverflow(tracked.finding)) countNewMembers(tracked, before, view, ring);
}

/** An overflow finding that was told again stands for more templates: what they wrote so far is counted, too. */
function countNewMembers(tracked: TrackedFinding, before: Finding, view: BucketView, ring: MinuteRing): void {
  const finding = withDistinctMembers(tracked.finding);
  const added = templateIdsOf(finding).filter((id) => !templateIdsOf(before).includes(id));
  const { records, perMinute, isPartial } = countInRing(ring, finding, tracked.countedFromMs, added);
  const isLate = added.length > 0 && (ring.oldestMs ?? 0) > tracked.countedFromMs;
  tracked.finding = { ...finding, censored: finding.censored || isPartial || isLate };
  if (added.length === 0) return;
  tracked.records += records;
  for (const [minute, n] of perMinute) {
    const known = tracked.perMinute.get(minute);
    if (known !== undefined) tracked.perMinute.set(minute, known + n);
  }
  for (const id of added) {
    const count = view.template(finding.service.key, id);
    if (count !== undefined) addCounts(tracked, count);
  }
  // Instances of the added ones were not counted before.
  tracked.instancesCensored = true;
}

/** None of its templates is known by id: there is nothing to count but what the detector saw. */
function isUncounted(finding: Finding): boolean {
  return isOverflow(finding) && templateIdsOf(finding).length === 0;
}

function recordsRead(counts: readonly TemplateCount[]): number {
  return sum(counts.slice(0, MEMBERS_READ).map((count) => count.records));
}

/** Absence is evident up to the end of the bucket that shows it, everything else up to its last record. */
function evidenceEndOf(finding: Finding, view: BucketView): number {
  const isAbsence = finding.kind === 'silence' || finding.kind === 'drop';
  return Math.max(finding.onsetMs, finding.lastSeenMs, isAbsence ? view.endMs : 0);
}

export function trackService(
  window: OpenWindow,
  finding: Finding,
  view: BucketView,
  ring: MinuteRing,
): WindowService {
  const fromMs = Math.max(window.startMs, ring.oldestMs ?? window.startMs);
  const entry: WindowService = {
    service: finding.service,
    joinedMs: view.bucket.watermarkMs,
    countedFromMs: fromMs,
    records: sum(ring.counts(finding.service.key, null, fromMs).values()),
    traffic: null,
    versions: new Map(),
    instances: new Map(),
    instancesCensored: false,
    censored: 0,
    samples: { isChanged: true, pairs: emptyPairTable() },
  };
  const mined = view.service(finding.service.key);
  if (mined !== undefined) addServiceBucket(window, entry, mined);
  return entry;
}

/** Adds one bucket to a service of a window, with a few records as comparison for attribute lift. */
export function updateService(window: OpenWindow, entry: WindowService, view: BucketView): void {
  const mined = view.service(entry.service.key);
  if (mined === undefined) return;
  entry.records += mined.records;
  addServiceBucket(window, entry, mined);
}

/** One record each of the busiest templates, standing for all records of its template in this bucket. */
export function addComparison(entry: WindowService, view: BucketView, reader: EvidenceReader): void {
  const mined = view.service(entry.service.key);
  if (mined === undefined || view.bucket.watermarkMs - entry.joinedMs > SAMPLING_MS) return;
  const counter = new PairCounter(entry.samples.pairs);
  entry.samples.isChanged = true;
  for (const { records, sample } of busiest(mined.templates, COMPARISON_PER_BUCKET)) {
    const weight = records / sample.length;
    for (let i = 0; i < sample.length; i++) counter.add(reader.comparedPairs(sample[i]!), weight);
  }
}

function addEvidence(
  window: OpenWindow,
  tracked: TrackedFinding,
  evidence: readonly Evidence[],
  records: number,
): void {
  const { samples } = tracked;
  samples.isChanged = true;
  samples.recordsOf += records;
  const counter = new PairCounter(samples.pairs);
  for (const item of evidence) {
    addExemplar(window, tracked, item);
    counter.add(item.attributes, Math.max(1, records / evidence.length));
    if (samples.slots.length === 0) samples.slots = item.parameters.map(({ name, type }) => ({ name, type }));
    samples.exception ??= item.exception;
    samples.hints ??= item.hints;
    for (const name of item.names) {
      if (samples.names.length < NAMES_PER_FINDING && !samples.names.includes(name)) samples.names.push(name);
    }
    for (const link of item.links) {
      if (samples.links.length < LINKS_PER_FINDING && !samples.links.includes(link)) samples.links.push(link);
    }
    const values = item.parameters.map(({ value }) => value);
    samples.records.push(withOwnText({ hash: item.hash, traceId: item.traceId, values }));
  }
  if (samples.records.length > SAMPLE_PER_FINDING) {
    samples.records = [...samples.records]
      .sort((a, b) => compareText(a.hash, b.hash))
      .slice(0, SAMPLE_PER_FINDING);
  }
}

/** A copy whose texts are its own: a value that was cut out of a line would keep all of the line in memory. */
function withOwnText(record: SampledRecord): SampledRecord {
  return JSON.parse(JSON.stringify(record)) as SampledRecord;
}

/** False for hashes of records that the sample has no place for; all are welcome until a line has named the slots. */
function mayBeSampled({ records, slots }: FindingSamples): (hash: string) => boolean {
  if (slots.length === 0 || records.length < SAMPLE_PER_FINDING) return () => true;
  const largest = records.reduce((max, { hash }) => (hash > max ? hash : max), '');
  return (hash) => hash < largest;
}

function addCounts(tracked: TrackedFinding, count: TemplateCount): void {
  addTo(tracked.versions, count.versions, VERSIONS_PER_SET);
  addTo(tracked.instances, count.instances.members, INSTANCES_PER_SET);
  tracked.instancesCensored ||= isCensored(tracked.instances, count.instances);
  tracked.lastRecordMs = Math.max(tracked.lastRecordMs, count.lastMs);
}

function addServiceCounts(tracked: TrackedFinding, service: MinedService): void {
  addTo(tracked.versions, service.versions, VERSIONS_PER_SET);
  addTo(tracked.instances, service.instances.members, INSTANCES_PER_SET);
  tracked.instancesCensored ||= isCensored(tracked.instances, service.instances);
}

function addServiceBucket(window: OpenWindow, entry: WindowService, mined: MinedService): void {
  window.frames += mined.frames;
  window.severityInferred += mined.severityInferred;
  window.timeInferred += mined.timeInferred;
  addTo(entry.versions, mined.versions, VERSIONS_PER_SET);
  addTo(entry.instances, mined.instances.members, INSTANCES_PER_SET);
  entry.instancesCensored ||= isCensored(entry.instances, mined.instances);
  entry.censored += sum(mined.censored);
}

function isCensored(held: ReadonlyMap<string, number>, set: CountedSet): boolean {
  return set.censored || held.size >= INSTANCES_PER_SET;
}

function addTo(
  counts: Map<string, number>,
  added: readonly (readonly [string, number])[],
  max: number,
): void {
  for (const [key, records] of added) {
    const before = counts.get(key);
    if (before !== undefined || counts.size < max) counts.set(key, (before ?? 0) + records);
  }
}

function addMinute(perMinute: Map<number, number>, startMs: number, records: number): void {
  const minute = Math.floor(startMs / MINUTE_MS);
  perMinute.set(minute, (perMinute.get(minute) ?? 0) + records);
  if (perMinute.size > SERIES_MINUTES) perMinute.delete(Math.min(...perMinute.keys()));
}
