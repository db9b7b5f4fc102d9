import { describe, expect, it } from 'vitest';
import { Random } from '../../../bench/detection/random.ts';
import { minuteBucket, type StreamKind, syntheticFleet } from '../../../bench/detection/streams.ts';
import { Detectors } from '../../../src/core/detect/detectors.ts';

/** Findings on a quiet seasonal stream of 500 templates (35 % bursts of 4, 15 % of 20) over 24 h. */
function findingsOfQuietDay(templatesPerService: number, kind: StreamKind): number {
  const fleet = syntheticFleet({
    seed: 21,
    services: 500 / templatesPerService,
    templatesPerService,
    kind,
    isSeasonal: true,
  });
  const random = new Random(22);
  const detectors = new Detectors({ falseAlarmBudgetPerDay: 10 });
  let findings = 0;
  for (let minute = 0; minute < 1440; minute++) {
    findings += detectors.judge(minuteBucket(fleet, minute, random)).findings.length;
  }
  return findings;
}

describe('a quiet seasonal day of 500 templates stays within twice the budget', () => {
  const cases: readonly [string, number, StreamKind][] = [
    ['many templates a service, bursts inside a minute', 100, 'burst'],
    ['many templates a service, bursts over minutes', 100, 'spread'],
    ['few templates a service, bursts over minutes', 5, 'spread'],
  ];
  for (const [name, templatesPerService, kind] of cases) {
    it(name, () => {
      expect(findingsOfQuietDay(templatesPerService, kind)).toBeLessThanOrEqual(20);
    }, 240_000);
  }
});
