import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FindingKind, SeverityClass, WindowRevision } from '../../../src/contracts.ts';
import { windowEventSchema, windowJsonSchema } from '../../../src/core/window/event-schema.ts';
import { renderText } from '../../../src/core/window/render.ts';
import { assembler, at, bucket, countTokens, finding, STEP_MS, type TemplateSpec } from './fixtures.ts';
import { runStory, storyAssembler } from './story.ts';

const published = JSON.parse(
  readFileSync(new URL('../../../proto/winnow/v1/window.schema.json', import.meta.url), 'utf8'),
) as Record<string, unknown>;
const validate = new Ajv2020({
  strict: true,
  allowUnionTypes: true,
  strictTuples: false,
  allErrors: true,
}).compile(published);

function check(revision: WindowRevision): void {
  const event = JSON.parse(JSON.stringify(revision.event)) as unknown;
  expect(validate(event), JSON.stringify(validate.errors)).toBe(true);
  expect(windowEventSchema.safeParse(event).error).toBeUndefined();
}

/** One bucket: which of five services raise what, over which lines. */
const raised = fc.record({
  service: fc.constantFrom('a-svc', 'b-svc', 'c-svc', 'we ird\u202e', '⟦x⟧'),
  kind: fc.constantFrom<FindingKind>('new', 'rare', 'spike', 'drop', 'silence', 'shift'),
  templateId: fc.option(fc.constantFrom('t_1', 't_2', 't_3'), { nil: null }),
  severity: fc.constantFrom<SeverityClass>(0, 1, 2, 3, 4),
  onsetAgoMs: fc.integer({ min: -9_999, max: 900_000 }),
  records: fc.integer({ min: 0, max: 5000 }),
  expected: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: null }),
  score: fc.double({ min: 0, max: 100, noNaN: true }),
  log10P: fc.option(fc.double({ min: -400, max: 0, noNaN: true }), { nil: undefined }),
  body: fc.string({ unit: 'binary', maxLength: 300 }),
  attribute: fc.string({ maxLength: 20 }),
  traceId: fc.constantFrom('', '5b8efff798038103d269b633813fc60c', 'not hex ⟧'),
  instance: fc.constantFrom('', 'p-1', '__proto__'),
});

describe('the published JSON Schema', () => {
  it('is the one generated from the source types (run tools/window-schema.ts)', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(windowJsonSchema())));
  });

  it('accepts every revision of the story', () => {
    const target = storyAssembler();
    const revisions = [...runStory(target), ...target.finish()];
    expect(revisions.length).toBeGreaterThan(3);
    for (const revision of revisions) check(revision);
  });

  it('accepts whatever detectors and lines bring about, and its text stays within the budget and inside ⟦ ⟧', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(raised, { maxLength: 5 }), { minLength: 1, maxLength: 12 }),
        (buckets) => {
          const target = assembler();
          const revisions: WindowRevision[] = [];
          buckets.forEach((items, i) => {
            const startMs = at('02:40:00') + i * i * STEP_MS;
            const specs = new Map<string, TemplateSpec>();
            for (const item of items) {
              if (item.templateId === null || item.records === 0) continue;
              const { service, templateId, records, severity, body, traceId, instance } = item;
              const lines = [
                { body, atMs: startMs, traceId, attributes: [['k', item.attribute]] as const, instance },
              ];
              specs.set(`${service} ${templateId}`, {
                service,
                templateId,
                records,
                severity,
                lines,
                instances: [[instance, records]],
              });
            }
            const findings = items.map((item) => {
              const { service, kind, templateId, severity, score, expected, records, log10P } = item;
              const test = {
                method: 'nb_tail',
                explain: item.body,
                ...(log10P === undefined ? {} : { log10P }),
              } as const;
              const onset = startMs - item.onsetAgoMs;
              return finding(service, kind, templateId, onset, {
                severity,
                score,
                expected,
                observed: records,
                test,
              });
            });
            revisions.push(
              ...target.observe(bucket(startMs, [...specs.values()]), { findings, changes: [] }),
            );
          });
          revisions.push(...target.finish());
          for (const revision of revisions) {
            check(revision);
            const text = renderText(revision.event, { countTokens });
            expect(countTokens(text)).toBeLessThanOrEqual(1100);
            expect(isSealed(text)).toBe(true);
            expect(renderText(revision.event, { countTokens })).toBe(text);
          }
        },
      ),
      { seed: 20261122, numRuns: 60 },
    );
  });
});

/** Delimiters pair up on each line, nothing inside them breaks out, and no control or invisible character is left. */
function isSealed(text: string): boolean {
  const isClean =
    !/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/.test(text);
  return (
    isClean &&
    text
      .split('\n')
      .every((line) => /^[^⟦⟧]*(?:⟦[^⟦⟧]*⟧[^⟦⟧]*)*$/.test(line) || line.includes('inside ⟦ ⟧ is'))
  );
}
