import { debug, error, every, flow, info, rate, type ServiceSpec, steady, visit, warn } from '../service.ts';

/** Connection pooler in front of the payments database. Terse native lines. */
export const paymentsDbProxy: ServiceSpec = {
  name: 'payments-db-proxy',
  namespace: 'shop',
  version: '1.23.1',
  pods: 2,
  language: 'native',
  style: { format: 'sentence' },
  medianMs: 3,
  lines: {
    begin: debug('C-0x{hex:12}: payments/app@{ip}:{port} begin, server S-0x{hex:12}', flow),
    commit: debug('C-0x{hex:12}: payments/app@{ip}:{port} commit in {ms:4} ms', flow),
    upstream_failed: error(
      'S-0x{hex:12}: payments/app@{dependency} closing because: server conn failed status={status} age={took}',
      flow,
    ),
    login: info(
      'C-0x{hex:12}: payments/app@{ip}:{port} login attempt: db=payments user=app tls=TLSv1.3',
      visit(0.06),
    ),
    closing: info(
      'C-0x{hex:12}: payments/app@{ip}:{port} closing because: client close request (age={n:20-3600}s)',
      visit(0.05),
    ),
    new_server: info(
      'S-0x{hex:12}: payments/app@10.4.7.12:5432 new connection to server (from {ip}:{port})',
      visit(0.02),
    ),
    lifetime: info(
      'S-0x{hex:12}: payments/app@10.4.7.12:5432 closing because: server lifetime over (age=3600s)',
      visit(0.01),
    ),
    reset: debug('S-0x{hex:12}: executing reset query DISCARD ALL', visit(0.15)),
    stats: info(
      'stats: {n:20-90} xacts/s, {n:40-200} queries/s, in {bytes} B/s, out {bytes} B/s, xact {n:900-4000} us, wait {n:1-90} us',
      every(60),
    ),
    replica: debug('replica pg-r{n:1-3} is streaming, lag {n:0-2} s', every(60)),
    idle: debug('pool payments: {n:2-9} active, {n:6-20} idle, 0 waiting', every(30)),
    long_query: warn('C-0x{hex:12}: query has been running for {n:5-14} s', steady(0.05)),
    server_closed: error('S-0x{hex:12}: server closed the connection unexpectedly, reconnecting', rate(0.02)),
  },
};
