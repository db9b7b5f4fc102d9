import { afterEach } from 'vitest';
import type { KafkaSourceOptions, KafkaStatus } from '../../src/sources/kafka/options.ts';
import type { KafkaSourceHandle } from '../../src/sources/kafka.ts';
import { createKafkaSourceInThread } from '../../src/sources/kafka-in-thread.ts';
import type { CatchIntake } from './kafka-catch.ts';
import { SILENT } from './kafka-shared.ts';

export interface RunningSource {
  readonly source: KafkaSourceHandle;
  readonly ended: Promise<void>;
  /** In the order in which they were reported. */
  readonly statuses: KafkaStatus[];
}

export type StartSource = (
  intake: CatchIntake,
  options: Partial<KafkaSourceOptions> & Pick<KafkaSourceOptions, 'topics'>,
) => RunningSource;

/** For a `describe`: starts sources, each in a group of its own unless told otherwise, and stops them after the test. */
export function startsSources(
  brokers: readonly string[],
  defaults: Partial<KafkaSourceOptions> = {},
): StartSource {
  const running: RunningSource[] = [];
  afterEach(async () => {
    await Promise.all(running.map(({ source }) => source.stop()));
    await Promise.allSettled(running.splice(0).map(({ ended }) => ended));
  });
  return (intake, options) => {
    const statuses: KafkaStatus[] = [];
    const source = createKafkaSourceInThread({
      name: 'kafka',
      brokers,
      groupId: `group-${crypto.randomUUID()}`,
      start: 'earliest',
      logger: SILENT,
      onStatus: (status) => statuses.push(status),
      ...defaults,
      ...options,
    });
    const ended = source.run(intake);
    ended.catch(() => undefined);
    running.push({ source, ended, statuses });
    return { source, ended, statuses };
  };
}
