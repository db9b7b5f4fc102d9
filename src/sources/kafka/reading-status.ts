import type { PartitionRef } from '../../contracts.ts';
import type { WinnowError } from '../../errors.ts';
import { partitionKey } from './assignment.ts';
import type { TopicMatch } from './offsets.ts';
import type { KafkaStatus } from './options.ts';

export interface Reading {
  readonly groupId: string;
  readonly topics: TopicMatch;
  /** Partitions that flow, and how many the topics have in all. */
  readonly placed: number;
  readonly total: number;
  /** Partitions that are this worker's and cannot be read. */
  readonly held: readonly PartitionRef[];
  /** The group has another member; null = it has none that matters. */
  readonly groupProblem: WinnowError | null;
}

/** What is read, and everything that an operator should put right. Ready = every partition of the topics there are is read. */
export function describeReading(reading: Reading): KafkaStatus {
  const { groupId, topics, placed, total, held, groupProblem } = reading;
  const details = [`reading ${placed} of ${total} partitions of ${topics.present.join(', ')}`];
  const hints: string[] = [];
  if (held.length > 0) {
    details.push(`${held.slice(0, HELD_NAMED_MAX).map(partitionKey).join(', ')} cannot be read`);
    hints.push('no leader is to be had: bring back the brokers that hold them; looking again');
  }
  if (groupProblem !== null) {
    details.push(groupProblem.message);
    hints.push(groupProblem.hint ?? '');
  } else if (placed + held.length < total) {
    hints.push(
      `group ${groupId} has other members, so each sees a part of every service: give winnow its own group`,
    );
  }
  if (topics.missing.length > 0) hints.push(`create ${topics.missing.join(', ')}, or grant Describe`);
  return {
    ready: held.length === 0 && groupProblem === null,
    detail: details.join('; '),
    ...(hints.length === 0 ? {} : { hint: hints.join('; ') }),
    ...(groupProblem === null ? {} : { groupShared: true }),
  };
}

/** How many of the partitions that cannot be read a status names. */
const HELD_NAMED_MAX = 5;
