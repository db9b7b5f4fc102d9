import { expect, test } from 'vitest';
import { HeldTemplates } from '../../../src/core/detect/held-templates.ts';
import { DISPERSION, UP } from '../../../src/core/detect/rate-places.ts';
import type { RateState } from '../../../src/core/detect/rate-state.ts';
import {
  readService,
  serviceText,
  writeSeries,
  writeServiceNumbers,
} from '../../../src/core/detect/service-rows.ts';
import { newServiceState, type ServiceState } from '../../../src/core/detect/service-state.ts';
import { RowWriter } from '../../../src/core/row-bytes.ts';

const REF = { key: 'acme/prod\u001fshop', tenant: 'acme/prod', environment: '', namespace: '', name: 'shop' };

/** Gives every number and flag of an object, however deep, a value that no other has; what is null becomes a number. */
function fill(object: object, next: () => number): void {
  const fields = object as Record<string, unknown>;
  for (const [name, value] of Object.entries(fields)) {
    if (value === null || typeof value === 'number') fields[name] = next();
    else if (typeof value === 'boolean') fields[name] = !value;
    else if (Array.isArray(value) || isPlain(value)) fill(value, next);
  }
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype;
}

/** All of it, a field that a row forgets included. */
function valuesOf({ templates, series, ...plain }: ServiceState): unknown {
  const { total, errors, ...rest } = series;
  return { ...plain, series: { ...rest, total: total.readFolded(), errors: errors.readFolded() } };
}

function fillRate({ numbers }: RateState, next: () => number): void {
  for (let at = DISPERSION; at < UP; at++) numbers[at] = next();
}

function readAgain(service: ServiceState): ServiceState {
  const row = new RowWriter();
  writeServiceNumbers(row, service);
  const numbers = row.take();
  writeSeries(row, service);
  return readService(serviceText(service), numbers, row.take(), new HeldTemplates());
}

function newService(): ServiceState {
  return newServiceState(new HeldTemplates(), REF, 1_767_571_200_000, 29_459_520, 2.5, 3);
}

test('a service is the same, all of its fields, after its rows were written and read', () => {
  let last = 1_000;
  const next = (): number => ++last + 0.25;
  const { templates, ref, ...fields } = newService();
  fill(fields, next);
  const service: ServiceState = {
    ...fields,
    ref,
    templates,
    overflow: {
      collectedMs: 1,
      sinceMs: 2,
      lastMs: 3,
      templates: 4,
      records: 5,
      errors: 6,
      severity: 3,
      score: 7.5,
      templateIds: ['t_1', '\ud800'],
    },
    trial: {
      from: '1',
      to: '\ud800',
      atMs: 1,
      nextMs: 2,
      newRecords: 3,
      oldRecords: 4,
      templates: new Map([['__proto__', [1, 2, 4]]]),
    },
    versions: [
      ['1', 8],
      ['\ud800\u0000', 2 ** 60],
    ],
    tombstones: new Set(['t_3', 't_2']),
  };
  for (const rate of [service.series.total, service.series.errors]) fillRate(rate, next);
  expect(valuesOf(readAgain(service))).toEqual(valuesOf(service));
  expect([...readAgain(service).tombstones]).toEqual(['t_3', 't_2']);
});

test('a service of which nothing is known yet is the same, too', () => {
  expect(valuesOf(readAgain(newService()))).toEqual(valuesOf(newService()));
});
