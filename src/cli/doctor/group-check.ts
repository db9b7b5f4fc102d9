import type { Admin } from 'kafkajs';
import { describeFailure } from '../../kafka/failures.ts';
import type { PartitionReader } from '../../kafka/partition-reader.ts';
import { describeMember, viewGroup } from '../../sources/kafka/group-member.ts';
import { describeMembers } from '../../sources/kafka/predecessor.ts';
import { type Check, count, fail, failed, list, ok, warn } from './check.ts';
import type { StoreState } from './local-checks.ts';

/** Who reads with the group: nobody, this store's worker, or another store's, of which each would judge half a service. */
export async function groupCheck(
  admin: Admin,
  group: string,
  source: string,
  store: StoreState,
  reader: PartitionReader,
): Promise<Check> {
  const about = `group ${group}`;
  try {
    await reader.probeGroup(group);
    const members = await describeMembers(admin, group);
    if (members === null)
      return ok(`${about}: its members are just dividing the partitions among themselves`);
    const own = { store: store.report?.storeId ?? '', source, sinceMs: 0 };
    const { predecessors, foreign } = viewGroup(members, own, null);
    const facts = { members: members.length, own: predecessors.length, foreign: foreign.length };
    if (foreign.length > 0) {
      return fail(
        `${about}: ${count(foreign.length, 'member')} that ${foreign.length === 1 ? 'is' : 'are'} not this store's worker: ${list(foreign.map(describeMember))}`,
        'each would judge a part of every service: give each winnow a consumer group of its own, or one store',
        facts,
      );
    }
    if (predecessors.length === 0 && store.isLocked) {
      return warn(
        `${about}: nobody reads with it, though a worker holds the store`,
        'it is just starting, waits for the brokers, or runs with other settings: see its log and /readyz',
        facts,
      );
    }
    if (predecessors.length === 0) return ok(`${about}: nobody reads with it`, facts);
    if (store.isLocked) return ok(`${about}: read by this store's worker alone`, facts);
    return warn(
      `${about}: a member of this store's worker, but no worker holds the store`,
      'it has just died, or runs on another machine with a copy of the store: a new worker takes its place',
      facts,
    );
  } catch (error) {
    return failed(about, describeFailure(error));
  }
}
