import { Random } from '../../src/simulator/random.ts';
import { Feed } from './feed.ts';
import { seconds, whole } from './report.ts';
import {
  addResumeTimes,
  compareBooks,
  compareRuns,
  installationFor,
  type RowContext,
  readToEnd,
  readUninterrupted,
} from './row.ts';
import { faultyShop } from './scenario.ts';
import { sleep } from './until.ts';

const PARTITIONS = 6;
const TAKEOVER_BOUND_MS = 15_000;

/** A process stands by on the same store; the one that reads is killed; the second reads on, and a third stands by. */
export async function runTakeovers(context: RowContext): Promise<void> {
  const { cluster, report, seed, isQuick } = context;
  const random = Random.named(seed, 'takeovers');
  const takeovers = isQuick ? 2 : 10;
  const topic = await cluster.createTopic('takeovers', PARTITIONS);
  const scenario = isQuick ? faultyShop(seed, 38, 3) : faultyShop(seed, 90, 8);
  const feed = new Feed(cluster, scenario, { topic, partitions: PARTITIONS });
  const installation = installationFor(context, topic, 'taken-over');
  const timesMs: number[] = [];
  let active = installation.start();
  await active.until('the first process has the store', () => active.log.includes('store opened'));
  for (let i = 0; i < takeovers; i++) {
    const standby = installation.start();
    await standby.until('the second process stands by', () => standby.log.includes('standing by'));
    const before = active.messages;
    const feeding = feed.writeTo((i + 0.6) / (takeovers + 1));
    await active.until('the first process reads', () => active.messages > before);
    await sleep(random.unit() * 1_500);
    const killedMs = Date.now();
    await active.kill();
    await feeding;
    // So that there is something to read, whatever the dead process had got to.
    await feed.writeTo((i + 1) / (takeovers + 1));
    await standby.until('the second process reads', () => !Number.isNaN(standby.firstAcceptedMs));
    timesMs.push(standby.firstAcceptedMs - killedMs);
    report.say(`takeover ${i + 1} of ${takeovers} after ${seconds(timesMs.at(-1)!)}`);
    active = standby;
  }
  await feed.writeTo(1);
  await feed.close();
  await readToEnd(installation, feed.messages, active);
  await active.stop();

  report.add('takeovers', String(takeovers), isQuick ? '' : '10', isQuick ? null : takeovers >= 10);
  report.add('records', whole(feed.records));
  addResumeTimes(
    report,
    'from the kill to the first record of the second process',
    timesMs,
    TAKEOVER_BOUND_MS,
  );
  compareBooks(report, installation, feed.records);
  compareRuns(report, installation, await readUninterrupted(context, topic, feed.messages));
  await cluster.deleteTopic(topic);
}
