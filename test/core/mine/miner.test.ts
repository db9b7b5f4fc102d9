import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyStateRow, MinedBucket } from '../../../src/contracts.ts';
import { SHAPE_CHECKS, TEMPLATES_PER_SERVICE } from '../../../src/core/mine/limits.ts';
import { closedBucket, createMiner, signatureOf, textOf } from './mine-lines.ts';

const SEED = 20250102;
const NAMES = ['ada', 'bob', 'cleo', 'dora', 'emil', 'fritz', 'gina', 'hugo'];

function changes(mined: MinedBucket): string[] {
  return mined.changes.map((change) => change.change);
}

describe('Miner', () => {
  it('counts lines that differ in variables under one template with typed slots', () => {
    const miner = createMiner();
    const mined = miner.mine(
      closedBucket(1, { api: ['took 5 ms for /a/b', 'took 17 ms for /c', 'session opened'] }),
    );
    const texts = mined.services[0]!.templates.map((t) => [
      miner.template('api', t.templateId)!.text,
      t.records,
    ]);
    expect(texts.sort()).toEqual([
      ['session opened', 1],
      ['took <dur> for <path>', 2],
    ]);
  });

  it('keeps two words at a place apart and joins many, in the bucket that brings the evidence', () => {
    const miner = createMiner();
    miner.mine(closedBucket(1, { api: ['link is up now', 'link is down now'] }));
    expect(textOf(miner, 'api', 'link is up now')).toBe('link is up now');
    const lines = NAMES.map((name) => `greeting ${name} from the lobby`);
    miner.mine(closedBucket(2, { api: lines }));
    for (const line of lines) expect(textOf(miner, 'api', line)).toBe('greeting <str> from the lobby');
    expect(textOf(miner, 'api', 'link is down now')).toBe('link is down now');
  });

  it('needs two values behind = and many for words that say what happened', () => {
    const miner = createMiner();
    miner.mine(
      closedBucket(1, {
        api: [
          'mode=fast is set',
          'mode=slow is set',
          'job opened today',
          'job closed today',
          'job failed today',
        ],
      }),
    );
    expect(textOf(miner, 'api', 'mode=fast is set')).toBe('mode=<str> is set');
    expect(textOf(miner, 'api', 'job failed today')).toBe('job failed today');
  });

  it('never makes a key or, short of overwhelming evidence, a first word variable', () => {
    const miner = createMiner();
    miner.mine(
      closedBucket(1, {
        api: [...NAMES.map((n) => `${n}=1 is set`), ...NAMES.map((n) => `${n} has gone away`)],
      }),
    );
    for (const name of NAMES) {
      expect(textOf(miner, 'api', `${name}=1 is set`)).toBe(`${name}=<num> is set`);
      expect(textOf(miner, 'api', `${name} has gone away`)).toBe(`${name} has gone away`);
    }
  });

  it('keeps the id of a template that grows and names those merged into it', () => {
    const miner = createMiner();
    const line = (name: string) => `greeting ${name} from the lobby`;
    const first = miner.mine(closedBucket(1, { api: NAMES.slice(0, 2).map(line) }));
    expect(changes(first)).toEqual(['created', 'created']);
    const ids = first.services[0]!.templates.map((t) => t.templateId);
    const survivor = miner.resolve('api', ...signatureOf(line(NAMES[0]!)))!;
    // Those that were known come again, too: all are counted under what they are now.
    const second = miner.mine(closedBucket(2, { api: NAMES.slice(0, 6).map(line) }));
    const merged = ids.find((id) => id !== survivor)!;
    expect(second.changes).toEqual([
      { service: 'api', change: 'generalised', templateId: survivor },
      { service: 'api', change: 'merged', templateId: merged, into: survivor },
    ]);
    expect(miner.template('api', merged)!.templateId).toBe(survivor);
    expect(miner.template('api', survivor)!.aliases).toEqual([merged]);
    expect(second.services[0]!.templates).toMatchObject([
      { templateId: survivor, records: 6, created: false },
    ]);
  });

  it('names no template that was created and merged in the same bucket', () => {
    const miner = createMiner();
    const mined = miner.mine(
      closedBucket(1, { api: NAMES.map((name) => `greeting ${name} from the lobby`) }),
    );
    expect(changes(mined)).toEqual(['created']);
    expect(mined.services[0]!.templates).toMatchObject([
      { records: NAMES.length, created: true, candidate: false },
    ]);
    expect(miner.size).toBe(1);
  });

  it('marks a template one word away from a known one as a candidate, and the known one as neither that nor new', () => {
    const miner = createMiner();
    miner.mine(closedBucket(1, { api: ['connection to primary lost'] }));
    const mined = miner.mine(
      closedBucket(2, {
        api: ['connection to replica lost', 'disk is full on node', 'connection to primary lost'],
      }),
    );
    const byText = new Map(
      mined.services[0]!.templates.map((t) => [miner.template('api', t.templateId)!.text, t]),
    );
    expect(byText.get('connection to replica lost')).toMatchObject({ created: true, candidate: true });
    expect(byText.get('disk is full on node')).toMatchObject({ created: true, candidate: false });
    expect(byText.get('connection to primary lost')).toMatchObject({ created: false, candidate: false });
  });

  it('keeps services apart', () => {
    const miner = createMiner();
    const mined = miner.mine(closedBucket(1, { a: ['hello there'], b: ['hello there'] }));
    const [a, b] = mined.services.map((service) => service.templates[0]!.templateId);
    expect(a).not.toBe(b);
    expect(miner.template('a', b!)).toBeUndefined();
  });

  it('moves every record of the closed bucket and loses none, whatever the lines', () => {
    const word = fc.constantFrom(...NAMES, 'open', 'closed', '5', 'a=1', 'k=v', '(x', ')', '10.0.0.1', '"q"');
    const lines = fc.array(
      fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(' ')),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(fc.array(lines, { minLength: 1, maxLength: 4 }), (buckets) => {
        const miner = createMiner();
        buckets.forEach((bucket, i) => {
          const mined = miner.mine(closedBucket(i, { api: bucket }));
          const { templates } = mined.services[0]!;
          expect(templates.reduce((sum, t) => sum + t.records, 0)).toBe(bucket.length);
          for (const t of templates)
            expect(miner.template('api', t.templateId)!.templateId).toBe(t.templateId);
          expect(new Set(templates.map((t) => t.templateId)).size).toBe(templates.length);
        });
      }),
      { seed: SEED, numRuns: 150 },
    );
  });

  it('continues from stored rows exactly as if it had never stopped', () => {
    const word = fc.constantFrom(
      ...NAMES,
      'open',
      'closed',
      '5',
      'a=1',
      'mode=fast',
      'mode=slow',
      '10.0.0.1',
      'to',
      'from',
      ...['PAID', 'OPEN', 'SENT', 'LOST', '{x=1}', '{y=2}', 'A(x=1)', 'A(y=2)', '[k: up]', '[k: 5]', '->'],
    );
    const lines = fc.array(
      fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join(' ')),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(fc.array(lines, { minLength: 2, maxLength: 6 }), (buckets) => {
        const steady = createMiner();
        const rows = new Map<string, AnyStateRow>();
        buckets.forEach((bucket, i) => {
          const restarted = createMiner();
          restarted.load([...rows.values()].reverse());
          const closed = closedBucket(i * 400, { api: bucket });
          expect(JSON.stringify(restarted.mine(closed))).toBe(JSON.stringify(steady.mine(closed)));
          expect(restarted.size).toBe(steady.size);
          const changed = steady.takeChanges();
          expect(restarted.takeChanges()).toEqual(changed);
          for (const row of changed) rows.set(`${row.table} ${row.key}`, row);
        });
      }),
      { seed: SEED, numRuns: 60 },
    );
  });

  it('gives each template a handle that no other ever has, in whatever service, also after a restart', () => {
    const marks = [':', ';', ',', '|', '@', '#', '&', '!'];
    const shapes = marks.flatMap((a) => marks.map((b) => `begin ${a} then ${b} end`));
    const rows: AnyStateRow[] = [];
    let miner = createMiner();
    for (const start of ['first', 'again']) {
      const handles = new Map<string, number>();
      if (start === 'again') {
        miner = createMiner();
        miner.load(rows);
      }
      // Ever more templates: most buckets bring known ones and a few that are new.
      for (let known = 3; known <= shapes.length; known += 7) {
        const lines = shapes.slice(0, known);
        const mined = miner.mine(closedBucket(known, { api: lines, web: [...lines].reverse() }));
        for (const { service, templates } of mined.services) {
          expect(templates).toHaveLength(known);
          for (const { templateId, handle } of templates) {
            const name = `${service.key} ${templateId}`;
            expect(handle).toBe(handles.get(name) ?? handle);
            handles.set(name, handle);
          }
        }
      }
      const given = [...handles.values()];
      expect(new Set(given).size).toBe(given.length);
      expect(given.filter((handle) => !(Number.isInteger(handle) && handle > 0))).toEqual([]);
      rows.push(...miner.takeChanges());
    }
  });

  it("looks at a template's lines in its first buckets, as many as are said, and in no later one", () => {
    let read = 0;
    const miner = createMiner({
      bodyOf: ({ wire }) => {
        read++;
        return new TextDecoder().decode(wire);
      },
    });
    const looked: boolean[] = [];
    for (let bucket = 0; bucket < SHAPE_CHECKS + 3; bucket++) {
      const before = read;
      miner.mine(closedBucket(bucket, { api: ['took 5 ms'] }));
      looked.push(read > before);
    }
    expect(looked.lastIndexOf(true)).toBe(SHAPE_CHECKS - 1);
    expect(looked.indexOf(false)).toBe(SHAPE_CHECKS);
  });

  it('writes only what changed', () => {
    const miner = createMiner();
    const lines = { api: ['session opened for root', 'took 5 ms'] };
    miner.mine(closedBucket(0, lines));
    expect(miner.takeChanges().map((row) => row.table)).toEqual([
      'mine.line',
      'mine.line',
      'mine.service',
      'mine.signature',
      'mine.signature',
      'mine.template',
      'mine.template',
      'mine.use',
    ]);
    for (let bucket = 1; bucket < 30; bucket++) miner.mine(closedBucket(bucket, lines));
    expect(miner.takeChanges().map((row) => row.table)).toEqual([
      'mine.signature',
      'mine.signature',
      'mine.use',
    ]);
    miner.mine(closedBucket(30, lines));
    expect(miner.takeChanges()).toEqual([]);
  });

  it('has the text that further lines gave a template also after a restart', () => {
    const before = createMiner();
    const rows = new Map<string, AnyStateRow>();
    for (const [bucket, line] of ['value 5', 'value 10.0.0.1'].entries()) {
      before.mine(closedBucket(bucket, { api: [line] }));
      for (const row of before.takeChanges()) rows.set(`${row.table} ${row.key}`, row);
    }
    expect(textOf(before, 'api', 'value 7')).toBe('value <*>');
    const miner = createMiner();
    miner.load([...rows.values()]);
    expect(textOf(miner, 'api', 'value 7')).toBe('value <*>');
  });

  it.each([
    ['fits it', NAMES.map((name) => `greeting ${name} from the lobby`), 'greeting 10.0.0.1 from the lobby'],
    ['is cut differently', ['took the value 5 of it'], 'took the value [1, 2] of it'],
    [
      'makes it and its siblings one',
      NAMES.slice(0, 4).map((name) => `greeting ${name} from the lobby`),
      'greeting gina from the lobby',
    ],
  ])(
    'stores what a template becomes by a new line that %s, though no further line is looked at',
    (_, known, line) => {
      const miner = createMiner();
      const rows = new Map<string, AnyStateRow>();
      const mine = (bucket: number, lines: readonly string[]) => {
        const mined = miner.mine(closedBucket(bucket, { api: lines }));
        for (const row of miner.takeChanges()) rows.set(`${row.table} ${row.key}`, row);
        return mined;
      };
      for (let bucket = 0; bucket <= SHAPE_CHECKS; bucket++) mine(bucket, known);
      const before = textOf(miner, 'api', known[0]!);
      expect(changes(mine(SHAPE_CHECKS + 1, [line]))).not.toContain('created');
      const text = textOf(miner, 'api', line);
      expect(text).not.toBe(before);
      const restarted = createMiner();
      restarted.load([...rows.values()]);
      expect([line, ...known].map((one) => textOf(restarted, 'api', one))).toEqual(
        [line, ...known].map(() => text),
      );
    },
  );

  it('learns and stores nothing of what was redacted, and one template covers all of it', () => {
    const miner = createMiner({ redact: (text) => text.replace(/key \S+/, 'key <redacted:key>') });
    const mined = miner.mine(
      closedBucket(1, { api: ['key hunter accepted', 'key wonderland accepted', 'key rosebud accepted'] }),
    );
    expect(mined.services[0]!.templates).toMatchObject([{ records: 3 }]);
    expect(textOf(miner, 'api', 'key rosebud accepted')).toBe('key <redacted> accepted');
    expect(JSON.stringify(miner.takeChanges())).not.toMatch(/hunter|wonderland|rosebud/);
    const { templateId } = mined.services[0]!.templates[0]!;
    expect(miner.parameters('api', templateId, 'key sesame accepted')).toEqual([
      { name: 'redacted', type: 'redacted', value: '<redacted:key>' },
    ]);
  });

  it('stays within its cap when a service never repeats itself, and the quiet service keeps its templates', () => {
    const miner = createMiner();
    const quiet = ['all is well here'];
    // Ever new punctuation, so that no two lines have one skeleton and nothing masks or merges them.
    const chaos = (n: number) => {
      const marks = [...(n + 11 ** 4).toString(11)].map(
        (digit) => ':,;|@#&!?*`'[Number.parseInt(digit, 11)]!,
      );
      return `noise ${marks.join(' x ')} end`;
    };
    let evicted = 0;
    const perBucket = 3000;
    for (let bucket = 0; bucket < 8; bucket++) {
      const lines = Array.from({ length: perBucket }, (_, i) => chaos(bucket * perBucket + i));
      const mined = miner.mine(closedBucket(bucket * 400, { chaos: lines, quiet }));
      evicted += mined.changes.filter((change) => change.change === 'evicted').length;
      expect(mined.changes.some((change) => change.change === 'evicted' && change.service === 'quiet')).toBe(
        false,
      );
    }
    expect(evicted).toBeGreaterThan(0);
    expect(miner.size).toBeLessThanOrEqual(TEMPLATES_PER_SERVICE + 1);
    expect(textOf(miner, 'quiet', quiet[0]!)).toBe(quiet[0]);
  }, 60_000);
});
