import { describe, expect, test } from 'vitest';
import type { Check } from '../../src/cli/doctor/check.ts';
import { booksCheck } from '../../src/cli/doctor/local-checks.ts';
import { addToSample, emptySample, lastMessages, type Sample } from '../../src/cli/doctor/sample.ts';
import { checkSample } from '../../src/cli/doctor/sample-checks.ts';
import {
  delayCheck,
  lagCheck,
  leaderCheck,
  readUnread,
  retentionCheck,
} from '../../src/cli/doctor/topic-checks.ts';
import type { Encoding, PartitionPosition } from '../../src/contracts.ts';
import type { Fetched, StoredMessage } from '../../src/kafka/partition-reader.ts';
import { nanosOf, requestOf } from '../support/otlp.ts';

// What doctor concludes from what it reads, without a broker.

const NOW_MS = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A topic in memory: the message at offset n was written `ages[n]` ago; `low` of them are deleted. */
function topicOf(ages: readonly number[], low = 0) {
  const bounds = new Map([[0, { low, high: ages.length }]]);
  const fetch = async (_: string, __: number, offset: number): Promise<Fetched> => {
    const from = Math.max(offset, low);
    const messages = ages
      .slice(from, from + 3)
      .map((age, i) => message(Buffer.from('x'), NOW_MS - age, from + i));
    return { messages, highWatermark: ages.length };
  };
  return { bounds, reader: { fetch } };
}

function message(value: Buffer | null, timestampMs: number, offset = 0): StoredMessage {
  return { offset, key: null, value, timestampMs, isAppendTime: false, headers: {} };
}

function positionsAt(resumeAt: number, readTo = resumeAt): Map<number, PartitionPosition> {
  return new Map([[0, { source: 'kafka', topic: 't', partition: 0, resumeAt, readTo, maxTimeMs: null }]]);
}

const short = ({ verdict, what }: Check): string => `${verdict} ${what}`;

describe('leaders', () => {
  const partition = (partitionId: number, leader: number, isr: number[]) => ({
    partitionId,
    leader,
    isr,
    replicas: [1, 2],
    partitionErrorCode: 0,
  });

  test.each([
    [[partition(0, 1, [1, 2])], 'ok t: 1 partition, each with a leader'],
    [[partition(0, 1, [1, 2]), partition(1, -1, [])], 'fail t: 2 partitions, no leader for 1'],
    [
      [partition(0, 1, [1]), partition(1, 2, [1, 2])],
      'warn t: 2 partitions, each with a leader, but 0 with too few replicas in sync',
    ],
  ])('%#: %j', (partitions, want) => {
    expect(short(leaderCheck('t', partitions))).toBe(want);
  });
});

describe('what is unread', () => {
  test.each([
    [
      'nothing stored',
      0,
      10,
      new Map(),
      ['ok t: lag: the topic holds 10 messages; no position stored, a worker begins at latest'],
    ],
    ['caught up', 0, 10, positionsAt(8, 10), ['ok t: lag: the topic holds 10 messages, 0 of them unread']],
    [
      'behind',
      0,
      10,
      positionsAt(3, 4),
      ['ok t: lag: the topic holds 10 messages, 6 of them unread (most in partition 0: 6)'],
    ],
    [
      'lost',
      7,
      10,
      positionsAt(3, 4),
      [
        'fail t/0: 3 messages deleted before being read, lost for winnow',
        'ok t: lag: the topic holds 3 messages, 3 of them unread (most in partition 0: 3)',
      ],
    ],
    [
      'lost to the open bucket only',
      5,
      10,
      positionsAt(3, 9),
      [
        'warn t/0: 2 messages deleted that a restart reads again: the bucket that was open loses them',
        'ok t: lag: the topic holds 5 messages, 1 of them unread (most in partition 0: 1)',
      ],
    ],
  ] as const)('%s', (_, low, high, positions, want) => {
    expect(lagCheck('t', new Map([[0, { low, high }]]), positions, 'latest').map(short)).toEqual(want);
  });

  test('the age of the oldest unread message is a warning only while a worker should read it', async () => {
    const { bounds, reader } = topicOf([5 * HOUR_MS, 4 * HOUR_MS, 3 * HOUR_MS]);
    const unread = await readUnread('t', reader, bounds, positionsAt(1));
    const what = 't: delay: the oldest unread message is 4 h old';
    expect(short(delayCheck('t', unread, false, NOW_MS)!)).toBe(`ok ${what}`);
    expect(short(delayCheck('t', unread, true, NOW_MS)!)).toBe(`warn ${what}`);
    expect(delayCheck('t', await readUnread('t', reader, bounds, positionsAt(3)), true, NOW_MS)).toBeNull();
  });
});

describe('how long a worker may be down', () => {
  const settings = { retentionMs: 7 * DAY_MS, retentionBytes: -1, cleanup: 'delete' };
  const ages = [2 * DAY_MS, DAY_MS, HOUR_MS];

  async function retention(
    changed: Partial<typeof settings>,
    readTo: number,
    low = 0,
  ): Promise<{ text: string; leftMs: unknown }> {
    const { bounds, reader } = topicOf(ages, low);
    const unread = await readUnread('t', reader, bounds, positionsAt(readTo));
    const check = await retentionCheck('t', { ...settings, ...changed }, reader, bounds, unread, NOW_MS);
    return { text: short(check), leftMs: check.facts?.downtimeMs };
  }

  test('for as long as messages are kept, less the age of the oldest unread one', async () => {
    expect(await retention({}, 3)).toMatchObject({ leftMs: 7 * DAY_MS });
    expect(await retention({}, 1)).toEqual({
      text: 'ok t: retention: messages are kept 7 d; unread ones begin to expire in 6 d without a worker',
      leftMs: 6 * DAY_MS,
    });
    const soon = await retention({ retentionMs: 25 * HOUR_MS }, 1);
    expect(soon.text).toMatch(/^warn .* begin to expire in 1 h without a worker$/);
    const now = await retention({ retentionMs: 23 * HOUR_MS }, 1);
    expect(now.text).toMatch(/^warn .* begin to expire now without a worker$/);
  });

  test('for ever where messages are', async () => {
    expect((await retention({ retentionMs: -1 }, 0)).text).toBe(
      'ok t: retention: messages are kept for ever',
    );
  });

  test('by size: once deletion has begun, as far back as the partition reaches', async () => {
    const bySize = { retentionMs: -1, retentionBytes: 64 * 1024 * 1024 };
    expect((await retention(bySize, 3)).leftMs).toBeNull();
    expect(await retention(bySize, 3, 1)).toEqual({
      text: 'ok t: retention: messages are kept for ever, 64 MiB a partition at most; unread ones begin to expire in 1 d without a worker',
      leftMs: DAY_MS,
    });
    expect((await retention(bySize, 2, 1)).leftMs).toBe(DAY_MS - HOUR_MS);
  });

  test('a compacted topic loses messages, read or not', async () => {
    expect((await retention({ cleanup: 'compact,delete' }, 3)).text).toBe(
      'warn t: retention: the topic is compacted',
    );
  });
});

describe('a sample', () => {
  const otlp = (timeMs: number, service = 'shop'): Buffer =>
    Buffer.from(
      requestOf(service, [{ timeUnixNano: nanosOf(timeMs), severityNumber: 9, body: 'order placed' }]),
    );

  function sampleOf(messages: readonly StoredMessage[], encoding: Encoding = 'auto', partition = 0): Sample {
    const sample = emptySample();
    addToSample(sample, partition, messages, { encoding, decode: {}, defaultService: 'kafka' });
    return sample;
  }

  const said = (sample: Sample, encoding: Encoding = 'auto'): string[] =>
    checkSample('t', sample, encoding, 4).map(short);

  test('of messages of several formats is readable by auto only', () => {
    const messages = [message(otlp(NOW_MS), NOW_MS), message(Buffer.from('INFO order placed'), NOW_MS)];
    expect(said(sampleOf(messages))[0]).toBe(
      'ok t: formats: 2 of the last 2 messages can be read (1 otlp_proto, 1 text; not compressed): 2 records',
    );
    expect(said(sampleOf(messages, 'text'), 'text')[0]).toMatch(/^warn t: formats: 2 of the last 2 messages/);
  });

  test('of empty messages says so and no more', () => {
    expect(said(sampleOf([message(null, NOW_MS), message(Buffer.alloc(0), NOW_MS)]))).toEqual([
      'ok t: formats: 2 of the last 2 messages can be read (all empty; not compressed): 0 records',
    ]);
    expect(said(emptySample())).toEqual(['ok t: formats: nothing to look at yet']);
  });

  test.each([
    [[0, -1_000], 'ok t: clocks: records are between 0 ms behind and 1 s behind the time of their messages'],
    [[0, 9_000], 'warn t: clocks: records are between 9 s ahead of and 0 ms behind'],
    [[-HOUR_MS, -HOUR_MS], 'warn t: clocks: records are between 1 h behind and 1 h behind'],
    [
      [0, 11 * 60_000],
      'fail t: clocks: 1 record of 2 more than 10 min ahead of or 7 d behind the time of their messages (1 shop)',
    ],
    [[0, -8 * DAY_MS], 'fail t: clocks: 1 record of 2 more than 10 min ahead of or 7 d behind'],
  ])('of records with times %j from that of their messages', (deltas, want) => {
    const messages = deltas.map((delta) => message(otlp(NOW_MS + delta), NOW_MS));
    expect(said(sampleOf(messages)).find((line) => line.includes('clocks'))).toContain(want);
  });

  test('tells late records as the worker would, and services that are spread', () => {
    const sample = sampleOf([0, -4_000, -6_000].map((delta) => message(otlp(NOW_MS + delta), NOW_MS)));
    addToSample(
      sample,
      1,
      [message(otlp(NOW_MS - 60_000), NOW_MS), message(otlp(NOW_MS, 'billing'), NOW_MS)],
      {
        encoding: 'auto',
        decode: {},
        defaultService: 'kafka',
      },
    );
    expect(sample.late).toBe(1);
    expect(said(sample)).toContain(
      'warn t: order: 1 record of 5 more than 5 s behind others of their partition',
    );
    expect(said(sample).join()).toContain(
      '2 services in 2 partitions; 1 spread over several (shop in 2): fine here',
    );
  });

  test('is the last messages of a partition, fetched in pieces', async () => {
    const { bounds, reader } = topicOf(Array(20).fill(0), 4);
    const offsets = async (want: number): Promise<number[]> =>
      (await lastMessages(reader, 't', 0, bounds.get(0)!, want)).map(({ offset }) => offset);
    expect(await offsets(5)).toEqual([15, 16, 17, 18, 19]);
    expect(await offsets(100)).toEqual(Array.from({ length: 16 }, (_, i) => i + 4));
  });
});

describe('the books of a store', () => {
  test('are fine while little was dropped, a warning when more was, and a failure when they do not add up', () => {
    const late = (units: number, counted: number) =>
      booksCheck('winnow.db', { consumed: 1_000, counted, dropped: { late: units, malformed: 0 } });
    expect(late(5, 995)).toMatchObject({
      verdict: 'ok',
      what: 'store winnow.db: 1000 consumed = 995 counted + 5 late',
    });
    expect(late(50, 950).verdict).toBe('warn');
    expect(late(5, 990).verdict).toBe('fail');
  });
});
