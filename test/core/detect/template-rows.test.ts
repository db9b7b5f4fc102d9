import { describe, expect, it } from 'vitest';
import { TemplateRows } from '../../../src/core/detect/template-rows.ts';
import {
  mergeTemplates,
  NOVELTY_HALF_LIFE_MINUTES,
  TemplateState,
} from '../../../src/core/detect/template-state.ts';

const TEMPLATES = 600;

/** A template with a number of its own in every field. */
function templateOf(rows: TemplateRows, i: number): TemplateState {
  const template = new TemplateState(rows, `t_${i}`, i + 0.25, (i % 5) as 0);
  template.lastMs = i + 0.5;
  template.arrivals = i / 3;
  template.arrivalsMinute = 1_000 + i;
  template.announcedMs = i % 2 === 0 ? null : i;
  template.peak = i * 7;
  template.ordinary = i % 3 === 0;
  if (i % 4 === 0) return template;
  template.open(29_000_000 + i);
  for (let slot = 0; slot < 6; slot++) template.addOpen(slot, i * slot, 3);
  return template;
}

function numbersOf(t: TemplateState): unknown[] {
  const lasting = [t.firstMs, t.lastMs, t.severity, t.arrivals, t.arrivalsMinute, t.announcedMs, t.peak];
  return [...lasting, t.ordinary, t.openMinute, t.openSeverity, t.openSlots()];
}

describe('the numbers of templates', () => {
  it('are each its own, however many there are', () => {
    const rows = new TemplateRows();
    const templates = Array.from({ length: TEMPLATES }, (_, i) => templateOf(rows, i));
    const alone = templates.map((_, i) => numbersOf(templateOf(new TemplateRows(), i)));
    expect(templates.map(numbersOf)).toEqual(alone);
  });

  it('begin anew in the row of a template that is gone', () => {
    const rows = new TemplateRows();
    const gone = templateOf(rows, 7);
    rows.give(gone.row);
    const next = new TemplateState(rows, 't_next', 5, 2);
    expect(next.row).toBe(gone.row);
    expect(numbersOf(next)).toEqual(numbersOf(new TemplateState(new TemplateRows(), 't_next', 5, 2)));
  });

  it('of two templates that turn out to be one are added up, the open minute too', () => {
    const rows = new TemplateRows();
    const [into, from] = [templateOf(rows, 5), templateOf(rows, 9)];
    mergeTemplates(into, from);
    expect(into.openSlots()).toEqual([0, 14, 28, 42, 56, 70]);
    expect([into.openSeverity, into.openMinute]).toEqual([3, 29_000_005]);
    expect([into.firstMs, into.lastMs, into.severity, into.peak]).toEqual([5.25, 9.5, 4, 63]);
    expect([into.ordinary, into.announcedMs, from.isOpen]).toEqual([true, 9, false]);
  });

  it('of two templates are added as they stand at one time, whichever of them was seen last', () => {
    for (const [intoMinute, fromMinute] of [
      [0, NOVELTY_HALF_LIFE_MINUTES],
      [NOVELTY_HALF_LIFE_MINUTES, 0],
    ] as const) {
      const rows = new TemplateRows();
      const [into, from] = [templateOf(rows, 1), templateOf(rows, 2)];
      Object.assign(into, { arrivals: 8, arrivalsMinute: intoMinute });
      Object.assign(from, { arrivals: 2, arrivalsMinute: fromMinute });
      mergeTemplates(into, from);
      expect(into.arrivalsMinute).toBe(NOVELTY_HALF_LIFE_MINUTES);
      expect(into.arrivals).toBeCloseTo(intoMinute === 0 ? 8 / 2 + 2 : 8 + 2 / 2, 12);
    }
  });

  it('are as large as they can be where counts are larger', () => {
    const template = new TemplateState(new TemplateRows(), 't', 0, 0);
    template.open(1);
    template.addOpen(2, 2 ** 33, 0);
    template.addOpen(3, 2 ** 30, 0);
    template.addOpen(3, 5, 0);
    expect(template.openSlots()).toEqual([0, 0, 2 ** 31 - 1, 2 ** 30 + 5, 0, 0]);
  });
});
