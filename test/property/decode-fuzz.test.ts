// Any bytes into the decoder give records or one Malformed inside the message: never an exception, an over-read, or a
// record whose ranges leave its buffers. Inputs: valid messages cut, mutated and spliced, and plain random bytes.
// The generator is seeded; a failure names the round, which replays alone with `inputOf(round)`.
import { describe, expect, test } from 'vitest';
import type { Encoding, LogRecord } from '../../src/contracts.ts';
import { createDecoder } from '../../src/core/decode/decoder.ts';
import { encodeKept, readKept } from '../../src/core/decode/kept.ts';
import { encodeLogsRequest } from '../../src/core/decode/otlp-encode.ts';
import { createScanner } from '../../src/core/scan/scanner.ts';
import { decodeWith, TEXT_RESOURCE } from '../core/decode/collect.ts';
import { cpuMsOf } from '../support/cpu-time.ts';

const SEED = 0x5eed_0001;
const ROUNDS = 6_000;
/** The slowest round may take this long; a hang or a quadratic reader takes far longer. */
const ROUND_LIMIT_MS = 2_000;

const ENCODINGS: readonly Encoding[] = ['auto', 'otlp_proto', 'otlp_json', 'text', 'json', 'raw'];
const KEPT_CAP = 96;

const request = encodeLogsRequest([
  {
    resource: { 'service.name': 'checkout', 'service.version': '1.2.3', nested: { list: [1, 'two', [3.5]] } },
    records: [
      {
        timeUnixNano: '1780000000000000000',
        severityNumber: 17,
        body: 'payment failed',
        traceId: 'ab'.repeat(16),
      },
      { observedTimeUnixNano: '1780000000000000001', body: { msg: 'structured', list: [true, null, 'é'] } },
      { severityText: 'warn', body: 'x'.repeat(300), attributes: { k: 'v'.repeat(200), n: -1, d: 1.5 } },
      { body: new Uint8Array([0, 255, 1]), eventName: 'device.boot', spanId: 'cd'.repeat(8) },
    ],
  },
  { resource: {}, records: [{ body: 'ERROR no resource' }] },
]);

const json =
  '{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},' +
  '"scopeLogs":[{"logRecords":[{"timeUnixNano":"1780000000000000000","severityNumber":9,"body":' +
  '{"kvlistValue":{"values":[{"key":"a","value":{"arrayValue":{"values":[{"intValue":"1"}]}}}]}},' +
  '"traceId":"5B8EFFF798038103D269B633813FC60C","attributes":[{"key":"b","value":{"bytesValue":"AAE="}}]}]}]}]}';

const lines =
  '2026-05-28T20:26:10.123Z ERROR [main] failed\njava.io.IOException: broken\n\tat a.B.c(B.java:1)\r\n\n' +
  '{"time":1780000000123,"level":30,"msg":"json","service":"api","x":{"y":[1]}}\n' +
  'Traceback (most recent call last):\n  File "x.py", line 1\nValueError: é\n<11>Oct  3 12:34:56 host app: hello\n';

const encoder = new TextEncoder();
const corpus: readonly Uint8Array[] = [request, encoder.encode(json), encoder.encode(lines)];
const interesting = [
  0x00, 0x08, 0x0a, 0x12, 0x2a, 0x32, 0x7f, 0x80, 0xff, 0x22, 0x5b, 0x7b, 0x7d, 0x3c, 0x3a, 0x0b, 0x0c,
];

describe(`the decoder under fuzzing, seed ${SEED.toString(16)}`, () => {
  test('any bytes give records or one Malformed inside the message, and nothing else', () => {
    const decoders = ENCODINGS.map((encoding) => createDecoder(encoding, { maxDepth: 8 }));
    let records = 0;
    let defects = 0;
    let slowestMs = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const { bytes, buffer } = inputOf(round);
      const decodeAll = (): void => {
        for (const [i, decoder] of decoders.entries()) {
          try {
            const message = { value: bytes, offset: 0, referenceTimeMs: 1_780_000_000_000 };
            const malformed = decoder.decode(message, TEXT_RESOURCE, {
              onRecord: (record) => {
                records++;
                checkRecord(record, bytes);
              },
            });
            if (malformed !== null) {
              defects++;
              expect(malformed.reason).toMatch(/^[a-z_]+$/);
              expect(malformed.at >= 0 && malformed.at <= bytes.length).toBe(true);
            }
          } catch (error) {
            throw new Error(`round ${round} as ${ENCODINGS[i]}: ${String(error)}`, { cause: error });
          }
        }
      };
      slowestMs = Math.max(slowestMs, cpuMsOf(decodeAll));
      expect(buffer.subarray(bytes.length + 16).every((byte) => byte === 0xa5)).toBe(true);
    }
    expect(slowestMs).toBeLessThan(ROUND_LIMIT_MS);
    // Both outcomes must have been exercised, or the fuzz run proves nothing.
    expect(records).toBeGreaterThan(ROUNDS);
    expect(defects).toBeGreaterThan(ROUNDS / 10);
  });

  test('a message whose records are skimmed gives what it gives without', () => {
    const scanner = createScanner();
    const careful = createDecoder('otlp_proto', { maxDepth: 8 });
    const skimming = createDecoder('otlp_proto', { maxDepth: 8 }, scanner.skimmer);
    let skimmed = 0;
    const skim = scanner.skimmer.skim.bind(scanner.skimmer);
    scanner.skimmer.skim = (start, end) => {
      const records = skim(start, end);
      skimmed += records;
      return records;
    };
    for (let round = 0; round < ROUNDS; round++) {
      const { bytes } = inputOf(round);
      const got = decodeWith(skimming, scanner.load(bytes), 1_780_000_000_000);
      expect(got, `round ${round}`).toEqual(decodeWith(careful, bytes, 1_780_000_000_000));
    }
    expect(skimmed).toBeGreaterThan(ROUNDS / 4);
  });

  test('a request cut at any byte gives a prefix of its records, and a defect wherever the cut is inside a field', () => {
    const decoder = createDecoder('otlp_proto');
    const bodiesOf = (value: Uint8Array): { bodies: string[]; reason: string | null } => {
      const bodies: string[] = [];
      const onRecord = (r: LogRecord): void => {
        bodies.push(Buffer.from(r.body.subarray(r.bodyStart, r.bodyEnd)).toString());
      };
      const message = { value, offset: 0, referenceTimeMs: 0 };
      return { bodies, reason: decoder.decode(message, TEXT_RESOURCE, { onRecord })?.reason ?? null };
    };
    const whole = bodiesOf(request);
    expect(whole).toMatchObject({ bodies: { length: 5 }, reason: null });
    let salvaged = 0;
    for (let size = 0; size < request.length; size++) {
      const { bodies, reason } = bodiesOf(request.slice(0, size));
      expect(bodies).toEqual(whole.bodies.slice(0, bodies.length));
      if (reason === null) expect(size === 0 || bodies.length === 4).toBe(true);
      else expect(reason).toBe('truncated');
      salvaged = Math.max(salvaged, reason === null ? 0 : bodies.length);
    }
    expect(salvaged).toBe(4);
  });
});

/** The message lies in the middle of a larger buffer, so that reading past its end would find bytes. */
function inputOf(round: number): { bytes: Uint8Array; buffer: Uint8Array } {
  const random = randomFrom(SEED + round);
  const kind = random() % 8;
  const base = corpus[random() % corpus.length]!;
  let bytes: Uint8Array;
  if (kind === 0) bytes = Uint8Array.from({ length: random() % 200 }, () => random() & 255);
  else if (kind === 1) bytes = base.slice(0, random() % (base.length + 1));
  else if (kind === 2) bytes = splice(base, corpus[random() % corpus.length]!, random);
  else bytes = mutate(base.slice(), 1 + (random() % 6), random);
  const buffer = new Uint8Array(bytes.length + 64).fill(0xa5);
  buffer.set(bytes, 16);
  return { bytes: buffer.subarray(16, 16 + bytes.length), buffer };
}

function mutate(bytes: Uint8Array, count: number, random: () => number): Uint8Array {
  for (let i = 0; i < count; i++) {
    const at = random() % bytes.length;
    const how = random() % 3;
    if (how === 0) bytes[at] = random() & 255;
    else if (how === 1) bytes[at] = interesting[random() % interesting.length]!;
    else bytes[at]! ^= 1 << (random() % 8);
  }
  return bytes;
}

function splice(a: Uint8Array, b: Uint8Array, random: () => number): Uint8Array {
  const head = a.subarray(0, random() % a.length);
  const tail = b.subarray(random() % b.length);
  const joined = new Uint8Array(head.length + tail.length);
  joined.set(head);
  joined.set(tail, head.length);
  return joined;
}

/** xorshift32: small, seeded, the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}

const arena = new Uint8Array(KEPT_CAP + 16);

function checkRecord(record: LogRecord, message: Uint8Array): void {
  const { body, bodyStart, bodyEnd, wire, wireStart, wireEnd, traceIdStart } = record;
  if (!(bodyStart >= 0 && bodyStart <= bodyEnd && bodyEnd <= body.length)) throw new Error('BUG: body range');
  if (!(wireStart >= 0 && wireStart <= wireEnd && wireEnd <= wire.length)) throw new Error('BUG: wire range');
  if (body.buffer === message.buffer && body !== message) throw new Error('BUG: body is not the message');
  if (traceIdStart >= 0 && traceIdStart + 16 > wireEnd) throw new Error('BUG: trace id range');
  if (!(record.severityNumber >= 0 && record.severityNumber <= 24)) throw new Error('BUG: severity');
  if (record.timeFrom === 'none' || Number.isNaN(record.timeMs))
    throw new Error('BUG: reference time was given');
  arena.fill(0);
  const written = encodeKept(record, arena, 8, KEPT_CAP);
  if (Math.abs(written) > KEPT_CAP) throw new Error('BUG: kept record exceeds its cap');
  if (arena[7] !== 0 || arena[8 + KEPT_CAP] !== 0) throw new Error('BUG: kept record left its place');
  readKept({
    timeMs: record.timeMs,
    severityNumber: record.severityNumber,
    position: { source: 's', topic: 't', partition: 0, offset: 0, index: record.index },
    instance: '',
    version: '',
    wire: arena.slice(8, 8 + Math.abs(written)),
    truncated: written < 0,
  });
}
