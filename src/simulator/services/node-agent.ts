import { debug, error, every, info, rate, type ServiceSpec, steady, warn } from '../service.ts';

/** Log and metric agent, one per node. Go, logfmt. Its restarts change nothing for the shop. */
export const nodeAgent: ServiceSpec = {
  name: 'node-agent',
  namespace: 'ops',
  version: '0.112.0',
  pods: 3,
  language: 'go',
  style: {
    format: 'logfmt',
    loggers: ['fileconsumer/manager.go:131', 'exporterhelper/queue.go:84', 'scraper/controller.go:57'],
  },
  medianMs: 1,
  lines: {
    watching: info(
      'Started watching file | component=fileconsumer path=/var/log/pods/{hex:8}/{n:0-3}.log',
      rate(0.3),
    ),
    rotated: debug(
      'File rotated, reading from start | component=fileconsumer path=/var/log/pods/{hex:8}/0.log',
      rate(0.6),
    ),
    exported: debug('Export finished | component=exporter items={n:100-900} took={ms:14}ms', every(20)),
    scrape: debug('Scrape finished | component=hostmetrics metrics={n:110-130}', every(30)),
    usage: info('Resource usage | cpu={percent:2-9} rss_mb={n:90-130}', every(60)),
    retry: warn('Exporting failed, will retry | component=exporter interval={percent:3-7}s', steady(0.05)),
    checkpoint: debug('Saved offsets | files={n:20-40}', every(60)),
    permission: error(
      'Failed to open file | component=fileconsumer path=/var/log/audit/{n:1-9}.log',
      steady(0.02),
    ),
  },
};
