import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  AnyStateRow,
  FindingKind,
  SeverityClass,
  TemplateChange,
  WindowRevision,
} from '../../../src/contracts.ts';
import type { WindowAssembler } from '../../../src/core/window/assembler.ts';
import { decodeState, encodeState } from '../../../src/core/window/state.ts';
import {
  assembler,
  at,
  bucket,
  deploy,
  finding,
  STEP_MS,
  serviceRef,
  type TemplateSpec,
} from './fixtures.ts';

/** A record of one service in one bucket, and what is raised about it. */
const item = fc.record({
  service: fc.constantFrom('a-svc', 'b-svc', 'c-svc', '__proto__'),
  templateId: fc.constantFrom('t_1', 't_2', '__proto__'),
  kind: fc.constantFrom<FindingKind | null>('new', 'rare', 'spike', 'drop', 'silence', null, null, null),
  isService: fc.boolean(),
  severity: fc.constantFrom<SeverityClass>(1, 2, 3),
  onsetAgoMs: fc.integer({ min: -9_000, max: 600_000 }),
  records: fc.integer({ min: 1, max: 50 }),
  score: fc.integer({ min: 0, max: 30 }),
  body: fc.constantFrom(
    'boom',
    'calls b-svc',
    'password=x 12',
    'id 0b7e1c6e-0000-4000-8000-000000000001',
    '__proto__',
    '{"$map":[[1,2]]}',
  ),
  traceId: fc.constantFrom('', '5b8efff798038103d269b633813fc60c'),
  value: fc.constantFrom('x', '__proto__', 'constructor'),
  merged: fc.constantFrom(false, false, false, false, true),
  deployed: fc.constantFrom(false, false, false, true),
});
const story = fc.array(
  fc.record({ gap: fc.constantFrom(1, 1, 1, 1, 6, 40, 200), items: fc.array(item, { maxLength: 4 }) }),
  {
    minLength: 2,
    maxLength: 14,
  },
);
const ROWS_OF_WINDOWS = ['window_open', 'window_samples'];

type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

function observe(target: WindowAssembler, startMs: number, items: Story[number]['items']): WindowRevision[] {
  const specs = new Map<string, TemplateSpec>();
  for (const { service, templateId, records, severity, body, traceId, value } of items) {
    const lines = [
      { body, atMs: startMs + 7, traceId, attributes: [['k', value]] as const, instance: value },
    ];
    const instances = [[value, records]] as const;
    specs.set(`${service} ${templateId}`, {
      service,
      templateId,
      records,
      severity,
      lines,
      instances,
      versions: instances,
    });
  }
  const findings = items.flatMap((one) =>
    one.kind === null
      ? []
      : [
          finding(one.service, one.kind, one.isService ? null : one.templateId, startMs - one.onsetAgoMs, {
            severity: one.severity,
            score: one.score,
          }),
        ],
  );
  const merges = items
    .filter((one) => one.merged)
    .map((one): TemplateChange => {
      return {
        service: serviceRef(one.service).key,
        change: 'merged',
        templateId: one.templateId,
        into: 't_2',
      };
    });
  const changes = items.filter((one) => one.deployed).map((one) => deploy(one.service, '1', '2', startMs));
  return target.observe(bucket(startMs, [...specs.values()], { changes: merges, bytes: 50_000 }), {
    findings,
    changes,
  });
}

describe('the state of windows', () => {
  it('goes on exactly: a run cut and loaded anywhere gives the revisions of the whole run', () => {
    fc.assert(
      fc.property(story, fc.nat(), (buckets, cutAt) => {
        const cut = cutAt % buckets.length;
        const whole = assembler();
        const first = assembler();
        const rows = new Map<string, AnyStateRow>();
        const take = (): void => {
          for (const row of first.takeChanges()) rows.set(`${row.table}\u0000${row.key}`, row);
        };
        let startMs = at('02:00:00');
        const want: WindowRevision[] = [];
        const got: WindowRevision[] = [];
        let second: WindowAssembler | null = null;
        buckets.forEach(({ gap, items }, i) => {
          startMs += gap * STEP_MS;
          want.push(...observe(whole, startMs, items));
          if (i <= cut) got.push(...observe(first, startMs, items));
          if (i % 3 === 0) take();
          if (i === cut) {
            take();
            second = assembler();
            second.load([...rows.values()].filter((row) => row.value !== null).reverse());
          } else if (second !== null) got.push(...observe(second, startMs, items));
        });
        want.push(...whole.finish());
        got.push(...second!.finish());
        expect(JSON.stringify(got)).toBe(JSON.stringify(want));
        expect(JSON.stringify(want)).not.toContain('password=x');
      }),
      { seed: 20261122, numRuns: 200 },
    );
  });

  it('is written as it is, whether parts of it were written before or not', () => {
    fc.assert(
      fc.property(story, (buckets) => {
        const often = assembler();
        const once = assembler();
        const last = new Map<string, AnyStateRow['value']>();
        let startMs = at('02:00:00');
        for (const { gap, items } of buckets) {
          startMs += gap * STEP_MS;
          observe(often, startMs, items);
          observe(once, startMs, items);
          for (const { table, key, value } of often.takeChanges())
            if (ROWS_OF_WINDOWS.includes(table)) last.set(`${table} ${key}`, value);
        }
        for (const { table, key, value } of once.takeChanges()) {
          if (!ROWS_OF_WINDOWS.includes(table)) continue;
          expect(last.get(`${table} ${key}`)).toBe(value);
          if (value !== null) expect(encodeState(decodeState(value as string))).toBe(value);
        }
      }),
      { seed: 20261122, numRuns: 100 },
    );
  });

  it('writes maps and text so that they come back, whatever the text', () => {
    const value = {
      counts: new Map([['__proto__', 1]]),
      nested: new Map([['a', new Map([['b', '{"$map":[]}']])]]),
      list: ['$map'],
    };
    expect(decodeState(encodeState(value))).toEqual(value);
  });
});
