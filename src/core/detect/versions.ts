import type { ChangeMarker, Finding, MinedService, SeverityClass } from '../../contracts.ts';
import { dispersionMax } from './dispersion.ts';
import { lnBetaBinomialTwoSided } from './distributions.ts';
import { short } from './findings.ts';
import { DISPERSION } from './rate-places.ts';
import type { ServiceState } from './service-state.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './time.ts';

/** A version not seen for this long is a change again when it comes back (a rollback is a change). */
const FORGET_MS = DAY_MS;
const VERSIONS_MAX = 16;

/** Two versions side by side are compared this often, up to this long after the change. */
const COMPARE_EVERY_MS = 10 * MINUTE_MS;
const COMPARE_FOR_MS = HOUR_MS;
const COMPARED_TEMPLATES_MAX = 2_000;

/** The new version's share of the traffic must lie within these for a comparison to say anything. */
const SHARE_MIN = 0.02;
const SHARE_MAX = 0.98;

/** Chance of a false finding that all comparisons of one change may run together. */
const TRIAL_ALPHA = 0.01;

/** A difference of less than a doubling or halving is no news. */
const RATIO_MIN = 2;
const RECORDS_MIN = 10;
const FINDINGS_MAX = 3;

/** Follows which versions a service runs; a version that was not running until now is a change. Begins a comparison. */
export function followVersions(service: ServiceState, mined: MinedService, startMs: number): ChangeMarker[] {
  const changes: ChangeMarker[] = [];
  for (const [version] of mined.versions) {
    if (version === '') continue;
    const known = service.versions.find((entry) => entry[0] === version);
    const isChange = service.versions.length > 0 && (known === undefined || startMs - known[1] > FORGET_MS);
    if (isChange) {
      const from = latestVersion(service);
      changes.push({
        service: service.ref,
        kind: 'service.version',
        from,
        to: version,
        atMs: firstMs(mined, version) ?? startMs,
      });
      service.versionChangedMs = startMs;
      service.trial = {
        from,
        to: version,
        atMs: startMs,
        nextMs: startMs + COMPARE_EVERY_MS,
        newRecords: 0,
        oldRecords: 0,
        templates: new Map(),
      };
    }
    rememberVersion(service, version, startMs, isChange);
  }
  return changes;
}

function latestVersion(service: ServiceState): string {
  let latest = service.versions[0]!;
  for (const entry of service.versions) if (entry[1] > latest[1]) latest = entry;
  return latest[0];
}

function rememberVersion(service: ServiceState, version: string, startMs: number, toEnd: boolean): void {
  const at = service.versions.findIndex((entry) => entry[0] === version);
  if (at >= 0 && !toEnd) {
    service.versions[at]![1] = startMs;
    return;
  }
  if (at >= 0) service.versions.splice(at, 1);
  service.versions.push([version, startMs]);
  if (service.versions.length > VERSIONS_MAX) service.versions.shift();
}

function firstMs(mined: MinedService, version: string): number | null {
  let first: number | null = null;
  for (const count of mined.templates) {
    if (count.versions.length === 1 && count.versions[0]![0] === version) {
      first = first === null ? count.firstMs : Math.min(first, count.firstMs);
    }
  }
  return first;
}

/** Adds a bucket to the comparison in progress, if there is one. */
export function addToTrial(service: ServiceState, mined: MinedService): void {
  const { trial } = service;
  if (trial === null) return;
  for (const [version, records] of mined.versions) {
    if (version === trial.to) trial.newRecords += records;
    else trial.oldRecords += records;
  }
  for (const count of mined.templates) {
    let entry = trial.templates.get(count.templateId);
    if (entry === undefined) {
      if (trial.templates.size >= COMPARED_TEMPLATES_MAX) continue;
      entry = [0, 0, 0];
      trial.templates.set(count.templateId, entry);
    }
    for (const [version, records] of count.versions) entry[version === trial.to ? 0 : 1] += records;
    if (count.severity > entry[2]) entry[2] = count.severity;
  }
}

/**
 * Compares the versions when it is time: y_new ~ BetaBinomial(y, share of traffic, dispersion) for each template. No
 * baseline and no season: both versions saw the same minutes. Tells the strongest few once, then ends the comparison.
 */
export function judgeTrial(service: ServiceState, endMs: number): Finding[] {
  const { trial } = service;
  if (trial === null || endMs < trial.nextMs) return [];
  trial.nextMs += COMPARE_EVERY_MS;
  const share = trial.newRecords / Math.max(1, trial.newRecords + trial.oldRecords);
  const findings: Finding[] = [];
  if (share >= SHARE_MIN && share <= SHARE_MAX) {
    const looks = COMPARE_FOR_MS / COMPARE_EVERY_MS;
    const lnAlpha = Math.log(TRIAL_ALPHA / (looks * Math.max(1, trial.templates.size)));
    for (const [id, [fresh, old, severity]] of trial.templates) {
      const finding = compare(service, id, fresh, old, severity, share, lnAlpha, endMs);
      if (finding !== null) findings.push(finding);
    }
  }
  if (findings.length > 0 || endMs - trial.atMs >= COMPARE_FOR_MS) service.trial = null;
  findings.sort((x, y) => y.score - x.score || ((x.templateId ?? '') < (y.templateId ?? '') ? -1 : 1));
  return findings.slice(0, FINDINGS_MAX);
}

function compare(
  service: ServiceState,
  templateId: string,
  fresh: number,
  old: number,
  severity: SeverityClass,
  share: number,
  lnAlpha: number,
  endMs: number,
): Finding | null {
  const trial = service.trial!;
  const n = fresh + old;
  const expected = n * share;
  if (n < RECORDS_MIN || (fresh < RATIO_MIN * expected && fresh * RATIO_MIN > expected)) return null;
  const template = service.templates.get(templateId);
  const rate = template?.rate ?? null;
  // What is new with this version was told as new.
  if ((template?.announcedMs ?? 0) >= trial.atMs) return null;
  const dispersion =
    rate === null
      ? Math.max(...service.dispersion)
      : dispersionMax(rate.readNumbers(), DISPERSION, service.dispersion);
  // Variance n·π(1−π)·φ fixes the concentration s by φ = (s + n)/(s + 1).
  const concentration = dispersion <= 1.001 ? 1e6 : Math.max(1, (n - dispersion) / (dispersion - 1));
  const lnP = lnBetaBinomialTwoSided(fresh, n, share, concentration);
  if (lnP > lnAlpha) return null;
  return {
    kind: 'shift',
    service: service.ref,
    templateId,
    severity,
    onsetMs: trial.atMs,
    onsetUncertaintyMs: MINUTE_MS,
    lastSeenMs: endMs,
    observed: fresh,
    expected,
    expectedP99: null,
    baselinePerMin: null,
    score: -lnP / Math.LN2,
    censored: false,
    test: {
      method: 'beta_binomial',
      log10P: lnP / Math.LN10,
      log10Alpha: lnAlpha / Math.LN10,
      dispersion,
      explain: `${fresh} of ${n} records from version ${trial.to}, which has ${short(100 * share)}% of the traffic beside ${trial.from}: expected ${short(expected)}, dispersion ${short(dispersion)}`,
    },
  };
}
