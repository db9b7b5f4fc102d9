import { Random } from '../../src/simulator/random.ts';
import { SHOP_SERVICES } from '../../src/simulator/shop.ts';
import { simulate } from '../../src/simulator/simulate.ts';
import { toMessages } from '../../src/simulator/to-messages.ts';
import { Feed } from './feed.ts';
import { MutantFeed } from './mutant-feed.ts';
import { MUTANT_MESSAGE_BYTES_MAX, type Outcome, type ValueMutation } from './mutation.ts';
import { droppedIn } from './probe-lines.ts';
import type { Life } from './program.ts';
import { megabytes, type RowReport, seconds, whole } from './report.ts';
import { compareBooks, installationFor, type RowContext, readToEnd } from './row.ts';
import { faultyShop } from './scenario.ts';
import { type BatchDamage, damageBatches } from './segment.ts';
import { maximum } from './statistics.ts';

const PARTITIONS = 4;
const STALL_BOUND_MS = 5_000;
const BATCH_RECORDS = 64;
const RSS_EVERY_MS = 100;
/** Twice what one record batch may be after decompression: a bomb is unpacked that far before it is refused. */
const RSS_RANGE_BOUND_BYTES = 2 * 64 * 1024 * 1024;

/** How many of each; in the full form 10,000 messages. */
const FULL: readonly (readonly [ValueMutation | BatchDamage, number])[] = [
  ['bits flipped', 4_000],
  ['cut short', 2_500],
  ['random bytes', 1_000],
  ['oversized', 280],
  ['empty', 500],
  ['null', 500],
  ['wrong codec', 20],
  ['compressed bits flipped', 20],
  ['stored bits flipped', 20],
  ['bomb', 20],
];
const QUICK_SHARE = 0.1;

/** Good messages with damaged ones between them: every good record counts, every damaged one is accounted for. */
export async function runMutants(context: RowContext): Promise<void> {
  const { cluster, report, seed, isQuick } = context;
  const random = Random.named(seed, 'mutants');
  const topic = await cluster.createTopic('mutants', PARTITIONS);
  const made = await produce(context, topic, random);
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const damages = made.damages[partition]!;
    const found = damageBatches(cluster.broker.dataDirectory, topic, partition, damages, random);
    if (found !== damages.size) throw new Error(`${found} batches on disk of ${damages.size}`);
  }
  const installation = installationFor(context, topic, 'mutants', {
    maxMessageBytes: MUTANT_MESSAGE_BYTES_MAX,
  });
  const life = installation.start();
  await life.until('the service reads', () => !Number.isNaN(life.firstAcceptedMs));
  const rss = watchMemory(life);
  await readToEnd(installation, made.messages, life);
  const memory = rss.stop();
  const exit = await life.stop();

  const totals = installation.books.totals();
  const good = Object.entries(totals.services).filter(([name]) => made.goodServices.has(name));
  const goodCounted = good.reduce((sum, [, records]) => sum + records, 0);
  const mutants = Object.values(made.mutants).reduce((sum, count) => sum + count, 0);
  const kinds = Object.entries(made.mutants).map(([kind, count]) => `${count} ${kind}`);
  report.add(
    'mutated messages',
    `${whole(mutants)}: ${kinds.join(', ')}`,
    isQuick ? '' : '≥ 10,000',
    isQuick ? null : mutants >= 10_000,
  );
  report.add('between good messages', whole(made.messages - mutants));
  report.exact('good records counted', goodCounted, made.goodRecords);
  report.exact('records that mutants still hold', totals.counted - goodCounted, made.expected.records);
  report.exact('malformed', totals.dropped.malformed, made.expected.malformed);
  report.exact('too large', totals.dropped.too_large, made.expected.tooLarge);
  const others = droppedIn(totals) - totals.dropped.malformed - totals.dropped.too_large;
  report.exact('dropped for any other reason', others, 0);
  const { records, malformed, tooLarge } = made.expected;
  compareBooks(report, installation, made.goodRecords + records + malformed + tooLarge);
  report.add(
    'longest time without a batch',
    seconds(life.gapMsMax),
    `≤ ${seconds(STALL_BOUND_MS)}`,
    life.gapMsMax <= STALL_BOUND_MS,
  );
  tellMemory(report, memory);
  report.exact('exit code after SIGTERM', exit ?? -1, 0);
  await cluster.deleteTopic(topic);
}

interface Made {
  readonly messages: number;
  readonly goodRecords: number;
  readonly goodServices: ReadonlySet<string>;
  readonly mutants: Record<string, number>;
  readonly expected: Outcome;
  /** By partition and first offset. */
  readonly damages: readonly ReadonlyMap<number, BatchDamage>[];
}

/** Produces the simulation with the mutants at random places of it. */
async function produce(
  { cluster, report, seed, isQuick }: RowContext,
  topic: string,
  random: Random,
): Promise<Made> {
  const scenario = isQuick ? faultyShop(seed, 30, 3) : faultyShop(seed, 90, 6);
  const good = [...toMessages(simulate(scenario), { partitions: PARTITIONS, batchRecords: BATCH_RECORDS })];
  const goodServices = new Set(SHOP_SERVICES.map(({ name }) => name));
  const places = placesOf(good.length, isQuick ? QUICK_SHARE : 1, random);
  const feed = new MutantFeed(cluster, topic, PARTITIONS, random);
  let goodRecords = 0;
  for (const [i, message] of good.entries()) {
    const timeMs = message.lastTimeMs;
    await feed.addGood(message.partition, Buffer.from(message.value), timeMs);
    goodRecords += message.records;
    for (const kind of places.get(i) ?? [])
      await feed.addMutant(kind, random.between(0, PARTITIONS - 1), timeMs);
  }
  await feed.end();
  const closing = new Feed(cluster, { ...scenario }, { topic, partitions: PARTITIONS });
  await closing.close();
  const messages = good.length + feed.mutantMessages + closing.messages;
  report.say(`${whole(good.length)} good messages and ${whole(feed.mutantMessages)} mutants produced`);
  const { mutants, expected, damages } = feed;
  return { messages, goodRecords, goodServices, mutants, expected, damages };
}

/** After which good message which mutants come. */
function placesOf(
  messages: number,
  share: number,
  random: Random,
): Map<number, (ValueMutation | BatchDamage)[]> {
  const places = new Map<number, (ValueMutation | BatchDamage)[]>();
  for (const [kind, count] of FULL) {
    for (let i = 0; i < Math.ceil(count * share); i++) {
      // Not before every partition has shown a time: what comes earlier has no bucket to be booked in.
      const at = random.between(PARTITIONS * 4, messages - 1);
      places.set(at, [...(places.get(at) ?? []), kind]);
    }
  }
  return places;
}

interface MemoryWatch {
  /** Resident bytes at each look. */
  stop(): number[];
}

function watchMemory(life: Life): MemoryWatch {
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(life.rssBytes()), RSS_EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return samples;
    },
  };
}

/** The first third is warm-up. */
function tellMemory(report: RowReport, samples: readonly number[]): void {
  const warm = samples.slice(Math.floor(samples.length / 3));
  const least = Math.min(...warm);
  const most = maximum(warm);
  const range = `${megabytes(least)} to ${megabytes(most)}, ${warm.length} samples`;
  report.add(
    'resident memory after warm-up',
    `${range}, range ${megabytes(most - least)}`,
    `range ≤ ${megabytes(RSS_RANGE_BOUND_BYTES)}`,
    most - least <= RSS_RANGE_BOUND_BYTES,
  );
}
