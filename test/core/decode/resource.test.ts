import { describe, expect, test } from 'vitest';
import { createTextResource, resourceOf } from '../../../src/core/decode/resource.ts';

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
