// Every noun and interface that crosses a folder. Types only; this file imports nothing.
// Units are in the names: Ms = milliseconds of Unix time (a plain number), Bytes = bytes.

// ---------------------------------------------------------------------------------------------
// Positions and sources
// ---------------------------------------------------------------------------------------------

/** One ordered stream of messages: a Kafka partition, a file, a journal. `source` is the configured name. */
export interface PartitionRef {
  readonly source: string;
  readonly topic: string;
  readonly partition: number;
}

/** Where one record came from: a message (offset) of a partition, and the record's index within the message. */
export interface Position extends PartitionRef {
  readonly offset: number;
  readonly index: number;
}

/**
 * Where a partition resumes after a restart. Open buckets are never stored, they are re-read:
 * reading restarts at `resumeAt` with the running maximum set to `maxTimeMs`; what falls into closed buckets is skipped.
 */
export interface PartitionPosition extends PartitionRef {
  /** Lowest offset with a booking in an open bucket, or `readTo` where there is none. */
  readonly resumeAt: number;
  /** Offset after the last message that was read. */
  readonly readTo: number;
  /** The partition's maximum event time before `resumeAt`; null = no timed record before it. */
  readonly maxTimeMs: number | null;
}

/**
 * How a message's bytes are to be read. `auto` looks at the bytes of each message. `auto_json` does too, for what must be
 * JSON of some kind: anything else is malformed, not text.
 */
export type Encoding = 'auto' | 'auto_json' | 'otlp_proto' | 'otlp_json' | 'text' | 'json' | 'raw';

/** One unit that a source delivers: a Kafka message, a line of requests, a length-prefixed request. */
export interface Message {
  /** Valid only during `Intake.accept`; the worker copies what it keeps. */
  readonly value: Uint8Array;
  readonly offset: number;
  /** Kafka's message key; valid as long as `value`. */
  readonly key?: Uint8Array | null;
  /** Kafka timestamp or arrival time, the yardstick for "far in the future or past"; NaN = unknown (a file). */
  readonly referenceTimeMs: number;
}

export interface Batch {
  readonly partition: PartitionRef;
  /** Ascending offsets; empty when there is only `caughtUp` to say. */
  readonly messages: readonly Message[];
  readonly encoding: Encoding;
  /** True when nothing more was waiting in the partition after this batch. */
  readonly caughtUp: boolean;
  /** Where an empty batch stands: offset of the next message to come. */
  readonly nextOffset?: number;
  /** Messages behind this batch in the partition; absent = the source does not know. */
  readonly waiting?: number;
  /** Service name for records that carry no resource (text lines); empty = the source's name. */
  readonly defaultService?: string;
}

/** The worker, as a source sees it. */
export interface Intake {
  /** Resolves when every record of the batch is counted; this promise is the backpressure. Called once at a time per source. */
  accept(batch: Batch): Promise<void>;
  /** Partitions the source will now read; returns where each resumes (null = the source's own default start). */
  assigned(partitions: readonly PartitionRef[]): Promise<readonly (PartitionPosition | null)[]>;
  /** Resolves when what was read of these partitions is durable; they may then be given away. */
  revoked(partitions: readonly PartitionRef[]): Promise<void>;
  /** The partition has ended for good (a file): it no longer holds the watermark back. */
  finished(partition: PartitionRef): Promise<void>;
}

/** What a Kafka source tells of itself: totals since it began, but for the last two, which are as of now. */
export interface KafkaCounters {
  /** Times the consumer group was joined; each join but the first followed a change of its members or topics. */
  rebalances: number;
  fetches: number;
  /** Time spent in fetches, which wait at the broker while there is nothing to read. */
  fetchMs: number;
  /** Clients given up and started anew after a failure. */
  failures: number;
  commitFailures: number;
  /** Messages that the broker deleted before they were read, as far as offsets tell. */
  lostMessages: number;
  /** Partitions that are ours to read and cannot be: they have no leader. */
  partitionsHeld: number;
  /** The consumer group has a member that is not this worker. */
  groupShared: boolean;
}

/** An input. Adapter files live in `src/sources`, one each, and are listed in its registry. */
export interface Source {
  readonly name: string;
  /** Begins to deliver; resolves when the source ends by itself (files) or was stopped; rejects when it cannot go on. */
  run(intake: Intake): Promise<void>;
  /** Stops delivery, waits for the batch in hand. Idempotent; works before `run`. */
  stop(): Promise<void>;
  /** Called after the store's commit, for lag monitoring only; a failure is counted, never fatal. */
  committed?(positions: readonly PartitionPosition[]): Promise<void>;
  /** Partitions far ahead of the slowest are held back until called with a list without them. */
  setPaused?(partitions: readonly PartitionRef[]): void;
  /** Present on sources that read Kafka; grows while the source runs. */
  readonly kafka?: Readonly<KafkaCounters>;
  /** Input that could not be read though the rest could: damaged files. Grows while the source runs. */
  readonly problems?: readonly { readonly message: string; readonly hint: string | undefined }[];
}

// ---------------------------------------------------------------------------------------------
// Dead letters
// ---------------------------------------------------------------------------------------------

/**
 * Why a message, or a part of it, could not be read: `malformed` and `too_large` as the decoder says; `corrupt_batch`
 * = a record batch of Kafka whose checksum or compressed part is wrong, `decompression_limit` = it grows beyond the bound.
 */
export type DeadLetterReason = 'malformed' | 'too_large' | 'corrupt_batch' | 'decompression_limit';

/** A sample of input that could not be read, put aside with why. Plain data; every part of it is redacted and bounded. */
export interface DeadLetter extends PartitionRef {
  readonly offset: number;
  readonly reason: DeadLetterReason;
  /** One line for people, with the numbers in it. */
  readonly detail: string;
  readonly key?: Uint8Array;
  /** The beginning of the message; a copy that the taker may keep. */
  readonly value: Uint8Array;
  /** Kafka timestamp or arrival time; NaN = unknown. */
  readonly timestampMs: number;
}

/** Where dead letters go. Only a sample of them comes here; all are counted. */
export interface DeadLetters {
  /** Never throws, never waits: a taker that cannot keep up drops letters and counts them. */
  take(letter: DeadLetter): void;
}

// ---------------------------------------------------------------------------------------------
// Records (stage 1)
// ---------------------------------------------------------------------------------------------

/** tenant + environment + namespace/name. `key` is their canonical joint form and is what state is keyed by. */
export interface ServiceRef {
  readonly key: string;
  readonly tenant: string;
  readonly environment: string;
  readonly namespace: string;
  readonly name: string;
}

/** What a ResourceLogs says about its records; interned, so equal resources are one object while cached. */
export interface Resource {
  readonly service: ServiceRef;
  /** `service.version`, or empty. */
  readonly version: string;
  /** `service.instance.id`, else pod, else host, else empty. */
  readonly instance: string;
  /** Other resource attributes as text, sorted by key, values capped. */
  readonly attributes: readonly (readonly [string, string])[];
}

/**
 * A decoded record. One object is reused for all records: it and every byte range in it are valid only during
 * `RecordSink.onRecord`. Whoever keeps something copies it.
 */
export interface LogRecord {
  resource: Resource;
  /** Text of the body: `body[bodyStart, bodyEnd)`, UTF-8. A structured body is rendered as JSON text. */
  body: Uint8Array;
  bodyStart: number;
  bodyEnd: number;
  /** The whole LogRecord as protobuf: `wire[wireStart, wireEnd)`; empty for sources that carry lines only. */
  wire: Uint8Array;
  wireStart: number;
  wireEnd: number;
  /** Event time: time, else observed time, else the message's reference time; NaN = none of them. */
  timeMs: number;
  /** Where `timeMs` came from. */
  timeFrom: TimeFrom;
  /** OTLP observed time, NaN when absent. */
  observedMs: number;
  /** 1–24 as in OTLP; 0 = neither given nor inferable. */
  severityNumber: number;
  /** True when the number was inferred from text. */
  severityInferred: boolean;
  /** Start of the 16 trace id bytes in `wire`, or -1. */
  traceIdStart: number;
  /** Hash of the trace id, as int32; 0 without one. */
  traceHash: number;
  /** Name of its event: `wire[eventStart, eventEnd)`; empty = it has none. */
  eventStart: number;
  eventEnd: number;
  /** Where the scanner holds what it knows of the body; 0 = it has not looked, or knows nothing. */
  known: number;
  /** Index within the message. */
  index: number;
}

export type TimeFrom = 'record' | 'observed' | 'reference' | 'none';

export interface RecordSink {
  onRecord(record: LogRecord): void;
}

/** Why bytes could not be read, and where: `at` is the byte offset within the message. */
export interface Malformed {
  readonly reason: string;
  readonly at: number;
}

/**
 * Reads one message. Records found before a defect are delivered and stand; the rest of the message is one `Malformed`.
 * Never throws for any bytes. Empty input is an empty message, not a defect.
 */
export interface Decoder {
  decode(message: Message, defaultResource: Resource, sink: RecordSink): Malformed | null;
}

/** `frame`: a line of a stack trace that arrived on its own; counted, never judged. `empty`: nothing but white space. */
export type LineKind = 'line' | 'frame' | 'empty';

/** The signature of one body: a pure function of its bytes and of the scanner's version. Fields hold the last result. */
export interface Scanner {
  readonly version: string;
  scan(bytes: Uint8Array, start: number, end: number): void;
  /** As `scan` of the body of which a record says that it is known. */
  recall(known: number): void;
  /** The two halves of the signature's 64-bit hash, as int32. */
  readonly hashHigh: number;
  readonly hashLow: number;
  readonly kind: LineKind;
}

export interface MessageScanner extends Scanner {
  /** The same bytes, at the place where scanning lines of theirs costs least; valid until the next call. */
  load(message: Uint8Array): Uint8Array;
  /** Skims the message that is loaded. */
  readonly skimmer: RecordSkimmer;
}

/**
 * Finds the fields of ordinary LogRecords in the loaded message, many records at once: lengths of one or two bytes, a text as
 * the body. What it does not take is no defect yet. Places are byte offsets within the message.
 */
export interface RecordSkimmer {
  /** True: these bytes are the loaded message. */
  holds(message: Uint8Array): boolean;
  /**
   * Skims the fields of a ScopeLogs from `start` on, up to one that is no ordinary LogRecord, or that is more than it takes at
   * once; returns how many records it took.
   */
  skim(start: number, end: number): number;
  /** Where the last call stopped. */
  readonly end: number;
  /**
   * Fills a record with what the `i`-th one states: NaN = it has no such time, 0 = no severity number. Does not touch
   * `resource`, `body`, `wire`, `timeFrom`, `severityInferred`, `index`.
   */
  take(i: number, record: LogRecord): void;
  /** Name of the severity of the record last taken: `[start, end)` of the message. */
  readonly severityTextStart: number;
  readonly severityTextEnd: number;
}

// ---------------------------------------------------------------------------------------------
// Closed buckets: the border between the stages. They read as plain data and hold nothing else: a copy of every property
// is a closed bucket, too. Signatures and template counts are lent, valid while their bucket is being handed over; of
// theirs, what is more than a number may be made anew each time it is read.
// ---------------------------------------------------------------------------------------------

/** 0 debug (TRACE, DEBUG), 1 info (INFO, unspecified), 2 warn, 3 error, 4 fatal. */
export type SeverityClass = 0 | 1 | 2 | 3 | 4;

/** One count per severity class, index = class. */
export type SeverityCounts = [number, number, number, number, number];

/** A record kept whole (capped) as evidence. */
export interface KeptRecord {
  readonly timeMs: number;
  readonly severityNumber: number;
  readonly position: Position;
  readonly instance: string;
  readonly version: string;
  /** The LogRecord as protobuf. Read it with `readKept` (core/decode). Lent: valid while the closed
   * bucket is being handed over; whoever keeps the bytes copies them. */
  readonly wire: Uint8Array;
  /** True when the record was larger than the cap and its body was cut. */
  readonly truncated: boolean;
}

/** What a kept record says, decoded for evidence (cold). */
export interface KeptContent {
  readonly body: string;
  /** What its signature is of: the body, behind the name of its event where it has one (core/decode/event-line.ts). */
  readonly line: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly eventName: string;
  readonly timeUnixNano: string;
  readonly attributes: readonly (readonly [string, string])[];
}

/** A set of which at most k members are known (the k smallest by hash, with exact counts); censored = there were more. */
export interface CountedSet {
  /** [member, records], sorted by member. */
  readonly members: readonly (readonly [string, number])[];
  readonly censored: boolean;
}

/** The records of one signature of one service version. */
export interface SignatureBucket {
  /** The two halves of the signature's 64-bit hash, as int32. */
  readonly hashHigh: number;
  readonly hashLow: number;
  readonly version: string;
  readonly records: number;
  /** Highest class among the records. */
  readonly severity: SeverityClass;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly instances: CountedSet;
  /** The earliest record by (time, position). */
  readonly exemplar: KeptRecord;
  /** Bottom k by hash of trace id, else of position: `sample.length` of `records`. Sorted by (time, position). */
  readonly sample: readonly KeptRecord[];
}

export interface ServiceBucket {
  readonly service: ServiceRef;
  readonly records: number;
  readonly bytes: number;
  readonly severity: SeverityCounts;
  /** Lines of stack traces that arrived on their own; part of `records`, in no signature. */
  readonly frames: number;
  /** Records whose severity was inferred from text; part of `records`. */
  readonly severityInferred: number;
  /** Records with no event time of their own; part of `records`. */
  readonly timeInferred: number;
  /** [version, records], sorted by version. */
  readonly versions: readonly (readonly [string, number])[];
  readonly instances: CountedSet;
  /** Records of a class that found no room in the signature table; non-zero = absence in that class is missing data. */
  readonly censored: SeverityCounts;
  /** Sorted by signature (as an unsigned number), then version. */
  readonly signatures: readonly SignatureBucket[];
}

export type DropReason = 'late' | 'malformed' | 'time_out_of_range' | 'no_time' | 'too_large' | 'overflow';

/** Where every consumed unit of a bucket went: records + all drops = consumed. */
export interface Accounting {
  readonly consumed: number;
  readonly bytes: number;
  readonly counted: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
}

export interface ClosedBucket {
  readonly startMs: number;
  readonly stepMs: number;
  /** `startMs + stepMs + lateness`: the event time at which this bucket is judged, whatever closed it. */
  readonly watermarkMs: number;
  readonly accounting: Accounting;
  /** Sorted by service key. */
  readonly services: readonly ServiceBucket[];
}

// ---------------------------------------------------------------------------------------------
// Mining (stage 2)
// ---------------------------------------------------------------------------------------------

export interface Template {
  /** Hashed once at creation: `t_` + 12 hex digits. */
  readonly templateId: string;
  readonly service: string;
  /** Constant text with typed slots such as `<num>`; changes when the template is generalised. */
  readonly text: string;
  /** Ids that were merged into this one. */
  readonly aliases: readonly string[];
}

/** An explicit event that detectors, windows and the store follow. `merged` carries the survivor in `into`. */
export interface TemplateChange {
  readonly service: string;
  readonly change: 'created' | 'generalised' | 'merged' | 'evicted';
  readonly templateId: string;
  readonly into?: string;
}

/** One template's records of one bucket: its signatures added up. */
export interface TemplateCount {
  readonly templateId: string;
  /**
   * Stands for the template while this process runs: no other ever has it, and after a restart it has another. 0 = none. Ids
   * are text somewhere in memory: what looks a template up in every bucket compares this.
   */
  readonly handle: number;
  readonly records: number;
  /** Highest class among the records. */
  readonly severity: SeverityClass;
  /** [version, records], sorted by version. */
  readonly versions: readonly (readonly [string, number])[];
  readonly firstMs: number;
  readonly lastMs: number;
  readonly instances: CountedSet;
  /** The template was created in this bucket. */
  readonly created: boolean;
  /** Created one word position away from a known template: a candidate, not `new`, below ERROR. */
  readonly candidate: boolean;
  readonly exemplar: KeptRecord;
  readonly sample: readonly KeptRecord[];
}

export interface MinedService extends Omit<ServiceBucket, 'signatures'> {
  /** Sorted by template id. */
  readonly templates: readonly TemplateCount[];
}

export interface MinedBucket extends Omit<ClosedBucket, 'services'> {
  readonly services: readonly MinedService[];
  readonly changes: readonly TemplateChange[];
}

/** What detection and windows may ask the miner. */
export interface TemplateLookup {
  /** Follows aliases; undefined = evicted or never known. */
  template(service: string, templateId: string): Template | undefined;
  /** Values of the template's slots in this line, in order of the slots in `text`; empty when the line does not fit. */
  parameters(service: string, templateId: string, body: string): readonly Parameter[];
  /** Number of templates held, all services. */
  readonly size: number;
}

/** One slot of one line. `name` is the key in front of it (`lag=<num>s` → lag), else the slot's type. */
export interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

// ---------------------------------------------------------------------------------------------
// Findings and windows
// ---------------------------------------------------------------------------------------------

export type FindingKind = 'new' | 'rare' | 'spike' | 'drop' | 'silence' | 'shift';

/** The numbers behind a finding, all recomputable from the input. Absent = the method has no such number. */
export interface FindingTest {
  readonly method:
    | 'first_error'
    | 'good_turing_novelty'
    | 'dormant'
    | 'nb_tail'
    | 'nb_cusum'
    | 'occupancy_cusum'
    | 'nb_zero_run'
    | 'beta_binomial'
    | 'overflow';
  readonly bits?: number;
  readonly thresholdBits?: number;
  readonly log10P?: number;
  readonly log10Alpha?: number;
  readonly dispersion?: number;
  readonly statistic?: number;
  readonly threshold?: number;
  /** One line for people, with the numbers in it. */
  readonly explain: string;
}

/** One detector's statement about one template of a service, or about the service itself (`templateId` null). */
export interface Finding {
  readonly kind: FindingKind;
  readonly service: ServiceRef;
  readonly templateId: string | null;
  readonly severity: SeverityClass;
  readonly onsetMs: number;
  readonly onsetUncertaintyMs: number;
  readonly lastSeenMs: number;
  /** Records seen in the bucket(s) that raised it. */
  readonly observed: number;
  /** Expected records in the same time; null = no baseline. */
  readonly expected: number | null;
  readonly expectedP99: number | null;
  readonly baselinePerMin: number | null;
  /** Strength for ranking among findings of equal severity; larger is stronger. */
  readonly score: number;
  /** The count behind it was censored or sampled: `observed` is then a lower bound. */
  readonly censored: boolean;
  readonly test: FindingTest;
  /** For an overflow finding: how many templates it stands for. */
  readonly members?: number;
  /** Templates an overflow finding stands for, capped. */
  readonly memberTemplateIds?: readonly string[];
}

/** A change of `service.version` seen in the records. */
export interface ChangeMarker {
  readonly service: ServiceRef;
  readonly kind: 'service.version' | 'restart';
  readonly from: string;
  readonly to: string;
  readonly atMs: number;
}

/** What judging one bucket gave. */
export interface Judgement {
  readonly findings: readonly Finding[];
  readonly changes: readonly ChangeMarker[];
}

/** What windows may ask the detectors about a service or template at the bucket just judged. */
export interface BaselineLookup {
  /** Service traffic now over its own baseline (1 = as usual); null = not yet known. */
  trafficIndex(serviceKey: string): number | null;
  /** Baseline rate of a template, traffic-adjusted; null = not yet known. */
  baselinePerMin(serviceKey: string, templateId: string): number | null;
  /** Event time at which the service was first seen, or null. */
  firstSeenMs(serviceKey: string): number | null;
  isWarm(serviceKey: string): boolean;
  /**
   * What a service did from `fromMs` on that is not surprising by itself but is beside an incident that began at `onsetMs`:
   * new warnings, a silence that has just begun. Asking changes nothing.
   */
  suspects(serviceKey: string, fromMs: number, onsetMs: number): readonly Finding[];
  isQuarantined(serviceKey: string): boolean;
  readonly templatesTested: number;
  readonly falseAlarmBudgetPerDay: number;
}

export type WindowStatus = 'open' | 'updated' | 'closed' | 'suppressed';

/** One revision of one window as it is stored and fed: `event` is a CloudEvents 1.0 object, redacted, JSON-safe. */
export interface WindowRevision {
  readonly windowId: string;
  readonly revision: number;
  readonly status: WindowStatus;
  readonly fingerprint: string;
  readonly episodeId: string;
  readonly tenant: string;
  readonly severity: SeverityClass;
  readonly onsetMs: number;
  readonly watermarkMs: number;
  /** Ranked service names, most likely origin first. */
  readonly services: readonly string[];
  readonly kinds: readonly FindingKind[];
  readonly headline: string;
  readonly event: Readonly<Record<string, unknown>>;
}

// ---------------------------------------------------------------------------------------------
// State, checkpoints, store
// ---------------------------------------------------------------------------------------------

/** One row of learned state; a value of null deletes it. */
export interface StateRow<Value extends StateValue = string> {
  readonly table: string;
  readonly key: string;
  readonly value: Value | null;
}

/** JSON text, or bytes where rows are many or large; a table's rows come back as they were written. */
export type StateValue = string | Uint8Array;

export type AnyStateRow = StateRow<StateValue>;

/** A part of the pipeline that learns. `load(all rows ever taken, latest per key)` restores it exactly. */
export interface Stateful {
  /** Names of the tables whose rows belong to this part. */
  readonly tables: readonly string[];
  /** Rows changed since the last call, in a canonical order. */
  takeChanges(): AnyStateRow[];
  /** Called once, on a fresh part, with all its rows. */
  load(rows: readonly AnyStateRow[]): void;
}

/** Made durable in one transaction. */
export interface Checkpoint {
  readonly positions: readonly PartitionPosition[];
  readonly state: readonly AnyStateRow[];
  readonly revisions: readonly WindowRevision[];
  /** End of the last closed bucket; null = none closed yet. */
  readonly closedToMs: number | null;
}

export interface StoredState {
  readonly positions: readonly PartitionPosition[];
  readonly state: readonly AnyStateRow[];
  readonly closedToMs: number | null;
}

/** An input that is not a record: an idle exclusion or a wall-clock tick. Kept for audit; never moves learned state. */
export interface JournalledInput {
  readonly atMs: number;
  readonly kind: 'idle' | 'active' | 'tick';
  readonly detail: string;
}

/** A row of the window list: the latest revision of a window. */
export interface WindowSummary {
  readonly windowId: string;
  readonly revision: number;
  readonly status: WindowStatus;
  readonly tenant: string;
  readonly severity: SeverityClass;
  readonly onsetMs: number;
  readonly watermarkMs: number;
  readonly services: readonly string[];
  readonly kinds: readonly FindingKind[];
  readonly headline: string;
}

export interface WindowQuery {
  readonly status?: WindowStatus;
  readonly service?: string;
  readonly sinceMs?: number;
  readonly limit: number;
}

/** The commit point. One process at a time holds a store open for writing. */
export interface Store {
  load(): StoredState;
  /** All or nothing, durable on return. Applying the same revision twice changes nothing. */
  commit(checkpoint: Checkpoint): void;
  /** Appends inputs to the audit journal. */
  record(inputs: readonly JournalledInput[]): void;
  close(): void;
}

/** Read side of a store; works while a worker writes. */
export interface WindowReader {
  /** Latest revisions, newest onset first. */
  list(query: WindowQuery): WindowSummary[];
  /** `windowId` or an unambiguous prefix; latest revision unless given. Null = unknown. */
  get(windowId: string, revision?: number): WindowRevision | null;
  close(): void;
}

// ---------------------------------------------------------------------------------------------
// Feeds
// ---------------------------------------------------------------------------------------------

/** One stored revision on its way out. The same revision is the same bytes each time, also after a restart. */
export interface Delivery {
  /** Place in the order of commits; strictly ascending, with gaps where retention deleted. */
  readonly seq: number;
  readonly windowId: string;
  readonly revision: number;
  /** `tenant|service` as it was at revision 1: all revisions of a window have the same. */
  readonly partitionKey: string;
  /** The CloudEvents object as JSON text. */
  readonly body: string;
}

/** Where windows go. Adapter files live in `src/feeds`, one each, and are listed in its registry. */
export interface Feed {
  readonly name: string;
  /**
   * Hands revisions on, in this order; called once at a time. Resolves when the target has acknowledged all of them.
   * Rejects when it has not: they come again later, after a backoff, some perhaps a second time. With the code
   * WINNOW_DELIVERY_REFUSED the target will never take this content: it is offered one by one, and what is refused
   * then is counted and left out.
   */
  deliver(deliveries: readonly Delivery[]): Promise<void>;
  /** Lets go of the target; ends a delivery under way by rejecting it. Idempotent; works before the first delivery. */
  stop(): Promise<void>;
}

/** The store as feeds see it: every revision in the order of commits, and a durable cursor for each feed. */
export interface DeliveryLog {
  /** Makes a feed known. A feed seen for the first time begins at `start`; for others only its cursor counts. */
  open(feed: string, start: 'earliest' | 'latest'): void;
  /** What comes after the feed's cursor, oldest first, within both bounds, but one at least if there is any. */
  read(feed: string, countMax: number, bytesMax: number): readonly Delivery[];
  /** Everything up to `seq` was acknowledged; durable on return. A cursor never goes back. */
  advance(feed: string, seq: number): void;
  /** Revisions after the cursor. */
  pending(feed: string): number;
  /** Revisions that retention deleted before the feed had them, ever. */
  expired(feed: string): number;
}
