import { describe, expect, it } from 'vitest';
import { cleanSpans } from '../../src/simulator/clean-time.ts';
import { demoScenario } from '../../src/simulator/demo.ts';
import {
  FAMILY_NAMES,
  FAMILY_WARM_UP_MS,
  family,
  HELD_OUT_SEEDS,
  TUNING_SEEDS,
} from '../../src/simulator/families.ts';
import { bodyText } from '../../src/simulator/record.ts';
import { simulate } from '../../src/simulator/simulate.ts';
import { STORIES, STORY_NAMES } from '../../src/simulator/stories.ts';
import { toJsonLines } from '../../src/simulator/to-json-lines.ts';
import { toText } from '../../src/simulator/to-text.ts';

const HOUR_MS = 3_600_000;
const MOST_RECORDS = 200_000;

describe('stories', () => {
  for (const name of STORY_NAMES) {
    it(`${name} is small, warm before its event, and shows its lines`, () => {
      const simulation = simulate(STORIES[name].options);
      const { startMs, durationMs } = simulation.options;
      let count = 0;
      const seen = new Set<string>();
      for (const records of simulation.seconds()) {
        count += records.length;
        for (const { faultId } of records) if (faultId !== '') seen.add(faultId);
      }
      expect(count).toBeGreaterThan(1_000);
      expect(count).toBeLessThan(MOST_RECORDS);
      for (const fault of simulation.truth) {
        expect(fault.startMs).toBeGreaterThan(startMs + 3.5 * HOUR_MS);
        expect(fault.endMs).toBeLessThanOrEqual(startMs + durationMs);
        if (fault.lines[0]!.change === 'appears') expect(seen).toContain(fault.id);
      }
    });
  }

  it('the rare warning is one WARN among INFO lines', () => {
    const records = [...simulate(STORIES.rare_warning.options).seconds()].flat();
    expect(records.filter(({ severity }) => severity !== 'INFO').map(({ severity }) => severity)).toEqual([
      'WARN',
    ]);
  });

  it('the quiet day has five thousand templates', () => {
    const { services } = STORIES.quiet_day.options;
    expect(services!.reduce((sum, { lines }) => sum + Object.keys(lines).length, 0)).toBe(5_000);
  });

  it('plain text has no severity field, bare frames, and a service without time', () => {
    const records = [...simulate(STORIES.plain_text.options).seconds()].flat();
    expect(records.some(({ hasSeverity }) => hasSeverity)).toBe(false);
    expect(records.some(({ body }) => bodyText(body).startsWith('\tat '))).toBe(true);
    expect(records.some(({ hasTime }) => !hasTime)).toBe(true);
  });
});

describe('families', () => {
  it('separate their seeds for tuning from those for reporting', () => {
    expect(TUNING_SEEDS.last).toBeLessThan(HELD_OUT_SEEDS.first);
  });

  for (const name of FAMILY_NAMES) {
    it(`${name} has its faults after the warm-up, apart from each other, with clean time between`, () => {
      for (const seed of [TUNING_SEEDS.first, TUNING_SEEDS.last, HELD_OUT_SEEDS.first]) {
        const options = family(name, seed);
        const { truth } = simulate(options);
        let freeFromMs = options.startMs + FAMILY_WARM_UP_MS;
        for (const fault of truth) {
          expect(fault.startMs).toBeGreaterThanOrEqual(freeFromMs);
          freeFromMs = fault.endMs + 15 * 60_000;
        }
        const clean = cleanSpans(options, truth, FAMILY_WARM_UP_MS);
        const cleanMs = clean.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
        expect(cleanMs / (options.durationMs - FAMILY_WARM_UP_MS)).toBeGreaterThan(0.2);
        for (const { fromMs, toMs } of clean)
          expect(truth.some((fault) => fault.incident && fault.startMs < toMs && fault.endMs > fromMs)).toBe(
            false,
          );
      }
    });
  }

  it('differ by seed in what breaks, where and when', () => {
    const plan = (seed: number): string => JSON.stringify(family('quiet', seed).faults);
    expect(plan(1)).toBe(plan(1));
    expect(plan(1)).not.toBe(plan(2));
  });
});

describe('the demo scenario', () => {
  it('has three quiet hours, six faults, one harmless deploy and a size that a slow machine takes', () => {
    const simulation = simulate(demoScenario(1));
    const { startMs } = simulation.options;
    expect(simulation.truth.filter(({ incident }) => incident)).toHaveLength(6);
    expect(simulation.truth.filter(({ kind }) => kind === 'plain_deploy')).toHaveLength(1);
    for (const fault of simulation.truth) expect(fault.startMs).toBeGreaterThanOrEqual(startMs + 3 * HOUR_MS);
    let count = 0;
    for (const records of simulation.seconds()) count += records.length;
    expect(count).toBeGreaterThan(300_000);
    expect(count).toBeLessThan(600_000);
  });
});

describe('files for people', () => {
  const options = { seed: 2, startMs: Date.UTC(2026, 10, 17, 10), durationMs: 60_000 };

  it('toText writes one line a record with time, level, service and pod', () => {
    const lines = [...toText(simulate(options))];
    expect(lines.length).toBeGreaterThan(500);
    expect(lines[0]).toMatch(
      /^2026-11-17T10:00:0\d\.\d{3}Z (DEBUG|INFO|WARN|ERROR) [a-z-]+\[[a-z0-9-]+\] \S/,
    );
  });

  it('toJsonLines writes requests that hold all records', () => {
    const made = [...simulate(options).seconds()].flat().length;
    let held = 0;
    for (const line of toJsonLines(simulate(options))) {
      for (const { scopeLogs } of JSON.parse(line).resourceLogs) held += scopeLogs[0].logRecords.length;
    }
    expect(held).toBe(made);
  });
});
