import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createFilesSource, type FileProgress, type FilesSourceOptions } from '../../src/sources/files.ts';
import { Catcher, describeSource, expectSame, type SourceUnderTest } from '../contract/source-contract.ts';

function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'winnow-files-'));
}

/** Lines of varied length, some longer than a read. */
function jsonLines(count: number, seed: string): string[] {
  return Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      i,
      seed,
      text: 'ä'.repeat((i * 37) % 400),
      ...(i % 97 === 5 ? { long: 'x'.repeat(200_000) } : {}),
    }),
  );
}

function textLines(count: number): string[] {
  return Array.from({ length: count }, (_, i) =>
    i % 7 === 3 ? `    at frame${i} (a.js:${i})` : `2026-11-21 line ${i} ${'y'.repeat(i % 90)}`,
  );
}

function lengthPrefixed(values: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    values.flatMap((value) => {
      const prefix = Buffer.alloc(4);
      prefix.writeUInt32BE(value.length);
      return [prefix, value];
    }),
  );
}

/** Compressed in several members or frames, cut anywhere. */
function inPieces(content: Buffer, compress: (piece: Buffer) => Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let start = 0, size = 100; start < content.length; start += size, size = size * 3 + 1) {
    pieces.push(compress(content.subarray(start, start + size)));
  }
  return Buffer.concat(pieces);
}

const requests = (count: number) =>
  Array.from({ length: count }, (_, i) => Buffer.from(`\n${i} ${'r'.repeat((i * 131) % 5_000)}`));

interface Case {
  readonly file: string;
  readonly content: Buffer;
  readonly units: readonly string[];
}

const LINES = jsonLines(900, 'a');
const LINES_CONTENT = Buffer.from(`${LINES.join('\n')}\n`);
const TEXT = textLines(60_000);
const TEXT_CONTENT = Buffer.from(TEXT.join('\n'));
const REQUESTS = requests(900);
const REQUEST_UNITS = REQUESTS.map((value) => value.toString());

const CASES: readonly Case[] = [
  { file: 'a.jsonl', content: LINES_CONTENT, units: LINES },
  { file: 'no-line-end.json', content: LINES_CONTENT.subarray(0, -1), units: LINES },
  { file: 'windows.ndjson', content: Buffer.from(`\ufeff${LINES.join('\r\n')}\r\n\r\n`), units: LINES },
  { file: 'a.jsonl.gz', content: gzipSync(LINES_CONTENT), units: LINES },
  { file: 'members.jsonl.gz', content: inPieces(LINES_CONTENT, (piece) => gzipSync(piece)), units: LINES },
  { file: 'a.jsonl.zst', content: zstdCompressSync(LINES_CONTENT), units: LINES },
  {
    file: 'frames.jsonl.zst',
    content: inPieces(LINES_CONTENT, (piece) => zstdCompressSync(piece)),
    units: LINES,
  },
  { file: 'app.log', content: TEXT_CONTENT, units: TEXT },
  { file: 'app.log.gz', content: inPieces(TEXT_CONTENT, (piece) => gzipSync(piece)), units: TEXT },
  { file: 'app.txt.zst', content: inPieces(TEXT_CONTENT, (piece) => zstdCompressSync(piece)), units: TEXT },
  { file: 'a.pb', content: lengthPrefixed(REQUESTS), units: REQUEST_UNITS },
  {
    file: 'a.bin.zst',
    content: inPieces(lengthPrefixed(REQUESTS), (piece) => zstdCompressSync(piece)),
    units: REQUEST_UNITS,
  },
  {
    file: 'collector-zstd.json',
    content: lengthPrefixed(REQUESTS.map((value) => zstdCompressSync(value))),
    units: REQUEST_UNITS,
  },
  { file: 'sniffed', content: LINES_CONTENT, units: LINES },
];

/** A request begins with the tag of its first field, which is a line feed. */
function unitsOf(value: Uint8Array): string[] {
  const text = Buffer.from(value).toString('utf8');
  return text.startsWith('\n') ? [text] : text.replace(/\n$/, '').split('\n');
}

function subject(cases: readonly Case[]): SourceUnderTest {
  const directory = temporaryDirectory();
  const paths = cases.map(({ file, content }) => {
    const path = join(directory, file);
    writeFileSync(path, content);
    return path;
  });
  return {
    create: () => createFilesSource({ name: 'files', paths }),
    expected: new Map(cases.map(({ units }, i) => [`${paths[i]}/0`, units])),
    units: unitsOf,
    ends: true,
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}

for (const single of CASES) describeSource(`files: ${single.file}`, () => subject([single]));
describeSource('files: several of all kinds', () => subject([CASES[0]!, CASES[8]!, CASES[5]!, CASES[11]!]));

function withFiles(contents: Readonly<Record<string, Buffer | string>>): {
  directory: string;
  paths: string[];
} {
  const directory = temporaryDirectory();
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const paths = Object.entries(contents).map(([name, content]) => {
    writeFileSync(join(directory, name), content);
    return join(directory, name);
  });
  return { directory, paths };
}

async function readFiles(options: Omit<FilesSourceOptions, 'name'>) {
  const source = createFilesSource({ name: 'files', ...options });
  const catcher = new Catcher({ expected: new Map(), units: unitsOf, ends: true });
  await source.run(catcher);
  return { source, catcher, units: options.paths.map((path) => catcher.units.get(`${path}/0`) ?? []) };
}

test('from any position, and from one behind any message, exactly the rest is delivered', async () => {
  for (const single of [CASES[0]!, CASES[2]!, CASES[6]!, CASES[7]!, CASES[11]!, CASES[12]!]) {
    const { paths } = withFiles({ [single.file]: single.content });
    const key = `${paths[0]}/0`;
    const read = async (resumeAt: number): Promise<number[]> => {
      const catcher = new Catcher({ expected: new Map(), ends: true });
      const position = {
        source: 'files',
        topic: paths[0]!,
        partition: 0,
        resumeAt,
        readTo: resumeAt,
        maxTimeMs: null,
      };
      catcher.positions.set(key, position);
      await createFilesSource({ name: 'files', paths }).run(catcher);
      return catcher.offsets.get(key) ?? [];
    };
    const offsets = await read(0);
    for (const share of [0.1, 0.5, 0.6, 0.7, 0.9, 1]) {
      const i = Math.ceil(offsets.length * share) - 1;
      expect(await read(offsets[i]!), `${single.file} at ${offsets[i]}`).toEqual(offsets.slice(i));
      expect(await read(offsets[i]! + 1), `${single.file} after ${offsets[i]}`).toEqual(offsets.slice(i + 1));
    }
  }
});

describe('a file that is cut or damaged', () => {
  const cut = (content: Buffer, bytes: number) => content.subarray(0, content.length - bytes);
  const DAMAGED: readonly (readonly [name: string, content: Buffer, leastUnits: number])[] = [
    ['cut.jsonl.gz', cut(gzipSync(LINES_CONTENT), 20), 800],
    ['cut.jsonl.zst', cut(zstdCompressSync(LINES_CONTENT), 20), 600],
    [
      'cut-last-frame.jsonl.zst',
      cut(
        inPieces(LINES_CONTENT, (piece) => zstdCompressSync(piece)),
        1,
      ),
      100,
    ],
    ['garbage-after.jsonl.gz', Buffer.concat([gzipSync(LINES_CONTENT), Buffer.from('garbage')]), 800],
    [
      'garbage-after.jsonl.zst',
      Buffer.concat([zstdCompressSync(LINES_CONTENT), Buffer.from('garbage')]),
      900,
    ],
    ['cut.pb', cut(lengthPrefixed(REQUESTS), 1), 899],
    ['cut-length.pb', Buffer.concat([lengthPrefixed(REQUESTS), Buffer.from([0, 0])]), 900],
    ['cut.log.zst', cut(zstdCompressSync(TEXT_CONTENT), 20), 40_000],
  ];

  test.each(DAMAGED)(
    '%s: what came before is delivered, the rest is a problem, other files go on',
    async (name, content, least) => {
      const { paths } = withFiles({ [name]: content, 'good.jsonl': LINES_CONTENT });
      const { source, units, catcher } = await readFiles({ paths });
      const all = name.includes('.pb') ? REQUEST_UNITS : name.includes('.log') ? TEXT : LINES;
      expectSame(units[0] ?? [], all.slice(0, units[0]?.length), name);
      expect(units[0]?.length).toBeGreaterThanOrEqual(least);
      expectSame(units[1] ?? [], LINES, 'good.jsonl');
      expect(source.problems.map((problem) => problem.code)).toEqual(['WINNOW_FILE_UNREADABLE']);
      expect(source.problems[0]?.message).toMatch(new RegExp(`^read .*${name} at \\d+: `));
      expect(catcher.finishedKeys.size).toBe(2);
    },
  );

  test('zero bytes after the last gzip member are padding', async () => {
    const { paths } = withFiles({
      'padded.jsonl.gz': Buffer.concat([gzipSync(LINES_CONTENT), Buffer.alloc(512)]),
    });
    const { source, units } = await readFiles({ paths });
    expectSame(units[0] ?? [], LINES, 'padded');
    expect(source.problems).toEqual([]);
  });

  test('missing files and directories are problems, and the others are read', async () => {
    const { directory, paths } = withFiles({ 'good.jsonl': LINES_CONTENT });
    const { source, units } = await readFiles({ paths: [join(directory, 'none.log'), directory, ...paths] });
    expect(units).toEqual([[], [], LINES]);
    expect(source.problems.map((problem) => problem.message.slice(0, 5))).toEqual(['open ', 'open ']);
  });

  test('a file that is not compressed as its name says is a problem, unless it is empty', async () => {
    const { paths } = withFiles({
      'a.log.gz': 'plain text\n',
      'b.jsonl.zst': '{"a":1}\n',
      'empty.log.gz': '',
      'other.log.gz': zstdCompressSync(Buffer.from('readable\n')),
    });
    const { source, units } = await readFiles({ paths });
    expect(source.problems.map(({ message }) => message)).toEqual([
      `decompress ${paths[0]}: no gzip data, though its name says so`,
      `decompress ${paths[1]}: no zstd data, though its name says so`,
    ]);
    expect(units.map((lines) => lines?.length ?? 0)).toEqual([0, 0, 0, 1]);
  });

  test('a problem names the file and the reason once, and says so where it is a directory', async () => {
    const { directory } = withFiles({});
    const missing = join(directory, 'none.log');
    const { source } = await readFiles({ paths: [missing, directory] });
    expect(source.problems.map(({ message }) => message)).toEqual([
      `open ${missing}: no such file or directory`,
      `open ${directory}: illegal operation on a directory`,
    ]);
    expect(source.problems[1]?.hint).toContain('it is a directory');
  });

  test('a file that became shorter than its position is a problem, not a silent end', async () => {
    for (const name of ['a.jsonl', 'a.log', 'a.jsonl.gz']) {
      const content = name.endsWith('.gz') ? gzipSync('{"a":1}\n') : Buffer.from('{"a":1}\n');
      const { paths } = withFiles({ [name]: content });
      const source = createFilesSource({ name: 'files', paths });
      const catcher = new Catcher({ expected: new Map(), ends: true });
      const ref = { source: 'files', topic: paths[0]!, partition: 0 };
      catcher.positions.set(`${ref.topic}/0`, {
        ...ref,
        resumeAt: 5_000_000,
        readTo: 5_000_000,
        maxTimeMs: null,
      });
      await source.run(catcher);
      expect(catcher.batches).toBe(0);
      expect(source.problems[0]?.message).toContain('ends before the position 5000000');
    }
  });

  test('an empty file, also a compressed one, is finished without a message', async () => {
    const { paths } = withFiles({
      'a.jsonl': '',
      'a.log': '',
      'a.pb': '',
      'a.log.gz': gzipSync(''),
      b: zstdCompressSync(Buffer.alloc(0)),
      'blank.jsonl': '\n \r\n',
    });
    const { source, catcher } = await readFiles({ paths });
    expect(catcher.batches).toBe(0);
    expect(catcher.finishedKeys.size).toBe(6);
    expect(source.problems).toEqual([]);
  });
});

describe('a message over the limit', () => {
  test('is delivered as its first limit + 1 bytes, in its place', async () => {
    const line = (n: number) => `"${'x'.repeat(n - 2)}"`;
    const { paths } = withFiles({
      'a.jsonl': [line(10), line(101), line(100), line(500_000), line(3)].join('\n'),
      'a.log': [line(10), line(201), line(30), line(500_000), line(3)].join('\n'),
      'a.pb': lengthPrefixed([
        Buffer.alloc(9, 65),
        Buffer.alloc(101, 66),
        Buffer.alloc(100, 67),
        Buffer.alloc(500_000, 68),
      ]),
      z: lengthPrefixed([
        zstdCompressSync(Buffer.alloc(500_000, 69)),
        zstdCompressSync(Buffer.alloc(50, 70)),
      ]),
    });
    const { catcher } = await readFiles({ paths, maxMessageBytes: 100, maxTextBytes: 200 });
    const lengths = (i: number) => (catcher.units.get(`${paths[i]}/0`) ?? []).map((unit) => unit.length);
    expect(lengths(0)).toEqual([10, 101, 100, 101, 3]);
    expect(catcher.offsets.get(`${paths[0]}/0`)).toEqual([0, 11, 113, 214, 500_215]);
    expect(lengths(1)).toEqual([10, 201, 30, 201, 3]);
    expect(catcher.offsets.get(`${paths[1]}/0`)).toEqual([0, 11, 213, 244, 500_245]);
    expect(lengths(2)).toEqual([9, 101, 100, 101]);
    expect(lengths(3)).toEqual([101, 50]);
  });
});

describe('formats and order', () => {
  test('the encoding follows the format unless it is configured', async () => {
    const encodingOf = async (
      name: string,
      content: Buffer | string,
      encoding?: 'otlp_json' | 'text' | 'raw',
    ) => {
      const { paths } = withFiles({ [name]: content });
      const { catcher } = await readFiles(encoding === undefined ? { paths } : { paths, encoding });
      return [...catcher.encodings].join();
    };
    expect(await encodingOf('a.jsonl', '{}')).toBe('auto_json');
    expect(await encodingOf('a.ndjson.gz', gzipSync('{}'))).toBe('auto_json');
    expect(await encodingOf('a.log', 'plain')).toBe('text');
    expect(await encodingOf('a.log', '{"a":1}\n{"a":2}')).toBe('auto');
    expect(await encodingOf('noname', '{not json}')).toBe('text');
    expect(await encodingOf('a.pb', lengthPrefixed(REQUESTS))).toBe('otlp_proto');
    expect(await encodingOf('a.pb', REQUESTS[3]!)).toBe('otlp_proto');
    expect(await encodingOf('a.json', '{\n  "resourceLogs": []\n}\n')).toBe('auto_json');
    expect(await encodingOf('a.jsonl', '{}', 'text')).toBe('text');
    expect(await encodingOf('a.log', '{}', 'otlp_json')).toBe('otlp_json');
    expect(await encodingOf('a.log', 'x', 'raw')).toBe('raw');
  });

  test('a request laid out over many lines is one message', async () => {
    const request = '{\r\n  "resourceLogs": [\n  ]\n}\n';
    const { paths } = withFiles({ 'a.json': request, b: request, 'c.jsonl.gz': gzipSync(request) });
    const { catcher } = await readFiles({ paths });
    for (const path of paths) expect(catcher.offsets.get(`${path}/0`)).toEqual([0]);
  });

  test('what comes through a pipe is new, whatever the position of the pipe before', async () => {
    const catcher = new Catcher({ expected: new Map(), units: unitsOf, ends: true });
    for (const line of ['first 2026-11-21', 'second', 'third, longer than all the others before it']) {
      const source = createFilesSource({
        name: 'files',
        paths: ['-'],
        stdin: Readable.from([Buffer.from(line)]),
      });
      await source.run(catcher);
      expect(source.problems).toEqual([]);
    }
    expect(catcher.units.get('-/0')).toEqual([
      'first 2026-11-21',
      'second',
      'third, longer than all the others before it',
    ]);
    expect(catcher.offsets.get('-/0')).toEqual([0, 1, 2]);
  });

  test('files take equal turns in the order of the list, and a paused one waits', async () => {
    const { paths } = withFiles({
      'a.jsonl': LINES_CONTENT,
      'b.jsonl': LINES_CONTENT,
      'c.jsonl': LINES_CONTENT,
    });
    const source = createFilesSource({ name: 'files', paths });
    const turns: number[] = [];
    const catcher = new Catcher({ expected: new Map(), ends: true });
    const accept = catcher.accept.bind(catcher);
    catcher.accept = async (batch) => {
      turns.push(paths.indexOf(batch.partition.topic));
      if (turns.length === 4) source.setPaused?.([{ source: 'files', topic: paths[1]!, partition: 0 }]);
      if (turns.length === 7) source.setPaused?.([]);
      await accept(batch);
    };
    await source.run(catcher);
    expect(turns).toEqual([0, 1, 2, 0, 2, 0, 2, 0, 1, 2, 1, 1]);
  });

  test('files that are all paused are read to their ends all the same', async () => {
    const { paths } = withFiles({ 'a.jsonl': LINES_CONTENT, 'b.jsonl': LINES_CONTENT });
    const source = createFilesSource({ name: 'files', paths });
    const catcher = new Catcher({ expected: new Map(), ends: true });
    catcher.onAssigned = (refs) => source.setPaused?.(refs);
    await source.run(catcher);
    for (const path of paths) expectSame(catcher.units.get(`${path}/0`) ?? [], LINES, path);
  });

  test('blocks of text are cut at the same places however the bytes arrive, and never inside a stack trace', async () => {
    const trace = ['Traceback (most recent call last):', '  File "a.py", line 1', 'ValueError: no'];
    const lines = Array.from({ length: 9_000 }, (_, i) =>
      i % 3 === 0 ? [`2026-11-21 failed ${i}`, ...trace] : [`2026-11-21 fine ${i}`],
    ).flat();
    const content = Buffer.from(lines.join('\n'));
    const read = async (stdin: Readable) => {
      const blocks: string[] = [];
      const source = createFilesSource({ name: 'files', paths: ['-'], stdin });
      const catcher = new Catcher({
        expected: new Map(),
        units: (value) => [Buffer.from(value).toString()],
        ends: true,
      });
      await source.run(catcher);
      blocks.push(...catcher.units.get('-/0')!);
      return blocks;
    };
    const whole = await read(Readable.from([content]));
    const pieces: Buffer[] = [];
    for (let start = 0, i = 0; start < content.length; i++) {
      const size = 1 + ((i * 7_919) % 30_000);
      pieces.push(content.subarray(start, start + size));
      start += size;
    }
    expect(await read(Readable.from(pieces))).toEqual(whole);
    expect(whole.length).toBeGreaterThan(4);
    expect(whole.join('')).toBe(content.toString());
    for (const block of whole) {
      expect(block).toMatch(/^2026-11-21 (fine|failed)/);
      expect(block.length).toBeLessThanOrEqual(66_000);
    }
  });

  test('progress counts bytes of the file as it lies on the disk and ends at its size', async () => {
    const compressed = gzipSync(LINES_CONTENT);
    const { paths } = withFiles({ 'a.jsonl.gz': compressed });
    const seen: FileProgress[] = [];
    await readFiles({ paths, onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toEqual({
      file: paths[0],
      bytesRead: compressed.length,
      bytesTotal: compressed.length,
    });
    expect(seen.length).toBeGreaterThan(3);
  });

  test('stop ends a source that is waiting for standard input', async () => {
    const stdin = new Readable({ read: () => undefined });
    const source = createFilesSource({ name: 'files', paths: ['-'], stdin });
    const catcher = new Catcher({ expected: new Map(), ends: true });
    const running = source.run(catcher);
    stdin.push('a line\n');
    await source.stop();
    await running;
    expect(catcher.finishedKeys.size).toBe(0);
  });
});
