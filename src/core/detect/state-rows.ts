import type { SeverityClass, StateRow } from '../../contracts.ts';
import { RowReader, type RowWriter } from '../row-bytes.ts';
import { type HeldTemplates, ServiceTemplates } from './held-templates.ts';
import { readRate, readTraffic, writeRate, writeTraffic } from './rate-bytes.ts';
import type { RateState } from './rate-state.ts';
import type { ServiceSeries, ServiceState, VersionTrial } from './service-state.ts';
import type { TemplateRows } from './template-rows.ts';
import { SLOTS, TemplateState } from './template-state.ts';

/**
 * Tables of the detectors: JSON for what is one row of a service or of all, bytes for the many numbers of series and
 * templates. What a bucket changes and what only a judged minute changes have rows of their own.
 */
export const FLEET_TABLE = 'detect_fleet';
export const SERVICE_TABLE = 'detect_service';
export const SERIES_TABLE = 'detect_series';
export const TEMPLATE_TABLE = 'detect_template';
export const RATE_TABLE = 'detect_rate';

/** Key of the rows of one block of a service's templates. */
export function blockKey(serviceKey: string, number: number): string {
  return `${serviceKey} ${number}`;
}

/** Service keys may hold spaces, numbers do not. */
export function splitBlockKey(key: string): { serviceKey: string; number: number } {
  const space = key.lastIndexOf(' ');
  return { serviceKey: key.slice(0, space), number: Number(key.slice(space + 1)) };
}

/** All of a template but its rate. */
export function writeTemplate(row: RowWriter, template: TemplateState): void {
  row.text(template.id);
  row.number(template.firstMs);
  row.number(template.lastMs);
  row.number(template.severity);
  row.number(template.arrivals);
  row.number(template.arrivalsMinute);
  row.nullable(template.announcedMs);
  row.number(template.peak);
  row.nullable(template.young === null ? null : template.young.buckets);
  if (template.young !== null) row.number(template.young.bits);
  row.flag(template.ordinary);
  writeOpen(row, template);
}

/** The templates of a block, in their order, without their rates. */
export function* readTemplates(value: Uint8Array, rows: TemplateRows): Generator<TemplateState> {
  const row = new RowReader(value);
  while (!row.isAtEnd) {
    const template = new TemplateState(rows, row.text(), row.number(), 0);
    template.lastMs = row.number();
    template.severity = row.number() as SeverityClass;
    template.arrivals = row.number();
    template.arrivalsMinute = row.number();
    template.announcedMs = row.nullable();
    template.peak = row.number();
    template.young = readYoung(row);
    template.ordinary = row.flag();
    readOpen(row, template);
    yield template;
  }
}

function readYoung(row: RowReader): TemplateState['young'] {
  const buckets = row.nullable();
  return buckets === null ? null : { buckets, bits: row.number() };
}

function writeOpen(row: RowWriter, template: TemplateState): void {
  row.nullable(template.openMinute);
  if (!template.isOpen) return;
  row.number(template.openSeverity);
  row.number(template.openFirstMs);
  row.number(template.openLastMs);
  row.number(SLOTS);
  for (let slot = 0; slot < SLOTS; slot++) row.number(template.openSlot(slot));
}

function readOpen(row: RowReader, template: TemplateState): void {
  const minute = row.nullable();
  if (minute === null) return;
  const severity = row.number() as SeverityClass;
  const firstMs = row.number();
  const lastMs = row.number();
  template.open(minute, severity, firstMs, lastMs);
  const lines = row.numbers();
  for (let slot = 0; slot < SLOTS; slot++) template.addOpen(slot, lines[slot]!, severity, lastMs);
}

export function writeTemplateRate(row: RowWriter, id: string, rate: RateState): void {
  row.text(id);
  writeRate(row, rate);
}

export function* readTemplateRates(
  value: Uint8Array,
): Generator<{ readonly id: string; readonly rate: RateState }> {
  const row = new RowReader(value);
  while (!row.isAtEnd) yield { id: row.text(), rate: readRate(row) };
}

/** A service as JSON: its sets and maps as sorted or ordered lists; its series and templates in rows of their own. */
type ServiceRow = Omit<ServiceState, 'templates' | 'tombstones' | 'trial' | 'series'> & {
  readonly tombstones: string[];
  readonly trial:
    | (Omit<VersionTrial, 'templates'> & { templates: [string, [number, number, SeverityClass]][] })
    | null;
};

export function serviceRow(service: ServiceState): StateRow {
  const { templates: _t, series: _s, tombstones, trial, ...plain } = service;
  const row: ServiceRow = {
    ...plain,
    tombstones: [...tombstones],
    trial:
      trial === null
        ? null
        : { ...trial, templates: [...trial.templates].sort((x, y) => (x[0] < y[0] ? -1 : 1)) },
  };
  return { table: SERVICE_TABLE, key: service.ref.key, value: JSON.stringify(row) };
}

export function readService(json: string, series: ServiceSeries, held: HeldTemplates): ServiceState {
  const row = JSON.parse(json) as ServiceRow;
  return {
    ...row,
    templates: new ServiceTemplates(held),
    tombstones: new Set(row.tombstones),
    trial: row.trial === null ? null : { ...row.trial, templates: new Map(row.trial.templates) },
    series,
  };
}

export function seriesRow(writer: RowWriter, { ref, series }: ServiceState): StateRow<Uint8Array> {
  writeRate(writer, series.total);
  writeRate(writer, series.errors);
  writeTraffic(writer, series.traffic);
  writer.number(series.recentRate);
  writer.number(series.recentDispersion);
  writer.number(series.recentMinutes);
  writer.number(series.recentBlockDispersion);
  writer.number(series.blockMinutes);
  writer.number(series.blockLines);
  writer.number(series.blockExpected);
  writer.number(series.lastMinute);
  return { table: SERIES_TABLE, key: ref.key, value: writer.take() };
}

export function readSeries(value: Uint8Array): ServiceSeries {
  const row = new RowReader(value);
  const total = readRate(row);
  const errors = readRate(row);
  total.unfold();
  errors.unfold();
  return {
    total,
    errors,
    traffic: readTraffic(row),
    recentRate: row.number(),
    recentDispersion: row.number(),
    recentMinutes: row.number(),
    recentBlockDispersion: row.number(),
    blockMinutes: row.number(),
    blockLines: row.number(),
    blockExpected: row.number(),
    lastMinute: row.number(),
  };
}
