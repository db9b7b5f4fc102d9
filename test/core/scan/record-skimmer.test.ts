import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../../src/contracts.ts';
import { createDecoder } from '../../../src/core/decode/decoder.ts';
import { type EncodableRecord, encodeLogsRequest } from '../../../src/core/decode/otlp-encode.ts';
import { KNOWN_MAX, SKIMMED_MAX } from '../../../src/core/scan/kernel-layout.ts';
import { createScanner, type LineScanner } from '../../../src/core/scan/scanner.ts';
import { TEXT_RESOURCE } from '../decode/collect.ts';
import { WholeScanner } from './whole-scanner.ts';

const encoder = new TextEncoder();

function requestOf(records: readonly EncodableRecord[]): Uint8Array {
  return encodeLogsRequest([{ resource: { 'service.name': 'shop' }, records }]);
}

/** Hands every record of the request to `onRecord`; returns how many of them were skimmed. */
function read(scanner: LineScanner, request: Uint8Array, onRecord: (record: LogRecord) => void): number {
  const { skimmer } = scanner;
  let skimmed = 0;
  const counting = Object.assign(Object.create(skimmer) as typeof skimmer, {
    skim: (start: number, end: number) => {
      const records = skimmer.skim(start, end);
      skimmed += records;
      return records;
    },
  });
  const decoder = createDecoder('otlp_proto', {}, counting);
  const message = { value: scanner.load(request), offset: 0, referenceTimeMs: Number.NaN };
  expect(decoder.decode(message, TEXT_RESOURCE, { onRecord })).toBeNull();
  return skimmed;
}

describe('skimming', () => {
  it('takes the records that are written as usual, more than fit at once, and leaves each of the others', () => {
    const usual = Array.from({ length: 3 * SKIMMED_MAX + 1 }, (_, i) => ({
      body: `order ${i} placed${' again'.repeat(i)}`,
      attributes: { 'error.type': 'none' },
    }));
    const others: EncodableRecord[] = [
      { body: { structured: true } },
      { body: 'long '.repeat(4_000) },
      { body: 'named', attributes: { 'event.name': 'order.placed' } },
      { body: 7 },
    ];
    const records = usual.flatMap((record, i) => [record, ...(others[i] === undefined ? [] : [others[i]])]);
    const bodies: string[] = [];
    const skimmed = read(createScanner(), requestOf(records), (record) => {
      bodies.push(Buffer.from(record.body.subarray(record.bodyStart, record.bodyEnd)).toString());
    });
    expect(skimmed).toBe(usual.length);
    expect(bodies).toEqual(
      records.map(({ body }) => (typeof body === 'string' ? body : JSON.stringify(body))),
    );
  });

  it('knows a body again, and what is told of it is what a scan finds', () => {
    const scanner = createScanner();
    const request = requestOf([{ body: 'order 17 placed' }, { body: 'shop closes' }]);
    const found: (readonly [boolean, number])[] = [];
    for (let i = 0; i < 2; i++) {
      read(scanner, request, (record) => {
        if (record.known !== 0) scanner.recall(record.known);
        else scanner.scan(record.body, record.bodyStart, record.bodyEnd);
        found.push([record.known !== 0, scanner.hashLow]);
      });
    }
    const lows = found.map(([, low]) => low);
    expect(found.map(([isKnown]) => isKnown)).toEqual([false, false, true, true]);
    expect(lows.slice(2)).toEqual(lows.slice(0, 2));
  });

  it('forgets what it knew of the records in hand when known lines are forgotten among them', () => {
    const scanner = createScanner();
    const whole = new WholeScanner();
    let isForgotten = false;
    // Half of a message is known when it is skimmed; the new lines in front are too many at some place, and write over it.
    for (let message = 0; message * 60 < KNOWN_MAX + 400; message++) {
      const bodies = Array.from({ length: 120 }, (_, i) =>
        i % 2 === 0 ? `${word(message * 60 + i / 2)} is new` : `known for ${word(i)} times`,
      );
      let known = 0;
      read(scanner, requestOf(bodies.map((body) => ({ body }))), (record) => {
        if (record.known !== 0) scanner.recall(record.known);
        else scanner.scan(record.body, record.bodyStart, record.bodyEnd);
        if (record.known !== 0) known++;
        const [, high, low] = whole.scan(encoder.encode(bodies[record.index]!));
        if (scanner.hashHigh !== high || scanner.hashLow !== low) expect.fail(bodies[record.index]);
      });
      if (message > 0 && known > 0 && known < 60) isForgotten = true;
    }
    expect(isForgotten).toBe(true);
  });

  it('does not look for bodies when words of the user are masked, which may depend on any digit', () => {
    const scanner = createScanner([{ name: 'order', pattern: 'ORD-<digits>' }]);
    const request = requestOf([{ body: 'ORD-17 placed' }]);
    for (let i = 0; i < 2; i++) {
      const skimmed = read(scanner, request, (record) => {
        expect(record.known).toBe(0);
        scanner.scan(record.body, record.bodyStart, record.bodyEnd);
      });
      expect(skimmed).toBe(1);
    }
  });
});

/** A word of letters for a number. */
function word(n: number): string {
  return n.toString(26).replace(/[0-9]/g, (digit) => 'qrstuvwxyz'[Number(digit)]!);
}
