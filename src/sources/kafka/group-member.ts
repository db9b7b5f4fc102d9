import kafkajs, { type Assigner, type MemberDescription } from 'kafkajs';

/** Who a worker is to the others of its consumer group; travels in the member's metadata. */
export interface WorkerMark {
  /** Identity of its store. */
  readonly store: string;
  /** Name of the source: two sources of one worker are two members. */
  readonly source: string;
  /** When the source began to read, ms; the earlier of two workers keeps the group. */
  readonly sinceMs: number;
}

/** Another member of the group, as the broker describes it. `mark` is null for what is no winnow, or does not say. */
export interface GroupMember {
  readonly memberId: string;
  readonly host: string;
  readonly mark: WorkerMark | null;
}

/** The members of a group seen by one worker. */
export interface GroupView {
  /** Of our own store and source: one worker holds a store, so these are dead, or an earlier life of ourselves. */
  readonly predecessors: readonly GroupMember[];
  readonly foreign: readonly GroupMember[];
}

/** Longest text that is taken from another member's metadata. */
const MARK_BYTES_MAX = 1_000;

/** kafkajs' round robin, which also says who the member is. The broker compares names only, so others still understand it. */
export function markedAssigner(inner: Assigner, mark: WorkerMark): Assigner {
  const userData = Buffer.from(JSON.stringify({ winnow: 1, ...mark }));
  return {
    name: inner.name,
    version: inner.version,
    assign: (group) => inner.assign(group),
    protocol: ({ topics }) => ({
      name: inner.name,
      metadata: kafkajs.AssignerProtocol.MemberMetadata.encode({ version: inner.version, topics, userData }),
    }),
  };
}

/** `ownMemberId` is left out. Metadata of others is hostile: whatever cannot be read is a foreign member without a mark. */
export function viewGroup(
  members: readonly MemberDescription[],
  own: WorkerMark,
  ownMemberId: string | null,
): GroupView {
  const predecessors: GroupMember[] = [];
  const foreign: GroupMember[] = [];
  for (const { memberId, clientHost, memberMetadata } of members) {
    if (memberId === ownMemberId) continue;
    const member = { memberId, host: clientHost, mark: readMark(memberMetadata) };
    const isOwn = member.mark?.store === own.store && member.mark.source === own.source;
    (isOwn ? predecessors : foreign).push(member);
  }
  return { predecessors, foreign };
}

/** True when the other worker has the older right to the group: it began earlier, or its store's name sorts first. */
export function isSenior(other: WorkerMark, own: WorkerMark): boolean {
  if (other.sinceMs !== own.sinceMs) return other.sinceMs < own.sinceMs;
  return other.store === own.store ? other.source < own.source : other.store < own.store;
}

/** One line for people. */
export function describeMember({ memberId, host, mark }: GroupMember): string {
  const who = `${memberId.slice(0, 100)} on ${host.slice(0, 100)}`;
  if (mark === null) return `${who}, which is no winnow`;
  return `${who}, which writes store ${mark.store.slice(0, 40)}`;
}

function readMark(metadata: Buffer): WorkerMark | null {
  try {
    const { userData } = kafkajs.AssignerProtocol.MemberMetadata.decode(metadata) ?? {};
    if (userData === undefined || userData === null || userData.length > MARK_BYTES_MAX) return null;
    const value = JSON.parse(userData.toString()) as Record<string, unknown>;
    const { winnow, store, source, sinceMs } = value;
    if (winnow !== 1 || typeof store !== 'string' || typeof source !== 'string') return null;
    return typeof sinceMs === 'number' ? { store, source, sinceMs } : null;
  } catch {
    return null;
  }
}
