import { join } from 'node:path';
import kafkajs from 'kafkajs';
import { registerKafkaCodecs } from '../../../src/kafka/codecs.ts';
import { BrokerUnavailable, KafkaBroker } from '../../../test/support/kafka-broker.ts';
import { prepareRequests, type RequestCorpus, readRequests, START_MS } from '../corpora.ts';
import { type Absent, figureLine, type Line, ratioLine } from '../line.ts';
import { alternate, nodeSubject } from '../rounds.ts';
import type { Context, Row } from '../row.ts';
import type { Round } from '../subject.ts';
import { shiftTimes } from '../walk.ts';
import { SHORT_504 } from './stage1.ts';

/**
 * How often the corpus is written, one after the other in time: 2,880,000 records. Each round of ours begins with a thread
 * whose code is not compiled yet and without known lines, which a worker does once: of a quarter of that it is a third.
 */
const PASSES = 48;
/** Passes that teach a worker its templates beforehand: 24 buckets. The topic goes on behind them in time. */
const LEARNT_PASSES = 8;
const TOPIC_CONFIG = [
  // Old records stay, and ones that this machine's clock takes for future are let in.
  { name: 'retention.ms', value: '-1' },
  { name: 'message.timestamp.after.max.ms', value: '9223372036854775807' },
];

export const kafkaRow: Row = {
  name: 'kafka',
  about: 'a real Apache Kafka to stored windows, beside kafkajs alone',
  measure: async (context) => {
    let broker: KafkaBroker;
    try {
      context.progress('start a broker');
      broker = await KafkaBroker.start();
    } catch (error) {
      if (error instanceof BrokerUnavailable) return [{ id: 'kafka', absent: error.message }];
      throw error;
    }
    try {
      const lines: (Line | Absent)[] = [];
      for (const codec of ['uncompressed', 'zstd'] as const)
        lines.push(...(await measure(broker, codec, context)));
      return lines;
    } finally {
      await broker.stop();
    }
  },
};

async function measure(
  broker: KafkaBroker,
  codec: 'uncompressed' | 'zstd',
  context: Context,
): Promise<Line[]> {
  const topic = `bench-${codec}`;
  const passes = context.quick ? 1 : PASSES;
  const path = prepareRequests(SHORT_504);
  const corpus = readRequests(path);
  context.progress(`write ${topic}`);
  await produce(broker, topic, corpus, passes, codec);
  const settings = {
    broker: broker.address,
    topic,
    corpus: path,
    messages: String(corpus.requests.length * passes),
    records: String(corpus.facts.records * passes),
    bytes: String(corpus.facts.wireBytes * passes),
  };
  const ours = (name: string, learntPasses: number) =>
    nodeSubject(name, 'kafkaToStore', { ...settings, learntPasses: String(learntPasses) }, [
      '--import',
      join(import.meta.dirname, '../small-heap.ts'),
    ]);
  const [learnt, fresh, plain] = await alternate(
    [
      ours('winnow, templates learnt', LEARNT_PASSES),
      ours('winnow, new store', 0),
      nodeSubject('kafkajs', 'kafkajsAlone', settings),
    ],
    context,
  );
  const wallRate = (round: Round): number => (round.records * 1_000) / round.wallMs;
  const cpuRate = (round: Round): number => (round.records * 1_000) / round.cpuMs;
  const rate = (round: Round): number => wallRate(round) / 1_000;
  return [
    ratioLine(
      `kafka.${codec}`,
      `Kafka to stored windows : kafkajs alone, ${codec}`,
      learnt!,
      plain!,
      wallRate,
      {
        aim: { is: 'at least', demanded: 0.5 },
        note: `wall time, templates learnt before; ${settings.records} records of 505 B in ${settings.messages} messages of 4 partitions, ${learnt!.rounds[0]!.figures!.windows} windows`,
      },
    ),
    ratioLine(`kafka.${codec}.cpu`, `the same by CPU time, ${codec}`, learnt!, plain!, cpuRate),
    ratioLine(`kafka.${codec}.fresh`, `the same with a new store, ${codec}`, fresh!, plain!, wallRate, {
      note: 'wall time; every template is new and looked at closely for its first 16 buckets',
    }),
    figureLine(
      `kafka.${codec}.rate`,
      `Kafka to stored windows, ${codec}`,
      'k records/s',
      learnt!.rounds.map(rate),
      {
        better: 'more',
      },
    ),
    figureLine(`kafka.${codec}.kafkajs`, `kafkajs alone, ${codec}`, 'k records/s', plain!.rounds.map(rate)),
  ];
}

/** The i-th request to partition i modulo 4, a message each; timestamps are the event times. */
async function produce(
  broker: KafkaBroker,
  topic: string,
  { facts, requests }: RequestCorpus,
  passes: number,
  codec: 'uncompressed' | 'zstd',
): Promise<void> {
  registerKafkaCodecs();
  const client = new kafkajs.Kafka({ brokers: [broker.address], logLevel: kafkajs.logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  const spec = { topic, numPartitions: facts.partitions, replicationFactor: 1, configEntries: TOPIC_CONFIG };
  await admin.createTopics({ topics: [spec], waitForLeaders: true });
  await admin.disconnect();
  const producer = client.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  const compression = codec === 'zstd' ? kafkajs.CompressionTypes.ZSTD : kafkajs.CompressionTypes.None;
  for (let pass = 0; pass < passes; pass++) {
    shiftTimes(requests, (pass === 0 ? LEARNT_PASSES : 1) * facts.durationMs);
    for (let from = 0; from < requests.length; from += facts.partitions) {
      const messages = requests.slice(from, from + facts.partitions).map((request, partition) => {
        const time =
          START_MS + (LEARNT_PASSES + pass + (from + partition + 1) / requests.length) * facts.durationMs;
        return { partition, value: Buffer.from(request), timestamp: String(Math.floor(time)) };
      });
      await producer.send({ topic, messages, compression });
    }
  }
  await producer.disconnect();
}
