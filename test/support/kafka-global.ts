import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { BrokerUnavailable, KafkaBroker } from './kafka-broker.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the starter: asking it for `START_PATH` starts the run's one broker if none runs yet. */
    kafkaStarter: string;
  }
}

export const START_PATH = '/start';
/** Only makes sure that brokers can be started. */
export const PREPARE_PATH = '/prepare';

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
  let preparing: Promise<StarterAnswer> | null = null;
  let starting: Promise<StarterAnswer> | null = null;
  let broker: KafkaBroker | null = null;

  async function start(): Promise<StarterAnswer> {
    const given = (process.env.WINNOW_TEST_BROKERS ?? '').split(',').filter((address) => address !== '');
    if (given.length > 0) return { brokers: given, unavailable: '' };
    return await answer(async () => {
      broker = await KafkaBroker.start();
      return [broker.address];
    });
  }

  async function prepare(): Promise<StarterAnswer> {
    return await answer(async () => {
      await KafkaBroker.prepare();
      return [];
    });
  }

  const server = createServer((request, response) => {
    if (request.url === PREPARE_PATH) preparing ??= prepare();
    else starting ??= start();
    const asked = request.url === PREPARE_PATH ? preparing : starting;
    void asked?.then((said) => response.end(JSON.stringify(said)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  project.provide('kafkaStarter', `http://127.0.0.1:${port}`);

  return async () => {
    const said = [await preparing, await starting];
    server.close();
    server.closeAllConnections();
    await broker?.stop();
    const reason = said.find((one) => one !== null && one.unavailable !== '')?.unavailable;
    if (reason !== undefined) warnLoudly(reason);
  };
}

async function answer(task: () => Promise<string[]>): Promise<StarterAnswer> {
  try {
    return { brokers: await task(), unavailable: '' };
  } catch (error) {
    return { brokers: [], unavailable: error instanceof BrokerUnavailable ? error.message : String(error) };
  }
}

function warnLoudly(reason: string): void {
  const line = '!'.repeat(100);
  process.stderr.write(
    `\n${line}\n! KAFKA TESTS WERE LEFT OUT: ${reason}\n! Nothing in this run shows that winnow reads or writes Kafka.` +
      `\n! Install Java 17 and Maven, or set WINNOW_TEST_BROKERS=host:port.\n${line}\n\n`,
  );
}
