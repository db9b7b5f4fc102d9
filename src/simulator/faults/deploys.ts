import { chooseVariant, expected, type FaultKind, faultLine, onceAt } from '../fault.ts';
import { nextVersion, ROLL_STEP_MS } from '../fleet.ts';
import { drawPhrases } from '../phrases.ts';
import { affected, CRASH_TRACE, callerLines, errorLine, failVisits, sayStarted } from './common.ts';

/** From a new pod's start to its first failing request. */
const FIRST_FAILURE_AFTER_MS = 6_000;
const PLAIN_DEPLOY_TEMPLATES = 40;

const NEW_ERRORS = [
  'unhandled exception while handling {method} {route} for request {req}',
  'failed to build response for {req}: unexpected null in field "discount"',
  'cannot map payload of version 3 to the model, request {req} rejected',
  'illegal state: total {money} does not match the sum of its lines',
] as const;

/** A release whose code fails for a share of requests, on the new pods only; rolled back at the end. */
export const badVersion: FaultKind = {
  incident: true,
  defaultService: 'payments',
  services: ['payments', 'orders', 'catalog', 'checkout', 'inventory', 'search', 'cart'],
  defaultDurationMs: 25 * 60_000,
  plan: (planning) => {
    const { service, fleet, startMs, endMs } = planning;
    const name = service.spec.name;
    const before = fleet.versionAt(name, startMs);
    const version = nextVersion(before);
    sayStarted(planning, service, fleet.roll(name, startMs, version));
    sayStarted(planning, service, fleet.roll(name, endMs - service.spec.pods * ROLL_STEP_MS, before));
    const line = errorLine(
      planning,
      'new_error',
      chooseVariant(planning, NEW_ERRORS),
      CRASH_TRACE[service.spec.language],
    );
    const onsetMs = startMs + FIRST_FAILURE_AFTER_MS;
    failVisits(planning, line, {
      fromMs: onsetMs,
      version,
      probability: Math.min(1, 0.35 * planning.intensity),
      callersFailFromMs: onsetMs,
    });
    onceAt(planning, name, line, onsetMs, 0);
    const lines = [expected(line, name, 'appears'), ...callerLines(planning)];
    return {
      onsetMs,
      lines,
      affectedServices: affected(planning, lines),
      story: `${name} ${before} -> ${version} fails for about a third of its requests with a new error; rolled back at the end.`,
    };
  },
};

/** A release that works: pods are replaced and forty new INFO lines appear. */
export const plainDeploy: FaultKind = {
  incident: false,
  defaultService: 'catalog',
  services: ['catalog', 'orders', 'checkout', 'users', 'search', 'cart', 'inventory'],
  defaultDurationMs: 30 * 60_000,
  plan: (planning) => {
    const { service, fleet, startMs, endMs, effects, random, faultId } = planning;
    const name = service.spec.name;
    const before = fleet.versionAt(name, startMs);
    const version = nextVersion(before, true);
    const pods = fleet.roll(name, startMs, version);
    sayStarted(planning, service, pods);
    const lines = drawPhrases(random, PLAIN_DEPLOY_TEMPLATES).map((text, i) => {
      const line = faultLine(planning, service, `new_${i}`, { severity: 'INFO', text });
      // Each at least once, and most of them soon.
      onceAt(
        planning,
        name,
        line,
        startMs + Math.floor((endMs - startMs) * 0.5 * (i / PLAIN_DEPLOY_TEMPLATES) ** 2),
      );
      const perMinute = (6 * planning.intensity) / (i + 1);
      effects.streams.push({
        faultId,
        service: name,
        line,
        fromMs: startMs,
        toMs: endMs,
        perMinute,
        rampMs: 0,
        burst: 1,
      });
      return expected(line, name, 'appears');
    });
    return {
      onsetMs: startMs,
      lines,
      affectedServices: [name],
      story: `${name} ${before} -> ${version} brings ${PLAIN_DEPLOY_TEMPLATES} new INFO lines and no fault.`,
    };
  },
};

const RELOADS = [
  {
    reload: 'configuration reloaded from configmap, {n:2-3} keys changed, checksum {hex:12}',
    warning: 'limit "batch.max" is 0, falling back to one item per call',
  },
  {
    reload: 'feature flag "instant-confirm" switched to off by operator',
    warning: 'handler for "instant-confirm" missing, using slow path',
  },
] as const;

/** A change of configuration, with no new version: one INFO line, then a line that stops and a WARN that did not exist. */
export const configChange: FaultKind = {
  incident: true,
  defaultService: 'orders',
  services: ['orders', 'checkout', 'inventory', 'cart', 'shipping'],
  defaultDurationMs: 30 * 60_000,
  plan: (planning) => {
    const { service, startMs, endMs, effects, faultId } = planning;
    const name = service.spec.name;
    const texts = chooseVariant(planning, RELOADS);
    const reload = faultLine(planning, service, 'reload', { severity: 'INFO', text: texts.reload });
    const warning = faultLine(planning, service, 'fallback', { severity: 'WARN', text: texts.warning });
    onceAt(planning, name, reload, startMs);
    effects.streams.push({
      faultId,
      service: name,
      line: warning,
      fromMs: startMs + 20_000,
      toMs: endMs,
      perMinute: 4 * planning.intensity,
      rampMs: 0,
      burst: 1,
    });
    const lost = service.visitLines[0]!.line;
    effects.mutes.push({
      faultId,
      service: name,
      keys: new Set([lost.key]),
      share: 1,
      fromMs: startMs,
      toMs: endMs,
    });
    return {
      onsetMs: startMs,
      lines: [
        expected(reload, name, 'appears'),
        expected(lost, name, 'stops'),
        expected(warning, name, 'appears'),
      ],
      affectedServices: [name],
      story: `The configuration of ${name} changes without a release; a routine line stops and a new warning appears.`,
    };
  },
};
