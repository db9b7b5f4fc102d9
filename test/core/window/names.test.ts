import { describe, expect, it } from 'vitest';
import { isPeerKey, namedAsPeer, namedServices } from '../../../src/core/window/names.ts';

describe('services named in a text', () => {
  const known = new Set(['orders', 'payments', 'payments-internal', 'db', 'nova_api']);
  const table: [string, string[]][] = [
    ['upstream orders responded 504', ['orders']],
    ['orders gave 500 after 20ms', ['orders']],
    ['still waiting for orders after 5s', ['orders']],
    ['dial tcp orders:8080: refused', ['orders']],
    ['POST /orders/1 HTTP/1.1', []],
    ['cart locked for orders', []],
    ['orders placed: 12', []],
    ['GET http://orders.prod.svc.cluster.local:8080/x', ['orders']],
    ['payments-internal is down', ['payments-internal']],
    ['reorders and orders2 are other words', []],
    ['no db', []],
    ['{"peer.service":"payments","to":"orders"}', ['payments', 'orders']],
    ['to orders, orders. orders-', ['orders']],
    ['nova_api/v2', ['nova_api']],
  ];
  for (const [text, want] of table) {
    it(`${JSON.stringify(text)} names ${want.length === 0 ? 'none' : want.join(', ')}`, () => {
      expect(namedServices(text, known)).toEqual(want);
    });
  }

  it('are found in attributes of peers only', () => {
    expect(namedAsPeer('orders', known)).toBe('orders');
    expect(namedAsPeer('orders.prod.svc', known)).toBe('orders');
    expect(namedAsPeer('http://orders:8080/x', known)).toBe('orders');
    expect(namedAsPeer('pg-1', known)).toBe('');
    for (const key of ['peer.service', 'server.address', 'upstream']) expect(isPeerKey(key)).toBe(true);
    expect(isPeerKey('http.route')).toBe(false);
  });
});
