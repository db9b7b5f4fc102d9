import type { FeedConfig } from '../config-schema.ts';
import type { DeliveryLog } from '../contracts.ts';
import type { KafkaLogger } from '../kafka/connection.ts';
import { type FeedCounts, FeedRunner } from './feed-runner.ts';
import { createFeed } from './registry.ts';

/** What the metrics endpoint says of a feed. */
export interface FeedStanding {
  readonly name: string;
  readonly pending: number;
  readonly counts: FeedCounts;
  /** What keeps revisions from the target; null = nothing. */
  readonly problem: string | null;
}

/** Time to hand on what is pending when the service stops; what is not delivered then waits in the store. */
const DRAIN_MS_MAX = 3_000;

/** All feeds of a service: started before the worker, stopped after its last checkpoint and before the store closes. */
export class Feeds {
  readonly #runners: readonly FeedRunner[];

  private constructor(runners: readonly FeedRunner[]) {
    this.#runners = runners;
  }

  /** Throws WINNOW_CONFIG_UNREADABLE when a file of a feed's settings cannot be read. */
  static async create(configs: readonly FeedConfig[], log: DeliveryLog, logger: KafkaLogger): Promise<Feeds> {
    const runners: FeedRunner[] = [];
    for (const config of configs) {
      const feed = await createFeed(config, logger);
      runners.push(new FeedRunner({ feed, log, logger, random: Math.random, start: config.start }));
    }
    return new Feeds(runners);
  }

  /** `onFailure` is called when the store can no longer be used; a target that is away is no failure. */
  start(onFailure: (error: unknown) => void): void {
    for (const runner of this.#runners) runner.run().catch(onFailure);
  }

  /** Revisions became durable. */
  notify(): void {
    for (const runner of this.#runners) runner.notify();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#runners.map((runner) => runner.stop(DRAIN_MS_MAX)));
  }

  /** Not after `stop`: it asks the store. */
  standings(): readonly FeedStanding[] {
    return this.#runners.map(({ name, pending, counts, problem }) => ({
      name,
      pending,
      counts,
      problem: problem?.message ?? null,
    }));
  }

  /** One line a feed that does not deliver; empty when all do. */
  problems(): readonly string[] {
    return this.#runners.flatMap(({ name, problem }) =>
      problem === null ? [] : [`feed ${name}: ${problem.message}`],
    );
  }
}
