/** One measured figure with what it must keep to; `isKept` null = told, not judged. */
export interface Figure {
  readonly row: string;
  readonly name: string;
  readonly measured: string;
  readonly bound: string;
  readonly isKept: boolean | null;
}

/** Collects the figures of one row and tells each on stderr as it is known. */
export class RowReport {
  readonly figures: Figure[] = [];
  readonly #row: string;

  constructor(row: string) {
    this.#row = row;
  }

  add(name: string, measured: string, bound = '', isKept: boolean | null = null): void {
    this.figures.push({ row: this.#row, name, measured, bound, isKept });
    this.say(
      `${name}: ${measured}${bound === '' ? '' : ` (bound: ${bound})`}${isKept === false ? '  NOT KEPT' : ''}`,
    );
  }

  /** Exactly this number. */
  exact(name: string, measured: number, wanted: number): void {
    this.add(name, whole(measured), `= ${whole(wanted)}`, measured === wanted);
  }

  say(text: string): void {
    process.stderr.write(`[${new Date().toISOString().slice(11, 19)}] ${this.#row}: ${text}\n`);
  }
}

export function whole(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MB`;
}

/** The whole table as Markdown. */
export function tableOf(figures: readonly Figure[]): string {
  const header = ['row', 'figure', 'measured', 'bound', 'kept'];
  const rows = figures.map(({ row, name, measured, bound, isKept }, i) => [
    figures[i - 1]?.row === row ? '' : row,
    name,
    measured,
    bound,
    isKept === null ? '' : isKept ? 'yes' : 'NO',
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((cells) => cells[column]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [
    line(header),
    `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`,
    ...rows.map(line),
  ].join('\n');
}
