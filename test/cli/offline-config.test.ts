import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { offlineOptions } from '../../src/cli/offline.ts';
import { winnow } from '../support/winnow-process.ts';

function file(name: string, content: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'winnow-offline-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, name), content);
  return join(directory, name);
}

const CONFIG = `
name: checks
tenant: acme
tenantAttribute: team
masking:
  - { name: ticket, pattern: ACME-<alnum> }
redaction: { extraKeys: [ssn] }
detection: { falseAlarmBudgetPerDay: 3 }
limits: { maxMessageBytes: 4096 }
sources: [{ type: kafka, brokers: [nowhere:1] }]
`;
const LINES = ['ACME-abc', 'ACME-xyz'].map((id) => `ticket ${id} closed ssn=12-34`).join('\n');

describe('--config in commands that read to an end', () => {
  test('every setting that such a command can honour is taken from the file, and flags win over it', () => {
    const config = file('winnow.yaml', CONFIG);
    expect(offlineOptions({ config }, new Set())).toEqual({
      name: 'checks',
      tenant: 'acme',
      tenantAttribute: 'team',
      budgetPerDay: 3,
      redact: true,
      extraKeys: ['ssn'],
      masking: [{ name: 'ticket', pattern: 'ACME-<alnum>' }],
      maxMessageBytes: 4096,
    });
    const flags = { config, tenant: 'other', budget: '5' };
    expect(offlineOptions(flags, new Set(['no-redaction']))).toMatchObject({
      tenant: 'other',
      budgetPerDay: 5,
      redact: false,
    });
  });

  test('without a file the defaults hold', () => {
    expect(offlineOptions({}, new Set())).toMatchObject({
      name: 'replay',
      tenant: 'default',
      budgetPerDay: 10,
      redact: true,
      masking: [],
    });
  });

  test('templates masks and redacts by the file', async () => {
    const log = file('a.log', LINES);
    const plain = await winnow(['templates', log]);
    expect(plain.stdout).toContain('2 templates');
    const { code, stdout } = await winnow(['templates', log, '--config', file('winnow.yaml', CONFIG)]);
    expect(code).toBe(0);
    expect(stdout).toContain('1 templates');
    expect(stdout).toContain('ticket <str> closed ssn=<redacted>');
  });

  test('replay judges with the file’s tenant, name and masking', async () => {
    const lines = Array.from({ length: 1_300 }, (_, i) => {
      const at = new Date(Date.UTC(2026, 0, 1, 0, 0, i * 30)).toISOString();
      const word = String.fromCharCode(97 + (i % 26), 97 + (Math.floor(i / 26) % 26));
      return i === 1_290 ? `${at} FATAL disk ACME-${word} is gone` : `${at} INFO ticket ACME-${word} closed`;
    });
    const log = file('a.log', lines.join('\n'));
    const config = file('winnow.yaml', CONFIG);
    const { code, stdout } = await winnow(['replay', log, '--config', config, '--quiet']);
    expect(code).toBe(0);
    const event = JSON.parse(stdout.split('\n')[0]!) as { source: string; data: { tenant: string } };
    expect(event.source).toBe('winnow://checks');
    expect(event.data.tenant).toBe('acme');
    expect(stdout).not.toMatch(/"log.record.template":"[^"]*ACME-/);
  });

  test.each(['replay', 'templates'])('%s names every problem of the file', async (name) => {
    const config = file('winnow.yaml', 'masking: [{ name: x, pattern: "<digits>" }]\nnonsense: 1\n');
    const { code, stderr } = await winnow([name, file('a.log', LINES), '--config', config]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('masking.0.pattern');
    expect(stderr).toContain('nonsense');
  });
});
