import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/contracts.ts';
import type { Candidate } from '../../../src/core/window/candidate.ts';
import {
  type AreNeighbours,
  areRelated,
  groupRelated,
  isNear,
  linkOf,
  windowFor,
} from '../../../src/core/window/join.ts';
import type { OpenWindow } from '../../../src/core/window/state.ts';
import { assembler, at, bucket, finding, type LineSpec, serviceRef, type TemplateSpec } from './fixtures.ts';

function candidate(of: Finding, more: Partial<Candidate> = {}): Candidate {
  const nothing = {
    baselineAgeMs: null,
    evidence: [],
    witnesses: [],
    redactions: new Map(),
    links: [],
    names: [],
  };
  return { finding: of, ...nothing, ...more };
}

/** A window as `orders` opened it at 02:40, its lines naming `payments`, with one trace and one request id. */
function ordersWindow(): OpenWindow {
  const service = serviceRef('orders');
  return {
    tenant: 'acme',
    environment: 'prod',
    firstOnsetMs: at('02:40:00'),
    latestOnsetMs: at('02:42:00'),
    services: [{ service }],
    findings: [
      {
        finding: finding('orders', 'new', 't_0', at('02:40:00')),
        samples: { names: ['payments'], links: ['trace-1', '0b7e1c6e-0000-4000-8000-000000000001'] },
      },
    ],
  } as unknown as OpenWindow;
}

/** `orders` and `shipping` handle the same requests. */
const areNeighbours: AreNeighbours = (a, b) =>
  [serviceRef('orders').key, serviceRef('shipping').key].every((key) => key === a || key === b);

describe('the join rule', () => {
  const table: [string, Candidate, string | null][] = [
    ['the same service', candidate(finding('orders', 'spike', 't', at('02:41:00'))), 'service'],
    [
      'the same service 5 min after the latest onset',
      candidate(finding('orders', 'spike', 't', at('02:47:00'))),
      'service',
    ],
    [
      'the same service later than that',
      candidate(finding('orders', 'spike', 't', at('02:47:00.001'))),
      null,
    ],
    [
      'the same service 5 min before the first onset',
      candidate(finding('orders', 'spike', 't', at('02:35:00'))),
      'service',
    ],
    [
      'the same service earlier than that',
      candidate(finding('orders', 'spike', 't', at('02:34:59.999'))),
      null,
    ],
    ['a service that the window names', candidate(finding('payments', 'new', 't', at('02:41:00'))), 'name'],
    [
      'a service whose lines name the window',
      candidate(finding('web', 'new', 't', at('02:41:00')), { names: ['orders'] }),
      'name',
    ],
    [
      'a shared trace',
      candidate(finding('web', 'new', 't', at('02:41:00')), { links: ['trace-1'] }),
      'trace',
    ],
    [
      'a shared request id in the text',
      candidate(finding('web', 'new', 't', at('02:41:00')), {
        links: ['0b7e1c6e-0000-4000-8000-000000000001'],
      }),
      'trace',
    ],
    ['nothing shared', candidate(finding('web', 'new', 't', at('02:41:00'))), null],
    [
      'lines that stop in a service that handles the same requests',
      candidate(finding('shipping', 'silence', 't', at('02:41:00'))),
      'requests',
    ],
    [
      'a fall in a service that handles other requests',
      candidate(finding('web', 'drop', 't', at('02:41:00'))),
      null,
    ],
    [
      'a new line in a service that handles the same requests, but not the same request',
      candidate(finding('shipping', 'new', 't', at('02:41:00'))),
      null,
    ],
    ['another tenant', candidate(finding(serviceRef('orders', 'other'), 'new', 't', at('02:41:00'))), null],
    [
      'another environment',
      candidate(finding(serviceRef('orders', 'acme', 'dev'), 'new', 't', at('02:41:00'))),
      null,
    ],
  ];
  for (const [title, of, want] of table) {
    it(`${title}: ${want ?? 'does not join'}`, () => {
      const window = ordersWindow();
      const link = isNear(of.finding, window) ? linkOf(of, window, areNeighbours) : null;
      expect(link).toBe(want);
      expect(windowFor(of, [window], areNeighbours)).toBe(want === null ? null : window);
    });
  }

  it('prefers the window whose latest onset is nearest', () => {
    const near = { ...ordersWindow(), firstOnsetMs: at('02:43:00'), latestOnsetMs: at('02:43:00') };
    const late = candidate(finding('orders', 'new', 't', at('02:44:00')));
    expect(windowFor(late, [ordersWindow(), near], areNeighbours)).toBe(near);
  });

  it('groups what one bucket raises by links, also over a third finding', () => {
    const a = candidate(finding('a', 'new', 't', at('02:40:00')), { links: ['x'] });
    const b = candidate(finding('b', 'new', 't', at('02:40:01')));
    const c = candidate(finding('c', 'new', 't', at('02:40:02')), { links: ['x'], names: ['b'] });
    expect(areRelated(a, b, areNeighbours)).toBe(false);
    expect(groupRelated([a, b, c], areNeighbours)).toEqual([[a, b, c]]);
    expect(groupRelated([a, b], areNeighbours)).toEqual([[a], [b]]);
  });
});

describe('joining as it happens', () => {
  const line = (body: string, clock: string, more: Partial<LineSpec> = {}): LineSpec => ({
    body,
    atMs: at(clock),
    ...more,
  });
  const spec = (service: string, templateId: string, ...lines: LineSpec[]): TemplateSpec => {
    return { service, templateId, records: lines.length, lines, severity: 3 };
  };

  it('a service named in the caller’s line joins the window of the caller', () => {
    const target = assembler();
    const caller = spec('orders', 't_1', line('upstream payments.prod.svc failed', '02:40:01'));
    const other = spec('payments', 't_2', line('out of memory', '02:40:11'));
    target.observe(bucket(at('02:39:50'), [spec('payments', 't_0', line('ok', '02:39:50'))]), {
      findings: [],
      changes: [],
    });
    target.observe(bucket(at('02:40:00'), [caller]), {
      findings: [finding('orders', 'new', 't_1', at('02:40:01'))],
      changes: [],
    });
    const [second] = target.observe(bucket(at('02:40:10'), [other]), {
      findings: [finding('payments', 'new', 't_2', at('02:40:11'))],
      changes: [],
    });
    expect(second?.revision).toBe(2);
    expect(second?.services).toEqual(['orders', 'payments']);
  });

  it('a finding more than 5 min after the latest onset opens a new window of the same episode', () => {
    const target = assembler();
    const raise = (clock: string, templateId: string) => {
      const startMs = at(clock);
      const specs = [spec('orders', templateId, line('boom', clock))];
      return target.observe(bucket(startMs, specs), {
        findings: [finding('orders', 'new', templateId, startMs)],
        changes: [],
      });
    };
    const first = raise('02:40:00', 't_1')[0]!;
    const second = raise('02:45:10', 't_2')[0]!;
    expect(second.revision).toBe(1);
    expect(second.windowId).not.toBe(first.windowId);
    expect(second.episodeId).toBe(first.episodeId);
  });

  it('two unrelated findings of one bucket open two windows, told in the order of their onsets', () => {
    const target = assembler();
    const specs = [
      spec('zeta', 't_1', line('boom', '02:40:01')),
      spec('alpha', 't_2', line('bang', '02:40:05')),
    ];
    const revisions = target.observe(bucket(at('02:40:00'), specs), {
      findings: [
        finding('alpha', 'new', 't_2', at('02:40:05')),
        finding('zeta', 'new', 't_1', at('02:40:01')),
      ],
      changes: [],
    });
    expect(revisions.map((revision) => revision.services)).toEqual([['zeta'], ['alpha']]);
    expect(revisions[0]!.episodeId).not.toBe(revisions[1]!.episodeId);
  });
});
