import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowReader, RowWriter } from '../../src/core/row-bytes.ts';

const EDGES = [
  0,
  -0,
  1,
  239,
  240,
  255,
  256,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -1,
  0.5,
  1e-320,
];

const value = fc.oneof(
  fc.record({ number: fc.oneof(fc.double(), fc.integer(), fc.nat(300), fc.constantFrom(...EDGES)) }),
  fc.record({ nullable: fc.option(fc.double()) }),
  fc.record({ numbers: fc.array(fc.oneof(fc.double(), fc.nat())) }),
  fc.record({ flag: fc.boolean() }),
  fc.record({ text: fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constant('\ud800 alone')) }),
);
type Value = Partial<{
  number: number;
  nullable: number | null;
  numbers: number[];
  flag: boolean;
  text: string;
}>;

function write(writer: RowWriter, values: readonly Value[]): Uint8Array {
  for (const one of values) {
    if (one.number !== undefined) writer.number(one.number);
    if (one.nullable !== undefined) writer.nullable(one.nullable);
    if (one.numbers !== undefined) writer.run(one.numbers, 0, one.numbers.length);
    if (one.flag !== undefined) writer.flag(one.flag);
    if (one.text !== undefined) writer.text(one.text);
  }
  return writer.take();
}

function read(row: Uint8Array, likeValues: readonly Value[]): Value[] {
  const reader = new RowReader(row);
  const values = likeValues.map((one): Value => {
    if (one.number !== undefined) return { number: reader.number() };
    if (one.nullable !== undefined) return { nullable: reader.nullable() };
    if (one.numbers !== undefined) return { numbers: one.numbers.map(() => reader.number()) };
    if (one.flag !== undefined) return { flag: reader.flag() };
    return { text: reader.text() };
  });
  expect(reader.isAtEnd).toBe(true);
  return values;
}

test('values are read back exactly, whichever they are', () => {
  fc.assert(
    fc.property(fc.array(value), fc.array(value), (first, second) => {
      const writer = new RowWriter();
      const rows = [first, second].map((values) => write(writer, values));
      expect(rows.map((row, i) => read(row, i === 0 ? first : second))).toEqual([first, second]);
    }),
    { seed: 3, numRuns: 300 },
  );
});

test('each edge of the number forms is read back exactly, minus zero included', () => {
  const row = write(
    new RowWriter(),
    EDGES.map((number) => ({ number })),
  );
  const reader = new RowReader(row);
  for (const edge of EDGES) expect(Object.is(reader.number(), edge), String(edge)).toBe(true);
});

test('a row may be larger than the writer has ever held, and later rows leave it alone', () => {
  const writer = new RowWriter();
  const many = Array.from({ length: 100_000 }, (_, i) => i / 7);
  const row = write(writer, [{ numbers: many }]);
  write(writer, [{ text: 'x'.repeat(50_000) }]);
  const reader = new RowReader(row);
  expect(many.map(() => reader.number())).toEqual(many);
});

test('a row that ends too early is an error, wherever it is cut', () => {
  const values = [{ number: 300 }, { number: 0.1 }, { text: 'template' }];
  const row = write(new RowWriter(), values);
  for (let cut = 0; cut < row.length; cut++)
    expect(() => read(row.slice(0, cut), values), `cut at ${cut}`).toThrow(RangeError);
});

test('a row is read from within a larger buffer', () => {
  const row = write(new RowWriter(), [{ number: 0.1 }]);
  const larger = new Uint8Array(row.length + 5);
  larger.set(row, 5);
  expect(new RowReader(larger.subarray(5)).number()).toBe(0.1);
});

test('a run of numbers is written as that many numbers', () => {
  const list = fc.array(fc.oneof(fc.double(), fc.integer(), fc.constantFrom(...EDGES)), { maxLength: 200 });
  fc.assert(
    fc.property(list, fc.nat(200), fc.nat(200), (values, a, b) => {
      const from = Math.min(a, values.length);
      const length = Math.min(b, values.length - from);
      const one = new RowWriter();
      const other = new RowWriter();
      one.run(values, from, length);
      for (const value of values.slice(from, from + length)) other.number(value);
      expect(one.take()).toEqual(other.take());
    }),
    { seed: 5, numRuns: 200 },
  );
});

test('a long text is read back whole', () => {
  const text = 'päckchen € 😀 '.repeat(700);
  const writer = new RowWriter();
  writer.text(text);
  expect(new RowReader(writer.take()).text()).toBe(text);
});

test('numbers like those of a run before them are read back exactly, and take one byte each', () => {
  const number = fc.oneof(fc.double(), fc.nat(300), fc.constantFrom(...EDGES));
  const run = fc.array(number, { maxLength: 20 });
  const runs = fc.array(fc.tuple(run, fc.array(fc.boolean(), { minLength: 20, maxLength: 20 })));
  fc.assert(
    fc.property(runs, (drawn) => {
      // Each run has some numbers of the one before it.
      const lists: number[][] = [];
      for (const [values, alike] of drawn)
        lists.push(values.map((value, i) => (alike[i] === true ? (lists.at(-1)?.[i] ?? value) : value)));
      const writer = new RowWriter();
      lists.forEach((values, i) => {
        writer.runLike(values, lists[i - 1] ?? [], values.length);
      });
      const reader = new RowReader(writer.take());
      lists.forEach((values, i) => {
        for (const [at, value] of values.entries())
          expect(Object.is(reader.numberLike(lists[i - 1]?.[at]), value), String(value)).toBe(true);
      });
      expect(reader.isAtEnd).toBe(true);
      writer.runLike(lists.at(-1) ?? [], lists.at(-1) ?? [], lists.at(-1)?.length ?? 0);
      expect(writer.take().length).toBe(lists.at(-1)?.length ?? 0);
    }),
    { seed: 7, numRuns: 300 },
  );
});
