// The thread in which a Kafka source runs; `kafka-in-thread.ts` starts it. It ends when it has said `ended`.
import { parentPort, workerData } from 'node:worker_threads';
import { keepCompiled } from '../../compile-cache.ts';
import type { PartitionPosition } from '../../contracts.ts';
import type { KafkaLogger, KafkaSasl } from '../../kafka/connection.ts';
import { ThreadIntake } from './thread-intake.ts';
import { type FromThread, sendError, type ThreadStart, type ToThread } from './thread-protocol.ts';

await read(workerData as ThreadStart);

async function read({ options, sasl, counters }: ThreadStart): Promise<void> {
  const port = parentPort!;
  const send = (message: FromThread, handedOver: readonly ArrayBuffer[] = []): void =>
    port.postMessage(message, handedOver);
  const log =
    (level: keyof KafkaLogger) =>
    (fields: object, message: string): void =>
      send({ kind: 'log', level, fields, message });
  const intake = new ThreadIntake(send);
  const [{ createKafkaSource }, { sharedCounters }] = await Promise.all([
    import('../kafka.ts'),
    import('./shared-counters.ts'),
  ]);
  keepCompiled();
  const source = createKafkaSource(
    {
      ...options,
      logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
      onStatus: (status) => send({ kind: 'status', status }),
      ...(sasl === null ? {} : { sasl: withToken(sasl, intake) }),
    },
    sharedCounters(counters),
  );
  const commit = async (id: number, positions: readonly PartitionPosition[]): Promise<void> => {
    await source.committed(positions);
    send({ kind: 'committed', id });
  };
  const begun = Promise.withResolvers<void>();
  port.on('message', (message: ToThread) => {
    if (message.kind === 'run') begun.resolve();
    else if (message.kind === 'stop') void source.stop();
    else if (message.kind === 'commit') void commit(message.id, message.positions);
    else if (message.kind === 'paused') source.setPaused(message.partitions);
    else intake.receive(message);
  });
  await begun.promise;
  try {
    await source.run(intake);
    send({ kind: 'ended', error: null });
  } catch (error) {
    send({ kind: 'ended', error: sendError(error) });
  }
  port.close();
}

/** Tokens are read where the settings are. */
function withToken(sasl: NonNullable<ThreadStart['sasl']>, intake: ThreadIntake): KafkaSasl {
  if (sasl.mechanism !== 'oauthbearer') return sasl;
  return { mechanism: 'oauthbearer', token: async () => String(await intake.ask({ ask: 'token' })) };
}
