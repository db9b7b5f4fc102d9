import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SeverityClass } from '../../../src/contracts.ts';
import {
  readNumbers,
  readRates,
  readTemplates,
  writeNumbers,
  writeRates,
  writeTemplates,
} from '../../../src/core/detect/block-bytes.ts';
import { DISPERSION, UP } from '../../../src/core/detect/rate-places.ts';
import { newRateState } from '../../../src/core/detect/rate-state.ts';
import { TemplateRows } from '../../../src/core/detect/template-rows.ts';
import { SLOTS, TemplateState } from '../../../src/core/detect/template-state.ts';
import { RowWriter } from '../../../src/core/row-bytes.ts';

const SEED = 13;

const ms = fc.oneof(fc.double({ noNaN: true }), fc.nat(2 ** 41), fc.constant(1_767_571_200_000.25));
const minute = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const severity = fc.constantFrom<SeverityClass>(0, 1, 2, 3, 4);

/** Numbers of a rate, of which some are those of other rates and many are zero. */
const statistics = fc.array(fc.oneof(fc.constantFrom(0, 0, 1.5), fc.double({ noNaN: true, min: 0 })), {
  minLength: 1,
  maxLength: 40,
});

const template = fc.record({
  id: fc.string(),
  firstMs: ms,
  lastMs: ms,
  severity,
  arrivals: fc.double({ noNaN: true }),
  arrivalsMinute: minute,
  announcedMs: fc.option(ms),
  peak: fc.nat(),
  ordinary: fc.boolean(),
  young: fc.option(fc.record({ bits: fc.double({ noNaN: true }), buckets: fc.nat() })),
  open: fc.option(fc.record({ minute, severity, slots: fc.array(fc.nat(), { minLength: SLOTS }) })),
  rate: fc.option(statistics),
});
type Values = typeof template extends fc.Arbitrary<infer Value> ? Value : never;

function templateOf(rows: TemplateRows, { open, rate, ...plain }: Values): TemplateState {
  const state = new TemplateState(rows, plain.id, plain.firstMs, plain.severity);
  const { lastMs, arrivals, arrivalsMinute, announcedMs, peak, ordinary, young } = plain;
  Object.assign(state, { lastMs, arrivals, arrivalsMinute, announcedMs, peak, ordinary, young });
  if (rate !== null) {
    state.rate = newRateState(7, plain.severity, 2.5, 3);
    // Folded twice, so that there may be room behind its numbers.
    for (const values of [[1.5], rate]) {
      state.rate.unfold();
      const { numbers } = state.rate;
      for (let at = DISPERSION; at < UP; at++) numbers[at] = values[at % values.length]! + 0;
      state.rate.fold();
    }
  }
  if (open === null) return state;
  state.open(open.minute);
  for (let slot = 0; slot < SLOTS; slot++) state.addOpen(slot, open.slots[slot]!, open.severity);
  return state;
}

function valuesOf(state: TemplateState): unknown {
  const { id, firstMs, lastMs, severity, arrivals, arrivalsMinute, announcedMs, peak, ordinary } = state;
  const lasting = { id, firstMs, lastMs, severity, arrivals, arrivalsMinute, announcedMs, peak, ordinary };
  const { isOpen, openMinute, openSeverity } = state;
  const open = isOpen ? { openMinute, openSeverity, slots: state.openSlots() } : null;
  return { ...lasting, young: state.young, open, rate: state.rate?.readNumbers() ?? null };
}

function written(write: typeof writeTemplates, block: readonly TemplateState[]): Uint8Array {
  const row = new RowWriter();
  write(row, block);
  return row.take();
}

test('the templates of a block are the same, all of their values, after its rows were written and read', () => {
  fc.assert(
    fc.property(fc.array(template, { minLength: 1, maxLength: 8 }), (values) => {
      const rows = new TemplateRows();
      const block = values.map((one) => templateOf(rows, one));
      const again = readTemplates(written(writeTemplates, block), rows);
      readNumbers(written(writeNumbers, block), again);
      readRates(written(writeRates, block), again);
      expect(again.map(valuesOf)).toEqual(block.map(valuesOf));
    }),
    { seed: SEED, numRuns: 200 },
  );
});

test('a block of templates without rates has no bytes of rates, and one that comes later adds none', () => {
  const rows = new TemplateRows();
  const block = ['a', 'b', 'c'].map((id) => new TemplateState(rows, id, 0, 1));
  expect(written(writeRates, block).length).toBe(0);
  block[1]!.rate = newRateState(0, 1, 0, 0);
  expect(written(writeRates, block)).toEqual(written(writeRates, block.slice(0, 2)));
});
