import { expect, test } from 'vitest';
import { SIGNATURES_PER_SERIES } from '../../src/core/count/limits.ts';
import { fairShare } from '../../src/core/count/row-caps.ts';
import { type Line, partition, Stage1, textOf } from '../support/stage1.ts';

// Rule 4: bounds are censoring, not zero. A cap never hides that something was there, and never depends on order.

const A = partition(0);
const B = partition(1);

/** Words without digits, so that each is a signature of its own. */
function word(i: number): string {
  let left = i;
  let text = '';
  for (let n = 0; n < 5; n++) {
    text += 'bcdfghklmn'[left % 10]! + 'aeiou'[Math.floor(left / 10) % 5]!;
    left = Math.floor(left / 7) + i;
  }
  return text;
}

function distinct(count: number, severityNumber: number, prefix: string): Line[] {
  return Array.from({ length: count }, (_, i) => ({
    atS: 1,
    body: `${prefix} ${word(i)} ${word(i * 31 + 7)} end`,
    severityNumber,
  }));
}

test('above the cap the surplus is censored by class and the records stay in the books', () => {
  const lines = distinct(5_000, 9, 'chaos');
  const stage = new Stage1([A])
    .feed(A, 0, lines)
    .feed(A, 1, distinct(3, 17, 'failure'))
    .drain();
  const service = stage.closed[0]!.services[0]!;
  const info = service.signatures.filter((signature) => signature.severity === 1);
  expect(info).toHaveLength(SIGNATURES_PER_SERIES);
  const kept = info.reduce((sum, signature) => sum + signature.records, 0);
  expect(service.censored[1]).toBe(5_000 - kept);
  expect(service.records).toBe(5_003);
});

test('a flood of a lower class displaces nothing of a higher one', () => {
  const stage = new Stage1([A])
    .feed(A, 0, distinct(20, 17, 'failure'))
    .feed(A, 1, distinct(9_000, 5, 'chaos'))
    .drain();
  const service = stage.closed[0]!.services[0]!;
  const errors = service.signatures.filter((signature) => signature.severity === 3);
  expect(errors.reduce((sum, signature) => sum + signature.records, 0)).toBe(20);
  expect(service.censored[3]).toBe(0);
  expect(service.censored[0]).toBeGreaterThan(0);
});

test('which signatures survive a cap does not depend on the order of arrival', () => {
  const lines = distinct(6_000, 9, 'chaos');
  const parts = [lines.slice(0, 2_000), lines.slice(2_000, 4_000), lines.slice(4_000)];
  const forward = new Stage1([A, B]);
  for (const [i, part] of parts.entries()) forward.feed(A, i, part);
  forward.feed(B, 0, lines.slice(500, 900)).drain();
  const backward = new Stage1([A, B]).feed(B, 0, lines.slice(500, 900));
  for (const [i, part] of parts.entries()) backward.feed(A, i, part);
  expect(textOf(backward.drain().closed)).toBe(textOf(forward.closed));
});

test('more instances than slots are marked as censored and the named ones keep exact counts', () => {
  const lines: Line[] = [];
  for (let round = 0; round < 3; round++) {
    for (let pod = 0; pod < 50; pod++) lines.push({ atS: 1 + round, body: 'ready', instance: `pod-${pod}` });
  }
  const service = new Stage1([A]).feed(A, 0, lines).drain().closed[0]!.services[0]!;
  const { members, censored } = service.signatures[0]!.instances;
  expect(censored).toBe(true);
  expect(members).toHaveLength(16);
  for (const [, records] of members) expect(records).toBe(3);
  expect(service.instances).toMatchObject({ censored: false });
  expect(service.instances.members).toHaveLength(50);
});

test('the fair share is the largest cap that fits, and never cuts anybody to nothing', () => {
  expect(fairShare([10, 20, 30], 100)).toBe(SIGNATURES_PER_SERIES);
  expect(fairShare([10, 100, 100], 110)).toBe(50);
  expect(fairShare([5, 5, 5, 5], 2)).toBe(1);
});

test('samples and instances are the same in any order, far above every cap', () => {
  const lines: Line[] = [];
  for (let service = 0; service < 5; service++) {
    for (const line of distinct(4_000, 9, 'chaos')) lines.push({ ...line, service: `svc-${service}` });
  }
  const repeats = lines.slice(0, 4_000).map((line, i) => ({ ...line, atS: 2, instance: `pod-${i % 700}` }));
  const forward = new Stage1([A, B]).feed(A, 0, lines).feed(A, 1, repeats).feed(B, 0, repeats).drain();
  const backward = new Stage1([A, B]).feed(B, 0, repeats).feed(A, 0, lines).feed(A, 1, repeats).drain();
  expect(textOf(backward.closed) === textOf(forward.closed)).toBe(true);
  const first = forward.closed[0]!.services[0]!;
  expect(first.instances.censored).toBe(true);
  expect(first.instances.members).toHaveLength(256);
});
