import { debug, every, flow, info, rate, type ServiceSpec, steady, visit, warn } from '../service.ts';

/** In-memory store behind carts and sessions. Native, key=value heavy. */
export const sessionCache: ServiceSpec = {
  name: 'session-cache',
  namespace: 'shop',
  version: '7.4.1',
  pods: 2,
  language: 'native',
  style: { format: 'sentence', prefix: '1:M ' },
  medianMs: 1,
  lines: {
    served: debug(
      'slowlog off, command {one:GET/SETEX/HGETALL/EXPIRE} key=cart:{cart} in {n:20-900} us',
      flow,
    ),
    expired: debug('active expire cycle removed {n:1-90} keys', visit(0.1)),
    evicted: debug('evicted {n:1-6} keys under policy allkeys-lru', visit(0.02)),
    saved: info('{n:1-9}00 changes in 300 seconds. Saving...', every(300)),
    rdb: info('DB saved on disk, RDB: {n:1-4} MB of memory used by copy-on-write', every(300)),
    clients: info('{n:30-60} clients connected, {n:60-90} MB used, keys={n:40000-60000}', every(60)),
    accepted: debug('Accepted {ip}:{port}', rate(3)),
    closed: debug('Client closed connection id={n:1000-99999} addr={ip}:{port}', rate(3)),
    replica: info('Synchronization with replica {ip}:6379 succeeded', steady(0.01)),
    latency: warn('fork took {n:100-400} ms, longer than the latency threshold', steady(0.03)),
  },
};
