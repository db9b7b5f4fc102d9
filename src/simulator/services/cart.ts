import { debug, error, every, flow, info, rate, type ServiceSpec, steady, visit, warn } from '../service.ts';

/** Shopping carts in a cache. Node.js, plain sentences with fields. */
export const cart: ServiceSpec = {
  name: 'cart',
  namespace: 'shop',
  version: '8.2.5',
  pods: 3,
  language: 'node',
  style: { format: 'sentence', prefix: '[{logger}] ', loggers: ['CartStore', 'CartApi', 'PriceWatcher'] },
  medianMs: 6,
  lines: {
    loaded: debug('loaded cart {cart} for user {user} with {n:0-9} items', flow),
    added: info('added {sku} x{n:1-3} to cart {cart}', flow),
    removed: info('removed {sku} from cart {cart}', flow),
    locked: info('cart {cart} locked for checkout', flow),
    upstream_failed: error('{dependency} gave {status} after {took}ms for cart {cart}', flow),
    merged: info('merged anonymous cart {uuid} into {cart}', visit(0.04)),
    repriced: debug('repriced cart {cart}: {n:1-9} items, total {money}', visit(0.4)),
    touched: debug('extended expiry of cart {cart} to 7d', visit(0.5)),
    wishlist: info('moved {sku} to wishlist of user {user}', visit(0.03)),
    limit: warn('cart {cart} reached the limit of {one:50/99} items', visit(0.002)),
    out_of_stock: info('item {sku} no longer available, marked in cart {cart}', visit(0.02)),
    expired: info('expired {n:1-40} abandoned carts', every(60)),
    ping: debug('PING session-cache answered in {ms:1} ms', every(30)),
    reminder: info('queued reminder for abandoned cart {uuid}', rate(0.5)),
    version_conflict: warn('write conflict on cart {cart}, merged both versions', visit(0.005)),
    snapshot: debug('snapshot of {n:2000-9000} carts written in {seconds:1}s', steady(0.1)),
    decode: error('cannot decode stored cart {uuid}: unexpected end of JSON input', rate(0.03)),
  },
};
