import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { KafkaConnectionConfig } from '../../src/config-schema.ts';
import { readConnection } from '../../src/kafka/connection.ts';
import { SILENT } from '../support/kafka-shared.ts';

test('a token is read from its file for every login, and an empty file is a failure with a hint', async () => {
  const file = secretFile('first\n');
  const { sasl } = readConnection(configWith({ mechanism: 'oauthbearer', tokenFile: file }), SILENT);
  if (sasl?.mechanism !== 'oauthbearer') throw new Error('no token');
  expect(await sasl.token()).toBe('first');
  writeFileSync(file, ' second ');
  expect(await sasl.token()).toBe('second');
  writeFileSync(file, '\n');
  await expect(sasl.token()).rejects.toMatchObject({ hint: expect.stringContaining('rename') });
});

test('a password is what the file holds without the end of its line', () => {
  const passwordFile = secretFile(' pass word \n');
  const { sasl } = readConnection(configWith({ mechanism: 'plain', username: 'u', passwordFile }), SILENT);
  expect(sasl).toEqual({ mechanism: 'plain', username: 'u', password: ' pass word' });
});

test.each([
  { mechanism: 'oauthbearer', tokenFile: '/nowhere/token' },
  { mechanism: 'plain', username: 'u', passwordFile: '/nowhere/password' },
] as const)('a secret that cannot be read is found before anything connects: %j', (sasl) => {
  expect(() => readConnection(configWith(sasl), SILENT)).toThrow(/read secret file \/nowhere/);
});

function configWith(sasl: NonNullable<KafkaConnectionConfig['sasl']>): KafkaConnectionConfig {
  return { brokers: ['localhost:9092'], clientId: 'winnow', tls: false, sasl };
}

function secretFile(content: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'winnow-secret-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'secret');
  writeFileSync(file, content);
  return file;
}
