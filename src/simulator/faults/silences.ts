import { flowLines } from '../call-graph.ts';
import { expected, type FaultKind, faultLine, type Planning } from '../fault.ts';
import type { Line } from '../line.ts';
import { affected, callerLines, failVisits } from './common.ts';

/** A line that the service writes regularly: one of its flows', or its busiest one where no request reaches it. */
function mainLine(planning: Planning): Line {
  const { service } = planning;
  const keys = flowLines(planning.flows, service.spec.name);
  if (keys.length > 0) return service.line(keys[(planning.variant ?? keys.length - 1) % keys.length]!);
  const byRate = [...service.rateLines].sort((left, right) => right.perMinute - left.perMinute);
  return (byRate[0] ?? service.timerLines[0]!).line;
}

/** One line stops while everything around it goes on: work that is silently not done any more. */
export const silentLine: FaultKind = {
  incident: true,
  defaultService: 'cart',
  services: ['cart', 'catalog', 'inventory', 'search', 'users', 'orders', 'payments'],
  defaultDurationMs: 40 * 60_000,
  plan: (planning) => {
    const { startMs, endMs, effects, faultId } = planning;
    const name = planning.service.spec.name;
    const line = mainLine(planning);
    effects.mutes.push({
      faultId,
      service: name,
      keys: new Set([line.key]),
      share: 1,
      fromMs: startMs,
      toMs: endMs,
    });
    return {
      onsetMs: startMs,
      lines: [expected(line, name, 'stops')],
      affectedServices: [name],
      story: `${name} stops writing one of its regular lines; its callers notice nothing.`,
    };
  },
};

/** A share of one line is lost. */
export const thinnedLine: FaultKind = {
  incident: true,
  defaultService: 'catalog',
  services: ['catalog', 'search', 'inventory', 'cart'],
  defaultDurationMs: 60 * 60_000,
  plan: (planning) => {
    const { startMs, endMs, effects, faultId } = planning;
    const name = planning.service.spec.name;
    const line = mainLine(planning);
    const share = Math.min(1, 0.7 * planning.intensity);
    effects.mutes.push({
      faultId,
      service: name,
      keys: new Set([line.key]),
      share,
      fromMs: startMs,
      toMs: endMs,
    });
    return {
      onsetMs: startMs,
      lines: [expected(line, name, 'shrinks')],
      affectedServices: [name],
      story: `${name} writes one of its regular lines ${Math.round(share * 100)} % less often.`,
    };
  },
};

/** A consumer hangs: what it should finish stays queued, and a while later it says so. */
export const consumerStuck: FaultKind = {
  incident: true,
  defaultService: 'notifications',
  services: ['notifications', 'orders'],
  defaultDurationMs: 35 * 60_000,
  plan: (planning) => {
    const { service, startMs, endMs, effects, faultId } = planning;
    const name = service.spec.name;
    const line = mainLine(planning);
    const lag = faultLine(planning, service, 'lag', {
      severity: 'WARN',
      text: 'consumer group is {n:400-90000} messages behind on partition {n:0-11}',
    });
    effects.mutes.push({
      faultId,
      service: name,
      keys: new Set([line.key]),
      share: 1,
      fromMs: startMs,
      toMs: endMs,
    });
    effects.streams.push({
      faultId,
      service: name,
      line: lag,
      fromMs: startMs + 240_000,
      toMs: endMs,
      perMinute: 2,
      rampMs: 0,
      burst: 1,
    });
    return {
      onsetMs: startMs,
      lines: [expected(line, name, 'stops'), expected(lag, name, 'appears')],
      affectedServices: [name],
      story: `A consumer in ${name} hangs: finished work is no longer logged, and the lag shows four minutes later.`,
    };
  },
};

/** Nothing at all is logged by the service any more, while its callers are served as before. */
export const serviceSilence: FaultKind = {
  incident: true,
  defaultService: 'inventory',
  services: ['inventory', 'search', 'users', 'cart', 'session-cache', 'payments'],
  defaultDurationMs: 20 * 60_000,
  plan: (planning) => {
    const { startMs, endMs, effects, faultId } = planning;
    const name = planning.service.spec.name;
    effects.mutes.push({ faultId, service: name, keys: null, share: 1, fromMs: startMs, toMs: endMs });
    return {
      onsetMs: startMs,
      lines: [expected(mainLine(planning), name, 'stops')],
      affectedServices: [name],
      story: `${name} logs nothing any more; its callers go on.`,
    };
  },
};

/** The service is gone: it logs nothing, and its callers say 503. */
export const serviceDown: FaultKind = {
  incident: true,
  defaultService: 'users',
  services: ['users', 'search', 'cart', 'orders', 'catalog'],
  defaultDurationMs: 15 * 60_000,
  plan: (planning) => {
    const { startMs, endMs, effects, faultId } = planning;
    const name = planning.service.spec.name;
    effects.mutes.push({ faultId, service: name, keys: null, share: 1, fromMs: startMs, toMs: endMs });
    failVisits(planning, null, { status: 503, tookMs: 900 });
    const lines = [expected(mainLine(planning), name, 'stops'), ...callerLines(planning)];
    return {
      onsetMs: startMs,
      lines,
      affectedServices: affected(planning, lines),
      story: `${name} is gone: it is silent, and its callers report 503.`,
    };
  },
};
