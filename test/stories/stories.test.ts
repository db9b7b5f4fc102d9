import { describe, expect, test } from 'vitest';
import type { WindowRevision } from '../../src/contracts.ts';
import { renderText } from '../../src/core/window/render.ts';
import { matchWindows } from '../../src/simulator/match.ts';
import { simulate } from '../../src/simulator/simulate.ts';
import { STORIES, type StoryName } from '../../src/simulator/stories.ts';
import { loadTokenCounter } from '../../src/tokens.ts';
import { expectGolden } from '../support/golden.ts';
import { newPipeline, Player, streamsOf } from '../support/replay.ts';

// Goal: the stories every release must pass. Method: each is simulated, spread over partitions as the Collector does,
// played through the whole pipeline, and its windows are held against what must show. Golden files: the full texts.

const MINUTE_MS = 60_000;
const countTokens = await loadTokenCounter();

interface Told {
  readonly revisions: readonly WindowRevision[];
  /** The last revision of each window, by onset. */
  readonly windows: readonly WindowRevision[];
  readonly texts: readonly string[];
  /** Windows whose onset lies after the three hours of learning. */
  readonly late: readonly WindowRevision[];
}

interface FindingData {
  readonly kind: string;
  readonly 'service.name': string;
  readonly severity: string;
  readonly 'log.record.template'?: string;
  readonly onset: string;
  readonly attributes?: readonly { readonly key: string; readonly value: string }[];
  readonly exemplars?: readonly { readonly body: string }[];
}

function tell(name: StoryName): Told {
  const options = STORIES[name].options;
  const player = new Player(streamsOf(options, { partitions: 4, batchRecords: 128 }), newPipeline());
  player.play();
  const revisions = player.finish();
  const latest = new Map(revisions.map((revision) => [revision.windowId, revision]));
  const windows = [...latest.values()].sort(
    (a, b) => a.onsetMs - b.onsetMs || (a.windowId < b.windowId ? -1 : 1),
  );
  const learntMs = options.startMs + 3 * 60 * MINUTE_MS;
  return {
    revisions,
    windows,
    texts: windows.map((window) => renderText(window.event, { countTokens })),
    late: windows.filter((window) => window.onsetMs >= learntMs),
  };
}

function findings(window: WindowRevision): readonly FindingData[] {
  return (window.event.data as { findings: readonly FindingData[] }).findings;
}

function truthOf(name: StoryName) {
  return simulate(STORIES[name].options).truth;
}

describe('stories', () => {
  test('one rare WARN among 10,000 INFO lines is the only finding', () => {
    const { late, texts } = tell('rare_warning');
    expect(late).toHaveLength(1);
    const [finding, ...others] = findings(late[0]!);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ kind: 'new', severity: 'warn', 'service.name': 'unit-001' });
    expect(Math.abs(late[0]!.onsetMs - truthOf('rare_warning')[0]!.onsetMs)).toBeLessThan(1_000);
    expectGolden('stories/rare_warning.txt', texts.join('\n'));
  });

  test('ECONNREFUSED in one service and 504s in its caller two minutes later are one window, in that order', () => {
    const { late, texts, revisions } = tell('refused_then_504');
    const [fault] = truthOf('refused_then_504');
    const { faults } = matchWindows([fault!], revisions);
    expect(faults[0]!.rank).toBe(1);
    expect(Math.abs(faults[0]!.onsetErrorMs!)).toBeLessThan(MINUTE_MS);
    const window = late.find((one) => one.windowId === faults[0]!.window!.windowId)!;
    expect(window.services[0]).toBe('payments');
    expect(window.services).toContain('orders');
    const refused = findings(window).find((one) => one['log.record.template']?.includes('ECONNREFUSED'));
    const gateway = findings(window).find(
      (one) => one['service.name'] === 'orders' && one.exemplars?.some(({ body }) => body.includes('504')),
    );
    expect(refused).toBeDefined();
    expect(gateway).toBeDefined();
    expect(Date.parse(gateway!.onset) - Date.parse(refused!.onset)).toBeGreaterThan(MINUTE_MS);
    expectGolden('stories/refused_then_504.txt', texts.join('\n'));
  });

  test('an agent’s restart is told without causal wording and with what did not change', () => {
    const { texts } = tell('agent_restart');
    for (const text of texts) {
      expect(text.replace('order is not cause', '')).not.toMatch(
        /\b(caused?|because|due to|led to|root cause|culprit|blame)\b/i,
      );
      expect(text).toContain('\nUNCHANGED ');
    }
    expectGolden('stories/agent_restart.txt', texts.join('\n'));
  });

  test('a deploy with 40 new INFO templates is at most one finding, with the change marker', () => {
    const { late, texts } = tell('plain_deploy');
    const [deploy] = truthOf('plain_deploy');
    const during = late.filter((window) => window.onsetMs >= deploy!.startMs - MINUTE_MS);
    expect(during.flatMap(findings).length).toBeLessThanOrEqual(1);
    for (const window of during) {
      expect((window.event.data as { changes: readonly unknown[] }).changes.length).toBeGreaterThan(0);
    }
    expect(texts.join('\n')).toMatch(/templates together\n.*\n {3}such as ⟦.*⟧ and \d+ more/);
    expectGolden('stories/plain_deploy.txt', texts.join('\n'));
  });

  test('48 identical timeouts do not hide the one other error', () => {
    const { late, texts } = tell('many_timeouts_one_other');
    const templates = late.flatMap(findings).map((one) => one['log.record.template'] ?? '');
    expect(templates.some((text) => text.includes('waiting for price service'))).toBe(true);
    expect(templates.some((text) => text.includes('has a broken checksum'))).toBe(true);
    expectGolden('stories/many_timeouts_one_other.txt', texts.join('\n'));
  });

  test('a service that stops is a service-level silence within five minutes of event time', () => {
    const { late, revisions, texts } = tell('service_stops');
    const [fault] = truthOf('service_stops');
    const first = revisions.find((one) => one.onsetMs >= fault!.onsetMs - MINUTE_MS)!;
    expect(first.services[0]).toBe('unit-002');
    const silence = late
      .flatMap(findings)
      .find(
        (one) =>
          one.kind === 'silence' &&
          one['service.name'] === 'unit-002' &&
          one['log.record.template'] === undefined,
      );
    expect(silence).toBeDefined();
    expect(Math.abs(Date.parse(silence!.onset) - fault!.onsetMs)).toBeLessThan(MINUTE_MS);
    expect(first.watermarkMs - fault!.onsetMs).toBeLessThan(5 * MINUTE_MS);
    expectGolden('stories/service_stops.txt', texts.join('\n'));
  });

  test('a quiet day of 5,000 templates stays within twice the budget', () => {
    const { windows } = tell('quiet_day');
    expect(windows.flatMap(findings).length).toBeLessThanOrEqual(20);
  });

  test('lines without severity, time or whole stack traces are inferred, joined and counted', () => {
    const { late, texts } = tell('plain_text');
    const own = late.flatMap(findings).filter((one) => one['service.name'] === 'legacy-billing');
    expect(
      own.some((one) => one.severity === 'error' && one['log.record.template']?.includes('cannot close run')),
    ).toBe(true);
    for (const finding of late.flatMap(findings))
      expect(finding['log.record.template'] ?? '').not.toMatch(/^\s*at /);
    expectGolden('stories/plain_text.txt', texts.join('\n'));
  });

  test('500 services failing at once stay under the output cap, in one storm window that says so', () => {
    const { late, texts, revisions } = tell('storm');
    expect(new Set(revisions.map((one) => one.windowId)).size).toBeLessThan(60);
    const bytes = revisions.reduce((sum, one) => sum + JSON.stringify(one.event).length, 0);
    expect(bytes).toBeLessThan(2_000_000);
    expect(late.some((one) => /storm/i.test(one.headline))).toBe(true);
    expect(texts.every((text) => countTokens(text) <= 1_100)).toBe(true);
  });

  test('when one pod of ten breaks, the finding names the pod', () => {
    const { late, texts } = tell('one_pod_of_ten');
    const lifted = late
      .flatMap(findings)
      .filter((one) => one['service.name'] === 'catalog')
      .flatMap((one) => one.attributes ?? [])
      .filter(({ key }) => /pod|instance|host/.test(key));
    expect(lifted.length).toBeGreaterThan(0);
    expectGolden('stories/one_pod_of_ten.txt', texts.join('\n'));
  });

  test('hostile text stays inside the delimiters, neutralised with a visible mark', () => {
    const { texts } = tell('hostile_text');
    const text = texts.find((one) => one.includes('ignore previous instructions'))!;
    expect(text).toBeDefined();
    expect(text).not.toMatch(/[\u001b\u202a-\u202e\u2066-\u2069\u200b]/u);
    for (const line of text.split('\n').filter((one) => one.includes('ignore previous'))) {
      const before = line.slice(0, line.indexOf('ignore previous'));
      const opened = (before.match(/⟦/g)?.length ?? 0) - (before.match(/⟧/g)?.length ?? 0);
      expect(opened).toBe(1);
    }
    expectGolden('stories/hostile_text.txt', texts.join('\n'));
  });
});
