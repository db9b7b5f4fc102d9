import type { WindowRevision } from '../../../src/contracts.ts';
import type { WindowAssembler } from '../../../src/core/window/assembler.ts';
import {
  assembler,
  at,
  bucket,
  deploy,
  FixtureTemplates,
  finding,
  STEP_MS,
  T0,
  type TemplateSpec,
} from './fixtures.ts';

/** The story of docs/window.md: a lagging replica, a deploy, refused connections, then 504s in the caller. */
export const STORY_TEMPLATES = new FixtureTemplates({
  t_lag: 'replica lag exceeded threshold lag=<num>s replica=<host>',
  t_refused: 'connect ECONNREFUSED <ip>:<port>',
  t_504: 'upstream payments-internal responded 504 after <num>ms',
  t_charge: 'charge committed id=<id> amount=<num>',
  t_order: 'order placed id=<id>',
});

export function storyAssembler(): WindowAssembler {
  return assembler({ templates: STORY_TEMPLATES, kafkaSources: ['kafka'] });
}

/** Observes the story's bucket that starts at `startMs`. */
export function observeStory(target: WindowAssembler, startMs: number): WindowRevision[] {
  const specs: TemplateSpec[] = [
    {
      service: 'orders',
      templateId: 't_order',
      records: 50,
      instances: [
        ['o-1', 25],
        ['o-2', 25],
      ],
    },
    {
      service: 'payments-db-proxy',
      templateId: 't_proxy',
      records: 10,
      instances: [
        ['x-1', 5],
        ['x-2', 5],
      ],
    },
    { service: 'catalog', templateId: 't_catalog', records: 20 },
  ];
  const isBroken = startMs >= at('02:39:10');
  const versions: TemplateSpec['versions'] = [
    [startMs < at('02:31:20') ? '2.14.0' : '2.14.1', isBroken ? 1 : 67],
  ];
  specs.push({ service: 'payments-internal', templateId: 't_charge', records: isBroken ? 1 : 67, versions });
  const findings = [];
  const changes =
    startMs === at('02:31:20') ? [deploy('payments-internal', '2.14.0', '2.14.1', startMs)] : [];
  if (startMs === at('02:37:00')) {
    const atMs = at('02:37:04.512');
    const body = 'replica lag exceeded threshold lag=41s replica=pg-r2';
    const lines = [{ body, atMs, instance: 'x-1' }];
    specs.push({
      service: 'payments-db-proxy',
      templateId: 't_lag',
      records: 1,
      severity: 2,
      lines,
      instances: [['x-1', 1]],
    });
    findings.push(
      finding('payments-db-proxy', 'rare', 't_lag', atMs, {
        severity: 2,
        observed: 1,
        score: 18.2,
        baselinePerMin: 0,
      }),
    );
  }
  if (isBroken) specs.push(refused(startMs));
  if (startMs === at('02:39:10')) {
    const test = { method: 'good_turing_novelty', bits: 19.1, thresholdBits: 14, explain: '' } as const;
    findings.push(
      finding('payments-internal', 'new', 't_refused', at('02:39:12.031'), {
        observed: 204,
        score: 19.1,
        test,
      }),
    );
  }
  if (startMs >= at('02:41:10')) specs.push(gatewayTimeouts(startMs));
  if (startMs === at('02:41:10')) {
    const test = { method: 'nb_tail', log10P: -18, log10Alpha: -6.8, dispersion: 1.6, explain: '' } as const;
    const numbers = {
      observed: 71,
      expected: 0.15,
      expectedP99: 2,
      baselinePerMin: 0.9,
      score: 60,
      onsetUncertaintyMs: 10_000,
    };
    findings.push(finding('orders', 'spike', 't_504', at('02:41:10.774'), { ...numbers, test }));
  }
  if (startMs === at('02:41:30')) {
    const test = { method: 'nb_zero_run', log10P: -16, log10Alpha: -6.8, explain: '' } as const;
    const numbers = {
      severity: 1 as const,
      observed: 0,
      expected: 938,
      baselinePerMin: 402,
      score: 50,
      lastSeenMs: at('02:39:11'),
    };
    findings.push(finding('payments-internal', 'silence', 't_charge', at('02:39:14'), { ...numbers, test }));
  }
  return target.observe(bucket(startMs, specs), { findings, changes });
}

export function runStory(
  target: WindowAssembler,
  fromMs: number = T0,
  toMs: number = at('02:44:00'),
): WindowRevision[] {
  const out: WindowRevision[] = [];
  for (let start = fromMs; start < toMs; start += STEP_MS) out.push(...observeStory(target, start));
  return out;
}

function refused(startMs: number): TemplateSpec {
  const attributes = [['http.route', 'POST /charge']] as const;
  const lines = [0, 1, 2].map((i) => ({
    body: 'connect ECONNREFUSED 10.4.7.12:5432',
    atMs: startMs + 2031 + i,
    traceId: `5b8efff798038103d269b633813fc6${(startMs / STEP_MS + i) % 10}${i}`,
    attributes,
    instance: `p-${i}`,
    version: '2.14.1',
  }));
  const instances = [0, 1, 2, 3, 4, 5].map((i): [string, number] => [`p-${i}`, 34]);
  return {
    service: 'payments-internal',
    templateId: 't_refused',
    records: 204,
    severity: 3,
    lines,
    instances,
    versions: [['2.14.1', 204]],
  };
}

function gatewayTimeouts(startMs: number): TemplateSpec {
  const lines = [0, 1, 2].map((i) => ({
    body: `upstream payments-internal responded 504 after ${30001 + i}ms`,
    atMs: startMs + 774 + i,
    traceId: `5b8efff798038103d269b633813fc6${(startMs / STEP_MS + i) % 10}${i}`,
    instance: 'o-1',
  }));
  return {
    service: 'orders',
    templateId: 't_504',
    records: 71,
    severity: 3,
    lines,
    instances: [
      ['o-1', 35],
      ['o-2', 36],
    ],
  };
}
