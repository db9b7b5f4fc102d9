import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { keepNoRest } from '../../src/kafka/kafkajs-faults.ts';
import { ResponseReader, responseSockets } from '../../src/kafka/response-socket.ts';

describe('a stream of responses', () => {
  test('is handed on response by response, however it is cut, and does not change when its pieces do', () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 400 }), { minLength: 1, maxLength: 12 });
    const cuts = fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(payloads, cuts, (all, sizes) => {
        const { reader, handedOn } = collect();
        readIn(reader, Buffer.concat(all.map(framed)), sizes);
        expect(handedOn).toEqual(all.map(framed));
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  test('that is none is handed on as it is: a length alone takes no memory', () => {
    const { reader, handedOn } = collect();
    const answer = Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n');
    readIn(reader, answer, [3, 5]);
    expect(Buffer.concat(handedOn)).toEqual(answer);
    const negative = collect();
    readIn(negative.reader, Buffer.from([0xff, 0xff, 0xff, 0xff, 1, 2]), [6]);
    expect(Buffer.concat(negative.handedOn)).toEqual(Buffer.from([0xff, 0xff, 0xff, 0xff, 1, 2]));
  });
});

test('a real socket gives each response whole, in memory of its own, and then ends', async () => {
  const responses = [
    framed(new Uint8Array(3)),
    framed(new Uint8Array(3_000_000).fill(7)),
    framed(new Uint8Array(0)),
  ];
  const server = createServer((socket) => socket.end(Buffer.concat(responses)));
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const socket = responseSockets()({
    host: '127.0.0.1',
    port,
    ssl: undefined as never,
    onConnect: () => undefined,
  });
  const given: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => given.push(bytes));
  await once(socket, 'end');
  expect(given.map((bytes) => bytes.equals(responses[given.indexOf(bytes)]!))).toEqual([true, true, true]);
  expect(given.map((bytes) => bytes.buffer.byteLength)).toEqual(given.map((bytes) => bytes.length));
});

test('kafkajs hands on a response that comes whole without copying it', () => {
  keepNoRest();
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/connection') as {
    prototype: Connection;
  };
  const payloads: Buffer[] = [];
  const connection = Object.create(prototype) as Connection;
  Object.assign(connection, {
    chunks: [],
    bytesBuffered: 0,
    bytesNeeded: 4,
    authHandlers: null,
    requestQueue: { fulfillRequest: ({ payload }: { payload: Buffer }) => payloads.push(payload) },
  });
  const responses = [1, 2, 3].map((fill) => framed(new Uint8Array(1_000).fill(fill)));
  for (const response of responses) connection.processData(response);
  expect(payloads.map(({ buffer }) => buffer)).toEqual(responses.map(({ buffer }) => buffer));
  expect(payloads.map((payload) => payload[500])).toEqual([1, 2, 3]);
});

interface Connection {
  processData(bytes: Buffer): void;
}

function collect(): { reader: ResponseReader; handedOn: Buffer[] } {
  const handedOn: Buffer[] = [];
  return { reader: new ResponseReader((bytes) => handedOn.push(bytes)), handedOn };
}

/** Gives the stream in pieces of these sizes, each of which is overwritten afterwards. */
function readIn(reader: ResponseReader, stream: Buffer, sizes: readonly number[]): void {
  for (let at = 0, i = 0; at < stream.length; i++) {
    const piece = Buffer.from(stream.subarray(at, at + sizes[i % sizes.length]!));
    at += piece.length;
    reader.read(piece);
    piece.fill(0xaa);
  }
}

function framed(payload: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(payload.length);
  return Buffer.from(new Uint8Array(Buffer.concat([length, payload])).buffer);
}
