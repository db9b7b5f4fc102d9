import { debug, error, every, flow, info, rate, type ServiceSpec, steady, visit, warn } from '../service.ts';

/** Quotes and labels from carriers. Java of an older kind: each line of a stack trace is a record of its own. */
export const shipping: ServiceSpec = {
  name: 'shipping',
  namespace: 'shop',
  version: '2.5.8',
  pods: 2,
  language: 'java',
  style: {
    format: 'sentence',
    prefix: '{time} {logger} - ',
    loggers: [
      'com.shop.shipping.QuoteService',
      'com.shop.shipping.LabelPrinter',
      'com.shop.shipping.Tracker',
    ],
    traceLinesApart: true,
  },
  medianMs: 40,
  lines: {
    quoted: info('Quoted {n:2-5} rates for zone {one:EU1/EU2/US3/AP1}, cheapest {money}', flow),
    label: info('Created label {shipment} with carrier {one:DHL/UPS/DPD/FedEx} for order {order}', flow),
    handed: debug('Pickup window for {shipment} is {n:8-11}:00 to {n:14-18}:00', flow),
    upstream_failed: error('{dependency} returned {status} after {took} ms for order {order}', flow),
    carrier: debug('Carrier {one:DHL/UPS/DPD/FedEx} answered in {ms:180} ms', visit(0.8)),
    dims: debug('Parcel dimensions {n:10-60}x{n:10-60}x{n:5-40} cm, {percent:1-20} kg', visit(0.4)),
    customs: info('Customs declaration CN{n:22-23} attached to {shipment}', visit(0.1)),
    insured: info('Insured {shipment} for {money}', visit(0.06)),
    tracking: info(
      'Tracking update for SHP{n:10000000-99999999}: {one:in transit/out for delivery/delivered/arrived at hub}',
      rate(4, 3),
    ),
    carrier_timeout: error(
      'Carrier {one:DPD/FedEx} did not answer in time, using cached rates',
      rate(0.12),
      'javaTimeout',
    ),
    surcharge: warn('Fuel surcharge table is {n:25-40} days old', steady(0.04)),
    address: warn('Address of order {order} could not be normalised, printing as entered', visit(0.01)),
    manifest: info('Manifest for depot {one:FRA/CDG/IAD} closed with {n:10-200} parcels', steady(0.08)),
    heartbeat: debug('Heartbeat to printer {ip}:9100 ok', every(60)),
    returned: info('Return label printed for SHP{n:10000000-99999999}', rate(0.3)),
    queue: debug('Label queue length {n:0-12}', every(30)),
  },
};
