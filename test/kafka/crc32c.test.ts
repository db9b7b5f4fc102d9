import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32c } from '../../src/kafka/crc32c.ts';

// Check values: RFC 3720 appendix B.4.

test.each<[string, Uint8Array, number]>([
  ['nothing', new Uint8Array(0), 0],
  ['the digits 1 to 9', Buffer.from('123456789'), 0xe3069283],
  ['32 bytes of zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['32 rising bytes', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ['32 falling bytes', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
])('the checksum of %s is the published one', (_, bytes, want) => {
  expect(crc32c(bytes, 0, bytes.length)).toBe(want);
});

test('any range of any bytes gives what bit by bit gives', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300, size: 'max' }), fc.nat(300), fc.nat(300), (bytes, a, b) => {
      const [from, end] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)];
      expect(crc32c(bytes, from, end)).toBe(bitByBit(bytes.subarray(from, end)));
    }),
    { numRuns: 1_000, seed: 4303 },
  );
});

function bitByBit(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
