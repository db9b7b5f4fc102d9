import { cpus, loadavg } from 'node:os';
import { Random } from '../../src/simulator/random.ts';
import { Feed } from './feed.ts';
import type { Installation, Life } from './program.ts';
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
import { busyShop } from './scenario.ts';
import { maximum, median } from './statistics.ts';
import { sleep } from './until.ts';

const PARTITIONS = 6;
const RESUME_BOUND_MS = 5_000;
const RECORDS_MIN = 2_000_000;
/** A kill of a process that is still starting comes within this time of its start. */
const STARTING_MS = 2_500;

/** One SIGKILL: of a process that reads (some of them after its broker was killed under it) or that is still starting. */
interface Kill {
  readonly isReading: boolean;
  readonly restartsBroker: boolean;
}

/** Kills one service at random instants of reading and of starting, restarts its broker in between, and compares. */
export async function runKills(context: RowContext): Promise<void> {
  const { cluster, report, seed, isQuick } = context;
  const random = Random.named(seed, 'kills');
  const topic = await cluster.createTopic('kills', PARTITIONS);
  const scenario = busyShop(seed, isQuick);
  const feed = new Feed(cluster, scenario, { topic, partitions: PARTITIONS });
  await feed.writeTo(1);
  await feed.close();
  report.say(`${whole(feed.records)} records in ${whole(feed.messages)} messages produced`);

  const plan = isQuick ? planOf(random, 4, 1, 1) : planOf(random, 32, 6, 3);
  const installation = installationFor(context, topic, 'killed');
  const resumesMs: number[] = [];
  const processorMs: number[] = [];
  const brokerMs: number[] = [];
  let toCome = plan.filter(({ isReading }) => isReading).length;
  for (const [i, { isReading, restartsBroker }] of plan.entries()) {
    const life = installation.start();
    if (isReading) {
      resumesMs.push(await resumed(life));
      processorMs.push(life.firstProcessorMs);
      if (restartsBroker) brokerMs.push(await restartBroker(context, life));
      await readSome(installation, life, feed.messages, random, toCome--);
    } else {
      await sleep(random.unit() * STARTING_MS);
    }
    await life.kill();
    const durable = `${whole(installation.store.readTo())} messages durable`;
    report.say(`kill ${i + 1} of ${plan.length}, ${isReading ? 'reading' : 'starting'}: ${durable}`);
  }
  const toRead = feed.messages - installation.store.resumesAt();
  const last = installation.start();
  resumesMs.push(await resumed(last));
  // All may have been durable before: what was open then is not judged before it is read again.
  await last.until('what was not closed is read again', () => last.messages >= toRead);
  await readToEnd(installation, feed.messages, last);
  await last.stop();

  const reading = plan.filter(({ isReading }) => isReading).length;
  const kills = `${reading} while reading, ${plan.length - reading} while starting`;
  report.add('SIGKILLs', kills, isQuick ? '' : '≥ 30', isQuick ? null : reading >= 30);
  report.add('broker killed and restarted, until read again', brokerMs.map(seconds).join(', '));
  const isMany = feed.records >= RECORDS_MIN;
  report.add(
    'records',
    whole(feed.records),
    isQuick ? '' : `≥ ${whole(RECORDS_MIN)}`,
    isQuick ? null : isMany,
  );
  addResumeTimes(report, 'from process start to first record', resumesMs, RESUME_BOUND_MS);
  const processor = `median ${seconds(median(processorMs))}, max ${seconds(maximum(processorMs))}`;
  report.add(
    '  processor time of that',
    `${processor}; load average ${loadavg()[0]!.toFixed(0)} on ${cpus().length} cores`,
  );
  compareBooks(report, installation, feed.records);
  compareRuns(report, installation, await readUninterrupted(context, topic, feed.messages));
  await cluster.deleteTopic(topic);
}

/** In random order; the first is no start that was killed, so that there is a store early. */
function planOf(random: Random, reading: number, starting: number, restarts: number): Kill[] {
  const rest: Kill[] = [
    ...Array.from({ length: reading - 1 }, (_, i) => ({ isReading: true, restartsBroker: i < restarts })),
    ...Array.from({ length: starting }, () => ({ isReading: false, restartsBroker: false })),
  ];
  const plan: Kill[] = [{ isReading: true, restartsBroker: false }];
  while (rest.length > 0) plan.push(...rest.splice(random.between(0, rest.length - 1), 1));
  return plan;
}

/** Milliseconds from the start of the process to its first batch. */
async function resumed(life: Life): Promise<number> {
  await life.until('the service reads', () => !Number.isNaN(life.firstAcceptedMs));
  return life.firstAcceptedMs - life.startedMs;
}

/** Lets the process read up to a random point, so that on average every kill finds an equal part of the topic unread. */
async function readSome(
  installation: Installation,
  life: Life,
  messages: number,
  random: Random,
  toCome: number,
): Promise<void> {
  const unread = messages - installation.store.readTo();
  const share = (2 * random.unit()) / (toCome + 1);
  const goal = life.messages + Math.floor(Math.min(0.9, share) * unread);
  await life.until('the service has read some more', () => life.messages >= goal);
  await sleep(random.unit() * 300);
}

/** SIGKILL to the broker under the reading service; milliseconds from when it serves again to the next batch. */
async function restartBroker({ cluster, report }: RowContext, life: Life): Promise<number> {
  await cluster.restartBroker();
  const upMs = Date.now();
  await life.until('the service reads again after the broker came back', () => life.lastAcceptedMs > upMs);
  report.say(`broker restarted, read again after ${seconds(life.lastAcceptedMs - upMs)}`);
  return life.lastAcceptedMs - upMs;
}
