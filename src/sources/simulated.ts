import type { Intake, Message, PartitionRef, Source } from '../contracts.ts';
import type { Simulation } from '../simulator/simulate.ts';
import { type MessageOptions, toMessages } from '../simulator/to-messages.ts';

/** Messages handed over at once. */
const BATCH_MESSAGES = 32;

export interface SimulatedSourceOptions extends MessageOptions {
  readonly partitions: number;
  /** Called per batch with the event time it has reached. */
  readonly onProgress?: (eventTimeMs: number) => void;
}

/** Plays a simulation as a topic would be read: OTLP requests spread over partitions, as fast as they are taken. */
export function createSimulatedSource(simulation: Simulation, options: SimulatedSourceOptions): Source {
  const name = 'simulator';
  const refs: PartitionRef[] = Array.from({ length: options.partitions }, (_, partition) => ({
    source: name,
    topic: 'otlp_logs',
    partition,
  }));
  let isStopped = false;
  return {
    name,
    async run(intake: Intake): Promise<void> {
      await intake.assigned(refs);
      const waiting: Message[][] = refs.map(() => []);
      const hand = async (partition: number): Promise<void> => {
        const messages = waiting[partition]!;
        if (messages.length === 0) return;
        waiting[partition] = [];
        await intake.accept({
          partition: refs[partition]!,
          messages,
          encoding: 'otlp_proto',
          caughtUp: false,
        });
      };
      for (const { partition, offset, value, lastTimeMs } of toMessages(simulation, options)) {
        if (isStopped) return;
        waiting[partition]!.push({ value, offset, referenceTimeMs: lastTimeMs });
        if (waiting[partition]!.length < BATCH_MESSAGES) continue;
        await hand(partition);
        options.onProgress?.(lastTimeMs);
      }
      for (const ref of refs) {
        await hand(ref.partition);
        await intake.finished(ref);
      }
    },
    async stop(): Promise<void> {
      isStopped = true;
    },
  };
}
