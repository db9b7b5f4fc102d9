import { debug, error, every, flow, info, rate, type ServiceSpec, steady, visit, warn } from '../service.ts';

/** Stock and reservations. Go, logfmt bodies. */
export const inventory: ServiceSpec = {
  name: 'inventory',
  namespace: 'shop',
  version: '3.8.2',
  pods: 3,
  language: 'go',
  style: { format: 'logfmt', loggers: ['reserve.go:88', 'ledger.go:141', 'server.go:63', 'sync.go:207'] },
  medianMs: 9,
  lines: {
    checked: debug('stock level read | sku={sku} available={n:0-400} warehouse={one:FRA1/CDG2/IAD1}', flow),
    reserved: info('stock reserved | order={order} sku={sku} qty={n:1-3} ttl=15m', flow),
    confirmed: info('reservation confirmed | order={order} took={ms:7}ms', flow),
    upstream_failed: error(
      'upstream call failed | target={dependency} status={status} elapsed={took}ms',
      flow,
    ),
    low: info('stock below reorder point | sku={sku} left={n:1-12}', visit(0.02)),
    batch: debug('read batch from store | keys={n:1-20} took={ms:3}ms', visit(0.5)),
    etag: debug('conditional read, not modified | etag={hex:10}', visit(0.2)),
    allocated: info(
      'allocated warehouse by distance | order={order} warehouse={one:FRA1/CDG2/IAD1} km={n:20-900}',
      visit(0.1),
    ),
    expired: info('released expired reservation | reservation={uuid}', rate(1)),
    restock: info('received goods | sku={sku} qty={n:20-400} dock={n:1-8}', rate(0.4, 6)),
    count: info('cycle count matched | zone={one:A/B/C/D}{n:1-30} items={n:40-90}', steady(0.2)),
    mismatch: warn(
      'cycle count differs from ledger | sku={sku} expected={n:10-20} counted={n:5-9}',
      steady(0.03),
    ),
    oversold: warn(
      'reservation denied, not enough stock | sku={sku} wanted={n:2-5} available={n:0-1}',
      visit(0.01),
    ),
    sync: info(
      'synchronised warehouse feed | feed={one:fra/cdg/iad} rows={n:100-2000} took={seconds:2}s',
      every(120),
    ),
    goroutines: debug('runtime stats | goroutines={n:80-160} heap={n:60-120}MB gc={n:1-4}ms', every(60)),
    compact: debug('compacted ledger segment | segment={n:100-999} saved={bytes}B', steady(0.1)),
    feed_row: error('cannot parse feed row, skipped | feed={one:fra/cdg} line={n:1-2000}', rate(0.03)),
  },
};
