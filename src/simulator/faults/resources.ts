import { routesThrough } from '../call-graph.ts';
import { chooseVariant, expected, type FaultKind, faultLine, onceAt } from '../fault.ts';
import { affected, callerLines, errorLine, failVisits, sayStarted } from './common.ts';

const RESTART_TAKES_MS = 12_000;

/** One pod's heap fills up: warnings that come closer together, an OOM kill, a restart. */
export const memoryLeak: FaultKind = {
  incident: true,
  defaultService: 'search',
  services: ['search', 'payments', 'orders', 'checkout', 'catalog'],
  defaultDurationMs: 45 * 60_000,
  plan: (planning) => {
    const { service, startMs, endMs, effects, faultId, random, fleet } = planning;
    const name = service.spec.name;
    const slot = random.between(0, service.spec.pods - 1);
    const killedMs = startMs + Math.round((endMs - startMs) * 0.8);
    const warning = faultLine(planning, service, 'heap', {
      severity: 'WARN',
      text: 'memory usage is at {n:86-98}% of the limit after a full collection',
    });
    const java = service.spec.language === 'java';
    const row = {
      severity: 'FATAL',
      text: 'out of memory, terminating: allocation of {bytes} bytes failed',
    } as const;
    const death = faultLine(planning, service, 'oom', java ? { ...row, stack: 'javaOutOfMemory' } : row);
    effects.streams.push({
      faultId,
      service: name,
      slot,
      line: warning,
      fromMs: startMs,
      toMs: killedMs,
      perMinute: 4 * planning.intensity,
      rampMs: killedMs - startMs,
      burst: 1,
    });
    onceAt(planning, name, warning, startMs, slot);
    onceAt(planning, name, death, killedMs, slot);
    effects.mutes.push({
      faultId,
      service: name,
      slot,
      keys: null,
      share: 1,
      fromMs: killedMs + 1,
      toMs: killedMs + RESTART_TAKES_MS,
    });
    sayStarted(planning, service, [fleet.restart(name, slot, killedMs + RESTART_TAKES_MS)]);
    return {
      onsetMs: startMs,
      lines: [expected(warning, name, 'appears'), expected(death, name, 'appears')],
      affectedServices: [name],
      story: `One pod of ${name} leaks memory, is killed and restarts.`,
    };
  },
};

/** A volume fills: two warnings, then writes fail. */
export const diskFull: FaultKind = {
  incident: true,
  defaultService: 'catalog',
  services: ['catalog', 'search', 'inventory', 'orders'],
  defaultDurationMs: 30 * 60_000,
  plan: (planning) => {
    const { service, startMs } = planning;
    const name = service.spec.name;
    const fullMs = startMs + 8 * 60_000;
    const warning = faultLine(planning, service, 'usage', {
      severity: 'WARN',
      text: 'volume /var/lib/data is {n:91-98}% full',
    });
    const full = errorLine(
      planning,
      'full',
      'write /var/lib/data/segment-{n:100-999}.tmp: no space left on device',
    );
    onceAt(planning, name, warning, startMs);
    onceAt(planning, name, warning, startMs + 4 * 60_000);
    onceAt(planning, name, full, fullMs);
    failVisits(planning, full, {
      fromMs: fullMs,
      probability: Math.min(1, 0.5 * planning.intensity),
      callersFailFromMs: fullMs,
    });
    const lines = [
      expected(warning, name, 'appears'),
      expected(full, name, 'appears'),
      ...callerLines(planning),
    ];
    return {
      onsetMs: startMs,
      lines,
      affectedServices: affected(planning, lines),
      story: `The volume of ${name} fills up; after two warnings half of its requests fail.`,
    };
  },
};

/** Transactions block each other: errors in clusters, a small share of requests fails. */
export const deadlock: FaultKind = {
  incident: true,
  defaultService: 'orders',
  services: ['orders', 'inventory', 'payments'],
  defaultDurationMs: 25 * 60_000,
  plan: (planning) => {
    const { service, startMs, endMs, effects, faultId } = planning;
    const name = service.spec.name;
    const line = errorLine(
      planning,
      'deadlock',
      'deadlock detected, transaction rolled back | process={n:1000-99999} waits=ShareLock tx={n:100000-999999}',
    );
    onceAt(planning, name, line, startMs);
    effects.streams.push({
      faultId,
      service: name,
      line,
      fromMs: startMs,
      toMs: endMs,
      perMinute: 3 * planning.intensity,
      rampMs: 0,
      burst: 4,
    });
    failVisits(planning, line, { probability: 0.15, status: 500, tookMs: 1_000 });
    const lines = [expected(line, name, 'appears'), ...callerLines(planning)];
    return {
      onsetMs: startMs,
      lines,
      affectedServices: affected(planning, lines),
      story: `Transactions of ${name} deadlock in clusters.`,
    };
  },
};

const POD_ERRORS = 'native module failed to load: libcrypto.so.3: cannot open shared object file';

/** One pod of several fails all its requests; the others are well. */
export const podFault: FaultKind = {
  incident: true,
  defaultService: 'catalog',
  services: ['catalog', 'checkout', 'payments', 'inventory', 'search', 'cart', 'orders'],
  defaultDurationMs: 25 * 60_000,
  plan: (planning) => {
    const { service, random, startMs } = planning;
    const name = service.spec.name;
    const slot = random.between(0, service.spec.pods - 1);
    const line = errorLine(planning, 'pod', POD_ERRORS);
    onceAt(planning, name, line, startMs, slot);
    failVisits(planning, line, { slot, probability: Math.min(1, 0.9 * planning.intensity) });
    const lines = [expected(line, name, 'appears'), ...callerLines(planning)];
    return {
      onsetMs: startMs,
      lines,
      affectedServices: affected(planning, lines),
      story: `Pod ${slot + 1} of ${service.spec.pods} of ${name} fails nearly all its requests.`,
    };
  },
};

/** Only one tenant's requests fail, or only one route's: the attributes tell what the text does not. */
export const partialFault: FaultKind = {
  incident: true,
  defaultService: 'catalog',
  services: ['catalog', 'users', 'cart', 'inventory', 'search', 'orders'],
  defaultDurationMs: 25 * 60_000,
  plan: (planning) => {
    const { service, startMs, flows } = planning;
    const name = service.spec.name;
    const narrowed = chooseVariant<{ readonly tenant?: string; readonly route?: string }>(planning, [
      { tenant: 'globex' },
      { route: routesThrough(flows, name)[0]! },
    ]);
    const hit = flows.filter(({ route }) => narrowed.route === undefined || route === narrowed.route);
    const line = errorLine(planning, 'partial', 'quota record is malformed: expected 4 columns, found 3');
    onceAt(planning, name, line, startMs);
    failVisits(planning, line, { ...narrowed, probability: Math.min(1, 0.9 * planning.intensity) });
    const lines = [expected(line, name, 'appears'), ...callerLines(planning, hit)];
    return {
      onsetMs: startMs,
      lines,
      affectedServices: affected(planning, lines),
      story: `${name} fails for ${Object.entries(narrowed).flat().join(' ')} only.`,
    };
  },
};
