import { debug, error, every, flow, info, rate, type ServiceSpec, steady, visit, warn } from '../service.ts';

/** Drives an order from cart to payment. Node.js, JSON bodies. */
export const checkout: ServiceSpec = {
  name: 'checkout',
  namespace: 'shop',
  version: '5.1.3',
  pods: 3,
  language: 'node',
  style: { format: 'json', loggers: ['checkout.flow', 'checkout.http', 'checkout.totals'] },
  medianMs: 18,
  lines: {
    started: info('checkout started | cart={cart} user={user} items={n:1-7}', flow),
    totals: debug('computed totals | subtotal={money} tax={percent:2-9} currency={one:EUR/USD/GBP}', flow),
    payment_requested: info(
      'requesting payment authorisation | cart={cart} amount={money} reqId={req}',
      flow,
    ),
    completed: info('checkout completed, order placed | order={order} durationMs={ms:210}', flow),
    upstream_failed: error(
      'upstream {dependency} responded {status} after {took}ms | reqId={req} route={route}',
      flow,
    ),
    voucher: info('voucher applied to cart | code=SAVE{n:5-30} cart={cart}', visit(0.12)),
    address_ok: debug('shipping address validated | country={one:DE/FR/US/IN/GB} provider=geo', visit(0.5)),
    fraud: info('fraud check passed | score={percent:1-40} model=fp-{n:11-14}', visit(0.7)),
    fraud_review: info(
      'order held for manual fraud review | score={percent:80-99} order={order}',
      visit(0.008),
    ),
    idempotent: info('idempotency key seen before, returning stored answer | key={uuid}', visit(0.02)),
    currency: debug(
      'converted amount with cached rate | pair=EUR{one:USD/GBP/INR} ageS={n:1-300}',
      visit(0.2),
    ),
    gift: info('gift wrapping selected | cart={cart}', visit(0.03)),
    abandoned: info('checkout session expired without payment | cart={uuid} idleMin={n:30-90}', rate(0.5)),
    price_moved: warn(
      'price changed between cart and checkout, asking the customer again | cart={cart} delta={money}',
      visit(0.006),
    ),
    slow_render: warn('summary took longer than its budget | durationMs={n:800-2400}', visit(0.004)),
    event_loop: debug('event loop lag sampled | lagMs={n:1-14} heapMb={n:180-260}', every(30)),
    metrics: info('flushed telemetry buffer | items={n:40-400}', every(60)),
    flags: info('feature flags refreshed | flags={n:41-43} etag={hex:12}', every(120)),
    recovered: info(
      'resumed checkout from saved step | step={one:address/payment/review} cart={cart}',
      rate(0.2),
    ),
    gc: debug('major garbage collection finished | pauseMs={n:4-60}', steady(0.3)),
    schema: debug('response validated against schema | name=OrderConfirmation', visit(0.15)),
    validation: error('rejected malformed submit: field "postcode" fails pattern | reqId={req}', rate(0.04)),
  },
};
