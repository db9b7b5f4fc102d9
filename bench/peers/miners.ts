// Template miners in other languages. Each is optional: what is not here, and cannot be fetched, is named as absent.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { installDrain3, isDrain3Installed } from '../accuracy/drain3.ts';
import type { Launch } from '../speed/rounds.ts';

const ROOT = join(import.meta.dirname, '../..');
const BUILT = join(ROOT, '.cache/bench');
const PYTHON = join(ROOT, '.cache/drain3/bin/python');
const BUILD_MS_MAX = 600_000;

export type PeerName =
  | 'Drain3 with masks'
  | 'Drain3'
  | 'go-drain3'
  | 'logdrain'
  | 'drain3 crate'
  | RustWithMasks;
type RustWithMasks = 'logdrain with masks' | 'drain3 crate with masks';

/** How to start the peer over a file of lines, or why it cannot be. Builds it the first time. */
export function minerPeer(name: PeerName, lines: string): Launch | { readonly absent: string } {
  switch (name) {
    case 'Drain3 with masks':
      return drain3(name, lines, 'masks');
    case 'Drain3':
      return drain3(name, lines, 'plain');
    case 'go-drain3':
      return built(name, join(BUILT, 'go/peer'), [lines], () =>
        run('go', ['build', '-o', join(BUILT, 'go/peer'), '.'], join(import.meta.dirname, 'go')),
      );
    case 'logdrain':
      return rust(name, lines, 'logdrain');
    case 'logdrain with masks':
      return rust(name, lines, 'logdrain-masks');
    case 'drain3 crate':
      return rust(name, lines, 'drain3');
    case 'drain3 crate with masks':
      return rust(name, lines, 'drain3-masks');
  }
}

function drain3(name: PeerName, lines: string, masks: string): Launch | { absent: string } {
  if (!isDrain3Installed() && !installDrain3())
    return { absent: 'drain3 (PyPI): no python3, or no package index' };
  return { name, command: PYTHON, args: [join(import.meta.dirname, 'python/drain3_peer.py'), lines, masks] };
}

function rust(name: PeerName, lines: string, miner: string): Launch | { absent: string } {
  const target = join(BUILT, 'rust');
  return built(name, join(target, 'release/winnow-bench-peer'), [lines, miner], () =>
    run('cargo', ['build', '--release', '--target-dir', target], join(import.meta.dirname, 'rust')),
  );
}

function built(
  name: PeerName,
  program: string,
  args: readonly string[],
  build: () => string | null,
): Launch | { absent: string } {
  mkdirSync(BUILT, { recursive: true });
  const failure = existsSync(program) ? null : build();
  return failure === null ? { name, command: program, args } : { absent: failure };
}

/** Null, or the end of what went wrong. */
function run(command: string, args: readonly string[], cwd: string): string | null {
  const { status, error, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: BUILD_MS_MAX,
  });
  if (error !== undefined) return `${command}: ${error.message}`;
  return status === 0 ? null : `${command} ${args[0]} failed: ${stderr.trim().slice(-200)}`;
}
