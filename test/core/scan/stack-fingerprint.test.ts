import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TraceLanguage } from '../../../src/core/scan/library-frames.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';
import { identityOf, type StackIdentity } from '../../../src/core/scan/stack-fingerprint.ts';
import { readStackTrace } from '../../../src/core/scan/stack-trace.ts';
import { type Call, type Noise, TRACE_WRITERS } from './traces.ts';

const SEED = 20261122;
const LANGUAGES = Object.keys(TRACE_WRITERS) as TraceLanguage[];

const word = fc.constantFrom(...['cart', 'ledger', 'render', 'pool', 'query', 'reserve', 'notify', 'merge']);
const call: fc.Arbitrary<Call> = fc.record({ module: word, method: word, isLibrary: fc.boolean() });
const noise: fc.Arbitrary<Noise> = fc.record({
  lines: fc.array(fc.integer({ min: 1, max: 9_999 }), { minLength: 3, maxLength: 8 }),
  address: fc.integer({ min: 1, max: 2 ** 44 }),
  id: fc.integer({ min: 1, max: 9_999 }),
  directory: fc.constantFrom('app', 'srv/shop/current', 'home/ci/build/77'),
});
const calls = fc.array(call, { minLength: 1, maxLength: 12 });
const withOwn = calls.filter((list) => list.some(({ isLibrary }) => !isLibrary));

function identity(text: string): StackIdentity {
  const found = identityOf(readStackTrace(text).frames);
  if (found === null) throw new Error(`no frames in ${text}`);
  return found;
}

describe.each(LANGUAGES)('the fingerprint of a %s trace', (language) => {
  const write = TRACE_WRITERS[language];

  it('stays when lines, addresses, ids, directories and generated numbers change', () => {
    fc.assert(
      fc.property(calls, noise, noise, (path, one, other) => {
        expect(identity(write(path, other)).fingerprint).toBe(identity(write(path, one)).fingerprint);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('is another one when a function of the program itself is another one', () => {
    fc.assert(
      fc.property(withOwn, noise, (path, some) => {
        const at = path.findIndex(({ isLibrary }) => !isLibrary);
        const changed = path.map((one, i) => (i === at ? { ...one, method: 'elsewhere' } : one));
        expect(identity(write(changed, some)).fingerprint).not.toBe(identity(write(path, some)).fingerprint);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('stays when library frames are more, fewer or others', () => {
    fc.assert(
      fc.property(withOwn, noise, (path, some) => {
        const library = { module: 'queue', method: 'take', isLibrary: true };
        const more = path.flatMap((one) => (one.isLibrary ? [one, library, library] : [one]));
        expect(identity(write(more, some)).fingerprint).toBe(identity(write(path, some)).fingerprint);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('comes with the first frame of the program itself, its line, and the number of library frames', () => {
    fc.assert(
      fc.property(withOwn, noise, (path, some) => {
        const { inApp, libraryFrames, libraryFramesAbove } = identity(write(path, some));
        const first = path.find(({ isLibrary }) => !isLibrary)!;
        expect(inApp?.functionName).toContain(first.method);
        expect(some.lines).toContain(inApp?.lineNumber);
        expect(libraryFramesAbove).toBe(path.indexOf(first));
        expect(libraryFrames).toBe(path.filter(({ isLibrary }) => isLibrary).length);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('is read as well inside a JSON string', () => {
    fc.assert(
      fc.property(call, calls, noise, (first, rest, some) => {
        const text = write([first, ...rest], some);
        const json = JSON.stringify({ level: 50, msg: 'failed', stack: text, pid: some.id });
        expect(identity(json)).toEqual(identity(text));
      }),
      { seed: SEED, numRuns: 100 },
    );
  });

  it('belongs to frames that leave the signature of their record alone', () => {
    const scanner = createScanner();
    const signature = (text: string): string => {
      const bytes = new TextEncoder().encode(text);
      scanner.scan(bytes, 0, bytes.length);
      return `${scanner.kind} ${scanner.hashHigh} ${scanner.hashLow}`;
    };
    fc.assert(
      // Ruby's head is its first frame: it says what happened where.
      fc.property(call, calls, calls, noise, noise, (first, path, otherPath, one, other) => {
        expect(signature(write([first, ...otherPath], other))).toBe(signature(write([first, ...path], one)));
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('belongs to frames that are none of them a line where each is a record of its own', () => {
    const scanner = createScanner();
    fc.assert(
      fc.property(calls, noise, (path, some) => {
        const text = write(path, some);
        const lines = text.split('\n').filter((line) => line.trim() !== '');
        const told = lines.filter((line) => {
          const bytes = new TextEncoder().encode(line);
          scanner.scan(bytes, 0, bytes.length);
          return scanner.kind === 'line';
        });
        expect(told.length, told.join('\n')).toBeLessThanOrEqual(2);
      }),
      { seed: SEED, numRuns: 100 },
    );
  });
});
