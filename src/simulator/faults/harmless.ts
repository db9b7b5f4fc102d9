import { expected, type FaultKind, faultLine, onceAt } from '../fault.ts';
import { drawPhrases } from '../phrases.ts';

const DEBUG_FLOOD_LINES = 15;
const BATCH_LINES = [
  'nightly batch {uuid} started with {n:8-16} workers',
  'worker {n:1-16} exported partition {n:1-400} with {n:1000-90000} rows',
  'worker {n:1-16} uploaded s3://shop-nightly/{hex:8}.parquet in {seconds:2}s',
  'rebuilt aggregate {word} for day {n:1-31}',
  'verified checksum {hex:32} of partition {n:1-400}',
];

/** The node agents restart one after the other; the shop does not notice. */
export const agentRestart: FaultKind = {
  incident: false,
  defaultService: 'node-agent',
  services: ['node-agent'],
  defaultDurationMs: 5 * 60_000,
  plan: (planning) => {
    const { service, startMs, fleet } = planning;
    const name = service.spec.name;
    const stopping = faultLine(planning, service, 'stopping', {
      severity: 'INFO',
      text: 'Received signal from OS | signal=terminated',
    });
    const starting = faultLine(planning, service, 'starting', {
      severity: 'INFO',
      text: 'Everything is ready. Begin running and processing data. | version={version}',
    });
    const resumed = faultLine(planning, service, 'resumed', {
      severity: 'WARN',
      text: 'Resuming from stored offsets | files={n:20-40} age={n:6-12}s',
    });
    for (let slot = 0; slot < service.spec.pods; slot++) {
      const stoppedMs = startMs + slot * 30_000;
      onceAt(planning, name, stopping, stoppedMs, slot);
      fleet.restart(name, slot, stoppedMs + 6_000);
      onceAt(planning, name, starting, stoppedMs + 6_500, slot);
      onceAt(planning, name, resumed, stoppedMs + 7_200, slot);
    }
    return {
      onsetMs: startMs,
      lines: [
        expected(stopping, name, 'appears'),
        expected(starting, name, 'appears'),
        expected(resumed, name, 'appears'),
      ],
      affectedServices: [name],
      story: `${name} restarts pod by pod; nothing else changes.`,
    };
  },
};

/** A batch job runs for a while with lines of its own. */
export const nightlyBatch: FaultKind = {
  incident: false,
  defaultService: 'scheduler',
  services: ['scheduler'],
  defaultDurationMs: 20 * 60_000,
  plan: (planning) => {
    const { service, startMs, endMs, effects, faultId } = planning;
    const name = service.spec.name;
    const lines = BATCH_LINES.map((text, i) => {
      const line = faultLine(planning, service, `batch_${i}`, { severity: 'INFO', text });
      if (i === 0) onceAt(planning, name, line, startMs);
      else
        effects.streams.push({
          faultId,
          service: name,
          line,
          fromMs: startMs,
          toMs: endMs,
          perMinute: (60 * planning.intensity) / (i + 1),
          rampMs: 0,
          burst: 5,
        });
      return expected(line, name, 'appears');
    });
    return { onsetMs: startMs, lines, affectedServices: [name], story: `The nightly batch of ${name} runs.` };
  },
};

/** A campaign: everything is asked for more often, nothing breaks. */
export const trafficPush: FaultKind = {
  incident: false,
  defaultService: 'edge-gateway',
  services: ['edge-gateway'],
  defaultDurationMs: 45 * 60_000,
  plan: (planning) => {
    const { service, startMs, endMs, effects, faultId } = planning;
    const name = service.spec.name;
    const factor = 1 + 0.8 * planning.intensity;
    effects.traffic.push({ faultId, route: null, factor, rampMs: 10 * 60_000, fromMs: startMs, toMs: endMs });
    return {
      onsetMs: startMs,
      lines: [expected(service.line('access'), name, 'grows')],
      affectedServices: [...planning.services.keys()],
      story: `A campaign raises all traffic to ${factor.toFixed(1)} times the usual.`,
    };
  },
};

/** Somebody switches a service to DEBUG: many new lines, none of them about trouble. */
export const debugFlood: FaultKind = {
  incident: false,
  defaultService: 'shipping',
  services: ['shipping', 'scheduler', 'session-cache', 'payments-db-proxy'],
  defaultDurationMs: 20 * 60_000,
  plan: (planning) => {
    const { service, startMs, endMs, effects, faultId, random } = planning;
    const name = service.spec.name;
    const lines = drawPhrases(random, DEBUG_FLOOD_LINES).map((text, i) => {
      const line = faultLine(planning, service, `debug_${i}`, { severity: 'DEBUG', text });
      onceAt(planning, name, line, startMs + i * 400);
      const perMinute = (40 * planning.intensity) / (i + 1);
      effects.streams.push({
        faultId,
        service: name,
        line,
        fromMs: startMs + i * 400,
        toMs: endMs,
        perMinute,
        rampMs: 0,
        burst: 2,
      });
      return expected(line, name, 'appears');
    });
    return { onsetMs: startMs, lines, affectedServices: [name], story: `${name} logs at DEBUG for a while.` };
  },
};
