import { Feed } from './feed.ts';
import { droppedIn } from './probe-lines.ts';
import { seconds, whole } from './report.ts';
import { installationFor, type RowContext, readToEnd } from './row.ts';
import { faultyShop } from './scenario.ts';
import { sleep } from './until.ts';

const PARTITIONS = 4;
const PARTITIONS_GROWN = 12;
const MINUTES = 12;
/** Event time that is there when the service starts; the rest comes at the pace of the clock. */
const HISTORY_MS = 10 * 60_000;
const GROWN_AFTER_MS = 10_000;
const STEP_MS = 250;

/**
 * The topic grows while records come at the pace of the clock, and the producer writes to the new partitions at once. Until
 * the service has noticed them it judges what the older ones show; what it then finds in the new ones for judged time
 * is late. How much that is follows from how often the service looks; nothing is lost without being counted.
 */
export async function runGrowthUnderTraffic(context: RowContext): Promise<void> {
  const { cluster, report, seed } = context;
  const topic = await cluster.createTopic('growth', PARTITIONS);
  const feed = new Feed(cluster, faultyShop(seed, MINUTES, 8), { topic, partitions: PARTITIONS });
  const installation = installationFor(context, topic, 'grown');
  const life = installation.start();
  const durationMs = MINUTES * 60_000;
  await feed.writeTo(HISTORY_MS / durationMs);
  await life.until('the history is durable', () => installation.store.readTo() >= feed.messages);
  const startedMs = performance.now();
  let recordsBefore = 0;
  let grownMs = Number.NaN;
  let foundMs = Number.NaN;
  for (let elapsedMs = 0; elapsedMs < durationMs - HISTORY_MS; elapsedMs = performance.now() - startedMs) {
    if (elapsedMs >= GROWN_AFTER_MS && recordsBefore === 0) {
      await cluster.addPartitions(topic, PARTITIONS_GROWN);
      feed.grow(PARTITIONS_GROWN);
      recordsBefore = feed.records;
      grownMs = Date.now();
    }
    if (Number.isNaN(foundMs) && life.log.includes(`"placed":${PARTITIONS_GROWN}`))
      foundMs = Date.now() - grownMs;
    await feed.writeTo((HISTORY_MS + elapsedMs) / durationMs);
    await sleep(STEP_MS);
  }
  await feed.writeTo(1);
  await feed.close();
  await readToEnd(installation, feed.messages, life);
  await life.stop();

  const totals = installation.books.totals();
  const unbooked = life.unbooked?.consumed ?? 0;
  const late = totals.dropped.late + (life.unbooked?.dropped.late ?? 0);
  report.add(
    `grown from ${PARTITIONS} to ${PARTITIONS_GROWN} while records come at the pace of the clock: late`,
    `${whole(late)} of ${whole(feed.records - recordsBefore)} records in the ${seconds(durationMs - HISTORY_MS - GROWN_AFTER_MS)} after, found after ${seconds(foundMs)}`,
    'told, not judged',
  );
  report.exact('  consumed there, produced', totals.consumed + unbooked, feed.records);
  report.exact('  dropped for any other reason', droppedIn(totals) + unbooked - late, 0);
  await cluster.deleteTopic(topic);
}
