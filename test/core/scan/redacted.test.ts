import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/core/redact.ts';
import { maskLine } from '../../../src/core/scan/mask.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';

const scanner = createScanner();
const redactor = createRedactor();

describe('what redaction takes out of a URL', () => {
  const lines = [
    'open postgres://app:hunter2@db:5432/orders failed',
    'open postgres://app:hunter2@db.internal:5432/orders, retry in 5s',
    'clone https://ghp12345@github.com/a/b',
    'clone "https://ghp12345@github.com/a/b" again',
    'GET https://shop.example.com/cart?token=abc123&page=2 failed',
    'get /v2/items?token=abc123&page=2 failed',
    'amqp://u:p@mq:5672/ and redis://:s3cret@cache:6379 down',
  ];
  for (const line of lines) {
    it(`leaves the form of its line as it was: ${line}`, () => {
      expect(redactor.redact(line)).not.toBe(line);
      expect(maskLine(scanner, redactor.redact(line))).toBe(maskLine(scanner, line));
    });
  }
});
