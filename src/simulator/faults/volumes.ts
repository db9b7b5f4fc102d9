import { routesThrough } from '../call-graph.ts';
import { expected, type FaultKind, faultLine, onceAt } from '../fault.ts';
import { compileLine } from '../line.ts';

const ATTACKER = '203.0.113.77';

/** A WARN that is routine comes many times as often. */
export const retryStorm: FaultKind = {
  incident: true,
  defaultService: 'payments',
  services: ['payments', 'orders', 'checkout', 'cart', 'inventory', 'shipping', 'node-agent'],
  defaultDurationMs: 20 * 60_000,
  plan: (planning) => {
    const { service, startMs, endMs, effects, faultId } = planning;
    const name = service.spec.name;
    const keys = Object.keys(service.spec.lines).filter(
      (key) => service.spec.lines[key]!.severity === 'WARN',
    );
    const line = service.line(keys.find((key) => key.includes('retry')) ?? keys[0]!);
    onceAt(planning, name, line, startMs);
    effects.streams.push({
      faultId,
      service: name,
      line,
      fromMs: startMs,
      toMs: endMs,
      perMinute: 25 * planning.intensity,
      rampMs: 0,
      burst: 2,
    });
    return {
      onsetMs: startMs,
      lines: [expected(line, name, 'grows')],
      affectedServices: [name],
      story: `A routine warning of ${name} comes many times as often.`,
    };
  },
};

/** Wrong passwords from a single address. */
export const authFailures: FaultKind = {
  incident: true,
  defaultService: 'users',
  services: ['users'],
  defaultDurationMs: 20 * 60_000,
  plan: (planning) => {
    const { service, startMs, endMs, effects, faultId } = planning;
    const name = service.spec.name;
    const row = service.spec.lines.wrong_password!;
    const fixed = { ...row, text: row.text.replace('{client}', ATTACKER) };
    const line = compileLine(`${name}.wrong_password`, fixed, service.spec.style, 0);
    const attributes = [
      ['client.address', ATTACKER],
      ['http.route', '/login'],
    ] as const;
    effects.streams.push({
      faultId,
      service: name,
      line,
      fromMs: startMs,
      toMs: endMs,
      perMinute: 60 * planning.intensity,
      rampMs: 0,
      burst: 3,
      attributes,
    });
    onceAt(planning, name, line, startMs);
    return {
      onsetMs: startMs,
      lines: [expected(service.line('wrong_password'), name, 'grows')],
      affectedServices: [name],
      story: `Sign-ins fail at ${60 * planning.intensity} bursts a minute, all from ${ATTACKER}.`,
    };
  },
};

/** Most requests of one route do not arrive any more. */
export const trafficDrop: FaultKind = {
  incident: true,
  defaultService: 'search',
  services: ['search', 'checkout', 'cart'],
  defaultDurationMs: 40 * 60_000,
  plan: (planning) => {
    const { service, startMs, endMs, effects, faultId, flows } = planning;
    const name = service.spec.name;
    const routes = routesThrough(flows, name);
    const factor = Math.max(0, 1 - 0.8 * planning.intensity);
    for (const route of routes)
      effects.traffic.push({ faultId, route, factor, rampMs: 5 * 60_000, fromMs: startMs, toMs: endMs });
    const keys = Object.entries(service.spec.lines).filter(
      ([, row]) => row.when.kind === 'flow' && row.severity !== 'ERROR',
    );
    return {
      onsetMs: startMs,
      lines: keys.slice(0, 2).map(([key]) => expected(service.line(key), name, 'shrinks')),
      affectedServices: [name, 'edge-gateway'],
      story: `Requests for ${routes.join(', ')} fall to ${Math.round(factor * 100)} % within five minutes; nothing fails.`,
    };
  },
};

/** A single warning that was never seen before and has no visible consequence. */
export const rareWarning: FaultKind = {
  incident: true,
  defaultService: 'payments-db-proxy',
  services: ['payments-db-proxy', 'inventory', 'session-cache', 'orders'],
  defaultDurationMs: 60_000,
  plan: (planning) => {
    const { service, startMs } = planning;
    const name = service.spec.name;
    const line = faultLine(planning, service, 'replica_lag', {
      severity: 'WARN',
      text: 'replica lag exceeded threshold lag={n:38-44}s replica=pg-r2',
    });
    onceAt(planning, name, line, startMs);
    return {
      onsetMs: startMs,
      lines: [expected(line, name, 'appears')],
      affectedServices: [name],
      story: `${name} warns once that replica lag exceeded its threshold.`,
    };
  },
};

/** Lines written down by hand, for stories that need exact text and counts. */
export const givenLines: FaultKind = {
  incident: true,
  defaultService: 'checkout',
  services: [],
  defaultDurationMs: 10 * 60_000,
  plan: (planning) => {
    const { service, startMs } = planning;
    const name = service.spec.name;
    const lines = planning.given.map((given, i) => {
      const line = faultLine(planning, service, `given_${i}`, given);
      for (let n = 0; n < (given.times ?? 1); n++)
        onceAt(planning, name, line, startMs + i * 500 + n * (given.gapMs ?? 1000));
      return expected(line, name, 'appears');
    });
    return {
      onsetMs: startMs,
      lines,
      affectedServices: [name],
      story: `${name} writes ${lines.length} lines that it never wrote before.`,
    };
  },
};
