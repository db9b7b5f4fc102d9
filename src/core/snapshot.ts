import type { AnyStateRow, Stateful, StateRow } from '../contracts.ts';
import { WinnowError } from '../errors.ts';

/** Version of the form of all state rows. A change without a reader for the old form raises it. */
export const STATE_VERSION = 6;

const META_TABLE = 'meta';
const META_KEY = 'versions';

interface Meta {
  readonly state: number;
  readonly scanner: string;
}

/** The row that says which program version wrote the state. */
export function metaRow(scannerVersion: string): StateRow {
  const meta: Meta = { state: STATE_VERSION, scanner: scannerVersion };
  return { table: META_TABLE, key: META_KEY, value: JSON.stringify(meta) };
}

/**
 * Hands every row to the stage that owns its table. Returns true when the rows carry this program's versions, false
 * when there was nothing to load or another scanner wrote them (the meta row is then to be written).
 * Throws WINNOW_STATE_VERSION for state this program cannot read, WINNOW_STATE_INVALID for a table nobody owns.
 */
export function loadRows(
  rows: readonly AnyStateRow[],
  scannerVersion: string,
  stages: readonly Stateful[],
): boolean {
  if (rows.length === 0) return false;
  const meta = readMeta(rows);
  const owner = new Map<string, Stateful>();
  const byStage = new Map<Stateful, AnyStateRow[]>();
  for (const stage of stages) {
    byStage.set(stage, []);
    for (const table of stage.tables) owner.set(table, stage);
  }
  for (const row of rows) {
    if (row.table === META_TABLE) continue;
    const stage = owner.get(row.table);
    if (stage === undefined) {
      throw new WinnowError(
        'WINNOW_STATE_INVALID',
        `load state: table ${row.table} belongs to no part of this program`,
        {
          hint: 'the store was written by another version of winnow; use that version, or start with a new store',
        },
      );
    }
    byStage.get(stage)!.push(row);
  }
  for (const [stage, own] of byStage) stage.load(own);
  return meta.scanner === scannerVersion;
}

function readMeta(rows: readonly AnyStateRow[]): Meta {
  const row = rows.find((one) => one.table === META_TABLE && one.key === META_KEY);
  const meta = typeof row?.value === 'string' ? (JSON.parse(row.value) as Meta) : null;
  if (meta === null || meta.state !== STATE_VERSION) {
    throw new WinnowError(
      'WINNOW_STATE_VERSION',
      `load state: form ${meta?.state ?? 'unknown'} is not the form ${STATE_VERSION} of this program`,
      {
        hint:
          meta !== null && meta.state < STATE_VERSION
            ? 'start with a new store; the windows in this one can still be read'
            : 'use the version of winnow that wrote the store, or start with a new store',
      },
    );
  }
  return meta;
}
