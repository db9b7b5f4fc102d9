import { debug, error, every, flow, info, rate, type ServiceSpec, steady, visit, warn } from '../service.ts';

/** Keeps orders and their states. Java, `Name(k=v, …)` bodies as a record class prints itself. */
export const orders: ServiceSpec = {
  name: 'orders',
  namespace: 'shop',
  version: '7.3.0',
  pods: 3,
  language: 'java',
  style: { format: 'event' },
  medianMs: 22,
  lines: {
    created: info('OrderCreated | orderId={order} userId={user} lines={n:1-7} total={money}', flow),
    stored: debug('OrderStored | orderId={order} shard={n:0-15} tookMs={ms:6}', flow),
    paid: info('OrderPaid | orderId={order} chargeId={charge} total={money}', flow),
    confirmed: info('OrderConfirmed | orderId={order} etaDays={n:1-6}', flow),
    listed: info('OrderHistoryServed | userId={user} orders={n:0-40} tookMs={ms:14}', flow),
    upstream_failed: error(
      'UpstreamFailure | target={dependency} status={status} elapsedMs={took} requestId={req}',
      flow,
    ),
    lock: debug('OrderLockAcquired | orderId={order} waitMs={n:0-4}', visit(0.5)),
    cache: debug('OrderCacheLookup | orderId={order} hit={one:true/false}', visit(0.4)),
    event: info(
      'OrderEventPublished | topic=orders.v2 partition={n:0-11} offset={n:100000-99999999}',
      visit(0.6),
    ),
    split: info('OrderSplit | orderId={order} parcels={n:2-3}', visit(0.03)),
    cancelled: info('OrderCancelled | orderId=ord_{hex:12} reason={one:CUSTOMER/PAYMENT/STOCK}', rate(0.5)),
    returned: info('ReturnRegistered | orderId=ord_{hex:12} items=[{n:1-9},{n:10-19}]', rate(0.3)),
    state: debug('StateTransition | orderId={order} from=NEW to=PENDING version={n:1-5}', visit(0.3)),
    stale: warn('OptimisticLockRetry | orderId={order} attempt={n:1-2}', visit(0.01)),
    outbox: info('OutboxFlushed | messages={n:1-60} tookMs={ms:9}', every(20)),
    pool: debug('ConnectionPoolStats | active={n:1-9} idle={n:4-16} pending=0', every(30)),
    archive: info('OrdersArchived | count={n:10-300} olderThanDays=90', steady(0.03)),
    lag: debug('ConsumerLagSample | group=orders-projection lag={n:0-30}', every(60)),
    invoice: info('InvoiceRendered | orderId={order} pages={n:1-3} bytes={bytes}', visit(0.35)),
    unknown_sku: warn('UnknownSkuInCart | sku={sku} replacedBy=null', rate(0.05)),
    projection: error('ProjectionSkippedEvent | reason=UNKNOWN_TYPE eventId={uuid}', rate(0.03)),
  },
};
