// One template as a row of state.
import { decodeElement, encodeElement } from './elements.ts';
import { pack, packPlaces, unpack, unpackPlaces } from './packed.ts';
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
  const encode = (packed: string): string[] => unpack(packed).map(encodeElement);
  const row: TemplateRow = {
    sequence: template.sequence,
    key: encode(template.key),
    full: template.full === null ? null : encode(template.full),
    learnt: [...unpackPlaces(template.learnt)],
    wide: template.wide === null ? null : encode(template.wide),
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
  const decode = (codes: readonly string[]): string => pack(codes.map(decodeElement));
  const template = storedTemplate(id, row.sequence, row.key.map(decodeElement), {
    full: row.full === null ? null : decode(row.full),
    learnt: packPlaces(row.learnt),
    wide: row.wide === null ? null : decode(row.wide),
    aliases: row.aliases,
    shapeChecks: row.shapeChecks,
    seen: row.seen,
    exemplar: row.exemplar ?? '',
    isExemplarCut: row.cut ?? false,
    isStale: row.stale ?? false,
  });
  return { template, wideKeys: row.wideKeys };
}
