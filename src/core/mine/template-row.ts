// One template as a row of state.
import { type Packed, packPlaces, unpackPlaces } from './packed.ts';
import { LearntTemplate } from './template.ts';

interface TemplateRow {
  readonly sequence: number;
  readonly key: Packed;
  /** Absent = as the key. */
  readonly full?: Packed | null;
  readonly learnt: readonly number[];
  readonly wide: Packed | null;
  readonly wideKeys: readonly string[];
  readonly aliases: readonly string[];
  readonly stale?: true;
}

/** `wideKeys` in the order in which they were added. */
export function encodeTemplate(template: LearntTemplate, wideKeys: readonly string[]): string {
  const row: TemplateRow = {
    sequence: template.sequence,
    key: template.key,
    ...(template.full === template.key ? {} : { full: template.full }),
    learnt: [...unpackPlaces(template.learnt)],
    wide: template.wide,
    wideKeys,
    aliases: template.aliases,
    ...(template.isStale ? { stale: true } : {}),
  };
  return JSON.stringify(row);
}

export function decodeTemplate(
  id: string,
  value: string,
): { template: LearntTemplate; wideKeys: readonly string[] } {
  const row = JSON.parse(value) as TemplateRow;
  const template = new LearntTemplate(id, row.sequence, row.key, {
    full: row.full === undefined ? row.key : row.full,
    learnt: packPlaces(row.learnt),
    wide: row.wide,
    aliases: row.aliases,
    isStale: row.stale ?? false,
  });
  return { template, wideKeys: row.wideKeys };
}
