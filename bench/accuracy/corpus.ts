// Labelled corpora: `NAME.log`, one line a record, and `NAME.truth.csv` with LineId and a column per annotation.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Corpus {
  readonly name: string;
  readonly lines: readonly string[];
  /** Annotation name → template of each line. */
  readonly truth: ReadonlyMap<string, readonly string[]>;
}

export function readCorpora(directory: string): Corpus[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.log'))
    .sort()
    .map((file) => readCorpus(directory, file.slice(0, -'.log'.length)));
}

function readCorpus(directory: string, name: string): Corpus {
  const text = readFileSync(join(directory, `${name}.log`), 'utf8');
  const lines = text.replace(/\n$/, '').split('\n');
  const [header, ...rows] = parseCsv(readFileSync(join(directory, `${name}.truth.csv`), 'utf8'));
  const idColumn = header!.indexOf('LineId');
  const truth = new Map<string, string[]>();
  header!.forEach((column, at) => {
    if (at === idColumn) return;
    const templates = new Array<string>(lines.length).fill('');
    for (const row of rows) templates[Number(row[idColumn]) - 1] = row[at] ?? '';
    truth.set(column, templates);
  });
  return { name, lines, truth };
}

/** RFC 4180: quoted fields may hold commas, doubled quotes and line breaks. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') {
        field += '"';
        i++;
      } else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ',') {
      row.push(field);
      field = '';
    } else if (c === '\n') {
      row.push(field.replace(/\r$/, ''));
      rows.push(row);
      row = [];
      field = '';
    } else field += c;
  }
  if (field !== '' || row.length > 0) rows.push([...row, field]);
  return rows;
}
