import type { SeverityClass, StateRow } from '../../contracts.ts';
import type { Cusum } from './cusum.ts';
import type { Dispersion } from './dispersion.ts';
import type { ServiceState, VersionTrial } from './service-state.ts';
import type { RateState, TemplateState } from './template-state.ts';

/** Tables of the detectors. Values are JSON; numbers survive it exactly. */
export const FLEET_TABLE = 'detect_fleet';
export const SERVICE_TABLE = 'detect_service';
export const TEMPLATE_TABLE = 'detect_template';

/** Template ids hold no space, service keys may. */
export function templateKey(serviceKey: string, templateId: string): string {
  return `${templateId} ${serviceKey}`;
}

export function splitTemplateKey(key: string): { serviceKey: string; templateId: string } {
  const space = key.indexOf(' ');
  return { templateId: key.slice(0, space), serviceKey: key.slice(space + 1) };
}

export function templateRow(serviceKey: string, template: TemplateState): StateRow {
  const { open, rate } = template;
  const value = [
    template.firstMs,
    template.lastMs,
    template.severity,
    template.arrivals,
    template.arrivalsMinute,
    template.announcedMs,
    template.ordinary,
    open === null ? null : [open.minute, open.severity, open.firstMs, open.lastMs, open.slots],
    rate === null ? null : encodeRate(rate),
    template.peak,
    template.young === null ? null : [template.young.bits, template.young.buckets],
  ];
  return { table: TEMPLATE_TABLE, key: templateKey(serviceKey, template.id), value: JSON.stringify(value) };
}

type OpenRow = [number, SeverityClass, number, number, number[]];
type TemplateRow = [
  number,
  number,
  SeverityClass,
  number,
  number,
  number | null,
  boolean,
  OpenRow | null,
  RateRow | null,
  number,
  [number, number] | null,
];

export function readTemplate(templateId: string, json: string): TemplateState {
  const row = JSON.parse(json) as TemplateRow;
  const open = row[7];
  return {
    id: templateId,
    firstMs: row[0],
    lastMs: row[1],
    severity: row[2],
    arrivals: row[3],
    arrivalsMinute: row[4],
    announcedMs: row[5],
    ordinary: row[6],
    open:
      open === null
        ? null
        : { minute: open[0], severity: open[1], firstMs: open[2], lastMs: open[3], slots: open[4] },
    rate: row[8] === null ? null : decodeRate(row[8]),
    peak: row[9],
    young: row[10] === null ? null : { bits: row[10][0], buckets: row[10][1] },
  };
}

type CusumRow = [number, number, number, number, number, number];
type DispersionRow = [number[], number[], number[], number[], number[], number[]];
type RateRow = [
  [number, number],
  DispersionRow,
  [number, number, number, SeverityClass, number, number, number, number],
  [CusumRow, CusumRow, CusumRow, CusumRow],
  number,
  DispersionRow,
  [boolean, number, number | null, number | null, number, number | null, boolean],
  [number, number, DispersionRow, CusumRow, CusumRow],
  [number, number, number],
];

function encodeRate(rate: RateState): RateRow {
  return [
    [rate.baseline.a, rate.baseline.b],
    encodeDispersion(rate.dispersion),
    [
      rate.exposureAt,
      rate.observedAt,
      rate.seenAt,
      rate.clock,
      rate.lastMinute,
      rate.firstMinute,
      rate.activeMinutes,
      rate.ratio,
    ],
    [encodeCusum(rate.up), encodeCusum(rate.down), encodeCusum(rate.sparse), encodeCusum(rate.surge)],
    rate.occupied,
    encodeDispersion(rate.occupancy),
    [
      rate.isSparse,
      rate.longestGap,
      rate.deadline,
      rate.silentAfter,
      rate.refractoryUntilMs,
      rate.alarmMinute,
      rate.alarmUp,
    ],
    [
      rate.recent.lines,
      rate.recent.exposure,
      encodeDispersion(rate.recent.dispersion),
      encodeCusum(rate.recent.fall),
      encodeCusum(rate.recent.rise),
    ],
    [rate.gaps.sum, rate.gaps.squares, rate.gaps.fourths],
  ];
}

function decodeRate(row: RateRow): RateState {
  const [exposureAt, observedAt, seenAt, clock, lastMinute, firstMinute, activeMinutes, ratio] = row[2];
  const [isSparse, longestGap, deadline, silentAfter, refractoryUntilMs, alarmMinute, alarmUp] = row[6];
  return {
    baseline: { a: row[0][0], b: row[0][1] },
    dispersion: decodeDispersion(row[1]),
    exposureAt,
    observedAt,
    seenAt,
    clock,
    lastMinute,
    firstMinute,
    activeMinutes,
    ratio,
    up: decodeCusum(row[3][0]),
    down: decodeCusum(row[3][1]),
    sparse: decodeCusum(row[3][2]),
    surge: decodeCusum(row[3][3]),
    recent: {
      lines: row[7][0],
      exposure: row[7][1],
      dispersion: decodeDispersion(row[7][2]),
      fall: decodeCusum(row[7][3]),
      rise: decodeCusum(row[7][4]),
    },
    gaps: { sum: row[8][0], squares: row[8][1], fourths: row[8][2] },
    occupied: row[4],
    occupancy: decodeDispersion(row[5]),
    isSparse,
    longestGap,
    deadline,
    silentAfter,
    refractoryUntilMs,
    alarmMinute,
    alarmUp,
  };
}

function encodeCusum(c: Cusum): CusumRow {
  return [c.sum, c.sinceMinute, c.active, c.lines, c.expected, c.dispersion];
}

function decodeCusum(row: CusumRow): Cusum {
  return {
    sum: row[0],
    sinceMinute: row[1],
    active: row[2],
    lines: row[3],
    expected: row[4],
    dispersion: row[5],
  };
}

function encodeDispersion(d: Dispersion): DispersionRow {
  return [d.squares, d.means, d.blocks, d.openLines, d.openMeans, d.openMinutes];
}

function decodeDispersion(row: DispersionRow): Dispersion {
  const [squares, means, blocks, openLines, openMeans, openMinutes] = row;
  return { squares, means, blocks, openLines, openMeans, openMinutes };
}

/** A service as JSON: its sets and maps as sorted or ordered lists, its templates in rows of their own. */
type ServiceRow = Omit<ServiceState, 'templates' | 'busy' | 'tombstones' | 'trial' | 'series'> & {
  readonly busy: string[];
  readonly tombstones: string[];
  readonly trial:
    | (Omit<VersionTrial, 'templates'> & { templates: [string, [number, number, SeverityClass]][] })
    | null;
  readonly series: Omit<ServiceState['series'], 'total' | 'errors'> & { total: RateRow; errors: RateRow };
};

export function serviceRow(service: ServiceState): StateRow {
  const { templates: _kept, busy, tombstones, trial, series, ...plain } = service;
  const row: ServiceRow = {
    ...plain,
    busy: [...busy].sort(),
    tombstones: [...tombstones],
    trial:
      trial === null
        ? null
        : { ...trial, templates: [...trial.templates].sort((x, y) => (x[0] < y[0] ? -1 : 1)) },
    series: { ...series, total: encodeRate(series.total), errors: encodeRate(series.errors) },
  };
  return { table: SERVICE_TABLE, key: service.ref.key, value: JSON.stringify(row) };
}

export function readService(json: string): ServiceState {
  const row = JSON.parse(json) as ServiceRow;
  return {
    ...row,
    templates: new Map(),
    busy: new Set(row.busy),
    tombstones: new Set(row.tombstones),
    trial: row.trial === null ? null : { ...row.trial, templates: new Map(row.trial.templates) },
    series: { ...row.series, total: decodeRate(row.series.total), errors: decodeRate(row.series.errors) },
  };
}
