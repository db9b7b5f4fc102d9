import { setTimeout } from 'node:timers/promises';
import type { Source, Store } from '../../../src/contracts.ts';
import { BUCKET_STEP_MS } from '../../../src/core/count/limits.ts';
import type { Pipeline } from '../../../src/core/pipeline.ts';
import { keepOldHeapSmall } from '../../../src/small-heap.ts';
import { openStore } from '../../../src/store/sqlite.ts';
import { Worker } from '../../../src/worker.ts';
import { START_MS } from '../corpora.ts';
import { median } from '../line.ts';
import { mustBe, type Round, type Subject } from '../subject.ts';
import { defaultPipeline, JUDGED_BUCKETS } from './pipeline.ts';
import { StreamedFeed } from './stream.ts';

/** As `winnow run` has it by default. */
const CHECKPOINT_EVERY_MS = 5_000;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** An hour turns in the first round that counts, of twenty buckets as the one that warms up: what it changes is stored. */
const TURNS_IN_BUCKET = JUDGED_BUCKETS + 30;
const FIRST_MS = Math.ceil(START_MS / HOUR_MS) * HOUR_MS + HOUR_MS - TURNS_IN_BUCKET * BUCKET_STEP_MS;

const SOURCE: Source = { name: 'bench', run: async () => undefined, stop: async () => undefined };

/**
 * The worker with its pipeline and a real store, fed as fast as it takes: event time stands in for the clock, so that
 * checkpoints come as often as they would. Every turn is timed: in CPU time of its thread, so that a neighbour's work does
 * not count, and by the wall clock, which also counts waiting for the disk.
 */
export function steady(settings: Readonly<Record<string, string>>): Subject {
  const feed = new StreamedFeed(settings.corpus!, FIRST_MS - START_MS);
  const bucketsPerPass = feed.facts.durationMs / 10_000;
  const store = openStore({ path: settings.store!, retention: { windowsDays: 90 } });
  const pipeline = defaultPipeline();
  keepOldHeapSmall();
  const times = timeStages(pipeline, store);
  let nowMs = FIRST_MS;
  const worker = new Worker(
    pipeline,
    store,
    { checkpointEveryMs: CHECKPOINT_EVERY_MS, idleAfterMs: 3_600_000, nowMs: () => nowMs },
    () => undefined,
  );
  const intake = worker.intake(SOURCE);
  const sums = { counted: 0, buckets: 0, active: 0, closed: false, judgesMinute: false };
  pipeline.observe((bucket) => {
    times.judge.push(threadMs() - times.closedAtMs);
    sums.closed = true;
    sums.judgesMinute = (bucket.startMs + bucket.stepMs) % MINUTE_MS === 0;
    sums.buckets++;
    sums.counted += bucket.accounting.counted;
    for (const service of bucket.services) sums.active += service.templates.length;
  });
  const messagesPerBucket = Number(settings.messagesPerBucket);
  let messages = 0;
  let residentMax = 0;
  let stage2All: number[] = [];

  const pass = async (): Promise<Round> => {
    const plain: number[] = [];
    const closing: number[] = [];
    const judging: number[] = [];
    const judged: number[] = [];
    times.judge = [];
    times.checkpoint = [];
    let longestWallMs = 0;
    const started = performance.now();
    const cpu = process.cpuUsage();
    await feed.pass(async (batch) => {
      sums.closed = false;
      nowMs = FIRST_MS + (messages++ / messagesPerBucket) * 10_000;
      const wall = performance.now();
      const before = threadMs();
      await intake.accept(batch);
      const turn = threadMs() - before;
      (sums.closed ? closing : plain).push(turn);
      if (sums.closed && sums.judgesMinute) {
        judging.push(turn);
        judged.push(times.judge.at(-1)!);
      }
      longestWallMs = Math.max(longestWallMs, performance.now() - wall);
    });
    residentMax = Math.max(residentMax, process.memoryUsage.rss());
    const used = process.cpuUsage(cpu);
    const usual = median(plain);
    const beyond = (turns: readonly number[]) => turns.map((ms) => Math.max(0, ms - usual));
    const stage2 = beyond(closing);
    stage2All = stage2All.concat(stage2);
    return {
      records: feed.facts.records,
      bytes: feed.facts.wireBytes,
      cpuMs: (used.user + used.system) / 1_000,
      wallMs: performance.now() - started,
      figures: {
        stage2Ms: median(stage2),
        ...(judging.length === 0 ? {} : { minuteMs: median(beyond(judging)), minuteJudgeMs: median(judged) }),
        judgeMs: median(times.judge),
        checkpointMs: median(times.checkpoint),
        longestMs: Math.max(...plain, ...closing),
        longestWallMs,
      },
    };
  };

  return {
    /** As many passes as the setting says make one round. Before the first, which warms up, all is learnt and judged. */
    round: async () => {
      while (sums.buckets < JUDGED_BUCKETS) await pass();
      const rounds: Round[] = [];
      const passes = Math.max(1, Math.ceil(Number(settings.bucketsPerRound) / bucketsPerPass));
      for (let i = 0; i < passes; i++) rounds.push(await pass());
      const sum = (read: (round: Round) => number): number =>
        rounds.reduce((all, round) => all + read(round), 0);
      const of = (name: string): number[] =>
        rounds.flatMap(({ figures }) => (figures![name] === undefined ? [] : [figures![name]!]));
      return {
        records: sum((round) => round.records),
        bytes: sum((round) => round.bytes),
        cpuMs: sum((round) => round.cpuMs),
        wallMs: sum((round) => round.wallMs),
        figures: {
          stage2Ms: median(of('stage2Ms')),
          minuteMs: median(of('minuteMs')),
          minuteJudgeMs: median(of('minuteJudgeMs')),
          judgeMs: median(of('judgeMs')),
          checkpointMs: median(of('checkpointMs')),
          longestMs: Math.max(...of('longestMs')),
          longestWallMs: Math.max(...of('longestWallMs')),
          residentMiB: process.memoryUsage.rss() / 2 ** 20,
        },
      };
    },
    end: async () => {
      const memory = await retained();
      await worker.drain();
      await worker.checkpoint();
      store.close();
      mustBe('records counted', sums.counted, feed.passes * feed.facts.records);
      return {
        ...memory,
        residentMaxMiB: residentMax / 2 ** 20,
        templates: pipeline.miner.size,
        activePerBucket: sums.active / sums.buckets,
        longestStage2Ms: Math.max(...stage2All),
      };
    },
  };
}

interface StageTimes {
  /** When the bucket in hand was given to the miner. */
  closedAtMs: number;
  /** From there until its windows are assembled. */
  judge: number[];
  /** From collecting what changed to the end of the transaction, of the first checkpoint after each bucket. */
  checkpoint: number[];
}

/** Notes CPU times at the borders that the pipeline and the store have anyway. */
function timeStages(pipeline: Pipeline, store: Store): StageTimes {
  const times: StageTimes = { closedAtMs: 0, judge: [], checkpoint: [] };
  let isAfterBucket = false;
  const mine = pipeline.miner.mine.bind(pipeline.miner);
  pipeline.miner.mine = (bucket) => {
    isAfterBucket = true;
    times.closedAtMs = threadMs();
    return mine(bucket);
  };
  let begunMs = 0;
  const checkpoint = pipeline.checkpoint.bind(pipeline);
  pipeline.checkpoint = () => {
    begunMs = threadMs();
    return checkpoint();
  };
  const commit = store.commit.bind(store);
  store.commit = (changes) => {
    commit(changes);
    // One without a bucket behind it writes next to nothing.
    if (isAfterBucket) times.checkpoint.push(threadMs() - begunMs);
    isAfterBucket = false;
  };
  return times;
}

/** CPU time of this thread. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** Heap and typed arrays after collections: memory of arrays is given back by another thread, some time after each. */
async function retained(): Promise<{ heapBytes: number; retainedBytes: number }> {
  for (let i = 0; i < COLLECTIONS; i++) {
    globalThis.gc?.();
    await setTimeout(COLLECTION_PAUSE_MS);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heapBytes: heapUsed, retainedBytes: heapUsed + arrayBuffers };
}

const COLLECTIONS = 4;
const COLLECTION_PAUSE_MS = 50;
