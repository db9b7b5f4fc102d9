import { deliver } from './delivery.ts';
import { groupByPod } from './encode.ts';
import { type Body, SEVERITY_NUMBER } from './line.ts';
import type { SimulatedRecord } from './record.ts';
import type { Attribute } from './request.ts';
import type { Simulation } from './simulate.ts';
import { batch, type MessageOptions } from './to-messages.ts';

/** OTLP/JSON as the Collector's file exporter writes it: one ExportLogsServiceRequest a line, without line ends. */
export function* toJsonLines(
  simulation: Simulation,
  options: MessageOptions = {},
): Generator<string, void, undefined> {
  for (const { records } of batch(
    deliver(simulation.seconds(), simulation.options.seed, options.late),
    options,
  )) {
    const resourceLogs = [...groupByPod(records)].map(([pod, group]) => ({
      resource: { attributes: pod.attributes.map(keyValue) },
      scopeLogs: [{ scope: {}, logRecords: group.map(jsonRecord) }],
    }));
    yield JSON.stringify({ resourceLogs });
  }
}

function jsonRecord(record: SimulatedRecord): Record<string, unknown> {
  return {
    ...(record.hasTime
      ? { timeUnixNano: nanos(record.timeMs), observedTimeUnixNano: nanos(record.arrivalMs) }
      : {}),
    ...(record.hasSeverity
      ? { severityNumber: SEVERITY_NUMBER[record.severity], severityText: record.severity }
      : {}),
    body: bodyValue(record.body),
    ...(record.attributes.length > 0 ? { attributes: record.attributes.map(keyValue) } : {}),
    ...(record.traceId === '' ? {} : { traceId: record.traceId }),
  };
}

/** 64-bit numbers are decimal strings in OTLP/JSON (protobuf's JSON mapping). */
function nanos(timeMs: number): string {
  return `${Math.round(timeMs * 1000)}000`;
}

function bodyValue(body: Body): Record<string, unknown> {
  return typeof body === 'string' ? { stringValue: body } : { kvlistValue: { values: body.map(keyValue) } };
}

function keyValue([key, value]: Attribute): Record<string, unknown> {
  if (typeof value === 'string') return { key, value: { stringValue: value } };
  return { key, value: Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value } };
}
