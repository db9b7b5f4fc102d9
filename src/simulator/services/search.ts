import { debug, error, every, flow, info, rate, type ServiceSpec, steady, visit, warn } from '../service.ts';

/** Full-text search. Java, logger-prefixed sentences with fields. */
export const search: ServiceSpec = {
  name: 'search',
  namespace: 'shop',
  version: '4.6.1',
  pods: 3,
  language: 'java',
  style: {
    format: 'sentence',
    prefix: '{logger}: ',
    loggers: ['QueryPlanner', 'ShardRouter', 'SuggestIndex', 'SegmentMerger'],
  },
  medianMs: 28,
  lines: {
    query: info('query "{query}" matched documents | hits={n:0-900} took={ms:28}ms shards=6/6', flow),
    suggest: debug('suggestions for prefix "{word}" | count={n:1-10} took={ms:3}ms', flow),
    upstream_failed: error('request to {dependency} answered with status {status} | elapsed={took}ms', flow),
    planned: debug(
      'planned query with strategy {one:conjunction/disjunction/phrase} | terms={n:1-6}',
      visit(0.5),
    ),
    facets: debug('computed facets | facets={n:2-9} buckets={n:4-80}', visit(0.35)),
    spelled: info('no exact match, using spelling correction "{word}" -> "{word}"', visit(0.05)),
    empty: info('query returned nothing | q="{query}"', visit(0.03)),
    cached: debug('served from query cache | key={hex:16}', visit(0.3)),
    ranked: debug('re-ranked top documents with model ltr-{n:7-9} | docs=50', visit(0.2)),
    slow: warn('slow query | took={n:900-3000}ms q="{query}"', visit(0.006)),
    refreshed: info('refreshed searcher | segments={n:8-30} docs={n:180000-190000}', every(60)),
    merge: info('merged segments | from={n:4-9} sizeMb={n:20-300} took={seconds:6}s', steady(0.3)),
    heap: debug('heap usage after collection | usedMb={n:800-1200} maxMb=2048', every(30)),
    flush: debug('flushed index buffer | docs={n:1-400}', rate(1.5)),
    synonym: info('reloaded synonym set | entries={n:2100-2110}', steady(0.03)),
    evict: debug('evicted cold entries from field cache | entries={n:10-300}', rate(0.5, 3)),
    throttled: warn('indexing throttled, merge is behind | pending={n:3-6}', steady(0.02)),
    parse: error('cannot parse query "{word} AND (": unbalanced parenthesis at {n:6-20}', rate(0.06)),
  },
};
