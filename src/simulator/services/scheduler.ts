import { debug, error, every, info, rate, type ServiceSpec, steady, warn } from '../service.ts';

/** Periodic jobs. Java; no request ever reaches it. */
export const scheduler: ServiceSpec = {
  name: 'scheduler',
  namespace: 'ops',
  version: '3.1.2',
  pods: 1,
  language: 'java',
  style: { format: 'sentence', prefix: '[quartz-{n:1-5}] ' },
  medianMs: 5,
  lines: {
    fired: info(
      'job {one:expire-carts/refresh-rates/sync-stock/send-digests/rebuild-sitemap} fired, run {uuid}',
      every(20),
    ),
    finished: info(
      'job {one:expire-carts/refresh-rates/sync-stock/send-digests/rebuild-sitemap} finished in {seconds:3}s, {n:0-400} items',
      every(20),
    ),
    acquired: debug('acquired {n:0-2} triggers for the next 30 s', every(30)),
    misfire: warn('trigger misfired by {n:1-9} s, running now', steady(0.05)),
    skipped: info('job {one:send-digests/rebuild-sitemap} skipped, previous run still active', steady(0.05)),
    leader: debug('still leader, lease renewed to epoch {n:1000-9999}', every(15)),
    history: debug('pruned {n:10-90} rows of job history', steady(0.1)),
    export: info('exported {n:100-4000} rows to s3://shop-exports/{hex:8}.parquet', rate(0.1)),
    partner: error('partner feed {word} unavailable, next try in 15 min', steady(0.02)),
  },
};
