import { Random } from './random.ts';
import type { ServiceSpec } from './service.ts';

const NODES = 24;
/** Pause between the pods of a rolling update. */
export const ROLL_STEP_MS = 25_000;

/** One process of a service, from its start to its replacement. What OTLP calls the resource. */
export interface Pod {
  readonly service: string;
  /** Position among the service's pods; a replacement takes the same slot. */
  readonly slot: number;
  readonly name: string;
  readonly instanceId: string;
  readonly host: string;
  readonly version: string;
  readonly fromMs: number;
  readonly attributes: readonly (readonly [string, string])[];
}

/**
 * All pods of all services over the whole simulation. Changes (rolling updates, restarts) are planned before the
 * first record is made; afterwards the fleet is only read.
 */
export class Fleet {
  private readonly random: Random;
  private readonly specs = new Map<string, ServiceSpec>();
  /** Per service and slot: pods in order of start. */
  private readonly slots = new Map<string, Pod[][]>();

  constructor(seed: number, services: readonly ServiceSpec[], startMs: number) {
    this.random = Random.named(seed, 'fleet');
    for (const spec of services) {
      this.specs.set(spec.name, spec);
      const replicaSet = this.random.hex(10);
      const pods: Pod[][] = [];
      for (let slot = 0; slot < spec.pods; slot++)
        pods.push([this.start(spec, slot, spec.version, replicaSet, startMs)]);
      this.slots.set(spec.name, pods);
    }
  }

  slotCount(service: string): number {
    return this.slots.get(service)?.length ?? 0;
  }

  podAt(service: string, slot: number, timeMs: number): Pod {
    const history = this.slots.get(service)![slot]!;
    let i = history.length - 1;
    while (i > 0 && history[i]!.fromMs > timeMs) i -= 1;
    return history[i]!;
  }

  versionAt(service: string, timeMs: number): string {
    return this.podAt(service, 0, timeMs).version;
  }

  /** Rolling update: slot by slot, new pod names, new version. Returns the new pods in order of start. */
  roll(service: string, atMs: number, version: string, stepMs = ROLL_STEP_MS): Pod[] {
    const spec = this.specs.get(service)!;
    const replicaSet = this.random.hex(10);
    return this.slots.get(service)!.map((history, slot) => {
      const pod = this.start(spec, slot, version, replicaSet, atMs + slot * stepMs);
      history.push(pod);
      return pod;
    });
  }

  /** The container of one pod is started again: same pod name and version, new instance id. */
  restart(service: string, slot: number, atMs: number): Pod {
    const history = this.slots.get(service)![slot]!;
    const before = history.at(-1)!;
    const pod = this.describe(this.specs.get(service)!, {
      ...before,
      instanceId: this.random.uuid(),
      fromMs: atMs,
    });
    history.push(pod);
    return pod;
  }

  private start(spec: ServiceSpec, slot: number, version: string, replicaSet: string, fromMs: number): Pod {
    return this.describe(spec, {
      service: spec.name,
      slot,
      name: `${spec.name}-${replicaSet}-${this.random.podSuffix(5)}`,
      instanceId: this.random.uuid(),
      host: `node-${String(this.random.between(1, NODES)).padStart(2, '0')}.shop.internal`,
      version,
      fromMs,
    });
  }

  private describe(spec: ServiceSpec, pod: Omit<Pod, 'attributes'>): Pod {
    return {
      ...pod,
      attributes: [
        ['service.name', spec.name],
        ['service.namespace', spec.namespace],
        ['service.version', pod.version],
        ['service.instance.id', pod.instanceId],
        ['deployment.environment.name', 'prod'],
        ['k8s.namespace.name', spec.namespace],
        ['k8s.pod.name', pod.name],
        ['host.name', pod.host],
      ],
    };
  }
}

/** `5.1.3` → `5.1.4`, or `5.2.0` for a minor release. */
export function nextVersion(version: string, minor = false): string {
  const [major = '1', middle = '0', patch = '0'] = version.split('.');
  return minor ? `${major}.${Number(middle) + 1}.0` : `${major}.${middle}.${Number(patch) + 1}`;
}
