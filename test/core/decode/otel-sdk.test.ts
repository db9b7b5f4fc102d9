// Bytes as real clients send them: records emitted through the OpenTelemetry JavaScript SDK, serialised by its own
// exporters' serialisers, and read here.
import { ROOT_CONTEXT, SeverityNumber, TraceFlags, trace } from '@opentelemetry/api';
import { JsonLogsSerializer, ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { describe, expect, test } from 'vitest';
import { readKept } from '../../../src/core/decode/kept.ts';
import { type Collected, recordsOf } from './collect.ts';

const TRACE_ID = '5b8efff798038103d269b633813fc60c';
const SPAN_ID = 'eee19b7ec3c1b174';

const exporter = new InMemoryLogRecordExporter();
const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] });
const spanContext = { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: TraceFlags.SAMPLED };

const logger = provider.getLogger('shop', '1.0.0');
logger.emit({
  timestamp: 1_780_000_000_123,
  severityNumber: SeverityNumber.ERROR,
  severityText: 'ERROR',
  body: 'payment failed',
  attributes: { 'order.id': 17, amount: 12.5, retried: false, items: ['a', 'b'] },
  context: trace.setSpanContext(ROOT_CONTEXT, spanContext),
});
logger.emit({ severityText: 'warn', body: { message: 'structured', count: 3 }, eventName: 'stock.low' });
provider.getLogger('other').emit({ body: 'INFO from another scope' });

const exported = exporter.getFinishedLogRecords();
const forms: readonly (readonly ['otlp_proto' | 'otlp_json', Uint8Array | undefined])[] = [
  ['otlp_proto', ProtobufLogsSerializer.serializeRequest(exported)],
  ['otlp_json', JsonLogsSerializer.serializeRequest(exported)],
];

for (const [encoding, bytes] of forms) {
  describe(`what the OpenTelemetry SDK sends as ${encoding}`, () => {
    const records = recordsOf(encoding, bytes!);

    test('is read record by record, scope after scope', () => {
      expect(records).toMatchObject([
        {
          body: 'payment failed',
          timeMs: 1_780_000_000_123,
          timeFrom: 'record',
          severityNumber: 17,
          severityInferred: false,
          traceId: TRACE_ID,
        },
        {
          body: '{"message":"structured","count":3}',
          severityNumber: 13,
          severityInferred: false,
          traceId: '',
        },
        { body: 'INFO from another scope', severityNumber: 9, severityInferred: true },
      ]);
      expect(records.every((record) => record.observedMs > 1_600_000_000_000)).toBe(true);
    });

    test('has one resource, and it names the SDK', () => {
      expect(new Set(records.map((record) => record.resource)).size).toBe(1);
      expect(records[0]!.resource.service.name).toMatch(/^unknown_service/);
      expect(records[0]!.resource.attributes).toContainEqual(['telemetry.sdk.name', 'opentelemetry']);
    });

    test('shows its attributes, ids and event name once it is kept', () => {
      expect(contentOf(records[0]!)).toMatchObject({
        traceId: TRACE_ID,
        spanId: SPAN_ID,
        timeUnixNano: '1780000000123000000',
        attributes: [
          ['order.id', '17'],
          ['amount', '12.5'],
          ['retried', 'false'],
          ['items', '["a","b"]'],
        ],
      });
      expect(contentOf(records[1]!)).toMatchObject({ eventName: 'stock.low', body: records[1]!.body });
    });

    test('is recognised without being told', () => {
      expect(recordsOf('auto', bytes!).map((record) => record.body)).toEqual(
        records.map((record) => record.body),
      );
    });
  });
}

function contentOf(record: Collected): ReturnType<typeof readKept> {
  const position = { source: 's', topic: 't', partition: 0, offset: 0, index: record.index };
  const { timeMs, severityNumber, wire } = record;
  return readKept({ timeMs, severityNumber, position, instance: '', version: '', wire, truncated: false });
}
