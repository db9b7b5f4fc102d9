// Found by test/property/decode-oracle.test.ts: writing the length in front of a finished payload could grow the buffer,
// which copied only what lay in front of that length and left the payload behind as zeros.
import { expect, test } from 'vitest';
import { ProtobufWriter } from '../../../src/core/decode/protobuf-writer.ts';

test('a string that ends where the buffer ends keeps its bytes, whatever room was left', () => {
  for (let room = 1; room <= 64; room++) {
    for (const text of ['ᒀ', 'ab', 'x'.repeat(127), 'é'.repeat(100), '€'.repeat(43)]) {
      const writer = new ProtobufWriter(room);
      const outer = writer.begin(1);
      writer.stringField(2, text);
      writer.end(outer);
      const size = Buffer.byteLength(text);
      expect(Buffer.from(writer.finish().subarray(-size)).toString()).toBe(text);
    }
  }
});
