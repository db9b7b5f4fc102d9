import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KeptRecord } from '../../../src/contracts.ts';
import { readKept } from '../../../src/core/decode/kept.ts';
import { readTraceId } from '../../../src/core/decode/kept-trace.ts';

function kept(wire: Uint8Array): KeptRecord {
  const position = { source: 'files', topic: 'app.log', partition: 0, offset: 0, index: 0 };
  return { timeMs: 0, severityNumber: 9, position, instance: '', version: '', wire, truncated: false };
}

function hexOf(text: string): string {
  return [...text].map((char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

test('the trace id that is read alone is the one that is read with everything else, whatever the bytes', () => {
  // Field 9 of a LogRecord, 16 bytes, between a severity number and a body.
  const id = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
  const known = Uint8Array.from([0x10, 9, 0x4a, 16, ...id, 0x2a, 4, 0x0a, 2, 0x6f, 0x6b]);
  expect(hexOf(readTraceId(kept(known)))).toBe('0102030405060708090a0b0c0d0e0f10');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(known.length), (bytes, cut) => {
      for (const wire of [bytes, known.subarray(0, cut), Uint8Array.from([...known, ...bytes])]) {
        expect(hexOf(readTraceId(kept(wire)))).toBe(readKept(kept(wire)).traceId);
      }
    }),
    { numRuns: 2_000, seed: 9 },
  );
});
