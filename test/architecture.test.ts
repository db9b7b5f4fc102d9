import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

// The borders of the design, kept by reading every import of every source file.

const ROOT = resolve(import.meta.dirname, '..');
const SRC = join(ROOT, 'src');

interface SourceFile {
  /** Path below src, e.g. `core/pipeline.ts`. */
  readonly path: string;
  readonly text: string;
  /** Targets below src, or package names. `isType` = erased at run time. */
  readonly imports: readonly { readonly target: string; readonly isType: boolean }[];
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => path.replaceAll('\\', '/'))
  .sort()
  .map(readSource);

function readSource(path: string): SourceFile {
  const text = readFileSync(join(SRC, path), 'utf8');
  const imports = [...text.matchAll(/^(?:import|export)\s+(type\s+)?[^;]*?from\s+'([^']+)';/gms)].map(
    (match) => ({
      target: resolveImport(path, match[2]!),
      isType: match[1] !== undefined,
    }),
  );
  for (const match of text.matchAll(/\bimport\('([^']+)'\)/g)) {
    imports.push({ target: resolveImport(path, match[1]!), isType: false });
  }
  return { path, text, imports };
}

function resolveImport(from: string, specifier: string): string {
  return specifier.startsWith('.') ? relative(SRC, resolve(SRC, dirname(from), specifier)) : specifier;
}

/** Source without comments and string contents, so that a word in prose is not taken for code. */
function code(file: SourceFile): string {
  return file.text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
    .replace(/\/\/.*$/gm, '');
}

function offenders(
  within: (path: string) => boolean,
  isWrong: (file: SourceFile) => string | null,
): string[] {
  return files.flatMap((file) => {
    const problem = within(file.path) ? isWrong(file) : null;
    return problem === null ? [] : [`${file.path}: ${problem}`];
  });
}

function wrongImport(file: SourceFile, isAllowed: (target: string) => boolean): string | null {
  const wrong = file.imports.filter((one) => !isAllowed(one.target)).map((one) => one.target);
  return wrong.length === 0 ? null : `imports ${wrong.join(', ')}`;
}

const isCore = (path: string): boolean => path.startsWith('core/');
const FOLDERS = ['sources', 'store', 'feeds', 'api'] as const;

describe('imports', () => {
  test('contracts.ts imports nothing', () => {
    expect(files.find((file) => file.path === 'contracts.ts')!.imports).toEqual([]);
  });

  test('core imports only core, contracts, errors and zod', () => {
    const isAllowed = (target: string): boolean =>
      isCore(target) || target === 'contracts.ts' || target === 'errors.ts' || target === 'zod';
    expect(offenders(isCore, (file) => wrongImport(file, isAllowed))).toEqual([]);
  });

  test('adapters never import each other', () => {
    const found = FOLDERS.flatMap((folder) =>
      offenders(
        (path) => path.startsWith(`${folder}/`),
        (file) =>
          wrongImport(
            file,
            (target) => !FOLDERS.some((other) => other !== folder && target.startsWith(`${other}/`)),
          ),
      ),
    );
    expect(found).toEqual([]);
  });

  test('what all adapters may use of Kafka imports no adapter', () => {
    const found = offenders(
      (path) => path.startsWith('kafka/'),
      (file) => wrongImport(file, (target) => !FOLDERS.some((folder) => target.startsWith(`${folder}/`))),
    );
    expect(found).toEqual([]);
  });

  test('only commands import the service, and nothing below imports commands', () => {
    const found = offenders(
      (path) => !path.startsWith('cli/') && path !== 'main.ts',
      (file) => wrongImport(file, (target) => target !== 'service.ts' && !target.startsWith('cli/')),
    );
    expect(found).toEqual([]);
  });

  test('nothing imports in a circle at run time', () => {
    expect(findCycle()).toBeNull();
  });
});

describe('code', () => {
  test('core has no clock, randomness, console, await or timers', () => {
    const banned =
      /\bDate\.now\b|\bMath\.random\b|\bconsole\b|\bawait\b|\bsetTimeout\b|\bsetInterval\b|\bperformance\b|\bprocess\./;
    const found = offenders(
      (path) => isCore(path) || path.startsWith('simulator/'),
      (file) => banned.exec(code(file))?.[0] ?? null,
    );
    expect(found).toEqual([]);
  });

  test('only config.ts reads the environment', () => {
    const found = offenders(
      (path) => path !== 'config.ts',
      (file) => (/\bprocess\.env\b/.test(code(file)) ? 'process.env' : null),
    );
    expect(found).toEqual([]);
  });

  test('only main.ts ends the process', () => {
    const found = offenders(
      (path) => path !== 'main.ts',
      (file) => (/\bprocess\.exit\b/.test(code(file)) ? 'process.exit' : null),
    );
    expect(found).toEqual([]);
  });

  test('there are no default exports, barrels or enums', () => {
    const banned =
      /^export default\b|^export \* from\b|^(?:export )?(?:const )?enum\b|^(?:export )?namespace\b/m;
    expect(
      offenders(
        () => true,
        (file) => banned.exec(code(file))?.[0] ?? null,
      ),
    ).toEqual([]);
  });

  test('modules keep no mutable state, but for the kernel, whose every instance has its own', () => {
    expect(
      offenders(
        (path) => !path.startsWith('core/scan/kernel/'),
        (file) => /^(?:export )?(?:let|var)\b.*/m.exec(code(file))?.[0] ?? null,
      ),
    ).toEqual([]);
  });

  test('no file is longer than 350 lines, but for the list of nouns that contracts.ts is', () => {
    expect(
      offenders(
        (path) => path !== 'contracts.ts',
        (file) => {
          const lines = file.text.split('\n').length - 1;
          return lines > 350 ? `${lines} lines` : null;
        },
      ),
    ).toEqual([]);
  });
});

/** A cycle among run-time imports, as a list of files, or null. */
function findCycle(): string[] | null {
  const state = new Map<string, 'open' | 'done'>();
  const byPath = new Map(files.map((file) => [file.path, file]));
  const visit = (path: string, trail: readonly string[]): string[] | null => {
    if (state.get(path) === 'done') return null;
    if (state.get(path) === 'open') return [...trail.slice(trail.indexOf(path)), path];
    state.set(path, 'open');
    for (const { target, isType } of byPath.get(path)?.imports ?? []) {
      const cycle = isType || !byPath.has(target) ? null : visit(target, [...trail, path]);
      if (cycle !== null) return cycle;
    }
    state.set(path, 'done');
    return null;
  };
  for (const { path } of files) {
    const cycle = visit(path, []);
    if (cycle !== null) return cycle;
  }
  return null;
}
