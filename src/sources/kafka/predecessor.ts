import { setTimeout as delay } from 'node:timers/promises';
import type { Admin, Broker, Cluster, MemberDescription } from 'kafkajs';
import { hasErrorType } from '../../kafka/failures.ts';
import type { GroupMember } from './group-member.ts';

/** The group's members. Null = the group is between two generations, and its members' metadata is not to be had. */
export async function describeMembers(
  admin: Admin,
  groupId: string,
): Promise<readonly MemberDescription[] | null> {
  const { groups } = await admin.describeGroups([groupId]);
  const group = groups[0];
  if (group === undefined || group.state === 'Empty' || group.state === 'Dead') return [];
  return group.state === 'Stable' ? group.members : null;
}

/**
 * Sends the group's leave for members that died without one, so that nobody waits for their session to end. kafkajs
 * knows no static membership. `hasJoined` is asked until the successor stands in the group: a group that is empty for a
 * moment makes the broker wait `group.initial.rebalance.delay.ms` (3 s) for further members. `cluster` is not the
 * consumer's own: its connection to the coordinator is taken until the join is answered.
 */
export async function evict(
  cluster: Cluster,
  groupId: string,
  dead: readonly GroupMember[],
  hasJoined: () => Promise<boolean>,
): Promise<void> {
  const coordinator = (await cluster.findGroupCoordinator({ groupId })) as GroupBroker;
  const endMs = performance.now() + JOIN_WAIT_MS;
  while (performance.now() < endMs && !(await hasJoined())) await delay(JOIN_POLL_MS);
  for (const { memberId } of dead) {
    try {
      await coordinator.leaveGroup({ groupId, memberId });
    } catch (error) {
      // It left by itself, or its session has ended.
      if (!hasErrorType(error, 'UNKNOWN_MEMBER_ID')) throw error;
    }
  }
}

/** The successor joins within a few round trips; after this its predecessor is sent off all the same. */
const JOIN_WAIT_MS = 1_000;
const JOIN_POLL_MS = 25;

/** What kafkajs' brokers can do but its types leave out. */
type GroupBroker = Broker & {
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>;
};
