import kafkajs, { type Assigner, type MemberDescription } from 'kafkajs';
import { expect, test } from 'vitest';
import {
  describeMember,
  isSenior,
  markedAssigner,
  viewGroup,
  type WorkerMark,
} from '../../../src/sources/kafka/group-member.ts';

const OWN: WorkerMark = { store: 's1', source: 'kafka', sinceMs: 100 };

test('a member of our own store is a predecessor, any other is foreign, and we ourselves are neither', () => {
  const members = [
    member('me', OWN),
    member('dead', { ...OWN, sinceMs: 50 }),
    member('other source', { ...OWN, source: 'second' }),
    member('other store', { ...OWN, store: 's2' }),
  ];
  const view = viewGroup(members, OWN, 'me');
  expect(view.predecessors.map(({ memberId }) => memberId)).toEqual(['dead']);
  expect(view.foreign.map(({ memberId }) => memberId)).toEqual(['other source', 'other store']);
});

test.each<[string, Buffer]>([
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.from([0])],
  ['a topic count of 2^31 - 1', Buffer.from([0, 0, 0x7f, 0xff, 0xff, 0xff])],
  ['no user data', metadata(Buffer.alloc(0))],
  ['user data that is no JSON', metadata(Buffer.from('{"winnow":1'))],
  ['JSON null', metadata(Buffer.from('null'))],
  ['a mark without a store', metadata(Buffer.from('{"winnow":1,"source":"kafka","sinceMs":1}'))],
  [
    'a mark of a later release',
    metadata(Buffer.from('{"winnow":2,"store":"s1","source":"kafka","sinceMs":1}')),
  ],
  ['an overlong mark', metadata(Buffer.from(JSON.stringify({ winnow: 1, ...OWN, pad: 'x'.repeat(2_000) })))],
])('a member whose metadata is %s is foreign and bears no mark', (_, memberMetadata) => {
  const [foreign] = viewGroup([{ ...member('x', OWN), memberMetadata }], OWN, null).foreign;
  expect(foreign).toEqual({ memberId: 'x', host: '/10.0.0.1', mark: null });
  expect(describeMember(foreign!)).toBe('x on /10.0.0.1, which is no winnow');
});

test('of two workers exactly one is senior, whoever asks', () => {
  const marks = [OWN, { ...OWN, sinceMs: 99 }, { ...OWN, store: 's0' }, { ...OWN, source: 'a' }];
  for (const a of marks) {
    for (const b of marks) {
      if (a !== b) expect(isSenior(a, b)).toBe(!isSenior(b, a));
    }
  }
  expect(isSenior(marks[1]!, OWN)).toBe(true);
});

function member(memberId: string, mark: WorkerMark): MemberDescription {
  const inner = { name: 'RoundRobinAssigner', version: 0 } as Assigner;
  const memberMetadata = markedAssigner(inner, mark).protocol({ topics: ['t'] }).metadata;
  return {
    memberId,
    clientId: 'winnow',
    clientHost: '/10.0.0.1',
    memberMetadata,
    memberAssignment: Buffer.alloc(0),
  };
}

function metadata(userData: Buffer): Buffer {
  return kafkajs.AssignerProtocol.MemberMetadata.encode({ version: 0, topics: ['t'], userData });
}
