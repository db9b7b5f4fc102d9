import { type Absent, isMet, type Line } from './line.ts';

/** The measured figures as a table for people. */
export function renderTable(results: readonly (Line | Absent)[]): string {
  const rows = [['', 'median', 'min – max', 'wanted', '']];
  const notes: string[] = [];
  for (const result of results) {
    if ('absent' in result) {
      notes.push(`not measured: ${result.id}: ${result.absent}`);
      continue;
    }
    const met = isMet(result);
    rows.push([
      result.text,
      `${figure(result.median)} ${result.unit}`,
      `${figure(result.min)} – ${figure(result.max)}`,
      wanted(result),
      met === undefined ? '' : met ? 'ok' : 'MISSED',
    ]);
    if (result.note !== undefined) notes.push(`${result.text}: ${result.note}`);
  }
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, i) => pad(cell, widths[i]!, i))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, ...(notes.length === 0 ? [] : ['', ...notes])].join('\n');
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 || column === 4 ? cell.padEnd(width) : cell.padStart(width);
}

function wanted({ aim }: Line): string {
  if (aim === undefined) return '';
  const sign = aim.is === 'at least' ? '>=' : '<=';
  return `${sign} ${figure(aim.demanded)}${aim.goal === undefined ? '' : `, aim ${figure(aim.goal)}`}`;
}

/** Three significant digits. */
export function figure(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en-US', { minimumFractionDigits: 0, maximumFractionDigits: digits });
}
