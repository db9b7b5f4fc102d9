import { describe, expect, test } from 'vitest';
import { PipelineCounters } from '../../src/api/counters.ts';
import { serviceLabel, windowServiceLabel } from '../../src/api/service-label.ts';
import type { Judgement, MinedBucket } from '../../src/contracts.ts';
import { serviceRef } from '../../src/core/decode/resource.ts';

describe('the label of a service', () => {
  test('has environment, namespace and name, without the parts that are empty', () => {
    expect(serviceLabel(serviceRef('t', 'prod', 'shop', 'checkout'))).toBe('prod/shop/checkout');
    expect(serviceLabel(serviceRef('t', 'prod', '', 'checkout'))).toBe('prod/checkout');
    expect(serviceLabel(serviceRef('t', '', '', 'checkout'))).toBe('checkout');
  });

  test('is the same for the service that a window names first, and its name where the event tells no more', () => {
    const scope = {
      'deployment.environment.name': 'prod',
      services: [{ 'service.name': 'checkout', 'service.namespace': 'shop' }],
    };
    const services = ['checkout', 'orders'];
    expect(windowServiceLabel({ services, event: { data: { scope } } })).toBe('prod/shop/checkout');
    expect(windowServiceLabel({ services, event: {} })).toBe('checkout');
  });
});

test('services of one name in two environments are counted apart', () => {
  const counters = new PipelineCounters();
  const refs = ['prod', 'staging'].map((environment) => serviceRef('t', environment, '', 'checkout'));
  const bucket = {
    accounting: { consumed: 0, bytes: 0, counted: 0, dropped: {} },
    watermarkMs: 0,
    services: refs.map((service) => ({ service })),
    changes: [],
  } as unknown as MinedBucket;
  counters.observe(bucket, { findings: [] } as unknown as Judgement, []);
  expect([...counters.services.values()]).toEqual(['prod/checkout', 'staging/checkout']);
});
