import { every, info, type ServiceSpec, steady, warn } from './service.ts';

/** Programs that know nothing of OpenTelemetry: no severity field, traces one line a record, one of them without any time. */
export function legacyServices(): ServiceSpec[] {
  return [legacyBilling, legacyPrinter];
}

const legacyBilling: ServiceSpec = {
  name: 'legacy-billing',
  namespace: 'back-office',
  version: '',
  pods: 1,
  language: 'java',
  style: { format: 'sentence', prefix: '{time} ', traceLinesApart: true },
  medianMs: 5,
  severity: false,
  lines: {
    invoice: info(
      'INFO  InvoiceWriter - wrote invoice {n:100000-999999} of customer {user} over {money} EUR',
      steady(20),
    ),
    run: info('INFO  BillingRun - run {n:100-999} processed {n:10-90} contracts', steady(3)),
    skip: warn('WARN  InvoiceWriter - contract {n:1000-9999} has no active price, skipped', steady(0.4)),
    tick: info('DEBUG Clock - tick', every(30)),
  },
};

const legacyPrinter: ServiceSpec = {
  name: 'legacy-printer',
  namespace: 'back-office',
  version: '',
  pods: 1,
  language: 'native',
  style: { format: 'sentence' },
  medianMs: 5,
  severity: false,
  time: false,
  lines: {
    page: info('page {n:1-40} of job {n:1000-9999} sent to tray {n:1-3}', steady(8)),
    toner: info('toner level {n:20-90}%', every(120)),
  },
};
