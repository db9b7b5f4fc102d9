import type { Admin } from 'kafkajs';
import type { Config, KafkaSourceConfig } from '../../config-schema.ts';
import type { PartitionPosition } from '../../contracts.ts';
import { createRedactor } from '../../core/redact.ts';
import { createClient } from '../../kafka/client.ts';
import { readConnection } from '../../kafka/connection.ts';
import { describeFailure } from '../../kafka/failures.ts';
import { PartitionReader } from '../../kafka/partition-reader.ts';
import { findTopics, readTopicOffsets } from '../../sources/kafka/offsets.ts';
import type { Bounds } from '../../sources/kafka/start.ts';
import { type Check, count, fail, failed, list, ok, warn } from './check.ts';
import { groupCheck } from './group-check.ts';
import type { StoreState } from './local-checks.ts';
import { addToSample, emptySample, lastMessages, type Sample, watchCodecs } from './sample.ts';
import { checkSample } from './sample-checks.ts';
import {
  delayCheck,
  lagCheck,
  leaderCheck,
  readSettings,
  readUnread,
  retentionCheck,
} from './topic-checks.ts';

/** Partitions that are sampled, spread over all of a topic: a topic may have thousands. */
const SAMPLED_PARTITIONS_MAX = 64;

/** Topics that are looked at; a pattern may find any number. */
const TOPICS_MAX = 50;

export interface KafkaChecksOptions {
  readonly config: Config;
  readonly store: StoreState;
  /** Messages looked at in each partition. */
  readonly sample: number;
  readonly nowMs: number;
}

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

/** Everything about one Kafka source; reads only, joins no group and commits nothing. */
export async function checkKafkaSource(
  source: KafkaSourceConfig,
  options: KafkaChecksOptions,
  report: (check: Check) => Promise<void>,
): Promise<void> {
  const brokers = source.brokers.join(', ');
  let admin: Admin | null = null;
  let reader: PartitionReader | null = null;
  try {
    const client = createClient(readConnection(source, QUIET));
    admin = client.admin();
    await admin.connect();
    reader = await PartitionReader.connect(client);
    const cluster = await admin.describeCluster();
    await report(
      ok(`brokers: ${count(cluster.brokers.length, 'broker')} in the cluster of ${brokers}`, { ...cluster }),
    );
    await report(await groupCheck(admin, source.group, source.name, options.store, reader));
    for (const topic of await foundTopics(admin, source, report))
      await checkTopic(topic, source, options, { admin, reader }, report);
  } catch (error) {
    await report(failed(`brokers ${brokers}`, describeFailure(error)));
  } finally {
    await reader?.close().catch(() => undefined);
    await admin?.disconnect().catch(() => undefined);
  }
}

async function foundTopics(
  admin: Admin,
  source: KafkaSourceConfig,
  report: (check: Check) => Promise<void>,
): Promise<readonly string[]> {
  const wanted =
    source.topicPattern === undefined ? (source.topics ?? ['otlp_logs']) : [new RegExp(source.topicPattern)];
  const { present, missing } = await findTopics(admin, wanted);
  for (const topic of missing) {
    const hint = 'create it, name another with --topics, or grant the user Describe on it';
    await report(fail(`${topic}: no such topic, or this user may not see it`, hint));
  }
  if (source.topicPattern !== undefined && present.length === 0)
    await report(
      warn(`topics: none matches ${source.topicPattern}`, 'new topics are found while winnow runs'),
    );
  if (present.length > TOPICS_MAX) {
    const hint = 'name some of them with --topics to have others looked at';
    await report(warn(`topics: the first ${TOPICS_MAX} of ${present.length} are looked at`, hint));
  }
  return present.slice(0, TOPICS_MAX);
}

async function checkTopic(
  topic: string,
  source: KafkaSourceConfig,
  options: KafkaChecksOptions,
  { admin, reader }: { admin: Admin; reader: PartitionReader },
  report: (check: Check) => Promise<void>,
): Promise<void> {
  try {
    const metadata = await reader.partitions(topic);
    await report(leaderCheck(topic, metadata));
    const { bounds } = await readTopicOffsets(reader.cluster, topic, 'latest');
    const positions = positionsOf(topic, source, options.store);
    for (const check of lagCheck(topic, bounds, positions, source.start)) await report(check);
    const unread = await readUnread(topic, reader, bounds, positions);
    const found: Check[] = [];
    const delay = delayCheck(topic, unread, options.store.isLocked, options.nowMs);
    if (delay !== null) found.push(delay);
    const settings = await readSettings(admin, topic, found);
    if (settings !== null)
      found.push(await retentionCheck(topic, settings, reader, bounds, unread, options.nowMs));
    for (const check of found) await report(check);
    const sample = await sampleTopic(topic, bounds, source, options, reader);
    for (const check of checkSample(topic, sample, source.encoding, bounds.size)) await report(check);
  } catch (error) {
    await report(failed(topic, describeFailure(error)));
  }
}

function positionsOf(
  topic: string,
  source: KafkaSourceConfig,
  store: StoreState,
): ReadonlyMap<number, PartitionPosition> {
  const own = (store.report?.positions ?? []).filter(
    (one) => one.source === source.name && one.topic === topic,
  );
  return new Map(own.map((position) => [position.partition, position]));
}

async function sampleTopic(
  topic: string,
  bounds: ReadonlyMap<number, Bounds>,
  source: KafkaSourceConfig,
  { config, sample: want }: KafkaChecksOptions,
  reader: PartitionReader,
): Promise<Sample> {
  const sample = emptySample();
  const unwatch = watchCodecs((codec) => sample.codecs.add(codec));
  const { tenant, tenantAttribute, limits, redaction } = config;
  try {
    for (const [partition, range] of everyNth([...bounds], SAMPLED_PARTITIONS_MAX)) {
      addToSample(sample, partition, await lastMessages(reader, topic, partition, range, want), {
        encoding: source.encoding,
        defaultService: source.name,
        decode: {
          defaultTenant: tenant,
          maxMessageBytes: limits.maxMessageBytes,
          redactor: createRedactor(redaction),
          ...(tenantAttribute === undefined ? {} : { tenantAttribute }),
        },
      });
    }
  } finally {
    unwatch();
  }
  return sample;
}

function everyNth<T>(items: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, Math.ceil(items.length / most));
  return items.filter((_, i) => i % step === 0);
}

/** Topics that winnow writes to: there, or to be created. Doctor writes nothing, so that the right to write is not tried. */
export async function checkTarget(
  about: string,
  target: { readonly topic: string; readonly createTopic: boolean },
  connection: Parameters<typeof readConnection>[0],
): Promise<Check> {
  const { topic, createTopic } = target;
  const purpose = {
    action: 'look at the cluster',
    authorisationHint: `grant the user Describe and Write on topic ${topic}`,
  };
  let admin: Admin | null = null;
  try {
    admin = createClient(readConnection(connection, QUIET)).admin();
    await admin.connect();
    const { present } = await findTopics(admin, [topic]);
    if (present.length > 0) {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const check = leaderCheck(topic, topics[0]?.partitions ?? []);
      return { ...check, what: `${about}: topic ${check.what}` };
    }
    if (createTopic) return ok(`${about}: topic ${topic} is not there yet; winnow creates it`);
    const hint = `create it: kafka-topics.sh --bootstrap-server ${list(connection.brokers, 1)} --create --topic ${topic} --partitions 3`;
    return fail(`${about}: topic ${topic} does not exist, and createTopic is off`, hint);
  } catch (error) {
    return failed(about, describeFailure(error, purpose));
  } finally {
    await admin?.disconnect().catch(() => undefined);
  }
}
