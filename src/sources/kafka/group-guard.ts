import type { Admin, Cluster } from 'kafkajs';
import { WinnowError } from '../../errors.ts';
import {
  describeMember,
  type GroupMember,
  type GroupView,
  isSenior,
  viewGroup,
  type WorkerMark,
} from './group-member.ts';
import type { KafkaSettings } from './options.ts';
import { describeMembers, evict } from './predecessor.ts';

/** Code of the failure to join a group that others read. */
export const GROUP_SHARED = 'WINNOW_KAFKA_GROUP_SHARED';

export interface GroupGuardDeps {
  readonly settings: KafkaSettings;
  /** Who this worker is; null = it takes the group as it finds it, and nothing here does anything. */
  readonly mark: WorkerMark | null;
  /** What kept this worker out of the group just now; null = nothing did. */
  readonly turnedAway: WinnowError | null;
  readonly admin: Admin;
  /** Connections beside the consumer's. */
  readonly cluster: Cluster;
}

/** Sees to it that one worker reads the group: it neither waits for a dead predecessor nor shares with another store's worker. */
export class GroupGuard {
  readonly #deps: GroupGuardDeps;
  #memberId: string | null = null;

  constructor(deps: GroupGuardDeps) {
    this.#deps = deps;
  }

  /**
   * Before the first join. Throws when others read the group; returns what sends dead predecessors off during the join.
   * A worker that was turned away also waits for a group between two generations: that may be its own leave, of which the
   * worker that stays hears with its next heartbeat, and joining then would take partitions from it again, and again.
   */
  async beforeFirstJoin(): Promise<() => Promise<void>> {
    const { settings, admin, turnedAway } = this.#deps;
    const group = await this.#look();
    if (group === null && turnedAway !== null) throw turnedAway;
    const { predecessors, foreign } = group ?? UNSEEN;
    if (foreign.length > 0) throw groupShared(settings, foreign);
    if (predecessors.length === 0) return async () => undefined;
    const dead = new Set(predecessors.map(({ memberId }) => memberId));
    const hasJoined = async () => {
      const members = await describeMembers(admin, settings.groupId);
      return members === null || members.some(({ memberId }) => !dead.has(memberId));
    };
    return async () => await this.#sendOff(predecessors, hasJoined);
  }

  /**
   * After each join. Of two workers that joined at the same time the later one throws, before it reads anything; for the
   * other, what is returned says what it waits for. Null = the group is this worker's alone.
   */
  async afterJoin(memberId: string | null): Promise<WinnowError | null> {
    const { settings, mark } = this.#deps;
    this.#memberId = memberId;
    const { foreign, predecessors } = (await this.#look()) ?? UNSEEN;
    // One that died within its own join shows only now. Sending it off lets the group be joined again, and whole.
    if (predecessors.length > 0) await this.#sendOff(predecessors, async () => true);
    if (foreign.length === 0) return null;
    const problem = groupShared(settings, foreign);
    const isJunior = foreign.some(
      (other) => other.mark !== null && mark !== null && isSenior(other.mark, mark),
    );
    if (isJunior) throw problem;
    return problem;
  }

  async #sendOff(dead: readonly GroupMember[], hasJoined: () => Promise<boolean>): Promise<void> {
    const { settings, cluster } = this.#deps;
    const members = dead.map(({ memberId }) => memberId);
    const fields = { source: settings.name, group: settings.groupId, members };
    try {
      await evict(cluster, settings.groupId, dead, hasJoined);
    } catch (error) {
      const text = 'the member that this worker was before could not be sent off; waiting for it';
      settings.logger.warn({ ...fields, error: String(error) }, text);
      return;
    }
    settings.logger.info(fields, 'took the place of the member that this worker was before');
  }

  /** Null = the group is between two generations and shows no metadata; the join settles it, and the look after it tells. */
  async #look(): Promise<GroupView | null> {
    const { settings, mark, admin } = this.#deps;
    if (mark === null) return UNSEEN;
    const members = await describeMembers(admin, settings.groupId);
    return members === null ? null : viewGroup(members, mark, this.#memberId);
  }
}

const UNSEEN: GroupView = { predecessors: [], foreign: [] };

function groupShared({ groupId }: KafkaSettings, foreign: readonly GroupMember[]): WinnowError {
  const rest = foreign.length > 1 ? ` and ${foreign.length - 1} more` : '';
  const text = `join group ${groupId}: it has another member, ${describeMember(foreign[0]!)}${rest}; together each would judge a part of every service`;
  return new WinnowError(GROUP_SHARED, text, {
    retryable: true,
    hint: 'give each winnow a consumer group of its own (`group`), or one store to all of them so that the others stand by; looking again',
  });
}
