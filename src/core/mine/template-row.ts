// One template as a row of state.
import { decodeElement } from './elements.ts';
import { codesOf, packCodes, packPlaces, unpackPlaces } from './packed.ts';
import { type LearntTemplate, storedTemplate } from './template.ts';

interface TemplateRow {
  readonly sequence: number;
  readonly key: readonly string[];
  readonly full: readonly string[] | null;
  readonly learnt: readonly number[];
  readonly wide: readonly string[] | null;
  readonly wideKeys: readonly string[];
  readonly aliases: readonly string[];
  readonly shapeChecks: number;
  readonly seen: number;
  readonly exemplar?: string;
  readonly cut?: true;
  readonly stale?: true;
}

/** `wideKeys` in the order in which they were added. */
export function encodeTemplate(template: LearntTemplate, wideKeys: readonly string[]): string {
  const key = codesOf(template.key);
  const full = template.full === template.key ? key : template.full === null ? null : codesOf(template.full);
  const row: TemplateRow = {
    sequence: template.sequence,
    key,
    full,
    learnt: [...unpackPlaces(template.learnt)],
    wide: template.wide === null ? null : codesOf(template.wide),
    wideKeys,
    aliases: template.aliases,
    shapeChecks: template.shapeChecks,
    seen: template.seen,
    exemplar: template.exemplar,
    ...(template.isExemplarCut ? { cut: true } : {}),
    ...(template.isStale ? { stale: true } : {}),
  };
  return JSON.stringify(row);
}

export function decodeTemplate(
  id: string,
  value: string,
): { template: LearntTemplate; wideKeys: readonly string[] } {
  const row = JSON.parse(value) as TemplateRow;
  const template = storedTemplate(id, row.sequence, row.key.map(decodeElement), {
    full: row.full === null ? null : packCodes(row.full),
    learnt: packPlaces(row.learnt),
    wide: row.wide === null ? null : packCodes(row.wide),
    aliases: row.aliases,
    shapeChecks: row.shapeChecks,
    seen: row.seen,
    exemplar: row.exemplar ?? '',
    isExemplarCut: row.cut ?? false,
    isStale: row.stale ?? false,
  });
  return { template, wideKeys: row.wideKeys };
}
