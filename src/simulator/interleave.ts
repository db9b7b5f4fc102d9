import { Random } from './random.ts';
import type { SimulatedMessage } from './to-messages.ts';

/** How many messages one partition may run ahead of the slowest, unless told otherwise. */
const DEFAULT_LEAD = 40;

/** The same messages read in another order: each partition keeps its own order, the partitions take turns at random. */
export function interleave(
  messages: readonly SimulatedMessage[],
  seed: number,
  maxLead = DEFAULT_LEAD,
): SimulatedMessage[] {
  const random = Random.named(seed, 'interleave');
  const byPartition = new Map<number, SimulatedMessage[]>();
  for (const message of messages) {
    const queue = byPartition.get(message.partition);
    if (queue === undefined) byPartition.set(message.partition, [message]);
    else queue.push(message);
  }
  const queues = [...byPartition.values()];
  const read = queues.map(() => 0);
  const result: SimulatedMessage[] = [];
  while (result.length < messages.length) {
    const open = queues.flatMap((queue, i) => (read[i]! < queue.length ? [i] : []));
    const slowest = Math.min(...open.map((i) => read[i]!));
    const next = random.pick(open.filter((i) => read[i]! <= slowest + maxLead));
    result.push(queues[next]![read[next]!]!);
    read[next] = read[next]! + 1;
  }
  return result;
}
