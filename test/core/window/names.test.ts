import { describe, expect, it } from 'vitest';
import { namedServices } from '../../../src/core/window/names.ts';

describe('services named in a text', () => {
  const known = new Set(['orders', 'payments', 'payments-internal', 'db', 'nova_api']);
  const table: [string, string[]][] = [
    ['upstream orders responded 504', ['orders']],
    ['GET http://orders.prod.svc.cluster.local:8080/x', ['orders']],
    ['payments-internal is down', ['payments-internal']],
    ['reorders and orders2 are other words', []],
    ['no db', []],
    ['{"peer.service":"payments","to":"orders"}', ['payments', 'orders']],
    ['orders, orders. orders-', ['orders']],
    ['nova_api/v2', ['nova_api']],
  ];
  for (const [text, want] of table) {
    it(`${JSON.stringify(text)} names ${want.length === 0 ? 'none' : want.join(', ')}`, () => {
      expect(namedServices(text, known)).toEqual(want);
    });
  }
});
