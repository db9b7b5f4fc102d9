// The miner's rows: one per service, template, first line, signature and block of uses; only what changed is written.
import type { AnyStateRow, StateRow } from '../../contracts.ts';
import type { RowWriter } from '../row-bytes.ts';
import type { FormReader } from './elements.ts';
import { decodeFirstLine, encodeFirstLine } from './first-line.ts';
import type { Handles } from './handles.ts';
import { remapTemplate, restoreTemplate } from './remap.ts';
import { ServiceTemplates } from './service-templates.ts';
import { halvesOf } from './signatures.ts';
import { decodeTemplate, encodeTemplate } from './template-row.ts';
import { readUse, type TemplateUse, writeUse } from './template-use.ts';

const SERVICES = 'mine.service';
const TEMPLATES = 'mine.template';
const LINES = 'mine.line';
const SIGNATURES = 'mine.signature';
const USES = 'mine.use';

export const STATE_TABLES: readonly string[] = [SERVICES, TEMPLATES, LINES, SIGNATURES, USES];

/** Of a template that no row tells of: it is looked at again. */
const UNKNOWN_USE: TemplateUse = { hour: 0, checks: 0 };

/** Between service and id, signature or block; a control byte cannot be in a service key. */
const SEPARATOR = '\u0000';

/**
 * Rows changed since the last call, sorted by table and key. A service without templates is dropped: it begins anew when it
 * comes back.
 */
export function takeRows(
  services: Map<string, ServiceTemplates>,
  scannerVersion: string,
  writer: RowWriter,
): AnyStateRow[] {
  const rows: AnyStateRow[] = [];
  for (const service of services.values()) {
    const prefix = service.service + SEPARATOR;
    const isEmpty = service.templates.size === 0 && service.silentBeforeHour === 0;
    if (service.changedTemplates.size > 0) {
      const value = isEmpty ? null : JSON.stringify(serviceRow(service, scannerVersion));
      rows.push({ table: SERVICES, key: service.service, value });
    }
    for (const id of service.changedTemplates) {
      const template = service.templates.get(id);
      rows.push({
        table: TEMPLATES,
        key: prefix + id,
        value: template === undefined ? null : encodeTemplate(template, service.wideKeysOf(template)),
      });
      if (template === undefined) rows.push({ table: LINES, key: prefix + id, value: null });
    }
    for (const [id, line] of service.newLines)
      rows.push({ table: LINES, key: prefix + id, value: encodeFirstLine(line) });
    for (const [signature, entry] of service.signatures.takeChanged()) {
      const value =
        entry === null ? null : JSON.stringify([service.atEntry(entry)!.id, service.signatures.dayAt(entry)]);
      rows.push({ table: SIGNATURES, key: prefix + signature, value });
    }
    if (service.changedUse.size > 0)
      for (const [block, value] of writeUse(writer, service.templates, service.changedUse))
        rows.push({ table: USES, key: prefix + block, value });
    service.changedTemplates.clear();
    service.changedUse.clear();
    service.newLines.clear();
    if (isEmpty) services.delete(service.service);
  }
  return rows.sort((a, b) => compare(a.table, b.table) || compare(a.key, b.key));
}

interface ServiceRow {
  readonly next: number;
  /** Version of the scanner that the forms and signatures are of. */
  readonly scanner?: string;
  readonly silentBeforeHour?: number;
}

function serviceRow(service: ServiceTemplates, scanner: string): ServiceRow {
  const { nextSequence: next, silentBeforeHour } = service;
  return { next, scanner, ...(silentBeforeHour === 0 ? {} : { silentBeforeHour }) };
}

/**
 * Fills `services` from all rows ever taken (latest per key), in any order. Returns the services whose forms and
 * signatures another scanner made: they are remapped, and their rows are to be written anew.
 */
export function loadServices(
  rows: readonly AnyStateRow[],
  services: Map<string, ServiceTemplates>,
  reader: FormReader,
  handles: Handles,
): ReadonlySet<ServiceTemplates> {
  const serviceOf = (key: string): ServiceTemplates => {
    let service = services.get(key);
    if (service === undefined) {
      service = new ServiceTemplates(key, handles);
      services.set(key, service);
    }
    return service;
  };
  const split = (row: AnyStateRow): [ServiceTemplates, string] => {
    const at = row.key.lastIndexOf(SEPARATOR);
    return [serviceOf(row.key.slice(0, at)), row.key.slice(at + 1)];
  };
  const stored = rows.filter(isText);
  const uses = usesByService(rows, split);
  const current = new Set<ServiceTemplates>();
  for (const row of stored) {
    if (row.table !== SERVICES) continue;
    const service = serviceOf(row.key);
    const { next, scanner, silentBeforeHour } = JSON.parse(row.value) as ServiceRow;
    service.nextSequence = next;
    service.silentBeforeHour = silentBeforeHour ?? 0;
    if (scanner === reader.scannerVersion) current.add(service);
  }
  const templates = stored
    .filter((row) => row.table === TEMPLATES)
    .map((row) => {
      const [service, id] = split(row);
      return { service, key: row.key, ...decodeTemplate(id, row.value) };
    })
    .sort((a, b) => a.template.sequence - b.template.sequence);
  const lines = new Map(stored.filter((row) => row.table === LINES).map((row) => [row.key, row.value]));
  const remapped = new Set<ServiceTemplates>();
  for (const { service, key, template, wideKeys } of templates) {
    const isCurrent = current.has(service);
    const line = decodeFirstLine(isCurrent && !template.isStale ? null : lines.get(key));
    const use = uses.get(service)?.get(template.sequence) ?? UNKNOWN_USE;
    if (isCurrent) restoreTemplate(service, template, wideKeys, use, line, reader);
    else {
      remapped.add(service);
      remapTemplate(service, template, wideKeys, use, line, reader);
    }
  }
  for (const row of stored) {
    if (row.table !== SIGNATURES) continue;
    const [service, signature] = split(row);
    const [id, day] = JSON.parse(row.value) as [string, number];
    const template = service.templates.get(id);
    const [high, low] = halvesOf(signature);
    if (!current.has(service)) service.signatures.markStored(high, low);
    else if (template !== undefined) service.signatures.add(high, low, template, day);
  }
  return remapped;
}

function usesByService(
  rows: readonly AnyStateRow[],
  split: (row: AnyStateRow) => [ServiceTemplates, string],
): Map<ServiceTemplates, Map<number, TemplateUse>> {
  const uses = new Map<ServiceTemplates, Map<number, TemplateUse>>();
  for (const row of rows) {
    if (row.table !== USES || !(row.value instanceof Uint8Array)) continue;
    const [service, block] = split(row);
    let own = uses.get(service);
    if (own === undefined) {
      own = new Map();
      uses.set(service, own);
    }
    for (const [sequence, use] of readUse(row.value, Number(block))) own.set(sequence, use);
  }
  return uses;
}

function isText(row: AnyStateRow): row is StateRow & { readonly value: string } {
  return typeof row.value === 'string';
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
