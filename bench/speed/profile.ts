// Where the time went, from a profile that `node --cpu-prof` wrote.
import { readFileSync } from 'node:fs';

/** The parts of V8's .cpuprofile that are read here. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** Node of each sample, and microseconds since the sample before. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Regular expressions are functions named by their source. */
const NAME_LENGTH_MAX = 60;

/** The functions that took the most time themselves, a line each with its share of the time not idle. */
export function hottest(file: string, count: number): string[] {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
  const nameOf = new Map(nodes.map((node) => [node.id, describe(node.callFrame)]));
  const spent = new Map<string, number>();
  let total = 0;
  for (const [i, id] of samples.entries()) {
    const name = nameOf.get(id)!;
    const micros = timeDeltas[i] ?? 0;
    if (name.startsWith('(idle)') || name.startsWith('(program)')) continue;
    spent.set(name, (spent.get(name) ?? 0) + micros);
    total += micros;
  }
  return [...spent]
    .sort((a, b) => b[1] - a[1])
    .slice(0, count)
    .map(([name, micros]) => `${((micros / total) * 100).toFixed(1).padStart(5)} %  ${name}`);
}

function describe(frame: CpuProfile['nodes'][number]['callFrame']): string {
  const name = (frame.functionName || '(anonymous)').slice(0, NAME_LENGTH_MAX);
  const file = frame.url.replace(/^.*\/(?=(?:src|bench|node_modules)\/)/, '');
  return file === '' ? name : `${name}  ${file}:${frame.lineNumber + 1}`;
}
