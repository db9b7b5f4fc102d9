// Lines that never repeat: `node bench/accuracy/fresh.ts [LINES] [FILE]`.
import { freshTable } from './fresh-lines.ts';

const [lines, file] = process.argv.slice(2);
freshTable(lines === undefined ? undefined : Number(lines), file);
