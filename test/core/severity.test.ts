import { expect, test } from 'vitest';
import { severityClassName, severityClassOf, severityText } from '../../src/core/severity.ts';

test('numbers fall into the classes that OTLP ranges give, and anything else is information', () => {
  const numbers = [...Array.from({ length: 25 }, (_, i) => i), 25, -1, Number.NaN];
  const names = numbers.map((n) => severityClassName(severityClassOf(n)));
  const times = (name: string, count: number): string[] => new Array<string>(count).fill(name);
  expect(names).toEqual([
    'info',
    ...times('debug', 8),
    ...times('info', 4),
    ...times('warn', 4),
    ...times('error', 4),
    ...times('fatal', 4),
    ...times('info', 3),
  ]);
});

test('texts are the short names of the OTel data model', () => {
  expect([1, 5, 9, 10, 13, 17, 19, 24].map(severityText)).toEqual([
    'TRACE',
    'DEBUG',
    'INFO',
    'INFO2',
    'WARN',
    'ERROR',
    'ERROR3',
    'FATAL4',
  ]);
  expect([0, 25, 1.5].map(severityText)).toEqual(['', '', '']);
});
