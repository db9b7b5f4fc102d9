import type { Noise } from './compiled-service.ts';
import type { FaultSpec } from './fault.ts';
import { FAULT_KINDS } from './faults/kinds.ts';
import { Random } from './random.ts';
import type { SimulationOptions } from './simulate.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** A Monday; a family's seed moves the hour, so that no family lives on one part of the day. */
const FIRST_START_MS = Date.UTC(2026, 10, 16, 0, 0, 0);
/** Learning time before the first fault: three hours are what detection asks for, and half an hour of margin. */
export const FAMILY_WARM_UP_MS = 3.5 * HOUR_MS;
/** One fault, or one harmless change, begins in each slot; at least half of a slot is clean. */
const SLOT_MS = 60 * MINUTE_MS;
/** Per service: over a day about eighteen lines are new in it, two of them warnings. */
const FAMILY_TAIL = { infos: 24, warnings: 3 } as const;
const FAULT_MAX_MS = 25 * MINUTE_MS;
const START_SPREAD_MS = 10 * MINUTE_MS;

/** Seeds to look at while tuning detection. */
export const TUNING_SEEDS = { first: 1, last: 99 } as const;
/** Seeds for reporting only: nobody looks at single results of these. */
export const HELD_OUT_SEEDS = { first: 1001, last: 1099 } as const;

interface Family {
  readonly about: string;
  readonly slots: number;
  readonly scale: number;
  readonly noise: Noise;
  /** Drawn without repetition until all were used. */
  readonly kinds: readonly string[];
}

const FAMILIES = {
  quiet: {
    about: 'no routine ERROR at all: any of them is news',
    slots: 7,
    scale: 0.6,
    noise: { warnings: 0.5, errors: 0 },
    kinds: [
      'bad_version',
      'dependency_refused',
      'certificate_expired',
      'disk_full',
      'deadlock',
      'precursor_outage',
      'dns_failure',
      'rare_warning',
    ],
  },
  noisy: {
    about: 'ERROR all day in most services; faults show as lines that stop while their callers go on',
    slots: 7,
    scale: 0.6,
    noise: { warnings: 4, errors: 12, failedCalls: 0.003 },
    kinds: [
      'silent_line',
      'service_silence',
      'consumer_stuck',
      'service_down',
      'silent_line',
      'thinned_line',
      'dependency_refused',
    ],
  },
  deploys: {
    about: 'releases without pause: most are plain, some break something',
    slots: 8,
    scale: 0.6,
    noise: { warnings: 1, errors: 1 },
    kinds: [
      'plain_deploy',
      'bad_version',
      'plain_deploy',
      'config_change',
      'plain_deploy',
      'bad_version',
      'plain_deploy',
      'debug_flood',
    ],
  },
  ramps: {
    about: 'changes of rate: ramps, storms of a known line, traffic that goes missing or doubles',
    slots: 7,
    scale: 0.6,
    noise: { warnings: 1, errors: 1 },
    kinds: [
      'latency_ramp',
      'retry_storm',
      'auth_failures',
      'traffic_drop',
      'memory_leak',
      'thinned_line',
      'traffic_push',
    ],
  },
  pods: {
    about: 'one pod of several, one tenant of many, and harmless restarts and batches',
    slots: 7,
    scale: 0.6,
    noise: { warnings: 1, errors: 1 },
    kinds: [
      'pod_fault',
      'memory_leak',
      'partial_fault',
      'pod_fault',
      'bad_version',
      'agent_restart',
      'nightly_batch',
    ],
  },
  calm: {
    about: 'nothing happens: every window is a false one',
    slots: 8,
    scale: 0.6,
    noise: { warnings: 1, errors: 1 },
    kinds: [],
  },
} as const satisfies Record<string, Family>;

export type FamilyName = keyof typeof FAMILIES;

export const FAMILY_NAMES = Object.keys(FAMILIES) as FamilyName[];

/** Options of one member of a family: hours of warm-up, then one fault a slot with clean time around it. */
export function family(name: FamilyName, seed: number): SimulationOptions {
  const preset: Family = FAMILIES[name];
  const random = Random.named(seed, `family ${name}`);
  const faults: FaultSpec[] = [];
  let bag: string[] = [];
  for (let slot = 0; slot < preset.slots && preset.kinds.length > 0; slot++) {
    if (bag.length === 0) bag = shuffled(random, preset.kinds);
    const kind = bag.pop()!;
    const { services, defaultDurationMs } = FAULT_KINDS[kind]!;
    faults.push({
      kind,
      service: random.pick(services),
      atMs: FAMILY_WARM_UP_MS + slot * SLOT_MS + Math.floor((random.unit() * START_SPREAD_MS) / 1000) * 1000,
      durationMs: Math.min(defaultDurationMs, FAULT_MAX_MS),
      variant: random.between(0, 99),
    });
  }
  return {
    seed,
    startMs: FIRST_START_MS + random.between(0, 23) * HOUR_MS,
    durationMs: FAMILY_WARM_UP_MS + preset.slots * SLOT_MS,
    scale: preset.scale,
    noise: preset.noise,
    tail: FAMILY_TAIL,
    faults,
  };
}

/** Fisher and Yates, as in Knuth, TAOCP 2, §3.4.2, algorithm P. */
function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const other = random.between(0, i);
    [result[i], result[other]] = [result[other]!, result[i]!];
  }
  return result;
}
