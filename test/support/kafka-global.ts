import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { BrokerUnavailable, KafkaBroker } from './kafka-broker.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the starter: asking it starts the run's one broker if none runs yet. */
    kafkaStarter: string;
  }
}

/** What the starter answers. */
export interface StarterAnswer {
  readonly brokers: readonly string[];
  /** Why there is no broker; empty = there is one. */
  readonly unavailable: string;
}

/**
 * vitest globalSetup: one broker per run, started when the first test file asks for it, so that a run without Kafka tests
 * pays nothing. `WINNOW_TEST_BROKERS=host:port,…` uses another broker instead.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let starting: Promise<StarterAnswer> | null = null;
  let broker: KafkaBroker | null = null;

  async function start(): Promise<StarterAnswer> {
    const given = (process.env.WINNOW_TEST_BROKERS ?? '').split(',').filter((address) => address !== '');
    if (given.length > 0) return { brokers: given, unavailable: '' };
    try {
      broker = await KafkaBroker.start();
      return { brokers: [broker.address], unavailable: '' };
    } catch (error) {
      if (!(error instanceof BrokerUnavailable)) return { brokers: [], unavailable: String(error) };
      return { brokers: [], unavailable: error.message };
    }
  }

  const server = createServer((_, response) => {
    starting ??= start();
    void starting.then((answer) => response.end(JSON.stringify(answer)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  project.provide('kafkaStarter', `http://127.0.0.1:${port}/`);

  return async () => {
    const answer = await starting;
    server.close();
    server.closeAllConnections();
    await broker?.stop();
    if (answer !== null && answer.unavailable !== '') warnLoudly(answer.unavailable);
  };
}

function warnLoudly(reason: string): void {
  const line = '!'.repeat(100);
  process.stderr.write(
    `\n${line}\n! KAFKA TESTS WERE LEFT OUT: ${reason}\n! Nothing in this run shows that winnow reads or writes Kafka.` +
      `\n! Install Java 17 and Maven, or set WINNOW_TEST_BROKERS=host:port.\n${line}\n\n`,
  );
}
