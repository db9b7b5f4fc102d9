import type { FlowSpec } from './flow.ts';
import type { ServiceSpec } from './service.ts';
import { cart } from './services/cart.ts';
import { catalog } from './services/catalog.ts';
import { checkout } from './services/checkout.ts';
import { edgeGateway } from './services/edge-gateway.ts';
import { inventory } from './services/inventory.ts';
import { nodeAgent } from './services/node-agent.ts';
import { notifications } from './services/notifications.ts';
import { orders } from './services/orders.ts';
import { payments } from './services/payments.ts';
import { paymentsDbProxy } from './services/payments-db-proxy.ts';
import { scheduler } from './services/scheduler.ts';
import { search } from './services/search.ts';
import { sessionCache } from './services/session-cache.ts';
import { shipping } from './services/shipping.ts';
import { users } from './services/users.ts';

export const SHOP_SERVICES: readonly ServiceSpec[] = [
  edgeGateway,
  checkout,
  payments,
  paymentsDbProxy,
  orders,
  inventory,
  catalog,
  search,
  users,
  cart,
  shipping,
  notifications,
  scheduler,
  sessionCache,
  nodeAgent,
];

const CHECK_TOKEN = { service: 'users', before: ['token_checked'] } as const;
const READ_CACHE = { service: 'session-cache', before: ['served'], share: 0.5 } as const;

const CHARGE = {
  service: 'payments',
  before: ['received'],
  calls: [{ service: 'payments-db-proxy', before: ['begin'], after: ['commit'] }],
  after: ['authorised', 'ledger', 'committed'],
} as const;

/**
 * What customers do, and which services each request crosses; `weight` is the share of all requests.
 * Lines are keys of the service's table: `before` the calls, and `after` all of them came back.
 */
export const SHOP_FLOWS: readonly FlowSpec[] = [
  {
    route: '/products/:sku',
    method: 'GET',
    weight: 30,
    call: {
      service: 'edge-gateway',
      before: [],
      calls: [
        {
          service: 'catalog',
          before: ['priced'],
          after: ['product'],
          calls: [{ service: 'inventory', before: ['checked'], share: 0.5, optional: true }],
        },
      ],
      access: 'access',
    },
  },
  {
    route: '/search',
    method: 'GET',
    weight: 18,
    call: {
      service: 'edge-gateway',
      before: [],
      calls: [
        {
          service: 'search',
          before: ['query'],
          calls: [{ service: 'catalog', before: [], after: ['listing'] }],
        },
      ],
      access: 'access',
    },
  },
  {
    route: '/suggest',
    method: 'GET',
    weight: 10,
    call: {
      service: 'edge-gateway',
      before: [],
      calls: [{ service: 'search', before: ['suggest'] }],
      access: 'access',
    },
  },
  {
    route: '/cart/items',
    method: 'POST',
    weight: 12,
    call: {
      service: 'edge-gateway',
      before: [],
      calls: [
        CHECK_TOKEN,
        {
          service: 'cart',
          before: ['loaded'],
          calls: [READ_CACHE, { service: 'inventory', before: ['checked'] }],
          after: ['added'],
        },
      ],
      access: 'access',
    },
  },
  {
    route: '/cart/items/:sku',
    method: 'DELETE',
    weight: 4,
    call: {
      service: 'edge-gateway',
      before: [],
      calls: [CHECK_TOKEN, { service: 'cart', before: ['loaded'], calls: [READ_CACHE], after: ['removed'] }],
      access: 'access',
    },
  },
  {
    route: '/login',
    method: 'POST',
    weight: 5,
    call: {
      service: 'edge-gateway',
      before: [],
      calls: [{ service: 'users', before: [], after: ['login'], calls: [READ_CACHE] }],
      access: 'access',
    },
  },
  {
    route: '/me',
    method: 'GET',
    weight: 6,
    call: {
      service: 'edge-gateway',
      before: [],
      calls: [{ service: 'users', before: ['token_checked'], after: ['profile'] }],
      access: 'access',
    },
  },
  {
    route: '/orders',
    method: 'GET',
    weight: 5,
    call: {
      service: 'edge-gateway',
      before: [],
      calls: [CHECK_TOKEN, { service: 'orders', before: [], after: ['listed'] }],
      access: 'access',
    },
  },
  {
    route: '/checkout',
    method: 'POST',
    weight: 10,
    call: {
      service: 'edge-gateway',
      before: [],
      calls: [
        CHECK_TOKEN,
        {
          service: 'checkout',
          before: ['started'],
          calls: [
            { service: 'cart', before: ['loaded', 'locked'], calls: [READ_CACHE] },
            { service: 'shipping', before: ['quoted'], optional: true },
            {
              service: 'orders',
              before: ['created', 'stored'],
              calls: [
                { service: 'inventory', before: ['reserved'], after: ['confirmed'] },
                CHARGE,
                { service: 'shipping', before: ['label', 'handed'], share: 0.8, optional: true },
              ],
              after: ['paid', 'confirmed'],
            },
            { service: 'notifications', before: ['queued'], after: ['sent'], optional: true },
          ],
          after: ['totals', 'payment_requested', 'completed'],
        },
      ],
      access: 'access',
    },
  },
];
