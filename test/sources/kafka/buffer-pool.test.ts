import { expect, test } from 'vitest';
import { BufferPool } from '../../../src/sources/kafka/buffer-pool.ts';

const MIB = 1024 * 1024;

test('a buffer that came back is given out again when it is large enough', () => {
  const pool = new BufferPool(2);
  const small = pool.take(10);
  pool.give(small);
  expect(pool.take(MIB)).toBe(small);
  pool.give(small);
  const large = pool.take(3 * MIB);
  expect(large).not.toBe(small);
  expect(large.byteLength).toBeGreaterThanOrEqual(3 * MIB);
});

test('no more buffers are kept than was said, and none that held one large message', () => {
  const pool = new BufferPool(1);
  const [first, second] = [pool.take(1), pool.take(1)];
  pool.give(first);
  pool.give(second);
  expect(pool.take(1)).toBe(first);
  expect(pool.take(1)).not.toBe(second);
  const huge = pool.take(20 * MIB);
  expect(huge.byteLength).toBe(20 * MIB);
  pool.give(huge);
  expect(pool.take(1)).not.toBe(huge);
});
