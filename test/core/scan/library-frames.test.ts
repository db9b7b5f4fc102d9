import { describe, expect, it } from 'vitest';
import { GENERATED_NAMES, withoutGeneratedParts } from '../../../src/core/scan/generated-names.ts';
import { isLibraryFrame, LIBRARY_FRAMES } from '../../../src/core/scan/library-frames.ts';

describe('the table of library frames', () => {
  for (const { language, title, library, own } of LIBRARY_FRAMES) {
    for (const [name, path] of library) {
      it(`${title}: ${name} ${path} is not the program's own`, () => {
        expect(isLibraryFrame(language, name, path)).toBe(true);
      });
    }
    for (const [name, path] of own) {
      it(`${title}: ${name} ${path} is the program's own`, () => {
        expect(isLibraryFrame(language, name, path)).toBe(false);
      });
    }
  }

  it('has one row a language with examples of both kinds', () => {
    expect(new Set(LIBRARY_FRAMES.map((row) => row.language)).size).toBe(LIBRARY_FRAMES.length);
    for (const { title, library, own } of LIBRARY_FRAMES) {
      expect(library.length, title).toBeGreaterThan(0);
      expect(own.length, title).toBeGreaterThan(0);
    }
  });
});

describe('the table of generated names', () => {
  for (const { what, examples } of GENERATED_NAMES) {
    for (const [printed, compared] of examples) {
      it(`${what}: ${printed}`, () => expect(withoutGeneratedParts(printed)).toBe(compared));
    }
  }

  it('leaves the names that people give alone', () => {
    for (const name of [
      'handleV2',
      'com.acme.Http2Client.send',
      'shop::cart::add_item',
      'parse_utf8',
      'App\\Cart->add',
    ])
      expect(withoutGeneratedParts(name)).toBe(name);
  });
});
