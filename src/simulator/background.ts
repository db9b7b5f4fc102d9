import { Calendar } from './calendar.ts';
import type { CompiledService } from './compiled-service.ts';
import { type Effects, rampShare, type Stream } from './effects.ts';
import type { Fleet } from './fleet.ts';
import type { Line } from './line.ts';
import { hashText, Random } from './random.ts';
import { type Attribute, RequestFacts } from './request.ts';
import { trafficFactor, type WeekShape } from './traffic.ts';
import { NO_CALL, type Writer } from './writer.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
/** Lines of one burst follow each other this closely on average. */
const BURST_GAP_MS = 900;
/** A timer drifts by up to this share of its period. */
const TIMER_JITTER = 0.02;

interface Arrivals {
  readonly service: string;
  readonly line: Line;
  readonly perMinute: number;
  readonly burst: number;
  readonly followsTraffic: boolean;
  readonly random: Random;
  readonly stream: Stream | null;
  nextMs: number;
}

interface Timer {
  readonly service: string;
  readonly slot: number;
  readonly line: Line;
  readonly periodMs: number;
  readonly random: Random;
  nextMs: number;
}

/** Everything that is logged outside requests: routine lines at their rates, timers of each pod, and faults' own lines. */
export class Background {
  private readonly fleet: Fleet;
  private readonly writer: Writer;
  private readonly shape: WeekShape;
  private readonly arrivals = new Calendar<Arrivals>();
  private readonly timers = new Calendar<Timer>();
  private readonly oneOffs: Effects['oneOffs'];
  private readonly seed: number;
  private nextOneOff = 0;

  constructor(
    seed: number,
    scale: number,
    services: ReadonlyMap<string, CompiledService>,
    fleet: Fleet,
    effects: Effects,
    writer: Writer,
    shape: WeekShape,
    startMs: number,
  ) {
    this.seed = seed;
    this.fleet = fleet;
    this.writer = writer;
    this.shape = shape;
    for (const service of services.values()) this.addRoutine(service, scale, startMs);
    effects.streams.forEach((stream, i) => {
      this.addStream(stream, i);
    });
    this.oneOffs = [...effects.oneOffs].sort((left, right) => left.atMs - right.atMs);
  }

  /** Writes the lines of one second. Called with each second in turn. */
  advance(secondStartMs: number): void {
    const factor = trafficFactor(this.shape, secondStartMs);
    this.arrivals.advance(secondStartMs, (arrivals) => this.arrive(arrivals, factor));
    this.timers.advance(secondStartMs, (timer) => this.tick(timer));
    const toMs = secondStartMs + SECOND_MS;
    while (this.nextOneOff < this.oneOffs.length && this.oneOffs[this.nextOneOff]!.atMs < toMs) {
      const { service, slot, atMs, line, faultId } = this.oneOffs[this.nextOneOff]!;
      const random = Random.named(this.seed, `once:${faultId}:${this.nextOneOff}`);
      this.write(
        service,
        slot ?? random.between(0, this.fleet.slotCount(service) - 1),
        atMs,
        line,
        random,
        faultId,
        [],
      );
      this.nextOneOff += 1;
    }
  }

  private addRoutine(service: CompiledService, scale: number, startMs: number): void {
    const name = service.spec.name;
    for (const row of service.rateLines) {
      const random = Random.named(this.seed, row.line.key);
      const perMinute = row.followsTraffic
        ? row.perMinute * scale * (1 + this.shape.dailySwing)
        : row.perMinute;
      const arrivals = { ...row, service: name, perMinute, random, stream: null, nextMs: startMs };
      arrivals.nextMs += gap(arrivals);
      this.arrivals.enter(arrivals);
    }
    for (const row of service.timerLines) {
      for (let slot = 0; slot < service.spec.pods; slot++) {
        const random = Random.named(this.seed, `${row.line.key}#${slot}`);
        const periodMs = row.seconds * 1000;
        this.timers.enter({
          service: name,
          slot,
          line: row.line,
          periodMs,
          random,
          nextMs: startMs + random.unit() * periodMs,
        });
      }
    }
  }

  private addStream(stream: Stream, index: number): void {
    const random = new Random(hashText(`${this.seed}:${stream.faultId}:${stream.line.key}:${index}`));
    const arrivals = { ...stream, followsTraffic: false, random, stream, nextMs: stream.fromMs };
    arrivals.nextMs += gap(arrivals);
    this.arrivals.enter(arrivals);
  }

  /** One arrival, thinned to the rate of its time (Lewis and Shedler 1979, doi:10.1002/nav.3800260304). */
  private arrive(arrivals: Arrivals, factor: number): void {
    const { random, stream } = arrivals;
    const atMs = arrivals.nextMs;
    arrivals.nextMs += gap(arrivals);
    if (stream !== null) {
      if (atMs >= stream.toMs) {
        arrivals.nextMs = Number.POSITIVE_INFINITY;
        return;
      }
      if (!random.chance(rampShare(stream.fromMs, stream.rampMs, atMs))) return;
    } else if (arrivals.followsTraffic && !random.chance(factor / (1 + this.shape.dailySwing))) return;
    let timeMs = atMs;
    for (let left = random.burstSize(arrivals.burst); left > 0; left--) {
      if (stream !== null && timeMs >= stream.toMs) break;
      const slot = stream?.slot ?? random.between(0, this.fleet.slotCount(arrivals.service) - 1);
      this.write(
        arrivals.service,
        slot,
        timeMs,
        arrivals.line,
        random,
        stream?.faultId ?? '',
        stream?.attributes ?? [],
      );
      timeMs += random.exponential(BURST_GAP_MS);
    }
  }

  private tick(timer: Timer): void {
    this.write(timer.service, timer.slot, timer.nextMs, timer.line, timer.random, '', []);
    timer.nextMs += timer.periodMs * (1 + TIMER_JITTER * (timer.random.unit() - 0.5));
  }

  private write(
    service: string,
    slot: number,
    atMs: number,
    line: Line,
    random: Random,
    faultId: string,
    attributes: readonly Attribute[],
  ): void {
    const facts = new RequestFacts(random, '', '', false);
    this.writer.write(
      line,
      atMs,
      this.fleet.podAt(service, slot, atMs),
      facts,
      random,
      attributes,
      NO_CALL,
      faultId,
    );
  }
}

function gap(arrivals: Arrivals): number {
  return arrivals.random.exponential((MINUTE_MS * arrivals.burst) / arrivals.perMinute);
}
