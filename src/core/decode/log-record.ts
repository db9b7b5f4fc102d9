import type { LogRecord, Resource } from '../../contracts.ts';

export const NO_BYTES = new Uint8Array(0);

/** The one record that a reader reuses for everything it delivers. All its fields keep their types. */
export function createLogRecord(resource: Resource): LogRecord {
  return {
    resource,
    body: NO_BYTES,
    bodyStart: 0,
    bodyEnd: 0,
    wire: NO_BYTES,
    wireStart: 0,
    wireEnd: 0,
    timeMs: Number.NaN,
    timeFrom: 'none',
    observedMs: Number.NaN,
    severityNumber: 0,
    severityInferred: false,
    traceIdStart: -1,
    traceHash: 0,
    eventStart: 0,
    eventEnd: 0,
    known: 0,
    index: 0,
  };
}

/** Sets the event time: the record's own, else when it was observed, else the message's; NaN = not known. */
export function setTime(record: LogRecord, timeMs: number, observedMs: number, referenceMs: number): void {
  record.observedMs = observedMs;
  if (!Number.isNaN(timeMs)) {
    record.timeMs = timeMs;
    record.timeFrom = 'record';
  } else if (!Number.isNaN(observedMs)) {
    record.timeMs = observedMs;
    record.timeFrom = 'observed';
  } else {
    record.timeMs = referenceMs;
    record.timeFrom = Number.isNaN(referenceMs) ? 'none' : 'reference';
  }
}
