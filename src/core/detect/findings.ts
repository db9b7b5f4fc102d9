import type { Finding, FindingKind, FindingTest, ServiceRef, SeverityClass } from '../../contracts.ts';
import type { Arm, Verdict } from './verdict.ts';

const METHODS: Readonly<Record<Arm, FindingTest['method']>> = {
  tail: 'nb_tail',
  up: 'nb_cusum',
  down: 'nb_cusum',
  sparse: 'occupancy_cusum',
  zero_run: 'nb_zero_run',
};

/** What a rate finding is about. */
export interface Subject {
  readonly service: ServiceRef;
  readonly templateId: string | null;
  readonly severity: SeverityClass;
  readonly lastSeenMs: number;
  readonly baselinePerMin: number;
  readonly censored: boolean;
}

export function rateFinding(subject: Subject, verdict: Verdict, alpha: number): Finding {
  return {
    kind: kindOf(verdict),
    service: subject.service,
    templateId: subject.templateId,
    severity: subject.severity,
    onsetMs: Math.round(verdict.onsetMs),
    onsetUncertaintyMs: Math.round(verdict.onsetUncertaintyMs),
    lastSeenMs: subject.lastSeenMs,
    observed: verdict.observed,
    expected: verdict.expected,
    expectedP99: verdict.p99,
    baselinePerMin: subject.baselinePerMin,
    score: verdict.lnP !== null ? -verdict.lnP / Math.LN2 : (verdict.statistic ?? 0) / Math.LN2,
    censored: subject.censored,
    test: {
      method: METHODS[verdict.arm],
      ...(verdict.lnP === null ? {} : { log10P: verdict.lnP / Math.LN10 }),
      log10Alpha: Math.log10(alpha),
      dispersion: verdict.dispersion,
      ...(verdict.statistic === null ? {} : { statistic: verdict.statistic }),
      ...(verdict.threshold === null ? {} : { threshold: verdict.threshold }),
      explain: explain(verdict, alpha),
    },
  };
}

function kindOf(verdict: Verdict): FindingKind {
  switch (verdict.arm) {
    case 'tail':
      return 'spike';
    case 'up':
    case 'sparse':
      return 'shift';
    case 'zero_run':
      return 'silence';
    case 'down':
      return verdict.observed === 0 ? 'silence' : 'drop';
  }
}

function explain(verdict: Verdict, alpha: number): string {
  const span = `${verdict.observed} in ${verdict.minutes} min, expected ${short(verdict.expected)}`;
  const limit = verdict.p99 === null ? '' : ` (99% ≤${verdict.p99})`;
  const spread = `dispersion ${short(verdict.dispersion)}`;
  if (verdict.lnP !== null) {
    return `${span}${limit}, ${spread}, p ${power(verdict.lnP)}, alarm below ${power(Math.log(alpha))}`;
  }
  return `${span}, ${spread}, evidence ${short(verdict.statistic ?? 0)}, alarm above ${short(verdict.threshold ?? 0)}`;
}

/** Three significant digits, without an exponent for ordinary sizes. */
export function short(value: number): string {
  if (value >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(value >= 1 ? 3 : 2)));
}

/** e^lnValue as `1.6e-7`, also where the number itself would be zero. */
function power(lnValue: number): string {
  const log10 = lnValue / Math.LN10;
  let exponent = Math.floor(log10);
  let mantissa = Number((10 ** (log10 - exponent)).toFixed(1));
  if (mantissa >= 10) {
    mantissa = 1;
    exponent += 1;
  }
  return exponent >= 0 ? short(mantissa * 10 ** exponent) : `${mantissa}e${exponent}`;
}

/** Canonical order: by severity (highest first), score, service, template, kind. */
export function compareFindings(x: Finding, y: Finding): number {
  if (x.severity !== y.severity) return y.severity - x.severity;
  if (x.score !== y.score) return y.score - x.score;
  return (
    compareText(x.service.key, y.service.key) ||
    compareText(x.templateId ?? '', y.templateId ?? '') ||
    compareText(x.kind, y.kind)
  );
}

export function compareText(x: string, y: string): number {
  return x < y ? -1 : x > y ? 1 : 0;
}
