import { expect, test } from 'vitest';
import { AnswerMemory } from '../../../src/sources/kafka/answer-memory.ts';

test('the response and what was decompressed from it are given back, and nothing that others may use', () => {
  const memory = new AnswerMemory();
  const frame = Buffer.from(new ArrayBuffer(300_000));
  const response = frame.subarray(8);
  const decompressed = Buffer.from(new ArrayBuffer(400_000));
  const small = Buffer.from('cut from the memory that small buffers share');
  const values = [
    response.subarray(10, 20),
    decompressed.subarray(0, 5),
    decompressed.subarray(5, 9),
    null,
    small,
  ];
  const responses = [{ partitions: [{ messages: values.map((value) => ({ value })) }] }];
  memory.hold(response, { responses });
  expect(values.map((value) => value?.length)).toEqual([10, 5, 4, undefined, small.length]);
  memory.free();
  expect(values.map((value) => value?.length)).toEqual([0, 0, 0, undefined, small.length]);
  expect(small.toString()).toContain('share');
});

test('a response that shares its memory with another stays', () => {
  const memory = new AnswerMemory();
  const both = Buffer.from(new ArrayBuffer(300_000));
  const response = both.subarray(8, 200_000);
  memory.hold(response, {
    responses: [{ partitions: [{ messages: [{ value: response.subarray(0, 9) }] }] }],
  });
  memory.free();
  expect(response.length).toBe(199_992);
});
