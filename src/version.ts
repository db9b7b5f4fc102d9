import { readFileSync } from 'node:fs';

/** Version of this program, from package.json beside `src` or `dist`. */
export function programVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}
