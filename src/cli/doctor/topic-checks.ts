import kafkajs, { type Admin, type PartitionMetadata } from 'kafkajs';
import type { PartitionPosition } from '../../contracts.ts';
import type { PartitionReader } from '../../kafka/partition-reader.ts';
import type { Bounds } from '../../sources/kafka/start.ts';
import { type Check, count, duration, fail, failed, list, ok, warn } from './check.ts';

/** Settings of a topic that decide how long messages wait for their reader. */
export interface TopicSettings {
  /** -1 = for ever. */
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly cleanup: string;
}

/** A night: shorter, and an outage found in the morning has already lost messages. */
const DOWNTIME_WARN_MS = 12 * 3_600_000;
/** A worker commits every few seconds; behind by more than this, it does not keep up. */
const BEHIND_WARN_MS = 10 * 60_000;

export function leaderCheck(topic: string, partitions: readonly PartitionMetadata[]): Check {
  const headless = partitions
    .filter(({ leader }) => leader < 0)
    .map(({ partitionId }) => String(partitionId));
  const thin = partitions
    .filter(({ replicas, isr }) => isr.length < replicas.length)
    .map(({ partitionId }) => String(partitionId));
  const facts = { partitions: partitions.length, withoutLeader: headless, underReplicated: thin };
  const what = `${topic}: ${count(partitions.length, 'partition')}`;
  if (headless.length > 0) {
    const hint = 'bring back the brokers that hold it; until then no partition is read';
    return fail(`${what}, no leader for ${list(headless)}`, hint, facts);
  }
  if (thin.length > 0) {
    const hint = 'a broker is down or behind; messages are in fewer copies than they should be';
    return warn(`${what}, each with a leader, but ${list(thin)} with too few replicas in sync`, hint, facts);
  }
  return ok(`${what}, each with a leader`, facts);
}

/** Null where the user may not see them; `checks` then says so. */
export async function readSettings(
  admin: Admin,
  topic: string,
  checks: Check[],
): Promise<TopicSettings | null> {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [
        {
          type: kafkajs.ConfigResourceTypes.TOPIC,
          name: topic,
          configNames: ['retention.ms', 'retention.bytes', 'cleanup.policy'],
        },
      ],
    });
    const entries = new Map(
      (resources[0]?.configEntries ?? []).map(({ configName, configValue }) => [configName, configValue]),
    );
    return {
      retentionMs: Number(entries.get('retention.ms') ?? -1),
      retentionBytes: Number(entries.get('retention.bytes') ?? -1),
      cleanup: entries.get('cleanup.policy') ?? 'delete',
    };
  } catch (error) {
    const check = failed(`${topic}: settings`, error, 'warn');
    checks.push({
      ...check,
      hint: `grant the user DescribeConfigs on topic ${topic} to have retention checked`,
    });
    return null;
  }
}

/** How far the stored positions are behind, and whether what they point to still exists. */
export function lagCheck(
  topic: string,
  bounds: ReadonlyMap<number, Bounds>,
  positions: ReadonlyMap<number, PartitionPosition>,
  start: string,
): Check[] {
  const checks: Check[] = [];
  let lag = 0;
  let worst = { partition: -1, lag: 0 };
  for (const [partition, { low, high }] of bounds) {
    const position = positions.get(partition);
    if (position === undefined) continue;
    const name = `${topic}/${partition}`;
    if (position.resumeAt < low) checks.push(deletedCheck(name, position, low));
    if (position.resumeAt > high) {
      const hint = 'the topic was made anew or cut: the worker reads this partition from its beginning';
      checks.push(
        warn(`${name}: ends at ${high}, before the stored position ${position.resumeAt}`, hint, {
          partition,
        }),
      );
      continue;
    }
    const own = high - Math.max(low, Math.min(position.readTo, high));
    lag += own;
    if (own > worst.lag) worst = { partition, lag: own };
  }
  checks.push(lagLine(topic, bounds, positions, start, lag, worst));
  return checks;
}

/** What a restart would look for in vain: messages never read, or those that an open bucket is counted from again. */
function deletedCheck(name: string, { resumeAt, readTo, partition }: PartitionPosition, low: number): Check {
  const lost = Math.max(0, low - readTo);
  const hint = 'raise retention.ms or retention.bytes of the topic, or keep the worker running';
  if (lost > 0) {
    const what = `${name}: ${count(lost, 'message')} deleted before being read, lost for winnow`;
    return fail(what, hint, { partition, lost });
  }
  const again = low - resumeAt;
  const what = `${name}: ${count(again, 'message')} deleted that a restart reads again: the bucket that was open loses them`;
  return warn(what, hint, { partition, again });
}

function lagLine(
  topic: string,
  bounds: ReadonlyMap<number, Bounds>,
  positions: ReadonlyMap<number, PartitionPosition>,
  start: string,
  lag: number,
  worst: { partition: number; lag: number },
): Check {
  const known = [...bounds.keys()].filter((partition) => positions.has(partition)).length;
  const held = [...bounds.values()].reduce((sum, { low, high }) => sum + high - low, 0);
  const facts = { lag, positions: known, partitions: bounds.size, messages: held };
  const holds = `${topic}: lag: the topic holds ${count(held, 'message')}`;
  if (known === 0) return ok(`${holds}; no position stored, a worker begins at ${start}`, facts);
  const rest = bounds.size - known;
  const unread = rest === 0 ? '' : `; ${count(rest, 'partition')} never read`;
  const where =
    lag === 0 ? '' : ` (most in partition ${worst.partition}: ${worst.lag.toLocaleString('en-US')})`;
  return ok(`${holds}, ${lag.toLocaleString('en-US')} of them unread${where}${unread}`, facts);
}

/** What is known of the messages that nobody has read. */
export interface Unread {
  /** When the oldest of each partition was written: partition → ms; only partitions that have some. */
  readonly sinceMs: ReadonlyMap<number, number>;
}

export async function readUnread(
  topic: string,
  reader: Pick<PartitionReader, 'fetch'>,
  bounds: ReadonlyMap<number, Bounds>,
  positions: ReadonlyMap<number, PartitionPosition>,
): Promise<Unread> {
  const sinceMs = new Map<number, number>();
  for (const [partition, { low, high }] of bounds) {
    const next = Math.max(low, positions.get(partition)?.readTo ?? high);
    const writtenMs = next < high ? await timeAt(reader, topic, partition, next) : null;
    if (writtenMs !== null) sinceMs.set(partition, writtenMs);
  }
  return { sinceMs };
}

/** How old the oldest unread message is: windows come as much later. */
export function delayCheck(
  topic: string,
  { sinceMs }: Unread,
  isWorking: boolean,
  nowMs: number,
): Check | null {
  if (sinceMs.size === 0) return null;
  const behindMs = nowMs - Math.min(...sinceMs.values());
  const what = `${topic}: delay: the oldest unread message is ${duration(behindMs)} old`;
  const facts = { behindMs, partitions: sinceMs.size };
  if (!isWorking || behindMs < BEHIND_WARN_MS) return ok(what, facts);
  const hint =
    'the worker does not keep up, or does not read this partition: see its log, /readyz and its lag metrics';
  return warn(what, hint, facts);
}

/** How long the worker may be down before messages expire that it has not read. */
export async function retentionCheck(
  topic: string,
  settings: TopicSettings,
  reader: Pick<PartitionReader, 'fetch'>,
  bounds: ReadonlyMap<number, Bounds>,
  unread: Unread,
  nowMs: number,
): Promise<Check> {
  const { retentionMs, retentionBytes, cleanup } = settings;
  if (cleanup.includes('compact')) {
    const hint =
      'compaction removes messages by key, whether they were read or not: set cleanup.policy=delete';
    return warn(`${topic}: retention: the topic is compacted`, hint, { cleanup });
  }
  let leftMs = retentionMs < 0 ? Number.POSITIVE_INFINITY : retentionMs;
  let bySize = false;
  for (const [partition, { low, high }] of bounds) {
    if (low === high) continue;
    const waitedMs = nowMs - (unread.sinceMs.get(partition) ?? nowMs);
    if (retentionMs >= 0) leftMs = Math.min(leftMs, retentionMs - waitedMs);
    // Deletion by size has begun: how far back the partition reaches is how long it keeps messages.
    const oldestMs = retentionBytes < 0 || low === 0 ? null : await timeAt(reader, topic, partition, low);
    if (oldestMs === null || nowMs - oldestMs - waitedMs >= leftMs) continue;
    leftMs = nowMs - oldestMs - waitedMs;
    bySize = true;
  }
  return retentionLine(topic, settings, leftMs, bySize);
}

function retentionLine(topic: string, settings: TopicSettings, leftMs: number, bySize: boolean): Check {
  const { retentionMs, retentionBytes } = settings;
  const kept = retentionMs < 0 ? 'for ever' : duration(retentionMs);
  const size =
    retentionBytes < 0 ? '' : `, ${(retentionBytes / 1024 / 1024).toFixed(0)} MiB a partition at most`;
  const facts = { retentionMs, retentionBytes, downtimeMs: Number.isFinite(leftMs) ? leftMs : null, bySize };
  if (leftMs === Number.POSITIVE_INFINITY)
    return ok(`${topic}: retention: messages are kept ${kept}${size}`, facts);
  const what = `${topic}: retention: messages are kept ${kept}${size}; unread ones begin to expire ${
    leftMs <= 0 ? 'now' : `in ${duration(leftMs)}`
  } without a worker`;
  if (leftMs >= DOWNTIME_WARN_MS) return ok(what, facts);
  const hint = `raise ${bySize ? 'retention.bytes' : 'retention.ms'} of the topic to outlast a night's outage`;
  return warn(what, hint, facts);
}

/** Time of the first message at or after an offset; null where there is none. */
async function timeAt(
  reader: Pick<PartitionReader, 'fetch'>,
  topic: string,
  partition: number,
  offset: number,
): Promise<number | null> {
  const { messages } = await reader.fetch(topic, partition, offset, 64 * 1024);
  return messages[0]?.timestampMs ?? null;
}
