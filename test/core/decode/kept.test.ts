import { describe, expect, test } from 'vitest';
import type { KeptContent, LogRecord } from '../../../src/contracts.ts';
import { createDecoder } from '../../../src/core/decode/decoder.ts';
import { encodeKept, readKept } from '../../../src/core/decode/kept.ts';
import { type EncodableRecord, encodeLogsRequest } from '../../../src/core/decode/otlp-encode.ts';
import { TEXT_RESOURCE } from './collect.ts';

interface Kept {
  readonly content: KeptContent;
  readonly written: number;
  readonly size: number;
}

/** Keeps the one record of a message, at an odd place of a larger arena. */
function keep(encoding: 'otlp_proto' | 'text', value: Uint8Array, capBytes: number): Kept {
  const kept: Kept[] = [];
  const onRecord = (record: LogRecord): void => {
    const arena = new Uint8Array(capBytes + 14).fill(0xee);
    const written = encodeKept(record, arena, 7, capBytes);
    const size = record.wireEnd - record.wireStart;
    expect(arena.subarray(0, 7).every((byte) => byte === 0xee)).toBe(true);
    expect(arena.subarray(7 + Math.abs(written)).every((byte) => byte === 0xee)).toBe(true);
    kept.push({ content: read(arena.slice(7, 7 + Math.abs(written))), written, size });
  };
  createDecoder(encoding).decode({ value, offset: 0, referenceTimeMs: Number.NaN }, TEXT_RESOURCE, {
    onRecord,
  });
  expect(kept.length).toBe(1);
  return kept[0]!;
}

function read(wire: Uint8Array): KeptContent {
  const position = { source: 's', topic: 't', partition: 0, offset: 0, index: 0 };
  return readKept({
    timeMs: 0,
    severityNumber: 0,
    position,
    instance: '',
    version: '',
    truncated: false,
    wire,
  });
}

function keepRecord(record: EncodableRecord, capBytes: number): Kept {
  return keep('otlp_proto', encodeLogsRequest([{ resource: {}, records: [record] }]), capBytes);
}

const RECORD: EncodableRecord = {
  timeUnixNano: '1780000000123456789',
  severityNumber: 17,
  severityText: 'ERROR',
  body: 'payment failed',
  attributes: { order: 17, ok: false, list: ['a', 1], nested: { k: 'v' } },
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: 'eee19b7ec3c1b174',
  eventName: 'payment',
};

const CONTENT: KeptContent = {
  body: 'payment failed',
  line: 'payment: payment failed',
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: 'eee19b7ec3c1b174',
  eventName: 'payment',
  timeUnixNano: '1780000000123456789',
  attributes: [
    ['order', '17'],
    ['ok', 'false'],
    ['list', '["a",1]'],
    ['nested', '{"k":"v"}'],
  ],
};

describe('a kept record', () => {
  test('that fits its cap is kept whole', () => {
    const { content, written, size } = keepRecord(RECORD, 4096);
    expect(written).toBe(size);
    expect(content).toEqual(CONTENT);
    expect(keepRecord(RECORD, size)).toMatchObject({ written: size });
  });

  test('that does not fit is marked, keeps times and ids, and cuts its body between characters', () => {
    const { content, written } = keepRecord({ ...RECORD, body: 'é'.repeat(1_000) }, 256);
    expect(written).toBeLessThan(0);
    expect(-written).toBeLessThanOrEqual(256);
    expect(content).toMatchObject({
      traceId: CONTENT.traceId,
      spanId: CONTENT.spanId,
      timeUnixNano: CONTENT.timeUnixNano,
    });
    expect(content.body).toMatch(/^é{40,}$/);
    expect(content.attributes[0]).toEqual(['order', '17']);
  });

  test('with many attributes keeps its body and the attributes that fit', () => {
    const attributes = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key${i}`, `value ${i}`]));
    const { content, written } = keepRecord({ ...RECORD, attributes }, 400);
    // Not marked as cut: its text is whole.
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThanOrEqual(400);
    expect(content.body).toBe('payment failed');
    expect(content.attributes.length).toBeGreaterThan(5);
    expect(content.attributes.length).toBeLessThan(50);
    expect(content.attributes[0]).toEqual(['key0', 'value 0']);
  });

  test('with a stack trace that does not fit keeps the part of it that is nearest to the fault', () => {
    const frames = Array.from({ length: 90 }, (_, i) => `\tat com.acme.C${i}.m(C${i}.java:${i})`);
    const trace = (stack: string): string => {
      const attributes = { 'exception.stacktrace': stack, 'exception.type': 'E', 'http.route': '/cart' };
      const { content, written } = keepRecord({ ...RECORD, attributes }, 512);
      expect(Math.abs(written)).toBeLessThanOrEqual(512);
      expect(content.body).toBe('payment failed');
      expect(content.attributes.slice(0, 2)).toEqual([
        ['exception.type', 'E'],
        ['http.route', '/cart'],
      ]);
      return content.attributes[2]![1];
    };
    const java = ['java.lang.E: é', ...frames].join('\n');
    expect(java.startsWith(trace(java))).toBe(true);
    expect(trace(java).length).toBeGreaterThan(200);
    const python = ['Traceback (most recent call last):', ...frames, 'KeyError: é'].join('\n');
    expect(python.endsWith(trace(python))).toBe(true);
    expect(trace(python).length).toBeGreaterThan(200);
    for (let cap = 60; cap < 400; cap++) {
      const attributes = { 'exception.stacktrace': 'é'.repeat(300) };
      const { written, content } = keepRecord({ body: 'x', attributes }, cap);
      expect(Math.abs(written)).toBeLessThanOrEqual(cap);
      expect(content.attributes[0]?.[1] ?? '').toMatch(/^é*$/);
    }
  });

  test('with a structured body that does not fit keeps the head of its JSON text', () => {
    const { content, written } = keepRecord({ body: { message: 'x'.repeat(500), n: 1 } }, 128);
    expect(written).toBeLessThan(0);
    expect(content.body.startsWith('{"message":"xxxx')).toBe(true);
    expect(content.body.length).toBeGreaterThan(110);
  });

  test('never exceeds its cap, whatever the cap and the body', () => {
    for (let cap = 0; cap < 300; cap++) {
      for (const body of ['', 'x', 'é'.repeat(60), 'x'.repeat(150), '\u{1f600}'.repeat(40)]) {
        const { written, content } = keepRecord({ ...RECORD, body }, cap);
        expect(Math.abs(written)).toBeLessThanOrEqual(cap);
        expect(body.startsWith(content.body)).toBe(true);
      }
    }
  });

  test('of a text line has its time, level and body, cut where it must be', () => {
    const line = new TextEncoder().encode('2026-05-28T20:26:40.123456Z ERROR broken');
    const whole = keep('text', line, 256);
    expect(whole.written).toBeGreaterThan(0);
    expect(whole.content).toMatchObject({ body: '2026-05-28T20:26:40.123456Z ERROR broken' });
    expect(whole.content.timeUnixNano.slice(0, 13)).toBe('1780000000123');
    const cut = keep('text', line, 40);
    expect(cut.written).toBe(-40);
    expect(cut.content.body).toBe('2026-05-28T20:26:40.12345');
  });

  test('that is damaged shows what can be read and does not throw', () => {
    const sound = encodeLogsRequest([{ resource: {}, records: [RECORD] }]);
    for (let size = 0; size < sound.length; size++) read(sound.slice(sound.length - size));
    expect(read(new Uint8Array([0xff, 0xff]))).toMatchObject({ body: '', attributes: [] });
  });

  test('shows at most 64 attributes, each at most 2,048 bytes', () => {
    const attributes = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [`k${i}`, 'x'.repeat(5_000)]),
    );
    const { content } = keepRecord({ ...RECORD, attributes }, 1_000_000);
    expect(content.attributes.length).toBe(64);
    expect(content.attributes.every(([, value]) => value.length === 2_048)).toBe(true);
  });
});
