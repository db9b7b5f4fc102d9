// Compiles the scanner's kernel, `src/core/scan/kernel/`, into `kernel-module.ts` beside it: `npm run build:kernel`.
// The module is kept in the repository, so that whoever runs winnow needs no compiler; a test compares the two.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main as compile } from 'assemblyscript/asc';
import { PAGES } from '../src/core/scan/kernel-layout.ts';

const SCAN = join(import.meta.dirname, '../src/core/scan');
const OPTIONS = [
  '-O3',
  '--debug',
  '--runtime',
  'stub',
  '--noAssert',
  '--enable',
  'simd',
  '--enable',
  'bulk-memory',
];
/** All of the memory there is from the start: views of it never become stale, and it cannot grow. */
const MEMORY = ['--memoryBase', '0', '--initialMemory', `${PAGES}`, '--maximumMemory', `${PAGES}`];

/** Text of `kernel-module.ts`. Throws with the compiler's messages. */
export async function compileKernel(): Promise<string> {
  let module = new Uint8Array(0);
  const { error, stderr } = await compile(
    ['kernel/index.ts', '--baseDir', SCAN, '--outFile', 'kernel.wasm', ...OPTIONS, ...MEMORY],
    {
      writeFile: (_name: string, contents: string | Uint8Array) => {
        module = contents as Uint8Array<ArrayBuffer>;
      },
    },
  );
  if (error !== null) throw new Error(`the kernel does not compile: ${error.message}\n${stderr.toString()}`);
  return [
    '// Compiled from `kernel/` by `npm run build:kernel`; do not edit.',
    `export const KERNEL_MODULE =\n  '${Buffer.from(module).toString('base64')}';\n`,
  ].join('\n');
}

if (process.argv[1] === import.meta.filename)
  writeFileSync(join(SCAN, 'kernel-module.ts'), await compileKernel());
