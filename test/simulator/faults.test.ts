import { describe, expect, it } from 'vitest';
import type { InjectedFault } from '../../src/simulator/fault.ts';
import { FAULT_KINDS } from '../../src/simulator/faults/kinds.ts';
import { bodyText, type SimulatedRecord } from '../../src/simulator/record.ts';
import { SHOP_SERVICES } from '../../src/simulator/shop.ts';
import { simulate } from '../../src/simulator/simulate.ts';

// Goal: the truth is true. Method: simulate each kind in each of its services, after 25 clean minutes, and look for
// the lines that the truth names, in the service that it names, inside and outside the time that it names.

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 10, 17, 10);
const FAULT_AT_MS = 25 * MINUTE_MS;
const FAULT_DURATION_MS = 25 * MINUTE_MS;
/** Reports of a call come when the call ends: up to the longest timeout after the fault. */
const STRAGGLERS_MS = 40_000;
/** A line that loses most of its records is compared with the time before. */
const SHRUNK_SHARE = 0.75;

interface Run {
  readonly fault: InjectedFault;
  readonly records: readonly SimulatedRecord[];
  readonly byKey: ReadonlyMap<string, readonly SimulatedRecord[]>;
}

function run(kind: string, service: string, quiet: boolean, variant = 1): Run {
  const simulation = simulate({
    seed: 21,
    startMs: START_MS,
    durationMs: FAULT_AT_MS + FAULT_DURATION_MS + 5 * MINUTE_MS,
    scale: 0.6,
    noise: quiet ? { warnings: 1, errors: 0 } : { warnings: 1, errors: 1 },
    faults: [
      {
        kind,
        service,
        variant,
        atMs: FAULT_AT_MS,
        durationMs: FAULT_DURATION_MS,
        given: [{ severity: 'ERROR', text: 'valve {n:1-9} stuck', times: 3 }],
      },
    ],
  });
  const records = [...simulation.seconds()].flat();
  const byKey = Map.groupBy(records, ({ lineKey }) => lineKey);
  return { fault: simulation.truth[0]!, records, byKey };
}

function perMinute(records: readonly SimulatedRecord[], fromMs: number, toMs: number): number {
  const count = records.filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs).length;
  return (count * MINUTE_MS) / (toMs - fromMs);
}

function checkTruth({ fault, byKey }: Run): void {
  expect(fault.onsetMs).toBeGreaterThanOrEqual(fault.startMs);
  expect(fault.onsetMs).toBeLessThan(fault.endMs);
  expect(fault.affectedServices).toContain(fault.service);
  expect(fault.lines.length).toBeGreaterThan(0);
  expect(fault.story).not.toBe('');
  for (const line of fault.lines) {
    const label = `${fault.id} in ${fault.service}: ${line.change} ${line.lineKey}`;
    const own = byKey.get(line.lineKey) ?? [];
    const times = own.map(({ timeMs }) => timeMs);
    const before = perMinute(own, START_MS, fault.startMs);
    const during = perMinute(own, fault.onsetMs, fault.endMs);
    const strangers = own.filter(
      ({ pod, severity }) => pod.service !== line.service || severity !== line.severity,
    );
    expect(strangers, label).toEqual([]);
    // Every constant part of the expected text can be found in the records as they are written.
    const body = own[0] === undefined ? null : bodyText(own[0].body);
    const constants = line.text.split('<*>').map((part) => part.trim());
    expect(
      constants.filter((part) => body !== null && !body.includes(part)),
      `${label} | ${body}`,
    ).toEqual([]);
    if (line.change === 'appears') {
      expect(during, label).toBeGreaterThan(0);
      expect(Math.min(...times), label).toBeGreaterThanOrEqual(fault.onsetMs);
      expect(Math.max(...times), label).toBeLessThan(fault.endMs + STRAGGLERS_MS);
    }
    if (line.change === 'grows') expect(during, label).toBeGreaterThan(before * 1.4);
    if (line.change === 'shrinks') expect(during, label).toBeLessThan(before * SHRUNK_SHARE);
    if (line.change === 'stops') {
      expect(before, label).toBeGreaterThan(0);
      expect(during, label).toBe(0);
    }
  }
  const first = fault.lines[0]!;
  if (first.change !== 'appears') return;
  // The first sign is exactly where the truth says, and it is in the service at fault.
  expect(first.service).toBe(fault.service);
  expect(byKey.get(first.lineKey)![0]!.timeMs).toBe(fault.onsetMs);
}

describe('every kind of fault', () => {
  for (const [name, kind] of Object.entries(FAULT_KINDS)) {
    it(`${name} shows what its truth says, in the service at fault`, () => {
      checkTruth(run(name, kind.defaultService, true));
    });
  }

  it('can be planned in every service that it names', () => {
    for (const [name, kind] of Object.entries(FAULT_KINDS)) {
      for (const service of kind.services) {
        const { truth } = simulate({
          seed: 1,
          startMs: START_MS,
          durationMs: MINUTE_MS,
          faults: [{ kind: name, service, atMs: 0 }],
        });
        expect(truth[0]!.lines.length, `${name} in ${service}`).toBeGreaterThan(0);
        expect(truth[0]!.affectedServices, `${name} in ${service}`).toContain(truth[0]!.service);
      }
    }
  });

  it('has at least sixteen incidents and four harmless changes to offer', () => {
    const kinds = Object.values(FAULT_KINDS);
    expect(kinds.filter(({ incident }) => incident).length).toBeGreaterThanOrEqual(16);
    expect(kinds.filter(({ incident }) => !incident).length).toBeGreaterThanOrEqual(4);
    for (const { defaultService } of kinds)
      expect(SHOP_SERVICES.map(({ name }) => name)).toContain(defaultService);
  });
});

describe('faults in detail', () => {
  it('callers report 504 about two minutes after the first ECONNREFUSED, not before', () => {
    const { fault, records } = run('dependency_refused', 'payments', true);
    const first504 = records.find(({ lineKey }) => lineKey === 'orders.upstream_failed')!;
    expect(first504.timeMs - fault.onsetMs).toBeGreaterThan(110_000);
    expect(first504.timeMs - fault.onsetMs).toBeLessThan(210_000);
  });

  it('a bad version fails on pods of the new version only, and is rolled back', () => {
    const { fault, records } = run('bad_version', 'payments', true);
    const versions = new Set(
      records
        .filter(({ faultId, severity }) => faultId === fault.id && severity === 'ERROR')
        .map(({ pod }) => pod.version),
    );
    expect([...versions]).toEqual(['2.14.1']);
    expect(records.findLast(({ pod }) => pod.service === 'payments')!.pod.version).toBe('2.14.0');
  });

  it('a pod fault stays on one pod', () => {
    const { fault, records } = run('pod_fault', 'catalog', true);
    const pods = new Set(records.filter(({ faultId }) => faultId === fault.id).map(({ pod }) => pod.name));
    expect(pods.size).toBe(1);
  });

  it('a partial fault hits one tenant only, and says so in its attributes alone', () => {
    const { fault, records } = run('partial_fault', 'catalog', true, 0);
    const inVisits = records.filter(({ faultId, traceId }) => faultId === fault.id && traceId !== '');
    const tenants = new Set(inVisits.map(({ attributes }) => Object.fromEntries(attributes)['tenant.id']));
    expect([...tenants]).toEqual(['globex']);
  });

  it('an attack comes from one address, in the body and in the attributes', () => {
    const { fault, records } = run('auth_failures', 'users', true);
    const attack = records.filter(({ faultId, attributes }) => faultId === fault.id && attributes.length > 0);
    expect(attack.length).toBeGreaterThan(300);
    for (const { attributes } of attack)
      expect(Object.fromEntries(attributes)['client.address']).toBe('203.0.113.77');
  });

  it('a silent service says nothing from the second on, while its callers go on', () => {
    const { fault, records, byKey } = run('service_silence', 'inventory', true);
    const inFault = ({ timeMs }: SimulatedRecord): boolean => timeMs >= fault.onsetMs && timeMs < fault.endMs;
    expect(records.filter((record) => record.pod.service === 'inventory' && inFault(record))).toEqual([]);
    const products = byKey.get('catalog.product')!;
    const before = perMinute(products, START_MS, fault.startMs);
    expect(perMinute(products, fault.onsetMs, fault.endMs) / before).toBeGreaterThan(0.8);
  });

  it('stack traces of one service arrive one line a record', () => {
    const { records } = run('retry_storm', 'shipping', false);
    const bodies = records
      .filter(({ lineKey }) => lineKey === 'shipping.carrier_timeout')
      .map(({ body }) => String(body));
    expect(bodies.filter((body) => body.startsWith('\tat ')).length).toBeGreaterThan(3);
    expect(bodies.every((body) => !body.includes('\n'))).toBe(true);
  });
});
