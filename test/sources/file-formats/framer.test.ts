import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFramer } from '../../../src/sources/file-formats/create-framer.ts';
import type { Framing } from '../../../src/sources/file-formats/file-format.ts';
import type { FramedMessage } from '../../../src/sources/file-formats/framer.ts';

const LIMITS = { maxMessageBytes: 40, maxTextBytes: 60 };
const FRAMINGS: readonly Framing[] = ['lines', 'text', 'length', 'length_zstd', 'whole'];

/** Bytes in which line ends, blanks, short lengths and the beginnings of traces are frequent. */
const content = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\n',
        '\r\n',
        ' ',
        '\n\tat x\n',
        '\nCaused by: y',
        '\u0000\u0000\u0000\u0005',
        '\u0000',
        'word',
        '\n2026 line',
      ),
      fc.string({ maxLength: 80 }),
      fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));

function frame(
  framing: Framing,
  chunks: readonly Buffer[],
): { messages: FramedMessage[]; defect: string | null } {
  const framer = createFramer(framing, LIMITS);
  const messages: FramedMessage[] = [];
  for (const chunk of chunks) framer.push(chunk, messages);
  const defect = framer.end(messages);
  expect(framer.offset).toBe(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  return { messages: messages.map(({ value, offset }) => ({ value: Buffer.from(value), offset })), defect };
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let start = 0, i = 0; start < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    chunks.push(Buffer.from(bytes.subarray(start, start + size)));
    start += size;
  }
  return chunks;
}

describe.each(FRAMINGS)('framing %s', (framing) => {
  test('cuts any bytes at the same places however they arrive', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(content, sizes, (bytes, chunkSizes) => {
        expect(frame(framing, cut(bytes, chunkSizes))).toEqual(frame(framing, [bytes]));
      }),
      { numRuns: 300, seed: 11 },
    );
  });

  test('delivers ascending offsets, and never more than the limit and one byte', () => {
    const limit = framing === 'text' ? LIMITS.maxTextBytes : LIMITS.maxMessageBytes;
    fc.assert(
      fc.property(content, (bytes) => {
        const { messages } = frame(framing, [bytes]);
        let previous = -1;
        for (const { value, offset } of messages) {
          expect(offset).toBeGreaterThan(previous);
          expect(offset).toBeLessThan(bytes.length);
          expect(value.length).toBeLessThanOrEqual(limit + 1);
          previous = offset;
        }
      }),
      { numRuns: 300, seed: 12 },
    );
  });
});

test('text blocks are the content itself, but for what exceeds the limit of a line', () => {
  fc.assert(
    fc.property(content, (bytes) => {
      const { messages } = frame('text', [bytes]);
      let at = 0;
      for (const { value, offset } of messages) {
        expect(offset).toBe(at);
        expect(bytes.subarray(at, at + value.length).equals(value)).toBe(true);
        at += value.length;
        if (value.length > LIMITS.maxTextBytes) {
          expect(value.subarray(0, -1).includes(0x0a)).toBe(false);
          const lineEnd = bytes.indexOf(0x0a, at - 1);
          at = lineEnd < 0 ? bytes.length : lineEnd + 1;
        }
      }
      expect(at).toBe(bytes.length);
    }),
    { numRuns: 500, seed: 13 },
  );
});

test('lines are what splitting at line feeds gives, without blank ones', () => {
  fc.assert(
    fc.property(content, (bytes) => {
      const want: [string, number][] = [];
      let offset = 0;
      for (const line of bytes.toString('latin1').split('\n')) {
        let text = line.length > LIMITS.maxMessageBytes ? line.slice(0, LIMITS.maxMessageBytes + 1) : line;
        if (line.length <= LIMITS.maxMessageBytes && text.endsWith('\r')) text = text.slice(0, -1);
        if (!/^[\u0000- ]*$/.test(text)) want.push([text, offset]);
        offset += line.length + 1;
      }
      const have = frame('lines', [bytes]).messages.map(({ value, offset: at }) => [
        Buffer.from(value).toString('latin1'),
        at,
      ]);
      expect(have).toEqual(want);
    }),
    { numRuns: 500, seed: 14 },
  );
});

test('length-prefixed messages come back whole, and a cut one is named', () => {
  const values = fc.array(fc.uint8Array({ minLength: 1, maxLength: LIMITS.maxMessageBytes }), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(values, fc.nat({ max: 60 }), (list, missing) => {
      const whole = Buffer.concat(
        list.flatMap((value) => {
          const prefix = Buffer.alloc(4);
          prefix.writeUInt32BE(value.length);
          return [prefix, Buffer.from(value)];
        }),
      );
      const bytes = whole.subarray(0, Math.max(0, whole.length - missing));
      const { messages, defect } = frame('length', [bytes]);
      expect(messages.map(({ value }) => Buffer.from(value))).toEqual(
        list.slice(0, messages.length).map((value) => Buffer.from(value)),
      );
      const end = messages.reduce((sum, { value }) => sum + 4 + value.length, 0);
      if (bytes.length === end) expect(defect).toBeNull();
      else expect(defect).toContain(`at offset ${end} has`);
    }),
    { numRuns: 300, seed: 15 },
  );
});
