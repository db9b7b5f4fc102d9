import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const BUILD = join(ROOT, 'tsconfig.build.json');

/** `npm run build` into a directory of its own, laid out as the package is; returns its main file. */
export function buildPackage(directory: string): string {
  compile(directory, ['-p', BUILD, '--outDir', join(directory, 'dist')]);
  return join(directory, 'dist/main.js');
}

/**
 * The sources with this bench, compiled as the package is; returns the file that runs a subject. From `src` Node.js takes
 * the types out first, and what it needs for that stays in memory.
 */
export function buildBench(directory: string): string {
  const config = join(directory, 'tsconfig.json');
  mkdirSync(directory, { recursive: true });
  const compilerOptions = {
    rootDir: ROOT,
    outDir: directory,
    declaration: false,
    sourceMap: false,
    typeRoots: [join(ROOT, 'node_modules/@types')],
  };
  const include = ['src', 'bench/speed'].map((folder) => join(ROOT, folder));
  const exclude = [join(ROOT, 'src/core/scan/kernel')];
  writeFileSync(config, JSON.stringify({ extends: BUILD, compilerOptions, include, exclude }));
  compile(directory, ['-p', config]);
  return join(directory, 'bench/speed/run-subject.js');
}

function compile(directory: string, options: readonly string[]): void {
  mkdirSync(directory, { recursive: true });
  copyFileSync(join(ROOT, 'package.json'), join(directory, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  const { status, stdout } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), options, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the build failed: ${stdout}`);
}
