import { Feed } from './feed.ts';
import { megabytes, whole } from './report.ts';
import { installationFor, type RowContext } from './row.ts';
import { faultyShop } from './scenario.ts';
import { maximum, percentile, slopeOf } from './statistics.ts';

const PARTITIONS = 6;
/** A checkpoint may cost this many times a bare transaction that writes as much. */
const CHECKPOINT_FACTOR_MAX = 3;
/** Of fewer, the 99th percentile is the largest or nearly so: told, not judged. */
const CHECKPOINTS_JUDGED_MIN = 200;
/** Memory counts as flat below this, or within two standard errors of no growth. */
const FLAT_MB_PER_HOUR = 0.5;

/** A day of event time through the broker; after each step of it the heap is collected and measured. */
export async function runSoak(context: RowContext): Promise<void> {
  const { cluster, report, seed, isQuick } = context;
  const hours = isQuick ? 3 : 24;
  const stepsPerHour = isQuick ? 4 : 2;
  const steps = hours * stepsPerHour;
  const topic = await cluster.createTopic('soak', PARTITIONS);
  const scenario = faultyShop(seed, hours * 60, 1);
  const feed = new Feed(cluster, scenario, { topic, partitions: PARTITIONS });
  const installation = installationFor(context, topic, 'soaked', { bare: true });
  const life = installation.start();
  const heapMb: number[] = [];
  const rssMb: number[] = [];
  const startedMs = performance.now();
  let writing = feed.writeTo(1 / steps);
  for (let step = 1; step <= steps; step++) {
    await writing;
    const goal = feed.messages;
    // The next step is made while this one is read: the simulation and the service have a core each.
    writing = step < steps ? feed.writeTo((step + 1) / steps) : Promise.resolve();
    await life.until('a step of the soak is durable', () => installation.store.readTo() >= goal, 300_000);
    life.signal('SIGUSR2');
    await life.until('the heap is measured', () => life.memory.length === step);
    const { rss, heapUsed, external } = life.memory.at(-1)!;
    heapMb.push((heapUsed + external) / 1_048_576);
    rssMb.push(rss / 1_048_576);
    if (step % stepsPerHour === 0)
      report.say(
        `hour ${step / stepsPerHour} of ${hours}: heap ${heapMb.at(-1)!.toFixed(1)} MB, RSS ${rssMb.at(-1)!.toFixed(0)} MB`,
      );
  }
  const wallSeconds = (performance.now() - startedMs) / 1_000;
  const exit = await life.stop();

  report.add(
    'event time',
    `${hours} h, ${whole(feed.records)} records in ${whole(wallSeconds)} s`,
    isQuick ? '' : '≥ 24 h',
    isQuick ? null : hours >= 24,
  );
  const warm = Math.ceil(steps / 4);
  addMemory(context, 'heap and buffers after collection', heapMb, warm, stepsPerHour);
  // What an allocator keeps of its peaks takes longer to be reached than what is in use.
  addMemory(context, 'resident memory', rssMb, Math.ceil(steps / 2), stepsPerHour);
  addCheckpoints(context, installation.checkpoints);
  report.exact('exit code after SIGTERM', exit ?? -1, 0);
  await cluster.deleteTopic(topic);
}

/** Resident memory of the quick form's few hours is all warm-up: told, not judged. */
function addMemory(
  { report, isQuick }: RowContext,
  name: string,
  values: readonly number[],
  warm: number,
  stepsPerHour: number,
): void {
  const { perStep, standardError } = slopeOf(values.slice(warm));
  const perHour = perStep * stepsPerHour;
  const error = standardError * stepsPerHour;
  const range = `${Math.min(...values.slice(warm)).toFixed(0)}–${maximum(values.slice(warm)).toFixed(0)} MB`;
  report.add(
    `${name}, after ${warm / stepsPerHour} h`,
    `${perHour.toFixed(3)} ± ${error.toFixed(3)} MB per hour, ${range}`,
    `≤ ${FLAT_MB_PER_HOUR} MB per hour or ≤ 2 SE`,
    isQuick && name.startsWith('resident') ? null : perHour <= FLAT_MB_PER_HOUR || perHour <= 2 * error,
  );
}

function addCheckpoints(
  { report }: RowContext,
  checkpoints: readonly { ms: number; storeMs: number; bytes: number; bareMs: number | null }[],
): void {
  const both = checkpoints.filter(({ bareMs }) => bareMs !== null);
  const p99 = percentile(
    both.map(({ ms }) => ms),
    0.99,
  );
  const bareP99 = percentile(
    both.map(({ bareMs }) => bareMs!),
    0.99,
  );
  const spread = (values: readonly number[]): string =>
    [0.5, 0.99, 1].map((share) => percentile(values, share).toFixed(1)).join(' / ');
  const bytes = percentile(
    both.map((one) => one.bytes),
    0.5,
  );
  report.add('checkpoints', `${whole(both.length)}, median ${megabytes(bytes)} added to the log`);
  report.add(
    'bare transaction of as many bytes, p50 / p99 / max',
    `${spread(both.map(({ bareMs }) => bareMs!))} ms`,
  );
  report.add(
    'checkpoint, p50 / p99 / max',
    `${spread(both.map(({ ms }) => ms))} ms, p99 ${(p99 / bareP99).toFixed(1)} × bare`,
    `p99 ≤ ${CHECKPOINT_FACTOR_MAX} × bare`,
    both.length < CHECKPOINTS_JUDGED_MIN ? null : p99 <= CHECKPOINT_FACTOR_MAX * bareP99,
  );
  report.add('  of which in the store', `${spread(both.map(({ storeMs }) => storeMs))} ms`);
}
