import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeadLetter, Message } from '../src/contracts.ts';
import { encodeLogsRequest } from '../src/core/decode/otlp-encode.ts';
import { createRedactor } from '../src/core/redact.ts';
import { corruptBatchRecords } from '../src/kafka/corrupt-batch.ts';
import { Poison } from '../src/poison.ts';
import { redactMessage } from '../src/sources/redact-message.ts';

const REF = { source: 'kafka', topic: 'logs', partition: 3 };
const SECRET = 'hunter2hunter2';

describe('a message that cannot be read', () => {
  test('is counted by source and reason, and every reason is there from the start', () => {
    const { poison } = setUp();
    poison.know('kafka');
    expect(new Set(Object.values(poison.counts.get('kafka')!))).toEqual(new Set([0]));
    poison.take(REF, message('x'), { reason: 'bad_json', at: 0 });
    poison.take(REF, message('x'), { reason: 'bad_json', at: 0 });
    poison.take({ ...REF, source: 'stdin' }, message('x'), { reason: 'too_large', at: 0 });
    expect(poison.counts.get('kafka')).toMatchObject({ bad_json: 2, too_large: 0, checksum: 0 });
    expect(poison.counts.get('stdin')).toMatchObject({ too_large: 1 });
  });

  test('is handed on with why and from where', () => {
    const { poison, letters } = setUp();
    const key = Buffer.from('tenant a');
    poison.take(REF, { ...message('no request at all'), key }, { reason: 'truncated', at: 7 });
    expect(letters).toEqual([
      {
        ...REF,
        offset: 42,
        reason: 'malformed',
        detail: 'truncated at byte 7 of 17; its first 17 bytes are shown',
        key: new Uint8Array(key),
        value: new Uint8Array(Buffer.from('no request at all')),
        timestampMs: 1_700_000_000_000,
      },
    ]);
  });

  test('is sampled: ten of a source and reason in a minute, whatever else comes', () => {
    const { poison, letters, clock } = setUp();
    for (let i = 0; i < 1_000; i++) {
      poison.take(REF, message('x'), { reason: 'bad_json', at: 0 });
      poison.take(REF, message('x'), { reason: 'bad_tag', at: 0 });
    }
    expect(letters).toHaveLength(20);
    clock.ms = 60_000;
    poison.take(REF, message('x'), { reason: 'bad_json', at: 0 });
    expect(letters).toHaveLength(21);
    expect(poison.counts.get('kafka')).toMatchObject({ bad_json: 1_001, bad_tag: 1_000 });
  });

  test('of any size is shown in 4 KiB at most, and what is shown is a copy', () => {
    const { poison, letters } = setUp();
    const large = Buffer.alloc(1_000_000, 'a line of text\n');
    poison.take(REF, message(large), { reason: 'too_large', at: 0 });
    large.fill(0);
    expect(letters[0]!.value).toHaveLength(4_096);
    expect(Buffer.from(letters[0]!.value).toString()).toContain('a line of text');
    expect(letters[0]!.reason).toBe('too_large');
  });

  test('that is a record of an unreadable batch shows nothing of it', () => {
    const { poison, letters } = setUp();
    for (const defect of ['checksum', 'compression', 'limit'] as const)
      poison.take(REF, message(batchValue(defect)), { reason: 'bad_varint', at: 0 });
    expect(letters.map(({ reason, value }) => [reason, value.length])).toEqual([
      ['corrupt_batch', 0],
      ['corrupt_batch', 0],
      ['decompression_limit', 0],
    ]);
    expect(poison.counts.get('kafka')).toMatchObject({
      checksum: 1,
      compression: 1,
      limit: 1,
      bad_varint: 0,
    });
  });
});

describe('no secret is handed on', () => {
  const request = encodeLogsRequest([
    {
      resource: { 'service.name': 'shop' },
      records: [{ body: `login with password=${SECRET}`, attributes: { password: SECRET } }],
    },
  ] as never);
  const json = JSON.stringify([{ key: 'password', value: { stringValue: SECRET } }]);

  test.each<[string, Uint8Array]>([
    ['a line', Buffer.from(`retry with password=${SECRET} now`)],
    ['a JSON object', Buffer.from(`{"password":"${SECRET}","level":"info"}`)],
    ['a request that is cut off', request.subarray(0, request.length - 1)],
    ['JSON that is cut off', Buffer.from(json.slice(0, -1))],
    ['JSON that is longer than what is looked at', Buffer.from(`[${`${json},`.repeat(2_000)}1]`)],
    ['a line behind a byte that is no text', Buffer.concat([Buffer.from([0xff]), Buffer.from(SECRET)])],
    [
      'a line that is cut in the middle of the secret',
      Buffer.from(`${'x '.repeat(2_040)} password=${SECRET}`),
    ],
  ])('from %s', (_, value) => {
    const { poison, letters } = setUp();
    poison.take(REF, { ...message(value), key: value }, { reason: 'bad_json', at: 0 });
    for (const shown of [letters[0]!.value, letters[0]!.key!]) {
      const text = Buffer.from(shown).toString('latin1');
      for (let length = SECRET.length; length >= 6; length--)
        expect(text).not.toContain(SECRET.slice(0, length));
    }
  });

  test('but a broken request keeps its structure, byte for byte', () => {
    const { poison, letters } = setUp();
    poison.take(REF, message(request), { reason: 'truncated', at: 0 });
    const shown = letters[0]!.value;
    expect(shown).toHaveLength(request.length);
    expect([...shown.subarray(0, 1)]).toEqual([request[0]]);
  });

  test('and any bytes give a letter', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (value) => {
        const { poison, letters } = setUp();
        poison.take(REF, { ...message(value), key: value }, { reason: 'not_text', at: 0 });
        expect(letters).toHaveLength(1);
      }),
      { numRuns: 500, seed: 4301 },
    );
  });
});

test('without redaction what is shown is as it came', () => {
  const letters: DeadLetter[] = [];
  const poison = new Poison({
    letters: { take: (letter) => letters.push(letter) },
    redact: null,
    nowMs: () => 0,
  });
  poison.take(REF, message(`password=${SECRET}`), { reason: 'not_otlp', at: 0 });
  expect(Buffer.from(letters[0]!.value).toString()).toBe(`password=${SECRET}`);
});

function setUp() {
  const letters: DeadLetter[] = [];
  const clock = { ms: 0 };
  const poison = new Poison({
    letters: { take: (letter) => letters.push(letter) },
    redact: redactMessage(createRedactor()),
    nowMs: () => clock.ms,
  });
  return { poison, letters, clock };
}

function message(value: string | Uint8Array): Message {
  return { value: Buffer.from(value as string), offset: 42, referenceTimeMs: 1_700_000_000_000 };
}

/** The value that a record of an unreadable batch gets: behind the six bytes of a record's head. */
function batchValue(defect: 'checksum' | 'compression' | 'limit'): Uint8Array {
  const response = Buffer.alloc(64);
  response.writeInt32BE(1, 64 - 8 - 4);
  return corruptBatchRecords(response.subarray(64 - 8), defect)!.subarray(6, -1);
}
