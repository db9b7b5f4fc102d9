import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Beside the packages, where whoever could write it could as well write the program; a directory for temporary files is open
 * to others. Where this one cannot be written there is no cache.
 */
const DIRECTORY = fileURLToPath(new URL('../node_modules/.cache/winnow', import.meta.url));

/** Compiled code is kept between starts: a worker that takes over after a crash reads again .6 s of processor time earlier. */
export function useCompileCache(): void {
  enableCompileCache(DIRECTORY);
}

/** The same for a thread, as its environment: what it is told there serves its first file too. Nothing else is in it. */
export function threadEnvironment(): Readonly<Record<string, string>> {
  return { NODE_COMPILE_CACHE: DIRECTORY };
}

/** Writes what was compiled since the last call. A process that is killed writes nothing at its end. */
export function keepCompiled(): void {
  flushCompileCache();
}
