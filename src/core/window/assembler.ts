import type {
  AnyStateRow,
  BaselineLookup,
  Finding,
  Judgement,
  KeptRecord,
  MinedBucket,
  Stateful,
  StateRow,
  WindowRevision,
  WindowStatus,
} from '../../contracts.ts';
import { BucketView } from './bucket-view.ts';
import { buildCandidate, type Candidate, redactionsSince, withBaseline } from './candidate.ts';
import { noteChanges, takeRelevantChanges } from './changes.ts';
import { addCompanions } from './companions.ts';
import { noteBaseline, noteTraffic } from './coverage.ts';
import { buildEvent, type EventContext, FULL_EVENT_BYTES } from './event.ts';
import { type EvidenceOptions, EvidenceReader } from './evidence.ts';
import { bytesOf, compareText } from './format.ts';
import { groupRelated, isNear, linkOf, windowFor } from './join.ts';
import { CANDIDATES_MAX, OPEN_WINDOWS_MAX, QUIET_MS } from './limits.ts';
import { followMerge } from './members.ts';
import { Neighbours } from './neighbours.ts';
import { addCounts, addFindings, isRenewal, openWindow } from './open.ts';
import { OpenRows, windowsIn } from './open-rows.ts';
import { OutputCap } from './output-cap.ts';
import { PastWindows } from './past.ts';
import { alsoOpen, byFirstEvidence, byOnset } from './rank.ts';
import { isDue, revisionOf } from './revise.ts';
import { DROP_REASONS, MinuteRing } from './ring.ts';
import { suspectsFor } from './second-look.ts';
import { ServiceMap } from './service-map.ts';
import { type OpenWindow, type StormReason, WINDOW_TABLES } from './state.ts';
import { addComparison, refreshTexts, renewFinding, updateFinding, updateService } from './track.ts';

export interface AssemblerOptions extends EvidenceOptions {
  /** Names the CloudEvents source, `winnow://<pipeline>`. */
  readonly pipeline: string;
  readonly baselines: BaselineLookup;
  /** Trace id of a kept record, or empty; `readTraceId` of core/decode. */
  readonly readTraceId: (kept: KeptRecord) => string;
  readonly scannerVersion: string;
  /** Names of sources that are Kafka: their positions are shown in Kafka's words. */
  readonly kafkaSources?: readonly string[];
}

/**
 * Turns findings into windows. A window opens with revision 1 in the bucket of its first finding, is revised when
 * findings join or grow worse, and closes after `QUIET_MS` of event time without either; a closed window is forgotten.
 *
 *   (finding) ──open──► r1 open ──join, renew──► r2… updated ──quiet──► closed
 *
 * Ids freeze at revision 1. Everything held is bounded (limits.ts) and, once here, redacted.
 */
export class WindowAssembler implements Stateful {
  readonly tables = WINDOW_TABLES;
  readonly #options: AssemblerOptions;
  readonly #reader: EvidenceReader;
  readonly #ring = new MinuteRing('window_ring');
  readonly #cap = new OutputCap('window_output');
  readonly #past = new PastWindows('window_past');
  readonly #neighbours: Neighbours;
  readonly #memories: readonly Pick<Stateful, 'takeChanges' | 'load'>[];
  readonly #services: ServiceMap;
  /** Sorted by window id. */
  #windows: OpenWindow[] = [];
  readonly #rows = new OpenRows();
  /** Revisions of windows that were closed to make room, within one `observe`. */
  #closedEarly: WindowRevision[] = [];
  /** Watermark and end of the last bucket; 0 = none yet. */
  #watermarkMs = 0;
  #endMs = 0;
  /** Row value last given out. */
  #clockTaken = '[0,0]';

  constructor(options: AssemblerOptions) {
    this.#options = options;
    this.#reader = new EvidenceReader(options);
    this.#neighbours = new Neighbours('window_neighbour', options.readTraceId);
    this.#services = new ServiceMap(this.#ring, this.#neighbours);
    this.#memories = [this.#cap, this.#ring, this.#neighbours, this.#past];
  }

  /** Called once per closed bucket, in order; buckets without records may be skipped. */
  observe(bucket: MinedBucket, judgement: Judgement): WindowRevision[] {
    const view = new BucketView(bucket);
    this.#watermarkMs = bucket.watermarkMs;
    this.#endMs = view.endMs;
    this.#ring.add(bucket);
    this.#neighbours.learn(bucket);
    this.#cap.read(bucket.accounting.bytes);
    noteChanges(this.#cap, judgement.changes);
    this.#followMerges(bucket);
    this.#services.refresh();
    for (const window of this.#windows) this.#update(window, view);
    const tenants = new Set(judgement.findings.map((finding) => finding.service.tenant));
    for (const tenant of [...tenants].sort(compareText)) {
      this.#place(
        tenant,
        judgement.findings.filter((finding) => finding.service.tenant === tenant),
        view,
      );
    }
    for (const window of this.#windows) this.#lookAgain(window, view);
    return this.#emitDue();
  }

  /** The input has ended: a last revision of what changed, so that final counts are shown. Windows stay open. */
  finish(): WindowRevision[] {
    const moved = this.#windows.filter((window) => window.pending !== 'none' || window.countsMoved);
    return moved.sort(byOnset).map((window) => this.#emit(window, 'updated'));
  }

  takeChanges(): AnyStateRow[] {
    const rows = this.#rows.takeChanges();
    const clock = JSON.stringify([this.#watermarkMs, this.#endMs]);
    if (clock !== this.#clockTaken) rows.push({ table: 'window_output', key: 'clock', value: clock });
    this.#clockTaken = clock;
    return [...rows, ...this.#memories.flatMap((memory) => memory.takeChanges())];
  }

  load(rows: readonly AnyStateRow[]): void {
    const texts = rows.filter(({ value }) => typeof value === 'string') as StateRow[];
    this.#windows = windowsIn(texts);
    for (const memory of this.#memories) memory.load(rows);
    const clock = texts.find((row) => row.table === 'window_output' && row.key === 'clock')?.value;
    if (clock != null) [this.#watermarkMs, this.#endMs] = JSON.parse(clock) as [number, number];
  }

  #update(window: OpenWindow, view: BucketView): void {
    this.#rows.changed(window);
    const before = this.#reader.redactionCounts();
    const known = this.#services.byName(window);
    for (const tracked of window.findings) updateFinding(window, tracked, view, this.#reader, known);
    addCounts(window.redactions, redactionsSince(before, this.#reader));
    for (const entry of window.services) {
      updateService(window, entry, view);
      addComparison(entry, view, this.#reader);
    }
    const { dropped } = view.bucket.accounting;
    for (const reason of DROP_REASONS) {
      if (dropped[reason] > 0)
        window.dropped.set(reason, (window.dropped.get(reason) ?? 0) + dropped[reason]);
    }
  }

  /** Renewals first, then joins until nothing more joins, then new windows for the rest. */
  #place(tenant: string, findings: readonly Finding[], view: BucketView): void {
    const sorted = [...findings].sort(byFirstEvidence);
    const fresh = sorted.filter((finding) => !this.#renew(finding, view));
    const readsEvidence = fresh.length <= CANDIDATES_MAX;
    let waiting = fresh.map((finding) =>
      buildCandidate(this.#reader, finding, view, this.#services.byName(finding.service), readsEvidence),
    );
    for (let before = -1; waiting.length !== before; ) {
      before = waiting.length;
      waiting = waiting.filter((candidate) => {
        const window = windowFor(candidate, this.#openOf(tenant), this.#services.areNeighbours);
        if (window !== null) this.#join(window, [candidate], view);
        return window === null;
      });
    }
    const storm = this.#openOf(tenant).find((window) => window.storm !== null);
    if (storm !== undefined) {
      const swept = waiting.filter(({ finding }) => isNear(finding, storm));
      if (swept.length > 0) this.#join(storm, swept, view);
      waiting = waiting.filter((candidate) => !swept.includes(candidate));
    }
    if (waiting.length > 0) this.#open(tenant, waiting, view);
  }

  #open(tenant: string, waiting: readonly Candidate[], view: BucketView): void {
    // Too many to compare pair by pair: each counts as a group of its own, and so they are a storm.
    const groups =
      waiting.length > CANDIDATES_MAX
        ? waiting.map((one) => [one])
        : groupRelated(waiting, this.#services.areNeighbours);
    const watermarkMs = view.bucket.watermarkMs;
    const reason = this.#cap.stormReason(tenant, watermarkMs, groups.length, this.#openOf(tenant).length);
    if (reason === null) for (const group of groups) this.#openOne(tenant, group, null, view);
    else this.#openOne(tenant, waiting, { reason, groups: groups.length }, view);
  }

  #openOne(
    tenant: string,
    group: readonly Candidate[],
    storm: { reason: StormReason; groups: number } | null,
    view: BucketView,
  ): void {
    const open = this.#openOf(tenant);
    const existing = storm === null ? undefined : open.find((window) => window.storm !== null);
    if (existing !== undefined) {
      existing.mergedGroups += storm!.groups;
      this.#join(existing, group, view);
      return;
    }
    this.#makeRoom();
    const related = open.find((window) =>
      group.some((candidate) => linkOf(candidate, window, this.#services.areNeighbours) !== null),
    );
    const window = openWindow({
      group,
      storm,
      view,
      ring: this.#ring,
      scannerVersion: this.#options.scannerVersion,
      taken: (windowId) => this.#windows.some((other) => other.windowId === windowId),
      episode: (fingerprint) =>
        related?.episodeId ?? this.#cap.episode(tenant, fingerprint, view.bucket.watermarkMs),
    });
    this.#windows = [...this.#windows, window].sort((a, b) => compareText(a.windowId, b.windowId));
    this.#cap.opened(tenant, view.bucket.watermarkMs);
    this.#join(window, group, view);
  }

  /** One more than `OPEN_WINDOWS_MAX` closes the window that was quiet longest. */
  #makeRoom(): void {
    if (this.#windows.length < OPEN_WINDOWS_MAX) return;
    const quietest = this.#windows.reduce((a, b) => (b.aliveMs < a.aliveMs ? b : a));
    this.#closedEarly.push(this.#emit(quietest, 'closed'));
    this.#windows = this.#windows.filter((window) => window !== quietest);
  }

  #join(window: OpenWindow, group: readonly Candidate[], view: BucketView): void {
    this.#rows.changed(window);
    window.aliveMs = view.bucket.watermarkMs;
    const textOf = (serviceKey: string, templateId: string): string | null =>
      this.#reader.templateText(serviceKey, templateId);
    const joined = addFindings(
      window,
      group.map(withBaseline(this.#options.baselines)),
      view,
      this.#ring,
      textOf,
    );
    const before = this.#reader.redactionCounts();
    const known = this.#services.byName(window);
    for (const entry of joined) addCompanions(window, entry, view, this.#reader, known);
    addCounts(window.redactions, redactionsSince(before, this.#reader));
    for (const entry of joined) addComparison(entry, view, this.#reader);
    this.#cap.keepEpisode(window.tenant, window.fingerprint, window.episodeId, window.aliveMs);
  }

  /** What began shortly before in the services that a young window touches, though it was not surprising by itself. */
  #lookAgain(window: OpenWindow, view: BucketView): void {
    const known = this.#services.byName(window);
    const suspects = suspectsFor(window, this.#services, this.#options.baselines, this.#watermarkMs);
    const joining = suspects.map((one) => buildCandidate(this.#reader, one, view, known, true));
    if (joining.length > 0) this.#join(window, joining, view);
  }

  /** True when the finding repeats one that a window near in time already has; a later repetition is a new window. */
  #renew(finding: Finding, view: BucketView): boolean {
    for (const window of this.#openOf(finding.service.tenant)) {
      const tracked = window.findings.find((other) => isRenewal(other.finding, finding));
      if (tracked === undefined || !isNear(finding, window)) continue;
      if (finding.severity > tracked.finding.severity) window.pending = 'urgent';
      renewFinding(tracked, finding, view, this.#ring);
      window.latestOnsetMs = Math.max(window.latestOnsetMs, finding.onsetMs);
      window.aliveMs = view.bucket.watermarkMs;
      window.countsMoved = true;
      this.#rows.changed(window);
      this.#cap.keepEpisode(window.tenant, window.fingerprint, window.episodeId, window.aliveMs);
      return true;
    }
    return false;
  }

  #followMerges(bucket: MinedBucket): void {
    for (const { change, service, templateId, into } of bucket.changes) {
      if (change !== 'merged' || into === undefined) continue;
      for (const window of this.#windows) {
        if (followMerge(window, service, templateId, into)) this.#rows.changed(window);
      }
    }
  }

  #emitDue(): WindowRevision[] {
    const out = this.#closedEarly;
    this.#closedEarly = [];
    for (const window of [...this.#windows].sort(byOnset)) {
      if (window.revision > 0 && this.#watermarkMs - window.aliveMs >= QUIET_MS) {
        out.push(this.#emit(window, 'closed'));
        this.#windows = this.#windows.filter((other) => other !== window);
      } else if (
        isDue(window, this.#watermarkMs, (bytes) =>
          this.#cap.hasRoom(window.tenant, this.#watermarkMs, bytes),
        )
      ) {
        out.push(this.#emit(window, window.revision === 0 ? 'open' : 'updated'));
      }
    }
    return out;
  }

  #emit(window: OpenWindow, status: WindowStatus): WindowRevision {
    takeRelevantChanges(window, this.#cap.tenant(window.tenant).changes);
    refreshTexts(window, (serviceKey, templateId) => this.#reader.templateText(serviceKey, templateId));
    if (window.revision === 0) noteBaseline(window, this.#options.baselines);
    noteTraffic(window, this.#options.baselines, this.#watermarkMs);
    window.revision++;
    window.emittedMs = this.#watermarkMs;
    window.pending = 'none';
    window.countsMoved = false;
    if (status === 'closed') this.#rows.closed(window);
    else this.#rows.changed(window);
    const event = buildEvent(window, status, this.#eventContext(window));
    this.#cap.wrote(window.tenant, this.#watermarkMs, bytesOf(event));
    if (status === 'closed') this.#past.remember(window, this.#watermarkMs);
    return revisionOf(window, status, this.#watermarkMs, event);
  }

  #eventContext(window: OpenWindow): EventContext {
    const involved = new Set(
      this.#openOf(window.tenant).flatMap((open) => open.services.map((entry) => entry.service.key)),
    );
    const seen = this.#ring.serviceKeys(window.tenant);
    return {
      pipeline: this.#options.pipeline,
      kafkaSources: this.#options.kafkaSources ?? [],
      baselines: this.#options.baselines,
      watermarkMs: this.#watermarkMs,
      endMs: this.#endMs,
      alsoOpen: alsoOpen(window, this.#openOf(window.tenant)),
      similar: this.#past.similarTo(window, this.#options.templates),
      quietServices: [...seen].filter((key) => !involved.has(key)).length,
      hasRoom: this.#cap.hasRoom(window.tenant, this.#watermarkMs, FULL_EVENT_BYTES),
    };
  }

  #openOf(tenant: string): OpenWindow[] {
    return this.#windows.filter((window) => window.tenant === tenant);
  }
}
