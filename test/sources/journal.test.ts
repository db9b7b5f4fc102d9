import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { Journal, type JournalOptions } from '../../src/sources/journal.ts';

function directoryOfTest(): string {
  const directory = mkdtempSync(join(tmpdir(), 'winnow-journal-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function filesOf(directory: string): string[] {
  return readdirSync(directory).sort();
}

async function appendAll(journal: Journal, values: readonly string[]): Promise<number[]> {
  const offsets = values.map((value, i) => journal.append(Buffer.from(value), i));
  await journal.sync();
  return offsets;
}

async function readAll(journal: Journal, from = 0, maxEntries = 10, maxBytes = 1_000): Promise<string[]> {
  const reader = journal.reader(from);
  const values: string[] = [];
  try {
    for (;;) {
      const entries = await reader.next(maxEntries, maxBytes);
      if (entries.length === 0) return values;
      for (const entry of entries) {
        expect(entry.offset).toBe(reader.offset - entries.length + entries.indexOf(entry));
        values.push(Buffer.from(entry.value).toString());
      }
    }
  } finally {
    await reader.close();
  }
}

async function withJournal(
  options: Partial<JournalOptions>,
  run: (journal: Journal, directory: string) => Promise<void>,
): Promise<void> {
  const directory = options.directory ?? directoryOfTest();
  const journal = await Journal.open({ directory, ...options });
  try {
    await run(journal, directory);
  } finally {
    await journal.close();
  }
}

const VALUES = Array.from({ length: 150 }, (_, i) => `${i}:${'v'.repeat((i * 17) % 300)}`);

test('entries come back in order, from any offset, with their times', async () => {
  await withJournal({ segmentBytes: 4_000 }, async (journal) => {
    expect(await appendAll(journal, VALUES.slice(0, 90))).toEqual(Array.from({ length: 90 }, (_, i) => i));
    await appendAll(journal, VALUES.slice(90));
    expect(await readAll(journal)).toEqual(VALUES);
    expect(await readAll(journal, 77)).toEqual(VALUES.slice(77));
    expect(await readAll(journal, 150)).toEqual([]);
    const reader = journal.reader(7);
    expect(await reader.next(1, 1)).toMatchObject([{ offset: 7, referenceTimeMs: 7 }]);
    await reader.close();
    journal.append(new Uint8Array(0), Number.NaN);
    await journal.sync();
    const last = journal.reader(150);
    expect(await last.next(1, 1)).toMatchObject([{ offset: 150, referenceTimeMs: Number.NaN }]);
    await last.close();
  });
});

test('an entry is not readable before the sync that made it durable', async () => {
  await withJournal({}, async (journal) => {
    journal.append(Buffer.from('a'), 0);
    const reader = journal.reader(0);
    expect(await reader.next(1, 1)).toEqual([]);
    await journal.sync();
    expect(await reader.next(1, 1)).toHaveLength(1);
    expect(journal.durableOffset).toBe(1);
    await reader.close();
  });
});

test('appends of many callers share flushes, and each sync covers what was appended before it', async () => {
  await withJournal({}, async (journal) => {
    await Promise.all(
      VALUES.map(async (value, i) => {
        if (i % 3 === 0) await null;
        const offset = journal.append(Buffer.from(value), 0);
        await journal.sync();
        expect(journal.durableOffset).toBeGreaterThan(offset);
      }),
    );
    expect((await readAll(journal)).sort()).toEqual([...VALUES].sort());
  });
});

test('a reader follows a journal that grows and rotates', async () => {
  await withJournal({ segmentBytes: 1_000 }, async (journal, directory) => {
    const reader = journal.reader(0);
    const seen: string[] = [];
    for (const value of VALUES) {
      await appendAll(journal, [value]);
      for (const entry of await reader.next(10, 1_000)) seen.push(Buffer.from(entry.value).toString());
    }
    expect(seen).toEqual(VALUES);
    expect(filesOf(directory).length).toBeGreaterThan(15);
    expect(reader.backlogBytes).toBe(0);
    await reader.close();
  });
});

test('an entry larger than a read is read in one piece', async () => {
  await withJournal({}, async (journal, directory) => {
    const values = ['small', 'x'.repeat(3_000_000), 'small', 'y'.repeat(1_500_000)];
    await appendAll(journal, values);
    expect(await readAll(journal)).toEqual(values);
    await journal.close();
    await withJournal({ directory }, async (again) =>
      expect(await readAll(again, 1)).toEqual(values.slice(1)),
    );
  });
});

test('only whole segments below the offset are deleted, never the one being written', async () => {
  await withJournal({ segmentBytes: 2_000 }, async (journal, directory) => {
    for (const value of VALUES) await appendAll(journal, [value]);
    const sizeBefore = journal.sizeBytes;
    await journal.truncateBefore(70);
    expect(journal.firstOffset).toBeLessThanOrEqual(70);
    expect(journal.firstOffset).toBeGreaterThan(50);
    expect(journal.sizeBytes).toBeLessThan(sizeBefore);
    expect(await readAll(journal, 70)).toEqual(VALUES.slice(70));
    await journal.truncateBefore(1_000_000);
    expect(filesOf(directory)).toHaveLength(1);
    expect(await appendAll(journal, ['next'])).toEqual([150]);
    await journal.close();
    await withJournal({ directory }, async (again) =>
      expect(await appendAll(again, ['later'])).toEqual([151]),
    );
  });
});

test('files are readable by their owner only', async () => {
  await withJournal({}, async (_journal, directory) => {
    expect(statSync(join(directory, filesOf(directory)[0]!)).mode & 0o777).toBe(0o600);
  });
});

test('whatever a crash left of the last writes is cut on opening, and everything synced before is there', async () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(
      entries,
      fc.nat(),
      fc.constantFrom('cut', 'zeros', 'garbage'),
      async (values, seed, how) => {
        const directory = mkdtempSync(join(tmpdir(), 'winnow-journal-'));
        const journal = await Journal.open({ directory });
        await appendAll(journal, ['durable 0', 'durable 1']);
        const durableBytes = journal.sizeBytes;
        for (const value of values) journal.append(value, 1);
        await journal.sync();
        await journal.close();
        const path = join(directory, filesOf(directory)[0]!);
        const keep = durableBytes + (seed % (statSync(path).size - durableBytes));
        truncateSync(path, keep);
        if (how === 'zeros') appendFileSync(path, Buffer.alloc(seed % 5_000));
        if (how === 'garbage') appendFileSync(path, Buffer.from(`${seed} garbage`.repeat(seed % 50)));
        const again = await Journal.open({ directory });
        const read = await readAll(again);
        expect(read.slice(0, 2)).toEqual(['durable 0', 'durable 1']);
        expect(read.slice(2)).toEqual(
          values.slice(0, read.length - 2).map((value) => Buffer.from(value).toString()),
        );
        expect(await appendAll(again, ['after'])).toEqual([read.length]);
        expect((await readAll(again)).at(-1)).toBe('after');
        await again.close();
        rmSync(directory, { recursive: true });
      },
    ),
    { numRuns: 60, seed: 7 },
  );
});

test('damage in the middle is an error that names file and entry, not a silent end', async () => {
  await withJournal({ segmentBytes: 1_000 }, async (journal, directory) => {
    for (const value of VALUES.slice(0, 50)) await appendAll(journal, [value]);
    const path = join(directory, filesOf(directory)[0]!);
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes);
    await expect(readAll(journal)).rejects.toMatchObject({
      code: 'WINNOW_JOURNAL_FAILED',
      message: /entry \d+ at byte \d+ is damaged/,
    });
  });
});

test('a directory that cannot be made is an error with a code', async () => {
  const file = join(directoryOfTest(), 'file');
  writeFileSync(file, '');
  await expect(Journal.open({ directory: join(file, 'journal') })).rejects.toMatchObject({
    code: 'WINNOW_JOURNAL_FAILED',
  });
});
