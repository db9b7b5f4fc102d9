import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FeedRunner } from '../../src/feeds/feed-runner.ts';
import { createKafkaFeed } from '../../src/feeds/kafka.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { revisionsOf } from '../contract/feed-contract.ts';
import { temporaryDirectory } from '../store/sample-checkpoint.ts';

// What a broker does to the feed is in test/integration/feed-kafka.test.ts.

test('a broker that takes connections and never answers holds up neither the store nor a stop', async () => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => undefined))).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const store = openStore({ path: join(temporaryDirectory(), 'winnow.db') });
  onTestFinished(() => {
    store.close();
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const runner = new FeedRunner({
    feed: createKafkaFeed({
      name: 'kafka',
      brokers: [`127.0.0.1:${(server.address() as AddressInfo).port}`],
      clientId: 'winnow-test',
      tls: false,
      logger,
      topic: 'windows',
      createTopic: true,
    }),
    log: store.deliveries,
    logger,
    random: () => 0,
    start: 'earliest',
  });
  store.commit({ positions: [], state: [], revisions: revisionsOf(2, 2), closedToMs: null });
  const running = runner.run();
  await once(server, 'connection');
  store.commit({ positions: [], state: [], revisions: revisionsOf(2, 2, 'later'), closedToMs: null });
  runner.notify();
  expect(runner.pending).toBe(8);
  const startedMs = performance.now();
  await runner.stop(300);
  await running;
  expect(performance.now() - startedMs).toBeLessThan(15_000);
  expect(runner.counts).toEqual({ delivered: 0, retried: 0, rejected: 0, expired: 0 });
  expect(runner.pending).toBe(8);
});
