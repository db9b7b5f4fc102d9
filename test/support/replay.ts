import type { Batch, Message, PartitionRef, StoredState, WindowRevision } from '../../src/contracts.ts';
import { Pipeline } from '../../src/core/pipeline.ts';
import type { SimulationOptions } from '../../src/simulator/simulate.ts';
import { simulate } from '../../src/simulator/simulate.ts';
import { type MessageOptions, toMessages } from '../../src/simulator/to-messages.ts';

/** Messages of one partition, ready to be handed over. */
export interface Stream {
  readonly ref: PartitionRef;
  readonly messages: readonly Message[];
}

/** A simulation as messages per partition. */
export function streamsOf(
  options: SimulationOptions,
  spread: MessageOptions & { partitions: number },
): Stream[] {
  const streams = Array.from({ length: spread.partitions }, (_, partition) => ({
    ref: { source: 'kafka', topic: 'otlp_logs', partition },
    messages: [] as Message[],
  }));
  for (const { partition, offset, value, lastTimeMs } of toMessages(simulate(options), spread)) {
    streams[partition]!.messages.push({ value: value.slice(), offset, referenceTimeMs: lastTimeMs });
  }
  return streams;
}

export function newPipeline(): Pipeline {
  return new Pipeline({
    name: 'test',
    tenant: 'default',
    kafkaSources: ['kafka'],
    decode: {},
    redact: { enabled: true },
    detect: { falseAlarmBudgetPerDay: 10 },
  });
}

/** Chooses which partition speaks next, given how many messages each has delivered. */
export type Interleaving = (delivered: readonly number[], streams: readonly Stream[]) => number;

/** In step: always the partition that has delivered the smallest share. */
export const inStep: Interleaving = (delivered, streams) => {
  let best = -1;
  for (let i = 0; i < streams.length; i++) {
    if (delivered[i]! >= streams[i]!.messages.length) continue;
    if (best < 0 || share(delivered, streams, i) < share(delivered, streams, best)) best = i;
  }
  return best;
};

function share(delivered: readonly number[], streams: readonly Stream[], i: number): number {
  return delivered[i]! / streams[i]!.messages.length;
}

/** Feeds streams to a pipeline in the given interleaving. */
export class Player {
  readonly revisions: WindowRevision[] = [];
  readonly #streams: readonly Stream[];
  readonly #delivered: number[];
  pipeline: Pipeline;

  constructor(
    streams: readonly Stream[],
    pipeline: Pipeline = newPipeline(),
    stored: StoredState | null = null,
  ) {
    this.#streams = streams;
    this.pipeline = pipeline;
    if (stored !== null) pipeline.load(stored);
    for (const { ref } of streams) pipeline.counting.clocks.get(ref).state = 'active';
    this.#delivered = streams.map(({ ref, messages }) => {
      const position = stored?.positions.find((one) => one.partition === ref.partition);
      const from = messages.findIndex((message) => message.offset >= (position?.resumeAt ?? 0));
      return from < 0 ? messages.length : from;
    });
  }

  /** Plays at most `most` messages; returns how many there were. */
  play(next: Interleaving = inStep, most = Number.POSITIVE_INFINITY): number {
    let played = 0;
    while (played < most) {
      const chosen = next(this.#delivered, this.#streams);
      if (chosen < 0) break;
      const { ref, messages } = this.#streams[chosen]!;
      const message = messages[this.#delivered[chosen]!]!;
      this.#delivered[chosen]!++;
      const batch: Batch = { partition: ref, messages: [message], encoding: 'otlp_proto', caughtUp: false };
      this.revisions.push(...this.pipeline.accept(batch));
      played++;
    }
    return played;
  }

  finish(): WindowRevision[] {
    this.revisions.push(...this.pipeline.drain());
    return this.revisions;
  }
}

/** Revisions as text: equal text = the same windows, byte for byte. */
export function windowsText(revisions: readonly WindowRevision[]): string {
  return revisions.map((revision) => JSON.stringify(revision)).join('\n');
}
