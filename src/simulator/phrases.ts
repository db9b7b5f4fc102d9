import type { Random } from './random.ts';

const VERBS =
  'accepted added adjusted aggregated announced applied archived assembled assigned attached audited balanced batched bound bridged buffered built cached calculated calibrated cancelled captured chained checked claimed classified cleaned cleared closed collected combined compared compiled completed compressed computed confirmed connected converted copied counted created decoded decorated deferred delivered derived detached detected discovered dispatched drained dropped emitted enabled encoded enqueued enriched estimated evaluated expanded exported fetched filtered finalised flushed formatted forwarded gathered generated granted grouped handed hashed imported indexed inferred initialised inspected installed invoked issued joined kept labelled leased linked listed loaded located logged mapped marked matched measured merged migrated mirrored mounted moved negotiated normalised notified observed opened packed parsed partitioned patched paused persisted pinned planned polled populated posted prepared primed probed processed promoted propagated provisioned published pulled purged pushed queried queued ranked read rebalanced rebuilt received recorded redirected refreshed registered released reloaded rendered renewed replayed replicated reported requested reserved resolved restored resumed retained retired reused reviewed rotated routed sampled saved scanned scheduled scored sealed searched selected sent served shared signed skipped sorted split staged started stored streamed submitted subscribed summarised synchronised tagged throttled tracked transferred transformed translated trimmed updated uploaded validated verified walked warmed watched weighed wrapped wrote';
const ADJECTIVES =
  'active additional affected annual archived available backup bulk cached central changed cold compact complete daily default deferred delayed derived direct early empty encrypted expected external fallback filtered final first fresh full global hourly idle incoming initial inner internal joint known large late latest leading linked local manual matching merged minor missing mobile monthly nested new next nightly old open optional outgoing partial pending periodic planned previous primary private public queued rare raw ready recent regional remote reserved rolling secondary shared short signed simple spare stale standard static temporary tentative trailing trusted unused updated upstream urgent valid vacant warm weekly';
const NOUNS =
  'account address adjustment agreement alert allocation archive asset assignment attachment backlog badge balance banner barcode batch binding blueprint bookmark branch bucket budget bundle calendar campaign carrier catalogue category certificate channel charge checksum claim clause cluster collection column commission component condition connector consent contact contract correction coupon courier credit cursor customer cycle dashboard delivery deposit descriptor device dictionary digest directory discount dispatch document domain draft edition endpoint entitlement entry envelope estimate event exchange excerpt experiment extension facet feature feed fee field file filter folder forecast form fragment gateway grant group handle handler header history holiday icon import index ingredient instruction interval inventory invitation invoice journal keyword label layout lease ledger lesson letter licence limit listing locale lock lookup lot manifest margin marker market measure member message metric milestone mirror mission mode model module movement namespace network notice object offer operator option outcome package page panel parcel partner passage pattern payload payout permission picture pipeline plan platform policy portfolio position preference premium profile programme promotion proposal provider publication quota quote range rating reading rebate receipt recipe recipient record reference referral region register relation release reminder renewal replica report reservation resource response return revision reward route row rule sample schedule schema score season section segment selection sequence series session setting shard shelf shipment signal site slice slot snapshot source statement station step stock store stream subject subscription summary supplier survey switch symbol table tag target tariff task tax template tenant term theme thread threshold ticket tier timer token topic trace track transfer transition tree trigger trip union update upload usage value variant vendor venue version view visitor volume voucher waiver warehouse warranty watch weight window workflow worker workspace zone';
const TAILS = [
  'for tenant {tenant}',
  'in {ms:18} ms',
  'from {word}',
  'after {n:1-9} attempts',
  'of {n:10-900} rows',
  'with key {hex:16}',
  'for {uuid}',
  'at offset {n:1000-9999999}',
  'through {ip}:{port}',
  'until {time}',
  'in region {region}',
  '| id={hex:12} took={ms:9}ms',
  '| rows={n:1-900} region={region}',
  '| ref={uuid} bytes={bytes}',
  'without changes',
  'on request of user {user}',
];

/** A sentence that no table holds, drawn from word lists: about 200 x 100 x 300 x 16 different ones. */
export function drawPhrase(random: Random): string {
  const verb = random.pick(VERBS.split(' '));
  const adjective = random.pick(ADJECTIVES.split(' '));
  const noun = random.pick(NOUNS.split(' '));
  const tail = random.pick(TAILS);
  return random.chance(0.5) ? `${verb} ${adjective} ${noun} ${tail}` : `${adjective} ${noun} ${verb} ${tail}`;
}

/** Different sentences; the count is far below what the lists can make. */
export function drawPhrases(random: Random, count: number): string[] {
  const phrases = new Set<string>();
  while (phrases.size < count) phrases.add(drawPhrase(random));
  return [...phrases];
}
