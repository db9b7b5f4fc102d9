import type { Encoding } from '../../contracts.ts';
import { type Check, count, duration, fail, list, ok, warn } from './check.ts';
import type { Sample } from './sample.ts';

/** Records ahead of their messages by more than this make others of their partition late. */
const AHEAD_WARN_MS = 5_000;
/** A pipeline slower than this in front of winnow delays every window by as much. */
const BEHIND_WARN_MS = 5 * 60_000;
/** Parts of a sample above which a share is worth a warning. */
const LATE_WARN_SHARE = 0.01;
/** Below this much readable, the encoding is taken for wrong. */
const READABLE_FAIL_SHARE = 0.5;

/** What the sampled messages say about a topic; nothing to say of an empty one but that. */
export function checkSample(topic: string, sample: Sample, encoding: Encoding, partitions: number): Check[] {
  if (sample.messages === 0) return [ok(`${topic}: formats: nothing to look at yet`)];
  const checks = [formatCheck(topic, sample, encoding)];
  if (sample.records === 0) return checks;
  checks.push(partitioningCheck(topic, sample, partitions), clockCheck(topic, sample));
  if (sample.late > 0) checks.push(lateCheck(topic, sample));
  return checks;
}

function formatCheck(topic: string, sample: Sample, encoding: Encoding): Check {
  const { messages, empty, records } = sample;
  const malformed = [...sample.malformed.values()].reduce((sum, n) => sum + n, 0);
  const readable = messages - malformed;
  const encodings = byCount(sample.encodings);
  const codecs = sample.codecs.size === 0 ? 'not compressed' : [...sample.codecs].sort().join(', ');
  const facts = {
    messages,
    empty,
    records,
    malformed: Object.fromEntries(sample.malformed),
    encodings: Object.fromEntries(sample.encodings),
    codecs: [...sample.codecs].sort(),
  };
  const what =
    `${topic}: formats: ${readable} of the last ${count(messages, 'message')} can be read ` +
    `(${list(encodings) || 'all empty'}; ${codecs}): ${count(records, 'record')}`;
  if (malformed > 0) {
    const reasons = list(byCount(sample.malformed));
    const hint = `${reasons}; the source reads as ${encoding}: set its encoding to what is sent, see docs/kafka.md`;
    return readable / messages < READABLE_FAIL_SHARE ? fail(what, hint, facts) : warn(what, hint, facts);
  }
  if (sample.encodings.size > 1 && encoding !== 'auto')
    return warn(what, `several formats, and the source reads all as ${encoding}: set encoding: auto`, facts);
  return ok(what, facts);
}

function partitioningCheck(
  topic: string,
  { services, partitions: sampled }: Sample,
  partitions: number,
): Check {
  const spread = [...services].filter(([, service]) => service.partitions.size > 1);
  const facts = {
    services: services.size,
    spread: spread.length,
    sampledPartitions: sampled.size,
    partitions,
  };
  const of = `${topic}: partitioning: ${count(services.size, 'service')} in ${count(sampled.size, 'partition')}`;
  if (spread.length === 0) return ok(`${of}, each in one`, facts);
  const [name, widest] = spread.sort((a, b) => b[1].partitions.size - a[1].partitions.size)[0]!;
  const example = `${name} in ${widest.partitions.size}`;
  return ok(
    `${of}; ${spread.length} spread over several (${example}): fine here, counts are merged per service`,
    facts,
  );
}

function clockCheck(topic: string, sample: Sample): Check {
  const { delaysMs, outOfRange, timeless, records } = sample;
  const clock = [...sample.isAppendTime].every((isAppend) => isAppend)
    ? 'the time brokers wrote them'
    : 'the time of their messages';
  if (outOfRange.size > 0) {
    const dropped = [...outOfRange.values()].reduce((sum, n) => sum + n, 0);
    const who = list(byCount(outOfRange));
    return fail(
      `${topic}: clocks: ${count(dropped, 'record')} of ${records} more than 10 min ahead of or 7 d behind ${clock} (${who})`,
      'these are dropped as time_out_of_range: set the clocks of these hosts (NTP), or their time format',
      { outOfRange: Object.fromEntries(outOfRange), records },
    );
  }
  if (delaysMs.length === 0) {
    const hint = 'send the time in the records; until then the time of their messages counts';
    return warn(`${topic}: clocks: none of ${count(timeless.records, 'record')} carries a time`, hint);
  }
  const sorted = delaysMs.toSorted((a, b) => a - b);
  const least = sorted[0]!;
  const median = sorted[Math.floor(sorted.length / 2)]!;
  const most = sorted.at(-1)!;
  const facts = { leastMs: least, medianMs: median, mostMs: most, timeless: timeless.records };
  const what = `${topic}: clocks: records are between ${signed(least)} and ${signed(most)} ${clock}, median ${signed(median)}`;
  if (least < -AHEAD_WARN_MS) {
    const hint =
      'records ahead of time make others of their partition late: set the clocks of these hosts (NTP)';
    return warn(what, hint, facts);
  }
  if (median > BEHIND_WARN_MS)
    return warn(what, 'what collects the logs is behind: windows come as much later', facts);
  return ok(what, facts);
}

function lateCheck(topic: string, { late, records }: Sample): Check {
  const what = `${topic}: order: ${count(late, 'record')} of ${records} more than 5 s behind others of their partition`;
  const facts = { late, records };
  if (late / records <= LATE_WARN_SHARE) return ok(what, facts);
  const hint =
    'late records are counted and left out: look for a slow path (a retrying collector, a large batch timeout)';
  return warn(what, hint, facts);
}

/** `120 otlp_proto`, most first. */
function byCount(counts: ReadonlyMap<string, number>): string[] {
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([name, n]) => `${n.toLocaleString('en-US')} ${name}`);
}

function signed(ms: number): string {
  return ms < 0 ? `${duration(-ms)} ahead of` : `${duration(ms)} behind`;
}
