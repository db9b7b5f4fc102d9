import {
  chooseVariant,
  type ExpectedLine,
  expected,
  type FaultKind,
  faultLine,
  onceAt,
  type Planning,
} from '../fault.ts';
import { affected, CONNECT_TRACE, callerLines, errorLine, failVisits, lostLines } from './common.ts';

/** Callers are still served this long after the dependency has gone. */
const CALLERS_FAIL_AFTER_MS = 118_000;
const GATEWAY_TIMEOUT_MS = 30_000;
const OUTAGE_AFTER_PRECURSOR_MS = 128_000;

const REFUSED = [
  'connect ECONNREFUSED 10.4.7.12:5432',
  'could not open connection to 10.4.7.12:5432: Connection refused',
  'dial tcp 10.4.7.12:6379: connect: connection refused',
] as const;

/** The service cannot reach what it stands on; its callers report 504 two minutes later. */
export const dependencyRefused: FaultKind = {
  incident: true,
  defaultService: 'payments',
  services: ['payments', 'inventory', 'users', 'cart', 'search', 'orders'],
  defaultDurationMs: 20 * 60_000,
  plan: (planning) => {
    const lines = refuse(planning, planning.startMs);
    const name = planning.service.spec.name;
    return {
      onsetMs: planning.startMs,
      lines,
      affectedServices: affected(planning, lines),
      story: `${name} is refused by its database; callers answer 504 from ${CALLERS_FAIL_AFTER_MS / 1000} s later.`,
    };
  },
};

/** One rare warning in the proxy, and about two minutes later the outage behind it. */
export const precursorOutage: FaultKind = {
  incident: true,
  defaultService: 'payments',
  services: ['payments'],
  defaultDurationMs: 25 * 60_000,
  plan: (planning) => {
    const proxy = planning.services.get('payments-db-proxy') ?? planning.service;
    const warning = faultLine(planning, proxy, 'replica_lag', {
      severity: 'WARN',
      text: 'replica lag exceeded threshold lag={n:38-44}s replica=pg-r2',
    });
    onceAt(planning, proxy.spec.name, warning, planning.startMs);
    const lines = [
      expected(warning, proxy.spec.name, 'appears'),
      ...refuse(planning, planning.startMs + OUTAGE_AFTER_PRECURSOR_MS),
    ];
    return {
      onsetMs: planning.startMs,
      lines,
      affectedServices: affected(planning, lines),
      story: `${proxy.spec.name} warns once of replica lag; ${OUTAGE_AFTER_PRECURSOR_MS / 1000} s later ${planning.service.spec.name} is refused.`,
    };
  },
};

function refuse(planning: Planning, fromMs: number): ExpectedLine[] {
  const { service } = planning;
  const name = service.spec.name;
  const line = errorLine(
    planning,
    'refused',
    chooseVariant(planning, REFUSED),
    CONNECT_TRACE[service.spec.language],
  );
  failVisits(planning, line, {
    fromMs,
    probability: Math.min(1, 0.97 * planning.intensity),
    status: 504,
    tookMs: GATEWAY_TIMEOUT_MS,
    callersFailFromMs: fromMs + CALLERS_FAIL_AFTER_MS,
  });
  onceAt(planning, name, line, fromMs);
  return [expected(line, name, 'appears'), ...lostLines(planning, 'shrinks'), ...callerLines(planning)];
}

const EXPIRED = [
  'TLS handshake with api.carrier.example failed: certificate has expired (CN=api.carrier.example, notAfter passed)',
  'unable to verify the first certificate: certificate expired for CN=internal.shop.svc',
] as const;

/** From one second to the next every handshake of the service fails. */
export const certificateExpired: FaultKind = {
  incident: true,
  defaultService: 'shipping',
  services: ['shipping', 'payments', 'notifications', 'users'],
  defaultDurationMs: 20 * 60_000,
  plan: (planning) => {
    const name = planning.service.spec.name;
    const line = errorLine(planning, 'expired', chooseVariant(planning, EXPIRED));
    failVisits(planning, line, {
      probability: Math.min(1, 0.9 * planning.intensity),
      status: 502,
      tookMs: 40,
    });
    onceAt(planning, name, line, planning.startMs);
    const lines = [
      expected(line, name, 'appears'),
      ...lostLines(planning, 'shrinks'),
      ...callerLines(planning),
    ];
    return {
      onsetMs: planning.startMs,
      lines,
      affectedServices: affected(planning, lines),
      story: `A certificate that ${name} relies on expires; its calls fail at once and altogether.`,
    };
  },
};

const SLOW_STEPS = 6;
/** Own times scatter: at this share of the limit the first of them pass it. */
const FIRST_SLOW_SHARE = 0.4;

/** Response times climb for a while, then requests time out. */
export const latencyRamp: FaultKind = {
  incident: true,
  defaultService: 'search',
  services: ['search', 'catalog', 'inventory', 'orders', 'payments', 'users'],
  defaultDurationMs: 40 * 60_000,
  plan: (planning) => {
    const { service, startMs, endMs, effects, faultId } = planning;
    const name = service.spec.name;
    const slowAboveMs = service.spec.medianMs * SLOW_STEPS;
    const factor = 30 * planning.intensity;
    const rampMs = (endMs - startMs) * 0.6;
    const slow = faultLine(planning, service, 'slow', {
      severity: 'WARN',
      text: `request took {took} ms, more than its budget of ${slowAboveMs} ms`,
    });
    const timeout = errorLine(
      planning,
      'timeout',
      'deadline exceeded after 10000 ms while waiting for a worker',
    );
    const onsetMs = Math.round(startMs + (rampMs * (SLOW_STEPS * FIRST_SLOW_SHARE - 1)) / (factor - 1));
    const timeoutsFromMs = startMs + rampMs;
    effects.slowdowns.push({
      faultId,
      service: name,
      fromMs: startMs,
      toMs: endMs,
      factor,
      rampMs,
      slowLine: slow,
      slowAboveMs,
      slowFromMs: onsetMs,
    });
    onceAt(planning, name, slow, onsetMs);
    failVisits(planning, timeout, {
      fromMs: timeoutsFromMs,
      probability: 0.4,
      status: 504,
      tookMs: 10_000,
      callersFailFromMs: timeoutsFromMs,
    });
    const lines = [
      expected(slow, name, 'appears'),
      expected(timeout, name, 'appears'),
      ...callerLines(planning),
    ];
    return {
      onsetMs,
      lines,
      affectedServices: affected(planning, lines),
      story: `${name} slows down to ${Math.round(factor)} times its usual time, then times out.`,
    };
  },
};

/** Name resolution fails for a share of the calls of several services at once. */
export const dnsFailure: FaultKind = {
  incident: true,
  defaultService: 'checkout',
  services: ['checkout', 'orders', 'search'],
  defaultDurationMs: 12 * 60_000,
  plan: (planning) => {
    const lines: ExpectedLine[] = [];
    const names = [
      planning.service.spec.name,
      ...['catalog', 'cart', 'orders'].filter(
        (name) => name !== planning.service.spec.name && planning.services.has(name),
      ),
    ];
    for (const name of names) {
      const service = planning.services.get(name)!;
      const line = faultLine(planning, service, 'dns', {
        severity: 'ERROR',
        text: 'getaddrinfo EAI_AGAIN config.shop.svc.cluster.local',
      });
      failVisits(planning, line, {
        service: name,
        probability: Math.min(1, 0.25 * planning.intensity),
        status: 503,
        tookMs: 5_000,
      });
      onceAt(planning, name, line, planning.startMs + lines.length * 700);
      lines.push(expected(line, name, 'appears'));
    }
    return {
      onsetMs: planning.startMs,
      lines: [...lines, ...callerLines(planning)],
      affectedServices: affected(planning, [...lines, ...callerLines(planning)]),
      story: `Name resolution fails now and then in ${names.join(', ')} within a few seconds of each other.`,
    };
  },
};
