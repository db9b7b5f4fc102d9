import type { LogRecord, Malformed, RecordSink, RecordSkimmer, Resource } from '../../contracts.ts';
import type { ValueRenderer } from './any-value.ts';
import { createLogRecord } from './log-record.ts';
import { LogRecordReader } from './log-record-reader.ts';
import * as fields from './otlp-fields.ts';
import { createTextResource } from './resource.ts';
import type { ResourceCache } from './resource-cache.ts';
import { tagOf, WireReader } from './wire.ts';
import { LENGTH_DELIMITED } from './wire-types.ts';

const RESOURCE_LOGS = tagOf(fields.REQUEST_RESOURCE_LOGS, LENGTH_DELIMITED);
const RESOURCE = tagOf(fields.RESOURCE_LOGS_RESOURCE, LENGTH_DELIMITED);
const SCOPE_LOGS = tagOf(fields.RESOURCE_LOGS_SCOPE_LOGS, LENGTH_DELIMITED);
const LOG_RECORD = tagOf(fields.SCOPE_LOGS_LOG_RECORDS, LENGTH_DELIMITED);
const NO_SINK: RecordSink = { onRecord: () => undefined };

/**
 * Reads an ExportLogsServiceRequest in one pass. Nothing is allocated per record: the record and its ranges point
 * into the request. A container that the message's end cuts off is still read as far as it goes, so the records
 * in front of the cut stand; its resource must be whole for that.
 */
export class OtlpProtobufReader {
  private readonly reader = new WireReader();
  private readonly resources: ResourceCache;
  private readonly records: LogRecordReader;
  private readonly skimmer: RecordSkimmer | null;
  private readonly record: LogRecord;
  private index = 0;
  private defaultResource: Resource;
  private sink: RecordSink = NO_SINK;

  constructor(resources: ResourceCache, renderer: ValueRenderer, skimmer: RecordSkimmer | null) {
    this.resources = resources;
    this.records = new LogRecordReader(this.reader, renderer);
    this.skimmer = skimmer;
    this.defaultResource = createTextResource('', '');
    this.record = createLogRecord(this.defaultResource);
  }

  /** What follows belongs to a new message. `defaultResource` is for ResourceLogs whose resource is absent or empty. */
  startMessage(referenceMs: number, defaultResource: Resource, sink: RecordSink): void {
    this.index = 0;
    this.records.referenceMs = referenceMs;
    this.defaultResource = defaultResource;
    this.sink = sink;
  }

  /** Reads a request, part of the message or all of it. */
  read(bytes: Uint8Array, start: number, end: number): Malformed | null {
    const reader = this.reader;
    reader.open(bytes, start);
    this.record.wire = bytes;
    while (reader.at < end && reader.defect === null) {
      const tag = reader.tag(end);
      if (tag === 0) break;
      if (tag !== RESOURCE_LOGS) {
        if (!reader.skip(tag, end)) break;
        continue;
      }
      const stop = reader.payloadEndClamped(end);
      if (stop < 0 || !this.resourceLogs(stop)) break;
    }
    return this.malformed();
  }

  /** Reads a LogRecord that stands alone, such as a line's; `index` is its place in the message. */
  readRecord(
    bytes: Uint8Array,
    start: number,
    end: number,
    resource: Resource,
    index: number,
  ): Malformed | null {
    this.reader.open(bytes, start);
    this.index = index;
    this.record.wire = bytes;
    this.record.resource = resource;
    if (this.records.read(this.record, start, end)) this.deliver();
    return this.malformed();
  }

  private malformed(): Malformed | null {
    const { defect, defectAt } = this.reader;
    return defect === null ? null : { reason: defect, at: defectAt };
  }

  /** The resource may stand behind its records, so it is looked for first; that steps over whole ScopeLogs only. */
  private resourceLogs(end: number): boolean {
    const reader = this.reader;
    const defaultResource = this.defaultResource;
    const start = reader.at;
    const cutOff = reader.defect !== null;
    let resource = defaultResource;
    let found = false;
    while (reader.at < end) {
      const tag = reader.tag(end);
      if (tag === 0) break;
      if (tag !== RESOURCE) {
        if (!reader.skip(tag, end)) break;
        continue;
      }
      const fieldStart = reader.at;
      const stop = reader.payloadEnd(end);
      if (stop < 0) break;
      const read = this.resources.get(reader.bytes, reader.at, stop);
      if (read === null) return reader.fail('truncated', fieldStart);
      resource = read === this.resources.none ? defaultResource : read;
      found = true;
      reader.at = stop;
    }
    // Cut off, and the resource perhaps in the missing part: no records rather than records of the wrong service.
    if ((cutOff || reader.defect !== null) && !found) return false;
    this.record.resource = resource;
    reader.at = start;
    return this.scopeLogsOf(end);
  }

  private scopeLogsOf(end: number): boolean {
    const reader = this.reader;
    while (reader.at < end) {
      const tag = reader.tag(end);
      if (tag === 0) return false;
      if (tag !== SCOPE_LOGS) {
        if (!reader.skip(tag, end)) return false;
        continue;
      }
      const stop = reader.payloadEndClamped(end);
      if (stop < 0 || !this.scopeLogs(stop)) return false;
    }
    return true;
  }

  private scopeLogs(end: number): boolean {
    const reader = this.reader;
    const skimmer = this.skimmer?.holds(reader.bytes) ? this.skimmer : null;
    while (reader.at < end) {
      if (skimmer !== null && this.skim(skimmer, end)) continue;
      const tag = reader.tag(end);
      if (tag === 0) return false;
      if (tag !== LOG_RECORD) {
        if (!reader.skip(tag, end)) return false;
        continue;
      }
      const stop = reader.payloadEnd(end);
      if (stop < 0 || !this.records.read(this.record, reader.at, stop)) return false;
      this.deliver();
      reader.at = stop;
    }
    return true;
  }

  /** Delivers the ordinary records that begin here; false: there is none. */
  private skim(skimmer: RecordSkimmer, end: number): boolean {
    const { reader, record } = this;
    const records = skimmer.skim(reader.at, end);
    // Once for all of them: the collector is told of every object that is stored.
    record.body = reader.bytes;
    for (let i = 0; i < records; i++) {
      skimmer.take(i, record);
      this.records.complete(record, skimmer.severityTextStart, skimmer.severityTextEnd);
      this.deliver();
    }
    reader.at = skimmer.end;
    return records > 0;
  }

  private deliver(): void {
    this.record.index = this.index++;
    this.sink.onRecord(this.record);
  }
}
