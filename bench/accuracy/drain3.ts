// Drain3 (PyPI) on the same files, to read our figures against. It lives in a virtual environment under .cache.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const ENVIRONMENT = join(ROOT, '.cache/drain3');
const PYTHON = join(ENVIRONMENT, 'bin/python');
/** The version that the figures in the documentation were measured with. */
const REQUIREMENT = 'drain3==0.9.11';
const INSTALL_MS_MAX = 120_000;
const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;

export function isDrain3Installed(): boolean {
  return existsSync(PYTHON) && spawnSync(PYTHON, ['-c', 'import drain3']).status === 0;
}

/** Needs python3 and a package index; false when either is missing. */
export function installDrain3(): boolean {
  const created = spawnSync('python3', ['-m', 'venv', ENVIRONMENT], { timeout: INSTALL_MS_MAX });
  if (created.status !== 0) return false;
  const installed = spawnSync(PYTHON, ['-m', 'pip', 'install', '-q', REQUIREMENT], {
    timeout: INSTALL_MS_MAX,
  });
  return installed.status === 0 && isDrain3Installed();
}

/** Final template of every line of every file. */
export function drain3Templates(files: readonly string[]): string[][] {
  const run = spawnSync(PYTHON, [join(import.meta.dirname, 'mine_with_drain3.py'), ...files], {
    encoding: 'utf8',
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  if (run.status !== 0) throw new Error(`run drain3: ${run.stderr.slice(-500)}`);
  return JSON.parse(run.stdout) as string[][];
}
