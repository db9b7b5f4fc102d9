import type { CompiledService } from './compiled-service.ts';
import { type Effects, rampShare, type Slowdown, type VisitFailure } from './effects.ts';
import type { Fleet, Pod } from './fleet.ts';
import type { CallSpec, FlowSpec } from './flow.ts';
import { Random } from './random.ts';
import { RequestFacts } from './request.ts';
import { NO_CALL, type Writer } from './writer.ts';

const OK = 200;
/** Statuses from here on mean that the call failed on the server's side. */
const FIRST_FAILED_STATUS = 500;
/** What an access line says of a request that no service failed: mostly 200, some of the rest. */
const CLIENT_STATUSES = [...new Array<number>(44).fill(OK), 201, 201, 204, 304, 304, 400, 401, 404] as const;
const LOST_ANSWER_STATUSES = [502, 503, 504] as const;
const LOST_ANSWER_MEAN_MS = 1_500;
const NETWORK_MEDIAN_MS = 0.7;
const OWN_TIME_SPREAD = 0.4;
/** Key of the line that reports a failed call, in every caller's table. */
const UPSTREAM_FAILED = 'upstream_failed';

/**
 * Walks one request at a time through the call graph and writes the lines of every service on its way.
 * A failed call makes its caller fail too (unless optional), so that a fault deep in the graph stops the lines above it.
 */
export class Walker {
  private readonly services: ReadonlyMap<string, CompiledService>;
  private readonly fleet: Fleet;
  private readonly writer: Writer;
  private readonly failures: Map<string, VisitFailure[]>;
  private readonly slowdowns: Map<string, Slowdown[]>;
  private readonly failedCalls: number;
  private readonly seeds: Random;
  private readonly chaos: Random;
  private random: Random;
  private request!: RequestFacts;
  /** Where the request is in time: the end of the last finished call. */
  private clockMs = 0;

  constructor(
    seed: number,
    services: ReadonlyMap<string, CompiledService>,
    fleet: Fleet,
    effects: Effects,
    writer: Writer,
    failedCalls: number,
  ) {
    this.services = services;
    this.fleet = fleet;
    this.writer = writer;
    this.failures = byService(effects.failures);
    this.slowdowns = byService(effects.slowdowns);
    this.failedCalls = failedCalls;
    this.seeds = Random.named(seed, 'requests');
    this.chaos = Random.named(seed, 'chaos');
    this.random = this.seeds;
  }

  walk(flow: FlowSpec, startMs: number): void {
    // A generator per request: what a fault does to one request leaves the next one as it was.
    this.random = new Random(this.seeds.uint32());
    this.request = new RequestFacts(this.random, flow.route, flow.method, true);
    this.visit(flow.call, startMs);
  }

  /** Returns the status that the caller sees; `clockMs` is then the time at which it sees it. */
  private visit(call: CallSpec, startMs: number): number {
    const service = this.services.get(call.service);
    this.clockMs = startMs;
    if (service === undefined) return OK;
    const slot = this.random.between(0, service.spec.pods - 1);
    const arrivedMs = startMs + this.random.logNormal(NETWORK_MEDIAN_MS, OWN_TIME_SPREAD);
    const pod = this.fleet.podAt(call.service, slot, arrivedMs);
    const failure = this.failureOf(pod, arrivedMs);
    if (failure !== null && failure.line === null) return this.fail(failure, pod, arrivedMs);
    const ownMs = this.ownTime(service, pod, arrivedMs);
    const stepMs = ownMs / (call.before.length + (call.after?.length ?? 0) + 1);
    this.clockMs = arrivedMs;
    for (const key of call.before) this.say(service, key, pod, stepMs);
    this.sayOnTheWay(service, pod, ownMs);
    if (failure !== null)
      return this.finish(call, service, pod, startMs, this.fail(failure, pod, this.clockMs));
    const status = this.callOthers(call, service, pod);
    if (status < FIRST_FAILED_STATUS) for (const key of call.after ?? []) this.say(service, key, pod, stepMs);
    return this.finish(call, service, pod, startMs, status);
  }

  private callOthers(call: CallSpec, service: CompiledService, pod: Pod): number {
    for (const child of call.calls ?? []) {
      if (child.share !== undefined && !this.random.chance(child.share)) continue;
      const calledMs = this.clockMs;
      const status = this.maybeLost(this.visit(child, calledMs));
      if (status < FIRST_FAILED_STATUS) continue;
      const report = { dependency: child.service, status, tookMs: this.clockMs - calledMs };
      const attributes = [...this.request.attributes(), ['http.response.status_code', status] as const];
      this.writer.write(
        service.line(UPSTREAM_FAILED),
        this.clockMs,
        pod,
        this.request,
        this.random,
        attributes,
        report,
      );
      if (child.optional !== true) return status;
    }
    return OK;
  }

  /** Routine trouble: the call went well, and its answer was lost or came too late. */
  private maybeLost(status: number): number {
    if (this.failedCalls === 0 || status >= FIRST_FAILED_STATUS || !this.random.chance(this.failedCalls))
      return status;
    this.clockMs += this.random.exponential(LOST_ANSWER_MEAN_MS);
    return this.random.pick(LOST_ANSWER_STATUSES);
  }

  private finish(
    call: CallSpec,
    service: CompiledService,
    pod: Pod,
    startMs: number,
    status: number,
  ): number {
    if (call.access !== undefined) {
      const seen = status === OK ? this.random.pick(CLIENT_STATUSES) : status;
      const attributes = [
        ...this.request.attributes(),
        ['http.response.status_code', seen] as const,
        ['client.address', this.request.clientAddress()] as const,
      ];
      const report = { dependency: '', status: seen, tookMs: this.clockMs - startMs };
      this.writer.write(
        service.line(call.access),
        this.clockMs,
        pod,
        this.request,
        this.random,
        attributes,
        report,
      );
    }
    return status;
  }

  private fail(failure: VisitFailure, pod: Pod, atMs: number): number {
    if (failure.line !== null) {
      const attributes = this.request.attributes();
      this.writer.write(
        failure.line,
        atMs,
        pod,
        this.request,
        this.random,
        attributes,
        NO_CALL,
        failure.faultId,
      );
    }
    const callersFail = atMs >= failure.callersFailFromMs;
    this.clockMs = callersFail ? atMs + failure.tookMs : atMs;
    return callersFail ? failure.status : OK;
  }

  private say(service: CompiledService, key: string, pod: Pod, stepMs: number): void {
    this.clockMs += this.random.exponential(stepMs);
    this.writer.write(
      service.line(key),
      this.clockMs,
      pod,
      this.request,
      this.random,
      this.request.attributes(),
    );
  }

  private sayOnTheWay(service: CompiledService, pod: Pod, ownMs: number): void {
    for (const { line, probability } of service.visitLines) {
      if (!this.random.chance(probability)) continue;
      this.clockMs += this.random.exponential(ownMs * 0.1);
      this.writer.write(line, this.clockMs, pod, this.request, this.random, this.request.attributes());
    }
  }

  private ownTime(service: CompiledService, pod: Pod, atMs: number): number {
    let ownMs = this.random.logNormal(service.spec.medianMs, OWN_TIME_SPREAD);
    for (const slow of this.slowdowns.get(service.spec.name) ?? []) {
      if (atMs < slow.fromMs || atMs >= slow.toMs) continue;
      ownMs *= 1 + (slow.factor - 1) * rampShare(slow.fromMs, slow.rampMs, atMs);
      if (ownMs < slow.slowAboveMs || atMs + ownMs < slow.slowFromMs) continue;
      const report = { dependency: '', status: OK, tookMs: ownMs };
      const attributes = this.request.attributes();
      this.writer.write(
        slow.slowLine,
        atMs + ownMs,
        pod,
        this.request,
        this.chaos,
        attributes,
        report,
        slow.faultId,
      );
    }
    return ownMs;
  }

  private failureOf(pod: Pod, atMs: number): VisitFailure | null {
    for (const failure of this.failures.get(pod.service) ?? []) {
      if (atMs < failure.fromMs || atMs >= failure.toMs) continue;
      if (failure.slot !== undefined && failure.slot !== pod.slot) continue;
      if (failure.version !== undefined && failure.version !== pod.version) continue;
      if (failure.route !== undefined && failure.route !== this.request.route) continue;
      if (failure.tenant !== undefined && failure.tenant !== this.request.tenant) continue;
      if (this.chaos.chance(failure.probability)) return failure;
    }
    return null;
  }
}

function byService<T extends { readonly service: string }>(items: readonly T[]): Map<string, T[]> {
  const map = new Map<string, T[]>();
  for (const item of items) {
    const list = map.get(item.service);
    if (list === undefined) map.set(item.service, [item]);
    else list.push(item);
  }
  return map;
}
