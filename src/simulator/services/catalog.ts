import { debug, error, every, flow, info, rate, type ServiceSpec, steady, visit, warn } from '../service.ts';

/** Product pages. Python, plain sentences. */
export const catalog: ServiceSpec = {
  name: 'catalog',
  namespace: 'shop',
  version: '11.0.6',
  pods: 3,
  language: 'python',
  style: {
    format: 'sentence',
    prefix: '{logger} - ',
    loggers: ['catalog.views', 'catalog.repository', 'catalog.images'],
  },
  medianMs: 16,
  lines: {
    product: info('served product {sku} in {region} to tenant {tenant}, {ms:16} ms', flow),
    listing: info('served listing of {n:12-96} products for "{query}"', flow),
    priced: debug('price of {sku} resolved from tier {one:gold/silver/standard}', flow),
    upstream_failed: error('request to {dependency} failed: HTTP {status} after {took} ms', flow),
    hit: debug('cache hit for product:{sku}', visit(0.7)),
    miss: debug('cache miss for product:{sku}, loading from store', visit(0.2)),
    image: debug('signed image url for {sku} width={one:320/640/1280}', visit(0.4)),
    related: info('attached {n:2-12} related products to {sku}', visit(0.15)),
    translated: debug('using {one:de/fr/en/hi} translation of description', visit(0.25)),
    badge: info('badge "{one:new/sale/last pieces}" shown on {sku}', visit(0.05)),
    gone: info('product {sku} is discontinued, redirecting to its successor', visit(0.01)),
    no_image: warn('no image in the requested size for {sku}, scaling the original', visit(0.012)),
    imported: info('imported {n:1-40} changed products from supplier {word}', rate(0.3, 3)),
    reindexed: info('queued {n:1-90} products for the search index', rate(0.5)),
    warm: debug('cache holds {n:40000-52000} entries, {percent:80-97}% hits', every(60)),
    worker: debug('gunicorn worker alive, {n:10-900} requests handled', every(60)),
    supplier_late: warn('price list of supplier {word} is {n:2-9} hours old', steady(0.05)),
    sitemap: info('sitemap part {n:1-40} written', steady(0.05)),
    bad_row: error('supplier row rejected: price is not a number (row {n:1-4000})', rate(0.05)),
  },
};
