import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../../src/contracts.ts';
import type { EncodableValue } from '../../../src/core/decode/any-value-writer.ts';
import { createDecoder } from '../../../src/core/decode/decoder.ts';
import { EventLine } from '../../../src/core/decode/event-line.ts';
import { readKept } from '../../../src/core/decode/kept.ts';
import { type EncodableRecord, encodeLogsRequest } from '../../../src/core/decode/otlp-encode.ts';
import { newPipeline } from '../../support/replay.ts';
import { TEXT_RESOURCE } from './collect.ts';

const position = { source: 's', topic: '', partition: 0, offset: 0, index: 0 };

/** The line of the one record as stage 1 scans it, which must be the line that evidence is read with. */
function lineOf(value: Uint8Array | string, encoding: 'otlp_proto' | 'otlp_json' = 'otlp_proto'): string {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  const lines: string[] = [];
  const line = new EventLine();
  const onRecord = (record: LogRecord): void => {
    const text = line.write(record)
      ? line.bytes.subarray(0, line.length)
      : record.body.subarray(record.bodyStart, record.bodyEnd);
    lines.push(new TextDecoder().decode(text));
    const wire = record.wire.slice(record.wireStart, record.wireEnd);
    const content = readKept({
      ...{ timeMs: 0, severityNumber: 0, position, instance: '', version: '', truncated: false },
      wire,
    });
    expect(content.line).toBe(lines.at(-1));
  };
  const message = { value: bytes, offset: 0, referenceTimeMs: 0 };
  expect(createDecoder(encoding).decode(message, TEXT_RESOURCE, { onRecord })).toBeNull();
  expect(lines).toHaveLength(1);
  return lines[0]!;
}

const protobuf = (record: EncodableRecord): string =>
  lineOf(encodeLogsRequest([{ resource: {}, records: [record] }]));

const json = (record: object): string =>
  lineOf(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }), 'otlp_json');

describe('the line that a signature is of', () => {
  const route: Record<string, EncodableValue> = { 'http.route': '/cart', 'cart.items': 3 };

  it('is the body where no event is named', () => {
    expect(protobuf({ body: 'order 7 placed', attributes: route })).toBe('order 7 placed');
    expect(protobuf({ attributes: route })).toBe('');
  });

  it('begins with the name of the event', () => {
    expect(protobuf({ body: 'order 7 placed', eventName: 'order.placed' })).toBe(
      'order.placed: order 7 placed',
    );
    expect(json({ body: { stringValue: 'x' }, eventName: 'order.placed' })).toBe('order.placed: x');
    expect(json({ body: { stringValue: 'x' }, event_name: 'order.placed' })).toBe('order.placed: x');
  });

  it('takes the name from the older attribute, unless the field is set', () => {
    const attributes = { a: 1, 'event.name': 'order.placed', b: 2 };
    expect(protobuf({ body: 'x', attributes })).toBe('order.placed: x');
    expect(protobuf({ body: 'x', attributes, eventName: 'field' })).toBe('field: x');
    expect(protobuf({ body: 'x', attributes: { 'event.names': 'no', 'event.name': 7 } })).toBe('x');
  });

  it('has the keys of the attributes where there is no body, in order, without those about the line itself', () => {
    const line = 'order.placed with cart.items, http.route';
    expect(protobuf({ eventName: 'order.placed', attributes: route })).toBe(line);
    const others = { 'http.route': 'x', 'code.line.number': 3, 'log.logger': 'y', 'cart.items': 4 };
    expect(protobuf({ attributes: { ...others, 'event.name': 'order.placed' } })).toBe(line);
    expect(protobuf({ eventName: 'boot' })).toBe('boot');
  });

  it('has the exception where there is no body', () => {
    const attributes = { 'exception.type': 'java.io.IOException', 'exception.message': 'Broken pipe', k: 1 };
    expect(protobuf({ attributes })).toBe('java.io.IOException: Broken pipe');
    expect(protobuf({ attributes, eventName: 'exception' })).toBe(
      'exception: java.io.IOException: Broken pipe',
    );
    expect(protobuf({ attributes: { 'exception.message': 'boom' } })).toBe('boom');
  });

  it('is bounded, whatever is in the record', () => {
    const attributes = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`.repeat(300), i]));
    expect(protobuf({ eventName: 'e'.repeat(9_000), attributes }).length).toBeLessThanOrEqual(16_384);
    expect(protobuf({ eventName: 'e', body: 'x'.repeat(20_000) }).length).toBe(16_384);
  });
});

describe('records with equal text', () => {
  it('are of different templates when their events have different names', () => {
    const records = ['order.placed', 'order.cancelled', ''].flatMap((eventName, i) =>
      [1, 2].map((order) => ({
        timeUnixNano: `${1_780_000_000 + i}000000000`,
        body: `order ${order} done`,
        ...(eventName === '' ? {} : { eventName }),
      })),
    );
    const pipeline = newPipeline();
    const texts: string[] = [];
    pipeline.observe((bucket) => {
      for (const { service, templates } of bucket.services)
        for (const { templateId, records: n } of templates)
          texts.push(`${n} ${pipeline.miner.template(service.key, templateId)!.text}`);
    });
    const value = encodeLogsRequest([{ resource: { 'service.name': 'shop' }, records }]);
    pipeline.accept({
      partition: { source: 'kafka', topic: 't', partition: 0 },
      messages: [{ value, offset: 0, referenceTimeMs: 1_780_000_000_000 }],
      encoding: 'otlp_proto',
      caughtUp: true,
    });
    pipeline.drain();
    expect(texts.sort()).toEqual([
      '2 order <num> done',
      '2 order.cancelled: order <num> done',
      '2 order.placed: order <num> done',
    ]);
  });
});
