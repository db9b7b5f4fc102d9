import { debug, error, every, flow, info, rate, type ServiceSpec, steady, visit, warn } from '../service.ts';

/** Mail, push and text messages. Python; bounced mail makes ERROR lines routine here. */
export const notifications: ServiceSpec = {
  name: 'notifications',
  namespace: 'shop',
  version: '1.19.0',
  pods: 2,
  language: 'python',
  style: {
    format: 'sentence',
    prefix: 'notify.{logger}: ',
    loggers: ['mailer', 'push', 'templates', 'worker'],
  },
  medianMs: 25,
  lines: {
    queued: info('queued {one:order_confirmation/receipt} for user {user} as message {uuid}', flow),
    sent: info('sent mail to {email} in {ms:90} ms, provider id <{hex:16}@mail.shop.example>', flow),
    upstream_failed: error('{dependency} failed with {status} after {took} ms, message parked', flow),
    rendered: debug('rendered template order_confirmation/{one:de/fr/en} in {ms:8} ms', visit(0.8)),
    push: info('push delivered to device {hex:20} of user {user}', visit(0.4)),
    sms: info('text message handed to carrier for user {user}, segments={n:1-2}', visit(0.08)),
    opted_out: debug('user {user} opted out of marketing, skipped', visit(0.2)),
    opened: info('open tracked for message {uuid}', rate(2, 2)),
    bounced: error('delivery to {email} failed, giving up', rate(0.35, 2), 'pythonSmtp'),
    soft_bounce: warn('mailbox of {email} is full, retry in {n:5-30} minutes', rate(0.4)),
    throttle: warn('provider asks to slow down, {n:1-9} messages delayed', steady(0.06)),
    digest: info('digest for tenant {tenant} holds {n:3-90} entries', steady(0.2)),
    token: info('device token refreshed for user {user}', rate(0.6)),
    queue: debug('queue depth {n:0-40}, oldest {n:0-5} s', every(30)),
    celery: debug('worker-{n:1-4} processed {n:20-400} tasks', every(60)),
    unsubscribe: info('unsubscribe link used by {email}', rate(0.1)),
    stale_template: warn('template {one:spring_sale/newsletter} refers to a missing partial', steady(0.03)),
    push_gone: error('push endpoint gone for device {hex:20}, removed', rate(0.15)),
  },
};
