// One template as a row of state.
import { type Packed, packCodes, packPlaces, unpackPlaces } from './packed.ts';
import { type LearntTemplate, storedTemplate } from './template.ts';

/** A form: as it is kept, or, in rows of before, a code an element. */
type StoredForm = Packed | readonly string[];

interface TemplateRow {
  readonly sequence: number;
  readonly key: StoredForm;
  /** Absent = as the key. */
  readonly full?: StoredForm | null;
  readonly learnt: readonly number[];
  readonly wide: StoredForm | null;
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
  const row: TemplateRow = {
    sequence: template.sequence,
    key: template.key,
    ...(template.full === template.key ? {} : { full: template.full }),
    learnt: [...unpackPlaces(template.learnt)],
    wide: template.wide,
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
  const key = packedForm(row.key);
  const template = storedTemplate(id, row.sequence, key, {
    full: row.full === undefined ? key : row.full === null ? null : packedForm(row.full),
    learnt: packPlaces(row.learnt),
    wide: row.wide === null ? null : packedForm(row.wide),
    aliases: row.aliases,
    shapeChecks: row.shapeChecks,
    seen: row.seen,
    exemplar: row.exemplar ?? '',
    isExemplarCut: row.cut ?? false,
    isStale: row.stale ?? false,
  });
  return { template, wideKeys: row.wideKeys };
}

function packedForm(form: StoredForm): Packed {
  return typeof form === 'string' ? form : packCodes(form);
}
