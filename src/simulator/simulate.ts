import { WinnowError } from '../errors.ts';
import { Background } from './background.ts';
import { CompiledService, type Noise } from './compiled-service.ts';
import { type Effects, noEffects, rampShare } from './effects.ts';
import type { FaultSpec, InjectedFault } from './fault.ts';
import { planFault } from './faults/kinds.ts';
import { Fleet } from './fleet.ts';
import type { FlowSpec } from './flow.ts';
import type { Scene } from './line.ts';
import { Random } from './random.ts';
import type { SimulatedRecord } from './record.ts';
import { RequestFacts } from './request.ts';
import type { ServiceSpec } from './service.ts';
import { SHOP_FLOWS, SHOP_SERVICES } from './shop.ts';
import { type Tail, withTail } from './tail.ts';
import { Timeline } from './timeline.ts';
import { trafficFactor, type WeekShape } from './traffic.ts';
import { Walker } from './walker.ts';
import { Writer } from './writer.ts';

const SECOND_MS = 1000;
/** Requests a second at scale 1, averaged over a weekday: together with the background about 20 records a second. */
const REQUESTS_PER_SECOND = 2.5;
const DEFAULT_DAILY_SWING = 0.3;
const DEFAULT_WEEKEND_SHARE = 0.7;
/** Mean number of requests that one customer sends in quick succession. */
const DEFAULT_BURST = 2;
const BURST_GAP_MS = 1500;

export interface SimulationOptions {
  readonly seed: number;
  /** Unix ms, a multiple of 1000. */
  readonly startMs: number;
  readonly durationMs: number;
  /** Traffic multiplier; 1 = about 20 records a second. */
  readonly scale?: number;
  /** Absent = the shop of fifteen services. */
  readonly services?: readonly ServiceSpec[];
  readonly flows?: readonly FlowSpec[];
  readonly faults?: readonly FaultSpec[];
  readonly dailySwing?: number;
  readonly weekendShare?: number;
  /** Mean size of a burst of requests; 1 = Poisson. */
  readonly burst?: number;
  readonly noise?: Noise;
  /** Rare harmless lines added to every service; absent = none. */
  readonly tail?: Tail;
}

/** A simulated system: its truth at once, its records as often as they are asked for, always the same. */
export interface Simulation {
  readonly options: SimulationOptions;
  /** In order of onset. */
  readonly truth: readonly InjectedFault[];
  /** One array per second of event time, records in time order; empty seconds included. Each call starts anew. */
  seconds(): Generator<SimulatedRecord[], void, undefined>;
}

export function simulate(options: SimulationOptions): Simulation {
  check(options);
  const { tail } = options;
  const tables = options.services ?? SHOP_SERVICES;
  const specs = tail === undefined ? tables : tables.map((spec) => withTail(spec, options.seed, tail));
  const noise = options.noise ?? { warnings: 1, errors: 1 };
  const services = new Map(specs.map((spec) => [spec.name, new CompiledService(spec, noise)]));
  const fleet = new Fleet(options.seed, specs, options.startMs);
  const effects = noEffects();
  const truth = [...(options.faults ?? [])]
    .sort((left, right) => left.atMs - right.atMs)
    .map((spec, i) =>
      planFault(spec, i, options, {
        services,
        fleet,
        effects,
        flows: options.flows ?? SHOP_FLOWS,
        callsFailRoutinely: (noise.failedCalls ?? 0) > 0,
      }),
    )
    .sort((left, right) => left.onsetMs - right.onsetMs);
  return { options, truth, seconds: () => run(options, services, fleet, effects) };
}

function* run(
  options: SimulationOptions,
  services: ReadonlyMap<string, CompiledService>,
  fleet: Fleet,
  effects: Effects,
): Generator<SimulatedRecord[], void, undefined> {
  const { seed, startMs, durationMs } = options;
  const shape = {
    dailySwing: options.dailySwing ?? DEFAULT_DAILY_SWING,
    weekendShare: options.weekendShare ?? DEFAULT_WEEKEND_SHARE,
  };
  const timeline = new Timeline();
  const specs = new Map([...services].map(([name, service]) => [name, service.spec]));
  const writer = new Writer(
    seed,
    timeline,
    specs,
    effects,
    firstScene(fleet, [...specs.keys()][0]!, startMs),
  );
  const walker = new Walker(seed, services, fleet, effects, writer, options.noise?.failedCalls ?? 0);
  const background = new Background(
    seed,
    options.scale ?? 1,
    services,
    fleet,
    effects,
    writer,
    shape,
    startMs,
  );
  const arrivals = new Arrivals(options, effects, shape, walker);
  for (let atMs = startMs; atMs < startMs + durationMs; atMs += SECOND_MS) {
    background.advance(atMs);
    arrivals.advance(atMs);
    yield timeline.take(atMs);
  }
}

/** Requests of each flow, second by second: a compound Poisson process, since customers click more than once. */
class Arrivals {
  private readonly flows: readonly FlowSpec[];
  private readonly effects: Effects;
  private readonly shape: WeekShape;
  private readonly walker: Walker;
  private readonly random: Random;
  private readonly perSecond: number;
  private readonly totalWeight: number;
  private readonly burst: number;

  constructor(options: SimulationOptions, effects: Effects, shape: WeekShape, walker: Walker) {
    this.flows = options.flows ?? SHOP_FLOWS;
    this.effects = effects;
    this.shape = shape;
    this.walker = walker;
    this.random = Random.named(options.seed, 'arrivals');
    this.perSecond = REQUESTS_PER_SECOND * (options.scale ?? 1);
    this.totalWeight = this.flows.reduce((sum, flow) => sum + flow.weight, 0);
    this.burst = options.burst ?? DEFAULT_BURST;
  }

  advance(atMs: number): void {
    const factor = trafficFactor(this.shape, atMs);
    for (const flow of this.flows) {
      const mean = ((this.perSecond * flow.weight) / this.totalWeight) * factor * this.changeOf(flow, atMs);
      for (let bursts = this.random.poisson(mean / this.burst); bursts > 0; bursts--) {
        let startMs = atMs + this.random.unit() * SECOND_MS;
        for (let left = this.random.burstSize(this.burst); left > 0; left--) {
          this.walker.walk(flow, startMs);
          startMs += this.random.exponential(BURST_GAP_MS);
        }
      }
    }
  }

  private changeOf(flow: FlowSpec, atMs: number): number {
    let factor = 1;
    for (const change of this.effects.traffic) {
      if (atMs < change.fromMs || atMs >= change.toMs) continue;
      if (change.route !== null && change.route !== flow.route) continue;
      factor *= 1 + (change.factor - 1) * rampShare(change.fromMs, change.rampMs, atMs);
    }
    return factor;
  }
}

function firstScene(fleet: Fleet, service: string, startMs: number): Scene {
  const random = new Random(0);
  const request = new RequestFacts(random, '', '', false);
  return {
    random,
    timeMs: startMs,
    pod: fleet.podAt(service, 0, startMs),
    request,
    tookMs: 0,
    status: 0,
    dependency: '',
  };
}

function check(options: SimulationOptions): void {
  const wholeSeconds = options.startMs % SECOND_MS === 0 && options.durationMs % SECOND_MS === 0;
  if (!wholeSeconds || options.durationMs <= 0 || options.startMs < 0) {
    throw new WinnowError(
      'WINNOW_SIMULATOR_OPTIONS',
      `simulate from ${options.startMs} for ${options.durationMs} ms: both must be whole seconds, the duration above 0`,
    );
  }
}
