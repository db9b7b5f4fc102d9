import { createRequire } from 'node:module';
import type { Cluster } from 'kafkajs';

/**
 * kafkajs re-arms a timer with a negative delay for ever, even with nothing to send: 4 % of a core at idle, and a warning.
 * https://github.com/tulios/kafkajs/issues/1556. With an empty queue there is nothing to check: `push` checks by itself.
 * Acts on the whole process; a second call, or another release of kafkajs, changes nothing.
 */
export function stopIdleSpin(): void {
  if (!isKnownVersion()) return;
  const { prototype } = requireCommonJs('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  const original = prototype.scheduleCheckPendingRequests;
  if (original.name !== 'scheduleCheckPendingRequests') return;
  prototype.scheduleCheckPendingRequests = function whenPending(this: RequestQueue) {
    if (this.pending.length > 0) original.call(this);
  };
}

/**
 * Makes every join of a group wait for `beforeJoin`, for kafkajs has no callback that is awaited before partitions are
 * given away. Assigners are handed the cluster, and its `findGroupCoordinator` is the first step of each attempt to join.
 */
export function holdJoin(cluster: Cluster, beforeJoin: () => Promise<void>): void {
  if (!isKnownVersion()) return;
  const original = cluster.findGroupCoordinator;
  cluster.findGroupCoordinator = async (group) => {
    await beforeJoin();
    return await original.call(cluster, group);
  };
}

/**
 * kafkajs throws the metadata of all topics away when one partition of one of them has no leader. Such a partition is
 * known by its leader -1 all the same, and kafkajs reads and writes the others. Acts on the whole process, as above.
 */
export function readAroundLeaderless(): void {
  if (!isKnownVersion()) return;
  for (const version of METADATA_VERSIONS) {
    const path = `kafkajs/src/protocol/requests/metadata/v${version}/response`;
    const response = requireCommonJs(path) as MetadataResponse;
    const original = response.parse;
    if (original.name !== 'parse') continue;
    response.parse = async function withoutLeaders(data) {
      for (const { partitionMetadata } of data.topicMetadata) {
        for (const partition of partitionMetadata) {
          if (partition.partitionErrorCode === LEADER_NOT_AVAILABLE) partition.partitionErrorCode = 0;
        }
      }
      return await original(data);
    };
  }
}

/** Versions of the Metadata request that kafkajs speaks. */
const METADATA_VERSIONS = [0, 1, 2, 3, 4, 5, 6];
/** https://kafka.apache.org/protocol#protocol_error_codes */
const LEADER_NOT_AVAILABLE = 5;

interface MetadataResponse {
  parse(data: MetadataData): Promise<unknown>;
}

interface MetadataData {
  readonly topicMetadata: readonly { readonly partitionMetadata: { partitionErrorCode: number }[] }[];
}

/**
 * kafkajs keeps what is left behind a response even if that is nothing, and then copies the next one to append it to it.
 * Acts on the whole process, as above.
 */
export function keepNoRest(): void {
  if (!isKnownVersion()) return;
  const { prototype } = requireCommonJs('kafkajs/src/network/connection') as { prototype: Connection };
  const original = prototype.processData;
  if (original.name !== 'processData') return;
  prototype.processData = function withoutRest(this: Connection, bytes) {
    original.call(this, bytes);
    if (this.bytesBuffered === 0) this.chunks = [];
  };
}

/** The release whose insides these functions know. */
const KNOWN_VERSION = '2.2.4';

/** The parts of kafkajs' request queue that are touched. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/** The parts of kafkajs' connection that are touched. */
interface Connection {
  chunks: Buffer[];
  readonly bytesBuffered: number;
  processData(bytes: Buffer): void;
}

const requireCommonJs = createRequire(import.meta.url);

export function isKnownVersion(): boolean {
  const { version } = requireCommonJs('kafkajs/package.json') as { version: string };
  return version === KNOWN_VERSION;
}
