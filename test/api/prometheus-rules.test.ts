import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { PipelineCounters } from '../../src/api/counters.ts';
import { Metrics } from '../../src/api/metrics.ts';
import { newPipeline } from '../support/replay.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string; readonly description: string };
}

const FILE = join(import.meta.dirname, '../../docs/prometheus-rules.yaml');
const { groups } = parse(readFileSync(FILE, 'utf8')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

test('the alerts cover lag, checkpoints, drops, poison and open windows, each under a name of its own', () => {
  const names = rules.map(({ alert }) => alert);
  expect(new Set(names).size).toBe(names.length);
  for (const name of ['Behind', 'CheckpointOld', 'DropsRecords', 'Poison', 'WindowActive'])
    expect(names).toContain(`Winnow${name}`);
});

test.each(rules.map((rule): [string, Rule] => [rule.alert, rule]))(
  '%s names only metrics and labels that the program has',
  (_, { expr, annotations }) => {
    const labelsOf = metricLabels();
    const metrics = [...expr.matchAll(/\bwinnow_\w+/g)].map(([name]) => name);
    expect(metrics.length).toBeGreaterThan(0);
    for (const name of metrics) expect(labelsOf.has(name), name).toBe(true);
    const known = new Set(['instance', ...metrics.flatMap((name) => labelsOf.get(name) ?? [])]);
    const inExpr = [...expr.matchAll(/\b(?:by|on) \(([^)]*)\)|\{(\w+)=/g)];
    const labels = inExpr
      .flatMap(([, list, matched]) => (matched ?? list ?? '').split(','))
      .map((one) => one.trim());
    const inText = [...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label!);
    for (const label of [...labels, ...inText]) expect(known.has(label), label).toBe(true);
  },
);

/** Metric → its labels, as registered. */
function metricLabels(): Map<string, readonly string[]> {
  const { registry } = new Metrics({
    version: '1.2.3',
    counters: new PipelineCounters(),
    pipeline: newPipeline(),
    workerStats: {
      messages: 0,
      batches: 0,
      checkpoints: 0,
      checkpointMs: 0,
      lastCheckpointAtMs: 0,
      commitFailures: 0,
    },
    nowMs: () => 0,
    restoreSeconds: 0,
    lagRecords: () => new Map(),
    storeConflicts: () => 0,
    deadLetters: () => null,
    feeds: () => [],
    kafka: () => new Map(),
    poison: () => new Map(),
  });
  const metrics = registry.getMetricsAsArray() as unknown as { name: string; labelNames: string[] }[];
  return new Map(metrics.map(({ name, labelNames }) => [name, labelNames]));
}
