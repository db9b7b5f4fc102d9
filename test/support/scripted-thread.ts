// Stands in the place of the thread that reads Kafka and does what `clientId` of its options says.
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import type { Batch } from '../../src/contracts.ts';
import { WinnowError } from '../../src/errors.ts';
import { packBatch, packedBytes } from '../../src/sources/kafka/packed-batch.ts';
import {
  type FromThread,
  sendError,
  type ThreadStart,
  type ToThread,
} from '../../src/sources/kafka/thread-protocol.ts';

const port = parentPort!;
const { options } = workerData as ThreadStart;
const partition = { source: options.name, topic: 'logs', partition: 0 };

await until('run', 1);
switch (options.clientId) {
  case 'reads':
    send({ kind: 'question', id: 1, question: { ask: 'assigned', partitions: [partition] } });
    sendBatch(5);
    sendBatch(6);
    send({ kind: 'question', id: 2, question: { ask: 'revoked', partitions: [partition] } });
    await until('answer', 4);
    send({ kind: 'ended', error: null });
    break;
  case 'reads until stopped':
    sendBatch(5);
    sendBatch(6);
    await until('stop', 1);
    send({ kind: 'ended', error: null });
    break;
  case 'fails':
    send({
      kind: 'ended',
      error: sendError(new WinnowError('WINNOW_KAFKA_TLS', 'no trust', { hint: 'check ca' })),
    });
    break;
  case 'crashes':
    sendBatch(5);
    await until('counted', 1);
    sendBatch(6);
    throw new Error('out of luck');
  case 'exits':
    process.exit(0);
    break;
  case 'hangs':
    sendBatch(5);
    for (;;);
}
port.close();

function send(message: FromThread, handedOver: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, handedOver);
}

function sendBatch(offset: number): void {
  const messages = [{ offset, value: Buffer.from(`line ${offset}`), referenceTimeMs: 1, key: null }];
  const batch: Batch = { partition, messages, encoding: 'text', caughtUp: true };
  const packed = packBatch(batch, new ArrayBuffer(packedBytes(messages)));
  send({ kind: 'batch', packed }, [packed.buffer!]);
}

/** Takes so many messages; the last one must be of this kind. */
async function until(kind: ToThread['kind'], count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const [message] = (await once(port, 'message')) as [ToThread];
    if (i === count - 1 && message.kind !== kind) throw new Error(`${message.kind} instead of ${kind}`);
  }
}
