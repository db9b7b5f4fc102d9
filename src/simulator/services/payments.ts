import { debug, error, every, flow, info, rate, type ServiceSpec, steady, visit, warn } from '../service.ts';

/** Authorises and captures card payments. Java, plain sentences behind a thread and logger prefix. */
export const payments: ServiceSpec = {
  name: 'payments',
  namespace: 'shop',
  version: '2.14.0',
  pods: 4,
  language: 'java',
  style: {
    format: 'sentence',
    prefix: '[http-nio-8080-exec-{n:1-24}] {logger} : ',
    loggers: ['c.s.payments.ChargeService', 'c.s.payments.LedgerWriter', 'c.s.payments.AcquirerClient'],
  },
  medianMs: 35,
  lines: {
    received: info('charge request {charge} received for {money} {one:EUR/USD/GBP}', flow),
    authorised: info('acquirer authorised {charge} with code {n:100000-999999} in {ms:120} ms', flow),
    committed: info('charge committed id={charge} amount={money} order={order}', flow),
    ledger: debug('appended ledger entry {uuid} at position {n:1000000-9999999}', flow),
    upstream_failed: error(
      'call to {dependency} failed with status {status} after {took} ms for {charge}',
      flow,
    ),
    tokenised: debug('card token resolved from vault in {ms:5} ms', visit(0.6)),
    three_ds: info('3-D Secure challenge completed for {charge}', visit(0.18)),
    declined: warn(
      'card declined by issuer for {charge}: {one:insufficient funds/do not honour/expired card}',
      visit(0.03),
    ),
    retry: warn('retrying acquirer call for {charge}, attempt {n:2-3} of 3', visit(0.012)),
    partial: info('partial capture of {money} scheduled for {charge}', visit(0.02)),
    wallet: info('wallet payment confirmed through {one:applepay/googlepay/paypal}', visit(0.15)),
    refund: info('refund of {money} issued for ch_{hex:12}', rate(0.8)),
    settlement: info('settlement batch {n:100-999} holds {n:20-400} captures', steady(0.1)),
    pool: debug('HikariPool-1 - pool stats (total=20, active={n:1-8}, idle={n:8-18}, waiting=0)', every(30)),
    breaker: debug('circuit breaker acquirer is CLOSED, failure rate {percent:0-3}%', every(60)),
    gc: debug('G1 young pause {n:3-20} ms, heap {n:300-700} MB of 1024 MB', steady(2)),
    fx: info('exchange rates refreshed, {n:28-32} pairs', steady(0.2)),
    webhook: info(
      'acquirer webhook {one:charge.captured/charge.settled/payout.paid} accepted, id evt_{hex:16}',
      rate(1.5, 2),
    ),
    dispute: warn('dispute opened by issuer for ch_{hex:12}, evidence due in {n:5-14} days', steady(0.01)),
    reconcile: info('reconciliation difference is 0.00 over {n:100-900} charges', steady(0.03)),
    duplicate: error('duplicate settlement reference STL{n:100000-999999} ignored', rate(0.03)),
  },
};
