// The rows of a service: its numbers, which a bucket changes; its series, which a minute changes; and the rest.
import type { ServiceRef } from '../../contracts.ts';
import { RowReader, type RowWriter } from '../row-bytes.ts';
import type { HeldTemplates } from './held-templates.ts';
import { readRate, readTraffic, writeRate, writeTraffic } from './rate-bytes.ts';
import {
  newServiceState,
  type Overflow,
  type ServiceSeries,
  type ServiceState,
  type VersionTrial,
} from './service-state.ts';

/** What is text or sets, as JSON. */
interface ServiceRow {
  readonly ref: ServiceRef;
  readonly firstMs: number;
  readonly overflow: Overflow | null;
  readonly trial: (Omit<VersionTrial, 'templates'> & { readonly templates: TrialEntry[] }) | null;
  readonly tombstones: readonly string[];
}

type TrialEntry = VersionTrial['templates'] extends Map<infer Id, infer Counts> ? [Id, Counts] : never;

const NUMBERS = [
  'lastMs',
  'fleetExposureAt',
  'fleetObservedAt',
  'dispersionMinute',
  'traffic',
  'pauseMs',
  'pauseAtMs',
  'noveltyMinute',
  'activeMinutes',
  'tokens',
  'tokensMs',
] as const satisfies readonly (keyof ServiceState)[];

const NULLABLES = [
  'templateAlarmMinute',
  'openMinute',
  'overflowSpokeMs',
  'versionChangedMs',
] as const satisfies readonly (keyof ServiceState)[];

const LISTS = [
  'exposure',
  'observed',
  'dispersion',
  'occupancyDispersion',
  'openTotal',
  'openErrors',
] as const satisfies readonly (keyof ServiceState)[];

const SERIES_NUMBERS = [
  'recentRate',
  'recentDispersion',
  'recentMinutes',
  'recentBlockDispersion',
  'blockMinutes',
  'blockLines',
  'blockExpected',
  'lastMinute',
] as const satisfies readonly (keyof ServiceSeries)[];

export function serviceText({ ref, firstMs, overflow, trial, tombstones }: ServiceState): string {
  const row: ServiceRow = {
    ref,
    firstMs,
    overflow,
    trial:
      trial === null
        ? null
        : { ...trial, templates: [...trial.templates].sort((x, y) => (x[0] < y[0] ? -1 : 1)) },
    tombstones: [...tombstones],
  };
  return JSON.stringify(row);
}

/** A service of all its rows; its templates come later. */
export function readService(
  text: string,
  numbers: Uint8Array,
  series: Uint8Array,
  held: HeldTemplates,
): ServiceState {
  const { ref, firstMs, overflow, trial, tombstones } = JSON.parse(text) as ServiceRow;
  const service: ServiceState = {
    ...newServiceState(held, ref, firstMs, 0, 0, 0),
    series: readSeries(series),
    overflow,
    trial: trial === null ? null : { ...trial, templates: new Map(trial.templates) },
    tombstones: new Set(tombstones),
  };
  readServiceNumbers(new RowReader(numbers), service);
  return service;
}

export function writeServiceNumbers(row: RowWriter, service: ServiceState): void {
  for (const name of NUMBERS) row.number(service[name]);
  for (const name of NULLABLES) row.nullable(service[name]);
  for (const name of LISTS) row.run(service[name], 0, service[name].length);
  for (const isCensored of service.openCensored) row.flag(isCensored);
  for (const novelty of service.novelty) {
    row.number(novelty.arrivals);
    row.number(novelty.births);
    row.number(novelty.minutes);
    row.nullable(novelty.lastMs);
    row.nullable(novelty.announcedMs);
  }
  row.flag(service.quarantined);
  row.number(service.versions.length);
  for (const [version, lastMs] of service.versions) {
    row.text(version);
    row.number(lastMs);
  }
}

function readServiceNumbers(row: RowReader, service: ServiceState): void {
  for (const name of NUMBERS) service[name] = row.number();
  for (const name of NULLABLES) service[name] = row.nullable();
  for (const name of LISTS) for (let i = 0; i < service[name].length; i++) service[name][i] = row.number();
  for (let i = 0; i < service.openCensored.length; i++) service.openCensored[i] = row.flag();
  for (const novelty of service.novelty) {
    novelty.arrivals = row.number();
    novelty.births = row.number();
    novelty.minutes = row.number();
    novelty.lastMs = row.nullable();
    novelty.announcedMs = row.nullable();
  }
  service.quarantined = row.flag();
  for (let versions = row.number(); versions > 0; versions--)
    service.versions.push([row.text(), row.number()]);
}

export function writeSeries(row: RowWriter, { series }: ServiceState): void {
  writeRate(row, series.total);
  writeRate(row, series.errors);
  writeTraffic(row, series.traffic);
  for (const name of SERIES_NUMBERS) row.number(series[name]);
}

function readSeries(value: Uint8Array): ServiceSeries {
  const row = new RowReader(value);
  const total = readRate(row);
  const errors = readRate(row);
  total.unfold();
  errors.unfold();
  const traffic = readTraffic(row);
  const numbers = SERIES_NUMBERS.map((name) => [name, row.number()] as const);
  return {
    total,
    errors,
    traffic,
    ...(Object.fromEntries(numbers) as Record<(typeof SERIES_NUMBERS)[number], number>),
  };
}
