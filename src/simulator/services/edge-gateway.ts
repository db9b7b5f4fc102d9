import { debug, error, every, flow, info, rate, type ServiceSpec, steady, visit, warn } from '../service.ts';

/** The public entrance: one access line a request in the Common Log Format, and the proxy's own diagnostics. */
export const edgeGateway: ServiceSpec = {
  name: 'edge-gateway',
  namespace: 'shop',
  version: '1.27.4',
  pods: 2,
  language: 'native',
  style: { format: 'sentence' },
  medianMs: 2,
  lines: {
    access: info(
      '{client} - {user} [{clf}] "{method} {route}?r={hex:6} HTTP/1.1" {status} {bytes} "-" "{agent}" rt={seconds:0.08}',
      flow,
    ),
    upstream_failed: error(
      'upstream {dependency} answered {status} after {took}ms while reading response header from upstream, client: {client}, request: "{method} {route} HTTP/1.1"',
      flow,
    ),
    tls_handshake: debug(
      'SSL handshake completed in {ms:4} ms cipher=TLS_AES_256_GCM_SHA384 client={client}:{port}',
      visit(0.2),
    ),
    keepalive: debug('reusing keepalive connection {n:1-4000} to upstream', visit(0.1)),
    cache_hit: debug('static cache hit for /assets/{hex:8}.js', visit(0.06)),
    rate_limit_near: info('client {client} at {percent:60-95}% of its request quota', visit(0.004)),
    bot: info('request from {client} classified as crawler {one:Googlebot/bingbot/AhrefsBot}', visit(0.01)),
    slow_request_body: warn(
      'a client request body is buffered to a temporary file /var/cache/proxy/body/{n:1000-9999}',
      visit(0.003),
    ),
    health: debug('health check of upstream group passed, {n:9-12} of 12 endpoints ready', every(30)),
    connections: info(
      'active connections: {n:180-420}, reading {n:0-9}, writing {n:4-40}, waiting {n:90-300}',
      every(60),
    ),
    client_closed: info(
      'epoll_wait() reported that client prematurely closed connection, client: {client}',
      rate(0.6),
    ),
    config_test: info('configuration file /etc/proxy/proxy.conf test is successful', steady(0.01)),
    premature: error(
      'upstream prematurely closed connection while reading response header from upstream, client: {client}',
      rate(0.05),
    ),
    dns: debug('resolver refreshed {n:8-14} names in {ms:6} ms', steady(0.5)),
    wal: info('rotated access log segment, {bytes} lines written', steady(0.02)),
  },
};
