// Child process of the kill test: delivers what a store holds to a Kafka topic. When so much is left, or nothing, it says how
// much and kills itself, in the middle of whatever it does: who looks on from outside sees it too late on a busy machine.
import { FeedRunner } from '../../src/feeds/feed-runner.ts';
import { createKafkaFeed } from '../../src/feeds/kafka.ts';
import { openStore } from '../../src/store/sqlite.ts';

const [path = '', brokers = '', topic = '', killAt = ''] = process.argv.slice(2);
const logger = { debug() {}, info() {}, warn() {}, error() {} };
const store = openStore({ path });
const runner = new FeedRunner({
  feed: createKafkaFeed({
    name: 'kafka',
    brokers: brokers.split(','),
    clientId: 'winnow-test',
    tls: false,
    logger,
    topic,
    createTopic: false,
  }),
  log: store.deliveries,
  logger,
  random: Math.random,
  start: 'earliest',
  pageCountMax: 20,
});
runner.run().catch((error: unknown) => {
  process.stderr.write(`${error}\n`);
  process.exitCode = 1;
});
setInterval(() => {
  const { pending } = runner;
  if (pending > Math.max(0, Number(killAt))) return;
  process.stdout.write(`${pending}\n`);
  process.kill(process.pid, 'SIGKILL');
}, 1);
