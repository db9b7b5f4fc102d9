import { createRequire } from 'node:module';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { isAlone, release, releasePieces } from '../../src/kafka/kafkajs-memory.ts';

// Method: kafkajs' own connection puts responses together from pieces; only its socket and its table of requests are left out.

interface Connection {
  chunks: Buffer[];
  bytesBuffered: number;
  bytesNeeded: number;
  authHandlers: unknown;
  requestQueue: { fulfillRequest(response: { correlationId: number; payload: Buffer }): void };
  processData(piece: Buffer): void;
}

const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/connection') as {
  prototype: Connection;
};

beforeAll(releasePieces);

describe('pieces of responses', () => {
  test('however a stream is cut, kafkajs hands on the responses that are in it', () => {
    const responses = fc.array(fc.uint8Array({ maxLength: 400 }), { minLength: 1, maxLength: 12 });
    const cuts = fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(responses, cuts, (payloads, sizes) => {
        const { connection, answered } = connect();
        const stream = Buffer.concat(payloads.map((payload, id) => frame(id, payload)));
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = sizes[i % sizes.length]!;
          connection.processData(own(stream.subarray(at, at + size)));
          at += size;
        }
        // All of them at the end: what came first must not have gone with the pieces of what came later.
        expect(answered.map(({ payload }) => [...payload])).toEqual(payloads.map((payload) => [...payload]));
        expect(answered.map(({ correlationId }) => correlationId)).toEqual(payloads.map((_, id) => id));
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  test('pieces are released when the response has been put together, and one that holds a response is not', () => {
    const { connection, answered } = connect();
    const stream = frame(1, new Uint8Array(1_000).fill(7));
    const pieces = [stream.subarray(0, 300), stream.subarray(300, 600), stream.subarray(600)].map(own);
    for (const piece of pieces) connection.processData(piece);
    expect(pieces.map(({ length }) => length)).toEqual([0, 0, 0]);
    const whole = own(frame(2, new Uint8Array(100).fill(8)));
    connection.processData(whole);
    expect(whole.length).toBe(108);
    expect(answered.map(({ payload }) => payload.length)).toEqual([1_000, 100]);
  });

  test('during a login everything is left as it is', () => {
    const { connection } = connect();
    connection.authHandlers = { onSuccess: () => undefined };
    const pieces = [frame(1, new Uint8Array(50)).subarray(0, 20), frame(1, new Uint8Array(50)).subarray(20)];
    const owned = pieces.map(own);
    for (const piece of owned) connection.processData(piece);
    expect(owned.map(({ length }) => length)).toEqual([20, 38]);
  });
});

test('a response is alone when its memory holds nothing else, and is large', () => {
  const bytes = Buffer.from(new ArrayBuffer(200_000));
  expect(isAlone(bytes.subarray(8))).toBe(true);
  expect(isAlone(bytes.subarray(8, 199_999))).toBe(false);
  expect(isAlone(bytes.subarray(50_000))).toBe(false);
  expect(isAlone(own(frame(1, new Uint8Array(100))).subarray(8))).toBe(false);
});

test('what is released is empty, and may be released again', () => {
  const bytes = new Uint8Array(10);
  const memory = bytes.buffer;
  release(memory);
  release(memory);
  expect(bytes.length).toBe(0);
});

function connect(): { connection: Connection; answered: { correlationId: number; payload: Buffer }[] } {
  const answered: { correlationId: number; payload: Buffer }[] = [];
  const connection = Object.create(prototype) as Connection;
  Object.assign(connection, {
    chunks: [],
    bytesBuffered: 0,
    bytesNeeded: 4,
    authHandlers: null,
    requestQueue: { fulfillRequest: (response: (typeof answered)[number]) => answered.push(response) },
  });
  return { connection, answered };
}

function frame(correlationId: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(4 + payload.length, 0);
  head.writeInt32BE(correlationId, 4);
  return Buffer.concat([head, payload]);
}

/** In memory of its own, as a socket gives it. */
function own(bytes: Uint8Array): Buffer {
  return Buffer.from(new Uint8Array(bytes).buffer);
}
