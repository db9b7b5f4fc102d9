import { describe, expect, test } from 'vitest';
import { createTextResource, resourceOf } from '../../../src/core/decode/resource.ts';
import { createRedactor } from '../../../src/core/redact.ts';
import { decode } from './collect.ts';

const OPTIONS = { tenantAttribute: 'tenant.id', defaultTenant: 'default' };

function resource(attributes: Record<string, string>) {
  return resourceOf(new Map(Object.entries(attributes)), OPTIONS);
}

describe('the service of a resource', () => {
  const names: readonly (readonly [Record<string, string>, string])[] = [
    [{ 'service.name': 'a', 'k8s.deployment.name': 'b' }, 'a'],
    [{ 'service.name': '', 'k8s.deployment.name': 'b', 'k8s.container.name': 'c' }, 'b'],
    [{ 'k8s.statefulset.name': 'b', 'k8s.container.name': 'c' }, 'b'],
    [{ 'k8s.daemonset.name': 'b' }, 'b'],
    [{ 'k8s.cronjob.name': 'b', 'k8s.job.name': 'b-123' }, 'b'],
    [{ 'k8s.container.name': 'c', 'container.name': 'd' }, 'c'],
    [{ 'container.name': 'd', 'process.executable.name': 'e' }, 'd'],
    [{ 'process.executable.name': 'e' }, 'e'],
    [{ 'host.name': 'h' }, 'unknown_service'],
    [{}, 'unknown_service'],
  ];
  for (const [attributes, want] of names) {
    test(`is ${want} for ${JSON.stringify(attributes)}`, () =>
      expect(resource(attributes).service.name).toBe(want));
  }

  test('has a key of tenant, environment, namespace and name', () => {
    const { service } = resource({
      'tenant.id': 'acme',
      'deployment.environment.name': 'production',
      'deployment.environment': 'old',
      'service.namespace': 'shop',
      'service.name': 'orders',
    });
    expect(service.key).toBe('acme\u001fproduction\u001fshop\u001forders');
    expect(resource({ 'deployment.environment': 'old' }).service.environment).toBe('old');
    expect(resource({ 'k8s.namespace.name': 'shop' }).service.namespace).toBe('');
  });

  test('cannot be forged by control characters or made long', () => {
    const { service } = resource({ 'service.name': 'a\u001fb\n', 'service.namespace': 'n'.repeat(500) });
    expect(service.name).toBe('a_b_');
    expect(service.namespace.length).toBe(128);
    expect(service.key.split('\u001f').length).toBe(4);
  });

  test('is the same text after a round trip through UTF-8', () => {
    const { service } = resource({ 'service.name': `${'x'.repeat(127)}\u{1f600}` });
    expect(Buffer.from(service.name, 'utf8').toString('utf8')).toBe(service.name);
  });
});

test('the instance is the service instance, else pod, host, container', () => {
  expect(resource({ 'service.instance.id': 'i', 'k8s.pod.name': 'p' }).instance).toBe('i');
  expect(resource({ 'k8s.pod.name': 'p', 'host.name': 'h' }).instance).toBe('p');
  expect(resource({ 'host.name': 'h', 'container.id': 'c' }).instance).toBe('h');
  expect(resource({ 'container.id': 'c' }).instance).toBe('c');
  expect(resource({}).instance).toBe('');
});

test('other attributes are sorted by key, capped in number and length, and do not repeat the identity', () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, 'v'.repeat(1_000)]));
  const { attributes, version } = resource({
    ...many,
    'service.name': 'a',
    'service.version': '2',
    'tenant.id': 't',
  });
  expect(version).toBe('2');
  expect(attributes.length).toBe(64);
  expect(attributes.map(([key]) => key)).toEqual(attributes.map(([key]) => key).toSorted());
  expect(attributes.every(([, value]) => value.length === 256)).toBe(true);
  expect(resource({ 'service.name': 'a', 'host.name': 'h', 'b.c': 'd' }).attributes).toEqual([
    ['b.c', 'd'],
    ['host.name', 'h'],
  ]);
});

test('a text resource has defaults for what is empty', () => {
  expect(createTextResource('', '').service.key).toBe('default\u001f\u001f\u001funknown_service');
  expect(createTextResource('acme', 'syslog').service).toMatchObject({ tenant: 'acme', name: 'syslog' });
});

describe('secrets in a resource', () => {
  const SECRETS = {
    'tenant.id': 'ann@example.com',
    'service.name': 'api-bob@example.com',
    'service.namespace': 'https://user:hunter2@host',
    'deployment.environment': 'password=hunter2',
    'service.version': '1.2 token=abcdef123456',
    'service.instance.id': 'eve@example.com',
    'db.password': 'hunter2 and more',
    note: `${'x'.repeat(240)} password=hunter2hunter2hunter2`,
  };

  test('are hidden in names, version, instance and attributes, before these are cut; the tenant stays', () => {
    const redacted = resourceOf(new Map(Object.entries(SECRETS)), { ...OPTIONS, redactor: createRedactor() });
    expect(
      JSON.stringify({ ...redacted, service: { ...redacted.service, tenant: '', key: '' } }),
    ).not.toMatch(/hunter2|@example|abcdef/);
    expect(redacted.service.tenant).toBe('ann@example.com');
    expect(redacted.attributes[0]).toEqual(['db.password', '<redacted:secret>']);
    expect(resource(SECRETS).attributes[0]).toEqual(['db.password', 'hunter2 and more']);
  });

  test('are hidden in JSON lines that name their service', () => {
    const line = {
      service: 'bob@example.com',
      version: 'token=abcdef123456',
      pod: 'eve@example.com',
      msg: 'x',
    };
    const options = { redactor: createRedactor() };
    const { records } = decode('json', JSON.stringify(line), Number.NaN, options);
    expect(records[0]?.resource).toMatchObject({
      service: { name: '<redacted:email>' },
      version: 'token=<redacted:secret>',
      instance: '<redacted:email>',
    });
  });
});

test('characters that are invisible or turn the direction of text are replaced in names', () => {
  const hostile = '\u202a\u202e\u2066\u2069\u200b\u200f\ufeff';
  const { service, version } = resource({ 'service.name': `a${hostile}b`, 'service.version': `1${hostile}` });
  expect(service.name).toBe('a_______b');
  expect(version).toBe('1_______');
  expect(resource({ 'service.name': '\u05d0\u0639\u200a' }).service.name).toBe('\u05d0\u0639');
});
