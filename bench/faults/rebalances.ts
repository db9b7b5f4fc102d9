import { Feed } from './feed.ts';
import { runGrowthUnderTraffic } from './growth.ts';
import type { Life } from './program.ts';
import { seconds, whole } from './report.ts';
import {
  compareBooks,
  compareRuns,
  installationFor,
  type RowContext,
  readToEnd,
  readUninterrupted,
} from './row.ts';
import { faultyShop } from './scenario.ts';

const PARTITIONS = 4;
const PARTITIONS_GROWN = 12;
/** New partitions are looked for this often, and then the group is joined again: the default, and that of the quick form. */
const TOPIC_CHECK_MS = 60_000;
const QUICK_TOPIC_CHECK_MS = 4_000;
const JOIN_BOUND_MS = 15_000;

/**
 * Another member joins the service's group, is given partitions and leaves, while records go on coming to all of them.
 * Then the topic grows. Records go to the new partitions once the service has them: what an older partition lets the
 * service judge before it knows of a new one would make that one's records late, in an uninterrupted run not.
 */
export async function runRebalances(context: RowContext): Promise<void> {
  const { cluster, report, seed, isQuick } = context;
  const rounds = isQuick ? 1 : 5;
  const topic = await cluster.createTopic('rebalances', PARTITIONS);
  const scenario = isQuick ? faultyShop(seed, 38, 3) : faultyShop(seed, 90, 8);
  const feed = new Feed(cluster, scenario, { topic, partitions: PARTITIONS });
  const topicCheckMs = isQuick ? QUICK_TOPIC_CHECK_MS : TOPIC_CHECK_MS;
  const boundMs = topicCheckMs + JOIN_BOUND_MS;
  const installation = installationFor(context, topic, 'rebalanced', { topicCheckMs });
  const life = installation.start();
  await feed.writeTo(0.1);
  await life.until('the service reads', () => life.messages > 0);
  for (let round = 0; round < rounds; round++) {
    const share = 0.1 + (0.5 * round) / rounds;
    const feeding = feed.writeTo(share + 0.25 / rounds);
    const member = await cluster.joinGroup(`${topic}-rebalanced`, topic);
    await life.until('partitions are revoked', () => member.partitions > 0 && placed(life) < PARTITIONS);
    const held = placed(life);
    await feeding;
    await feed.writeTo(share + 0.5 / rounds);
    await member.leave();
    await life.until('partitions are given back', () => placed(life) === PARTITIONS);
    report.say(`round ${round + 1} of ${rounds}: held ${held} of ${PARTITIONS}, then all again`);
  }

  await cluster.addPartitions(topic, PARTITIONS_GROWN);
  const grownMs = Date.now();
  await life.until('the new partitions are read', () => placed(life) === PARTITIONS_GROWN, 180_000);
  const noticedMs = Date.now() - grownMs;
  feed.grow(PARTITIONS_GROWN);
  await feed.writeTo(1);
  await feed.close();
  await readToEnd(installation, feed.messages, life);
  await life.stop();

  report.add('partitions revoked and given back', `${rounds} times`);
  const noticed = `${seconds(noticedMs)} until all are read`;
  report.add(
    `topic grown from ${PARTITIONS} to ${PARTITIONS_GROWN} partitions`,
    noticed,
    `≤ ${seconds(boundMs)}`,
    noticedMs <= boundMs,
  );
  report.add('records', whole(feed.records));
  compareBooks(report, installation, feed.records);
  compareRuns(report, installation, await readUninterrupted(context, topic, feed.messages));
  await cluster.deleteTopic(topic);
  if (!isQuick) await runGrowthUnderTraffic(context);
}

/** Partitions that the service reads, by its own last word. */
function placed(life: Life): number {
  const joins = [...life.log.matchAll(/"placed":(\d+)/g)];
  return Number(joins.at(-1)?.[1] ?? 0);
}
