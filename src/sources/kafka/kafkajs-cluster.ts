import type { Cluster } from 'kafkajs';
import { isKnownVersion } from '../../kafka/kafkajs-faults.ts';
import { FetchAhead, type FetchAnswer, type FetchRequest } from './fetch-ahead.ts';
import type { FetchedMessage } from './fetch-memory.ts';
import type { Fetching } from './fetching.ts';

/** What is put between kafkajs and the brokers of one consumer. */
export interface ClusterHooks {
  readonly fetching: Pick<Fetching, 'asked' | 'fetched' | 'decoded'>;
  /** Called for each partition that a fetch found in error. True: kafkajs need not know. */
  failed(topic: string, partition: number, errorCode: number): boolean;
  /** Called after each fetch in which nothing failed, or only what `failed` took care of. */
  answered(): void;
}

/**
 * Wires hooks into a consumer's cluster, from inside kafkajs because nothing outside sees a fetch response: kafkajs takes
 * one partition's error for the whole response's, throws the other partitions' messages away and joins the group anew.
 * Each broker is asked for the next messages while the last ones are worked on (`FetchAhead`).
 * Also spares kafkajs the look-up of committed offsets, which fails for all partitions when one has no leader: a partition
 * is held back until its offset was set anyway.
 */
export function hookCluster(cluster: Cluster, hooks: ClusterHooks): void {
  if (!isKnownVersion()) return;
  const pool = (cluster as unknown as KafkajsCluster).brokerPool;
  const createBroker = pool.createBroker;
  pool.createBroker = (options) => {
    const broker = createBroker.call(pool, options);
    hookBroker(broker, hooks);
    return broker;
  };
  cluster.fetchTopicsOffset = async (topics) =>
    topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, offset: '0' })),
    }));
}

/** A broker gets its table of requests anew with each connection; `fetch` looks a request up before it first waits. */
function hookBroker(broker: KafkajsBroker, hooks: ClusterHooks): void {
  let lookup = broker.lookupRequest;
  let wanted = Promise.resolve(true);
  Object.defineProperty(broker, 'lookupRequest', {
    get: () => lookup,
    set(next: Lookup) {
      lookup = (apiKey, definitions) => {
        const make = next(apiKey, definitions);
        return apiKey === FETCH ? (options) => hookFetch(make(options), hooks, wanted) : make;
      };
    },
  });
  const fetch = broker.fetch;
  const ahead = new FetchAhead((request, isWanted) => {
    wanted = isWanted;
    return fetch.call(broker, hooks.fetching.asked(request));
  });
  broker.fetch = (request) => ahead.fetch(request);
}

function hookFetch(made: MadeRequest, hooks: ClusterHooks, wanted: Promise<boolean>): MadeRequest {
  const { decode, parse } = made.response;
  return {
    ...made,
    response: {
      decode: async (bytes) => {
        if (!(await wanted)) return NOTHING;
        hooks.fetching.fetched(bytes, made.request.apiVersion);
        const data = await decode(bytes);
        const partitions = data.responses.flatMap((topic) => topic.partitions);
        hooks.fetching.decoded(
          bytes,
          partitions.map(({ messages }) => messages),
        );
        return data;
      },
      parse: async (data) => {
        if (data === NOTHING) return data;
        for (const topic of data.responses) {
          topic.partitions = topic.partitions.filter(
            ({ partition, errorCode }) =>
              errorCode === 0 || !hooks.failed(topic.topicName, partition, errorCode),
          );
        }
        const parsed = await parse(data);
        hooks.answered();
        return parsed;
      },
    },
  };
}

/** In the place of an answer that nobody wants any more. */
const NOTHING: FetchData = { responses: [] };

/** Number of the Fetch request. https://kafka.apache.org/protocol#protocol_api_keys */
const FETCH = 1;

/** The parts of kafkajs 2.2.4 that are touched. */
interface KafkajsCluster {
  readonly brokerPool: { createBroker: (options: unknown) => KafkajsBroker };
}

interface KafkajsBroker {
  lookupRequest: Lookup;
  fetch(request: FetchRequest): Promise<FetchAnswer>;
}

type Lookup = (apiKey: number, definitions: unknown) => (options: unknown) => MadeRequest;

interface MadeRequest {
  readonly request: { readonly apiVersion: number };
  readonly response: {
    decode(bytes: Buffer): Promise<FetchData>;
    parse(data: FetchData): Promise<unknown>;
  };
}

interface FetchData {
  readonly responses: {
    readonly topicName: string;
    partitions: {
      readonly partition: number;
      readonly errorCode: number;
      readonly messages: readonly FetchedMessage[];
    }[];
  }[];
}
