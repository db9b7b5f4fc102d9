import { describe, expect, it } from 'vitest';
import { Random } from '../../../bench/detection/random.ts';
import { minuteBucket, syntheticFleet } from '../../../bench/detection/streams.ts';
import { Detectors } from '../../../src/core/detect/detectors.ts';

/** Findings on a quiet seasonal stream of 1,000 templates (35 % bursts of 4, 15 % of 20) over 24 h. */
function findingsOfQuietDay(templatesPerService: number, spread: boolean): number {
  const fleet = syntheticFleet({
    seed: 21,
    services: 1000 / templatesPerService,
    templatesPerService,
    spread,
  });
  const random = new Random(22);
  const detectors = new Detectors({ falseAlarmBudgetPerDay: 10 });
  let findings = 0;
  for (let minute = 0; minute < 1440; minute++) {
    findings += detectors.judge(minuteBucket(fleet, minute, random, () => 1)).findings.length;
  }
  return findings;
}

describe('false alarms', () => {
  it('a quiet seasonal day of 1,000 templates stays within twice the budget, whatever the bursts and the services', () => {
    expect(findingsOfQuietDay(100, false)).toBeLessThanOrEqual(20);
    expect(findingsOfQuietDay(100, true)).toBeLessThanOrEqual(20);
    expect(findingsOfQuietDay(5, true)).toBeLessThanOrEqual(20);
  }, 120_000);
});
