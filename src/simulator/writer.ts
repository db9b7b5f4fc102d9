import type { Effects, Mute } from './effects.ts';
import type { Pod } from './fleet.ts';
import type { Line, Scene } from './line.ts';
import { Random } from './random.ts';
import type { Attribute, RequestFacts } from './request.ts';
import type { ServiceSpec } from './service.ts';
import type { Timeline } from './timeline.ts';

/** Lines of one stack trace that arrive as records of their own are this far apart. */
const TRACE_LINE_STEP_MS = 0.02;

/** What a line is about when it is not just said: a call that was made. */
export interface CallReport {
  readonly tookMs: number;
  readonly status: number;
  readonly dependency: string;
}

export const NO_CALL: CallReport = { tookMs: 0, status: 200, dependency: '' };

/** Turns lines into records on the timeline, unless a fault has silenced them. */
export class Writer {
  private readonly timeline: Timeline;
  private readonly services: ReadonlyMap<string, ServiceSpec>;
  private readonly mutes = new Map<string, Mute[]>();
  private readonly muteRandom: Random;
  private readonly scene: Scene;

  constructor(
    seed: number,
    timeline: Timeline,
    services: ReadonlyMap<string, ServiceSpec>,
    effects: Effects,
    scene: Scene,
  ) {
    this.timeline = timeline;
    this.services = services;
    this.muteRandom = Random.named(seed, 'mutes');
    this.scene = scene;
    for (const mute of effects.mutes) {
      const list = this.mutes.get(mute.service);
      if (list === undefined) this.mutes.set(mute.service, [mute]);
      else list.push(mute);
    }
  }

  write(
    line: Line,
    atMs: number,
    pod: Pod,
    request: RequestFacts,
    random: Random,
    attributes: readonly Attribute[],
    call: CallReport = NO_CALL,
    faultId = '',
  ): void {
    const timeMs = Math.round(atMs * 1000) / 1000;
    if (this.isMuted(line, timeMs, pod)) return;
    const scene = this.scene;
    scene.random = random;
    scene.timeMs = timeMs;
    scene.pod = pod;
    scene.request = request;
    scene.tookMs = call.tookMs;
    scene.status = call.status;
    scene.dependency = call.dependency;
    const spec = this.services.get(pod.service)!;
    const base = {
      arrivalMs: Number.NaN,
      pod,
      severity: line.severity,
      attributes,
      traceId: request.traceId,
      lineKey: line.key,
      faultId,
      hasSeverity: spec.severity !== false,
      hasTime: spec.time !== false,
    };
    this.timeline.add({ ...base, timeMs, body: line.render(scene) });
    for (let i = 0; i < line.apart.length; i++) {
      const frameMs = Math.round((timeMs + (i + 1) * TRACE_LINE_STEP_MS) * 1000) / 1000;
      this.timeline.add({ ...base, timeMs: frameMs, body: line.apart[i]!, traceId: '', attributes: [] });
    }
  }

  private isMuted(line: Line, timeMs: number, pod: Pod): boolean {
    const mutes = this.mutes.get(pod.service);
    if (mutes === undefined) return false;
    for (const mute of mutes) {
      if (timeMs < mute.fromMs || timeMs >= mute.toMs) continue;
      if (mute.slot !== undefined && mute.slot !== pod.slot) continue;
      if (mute.keys !== null && !mute.keys.has(line.key)) continue;
      if (mute.share >= 1 || this.muteRandom.chance(mute.share)) return true;
    }
    return false;
  }
}
