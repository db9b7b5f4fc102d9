import { createRequire } from 'node:module';
import { crc32c } from '../../src/kafka/crc32c.ts';

// Fetch responses as a broker writes them, and kafkajs' own reader for them.

export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly highWatermark: number;
  readonly batches: readonly Buffer[];
}

/** A record batch of format 2, uncompressed, with the right checksum. `claimed` is the count in its header. */
export function encodeBatch(baseOffset: number, values: readonly string[], claimed = values.length): Buffer {
  const records = values.map((value, i) => encodeRecord(i, Buffer.from(value)));
  const head = Buffer.alloc(61);
  const body = Buffer.concat(records);
  head.writeBigInt64BE(BigInt(baseOffset), 0);
  head.writeInt32BE(49 + body.length, 8);
  head[16] = 2;
  head.writeInt32BE(claimed - 1, 23);
  head.writeBigInt64BE(1_700_000_000_000n, 27);
  head.writeBigInt64BE(1_700_000_000_000n, 35);
  head.writeBigInt64BE(-1n, 43);
  head.writeInt16BE(-1, 51);
  head.writeInt32BE(-1, 53);
  head.writeInt32BE(claimed, 57);
  const batch = Buffer.concat([head, body]);
  batch.writeUInt32BE(crc32c(batch, 21, batch.length), 17);
  return batch;
}

export function encodeFetchResponse(version: number, partitions: readonly FetchedPartition[]): Buffer {
  const parts: Buffer[] = [int32(0)];
  if (version >= 7) parts.push(int16(0), int32(0));
  parts.push(int32(partitions.length));
  for (const { topic, partition, highWatermark, batches } of partitions) {
    parts.push(int16(topic.length), Buffer.from(topic), int32(1), int32(partition), int16(0));
    parts.push(int64(highWatermark), int64(highWatermark));
    if (version >= 5) parts.push(int64(0));
    parts.push(int32(1), int64(7), int64(0)); // one aborted transaction of another producer
    if (version >= 11) parts.push(int32(-1));
    const records = Buffer.concat(batches);
    parts.push(int32(records.length), records);
  }
  return Buffer.concat(parts);
}

/** `topic/partition` → [offset, value as text], as kafkajs reads the response. */
export async function decodeFetchResponse(
  version: number,
  response: Buffer,
): Promise<Map<string, [number, string][]>> {
  const reader = createRequire(import.meta.url)(
    `kafkajs/src/protocol/requests/fetch/v${version}/response`,
  ) as Reader;
  const decoded = await reader.decode(response);
  const byPartition = new Map<string, [number, string][]>();
  for (const { topicName, partitions } of decoded.responses) {
    for (const { partition, messages } of partitions) {
      const list = messages.map(({ offset, value }): [number, string] => [
        Number(offset),
        value.toString('latin1'),
      ]);
      byPartition.set(`${topicName}/${partition}`, list);
    }
  }
  return byPartition;
}

interface Reader {
  decode(response: Buffer): Promise<{
    responses: {
      topicName: string;
      partitions: { partition: number; messages: { offset: string; value: Buffer }[] }[];
    }[];
  }>;
}

function encodeRecord(offsetDelta: number, value: Buffer): Buffer {
  const body = Buffer.concat([
    Buffer.from([0, 0]),
    zigZag(offsetDelta),
    zigZag(-1),
    zigZag(value.length),
    value,
    Buffer.from([0]),
  ]);
  return Buffer.concat([zigZag(body.length), body]);
}

function zigZag(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value < 0 ? -value * 2 - 1 : value * 2;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
