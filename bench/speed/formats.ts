// Formats of made-up log lines: each is a constant text with values that are drawn anew for every line.
import type { Random } from '../../src/simulator/random.ts';

/** `mixed`: many shapes of whole log files, all kinds in one; the others are what one service writes. */
export type LineKind = 'short' | 'structured' | 'json' | 'wordy' | 'trace' | 'mixed';

/** Renders one line of the format. */
export type Format = (random: Random) => string;

/** Makes one format; the same draws give the same format. */
export function makeFormat(kind: LineKind, random: Random): Format {
  switch (kind) {
    case 'short':
      return shortFormat(random);
    case 'structured':
      return structuredFormat(random);
    case 'json':
      return jsonFormat(random);
    case 'wordy':
      return wordyFormat(random);
    case 'trace':
      return traceFormat(random);
    case 'mixed':
      return mixedFormat(random);
  }
}

const VERBS =
  'accepted acquired added applied assigned attached cached checked closed committed compacted completed computed connected copied created decoded deleted delivered detached discarded dispatched enqueued evicted expired failed fetched finished flushed forwarded handled ignored indexed initialised inserted invalidated joined launched left loaded locked matched merged migrated moved opened parsed paused persisted polled prepared processed published purged queued received recovered refreshed registered rejected released reloaded removed renamed replayed replicated requested resolved restarted restored resumed retried returned revoked rotated scheduled selected sent served skipped started stopped stored submitted subscribed synchronised terminated throttled timed updated uploaded validated verified waited written'.split(
    ' ',
  );
const NOUNS =
  'account address allocation archive attachment backup balance batch block broker bucket buffer cache calendar campaign cart catalogue certificate channel checkpoint chunk client cluster column commit connection consumer container context coupon cursor customer database dataset deployment device digest directory document domain element endpoint entity entry envelope event export feature feed file filter flag folder frame gateway group handle header heartbeat host image import index instance inventory invoice item job journal key label lease ledger library limit link listener lock manifest member message metric migration mirror model module monitor namespace network node notification object offer offset operation order owner package page partition password payload payment peer permission pipeline pod policy pool port price process product profile project promotion provider proxy query queue quota range rate reader record region registry relation release replica report repository request resource response result role route row rule sandbox schedule schema script segment sender sensor sequence server service session setting shard shipment signal slot snapshot socket source stage state statement storage stream subscription supplier table tag target task template tenant thread ticket timer token topic trace track transaction transfer trigger tunnel update upload user value vendor version view volume voucher warehouse watcher webhook window worker workflow writer zone'.split(
    ' ',
  );
const LINKS = ['for', 'from', 'to', 'in', 'on', 'with', 'by', 'after', 'of', 'at'] as const;
const TAILS = [
  'ok',
  'will retry',
  'nothing to do',
  'giving up',
  'as requested',
  'by policy',
  'done',
] as const;
const LEVELS = ['INFO', 'WARN', 'DEBUG', 'ERROR', 'INFO', 'INFO'] as const;

/** A value of a line, drawn anew each time. Every kind that masking rules are usually written for is among them. */
const VALUES: readonly Format[] = [
  (random) => String(random.between(1, 99_999)),
  (random) => String(random.between(0, 99)),
  (random) => `${random.between(1, 4_999)}ms`,
  (random) => `${(random.unit() * 90 + 1).toFixed(2)}s`,
  (random) => `${(random.unit() * 100).toFixed(1)}%`,
  (random) => `${random.between(1, 900)}.${random.between(0, 99)} MB`,
  (random) => random.uuid(),
  (random) => random.hex(16),
  (random) => `0x${random.hex(8)}`,
  address,
  (random) => `${address(random)}:${random.between(1024, 65_535)}`,
  (random) => `/var/lib/data/${random.hex(6)}/part-${random.between(0, 99_999)}.dat`,
  (random) => `https://api.example.com/v1/orders/${random.between(1, 999_999)}?page=${random.between(1, 90)}`,
  (random) => `ord_${random.hex(12)}`,
  (random) => `req-${random.uuid()}`,
  (random) => (random.chance(0.5) ? 'true' : 'false'),
];

function address(random: Random): string {
  return `10.${random.between(0, 7)}.${random.between(0, 255)}.${random.between(2, 254)}`;
}

/** Four to nine words with one to three values among them: some 80 characters. */
function shortFormat(random: Random): Format {
  const parts: (string | Format)[] = [`${random.pick(NOUNS)} ${random.pick(VERBS)}`];
  const values = random.between(1, 3);
  for (let i = 0; i < values; i++) {
    const key = random.pick(NOUNS);
    const join = random.pick([' ', '=', ': ', ' #']);
    parts.push(` ${random.pick(LINKS)} ${random.pick(NOUNS)} ${key}${join}`, random.pick(VALUES));
  }
  if (random.chance(0.4)) parts.push(`, ${random.pick(TAILS)}`);
  return join(parts);
}

/** A method call with its arguments, `key=value` pairs and now and then a JSON object: some 450 characters. */
function structuredFormat(random: Random): Format {
  const parts: (string | Format)[] = [`${capital(random.pick(NOUNS))}${capital(random.pick(NOUNS))}Service.`];
  parts.push(`${random.pick(VERBS)}(`);
  for (let i = 0; i < 4; i++) parts.push(i === 0 ? '' : ', ', `${keyOf(random)}=`, random.pick(VALUES));
  parts.push(') ');
  for (let i = 0; i < 6; i++) parts.push(`${keyOf(random)}=`, random.pick(VALUES), ' ');
  parts.push('payload={');
  for (let i = 0; i < 5; i++) {
    const quote = random.chance(0.6) ? '"' : '';
    parts.push(i === 0 ? '' : ',', `"${keyOf(random)}":${quote}`, random.pick(VALUES), quote);
  }
  parts.push('} items=[', random.pick(VALUES), ', ', random.pick(VALUES), `] ${random.pick(TAILS)}`);
  return join(parts);
}

/** A line that is one JSON object, as structured loggers write it. */
function jsonFormat(random: Random): Format {
  const message = shortFormat(random);
  const level = random.pick(LEVELS).toLowerCase();
  const parts: (string | Format)[] = [
    `{"level":"${level}","logger":"com.example.${random.pick(NOUNS)}","msg":"`,
  ];
  parts.push(message, '"');
  for (let i = random.between(3, 7); i > 0; i--) {
    const quote = random.chance(0.5) ? '"' : '';
    parts.push(`,"${keyOf(random)}":${quote}`, random.pick(VALUES), quote);
  }
  parts.push('}');
  return join(parts);
}

/** Names in the place of one word: four hundred users, as a service sees them in a minute. */
function wordyFormat(random: Random): Format {
  const user: Format = (r) => `${NOUNS[r.between(0, 19)]}.${NOUNS[r.between(40, 59)]}`;
  const parts: (string | Format)[] = [`${random.pick(NOUNS)} ${random.pick(NOUNS)} ${random.pick(VERBS)} `];
  parts.push(random.pick(LINKS), ' user ', user, ` ${random.pick(LINKS)} `);
  parts.push(random.pick(NOUNS), ' ', random.pick(VALUES));
  return join(parts);
}

/** An exception with its stack: some twelve lines in one body. */
function traceFormat(random: Random): Format {
  const parts: (string | Format)[] = [
    `com.example.${random.pick(NOUNS)}.${capital(random.pick(NOUNS))}Exception: `,
  ];
  parts.push(shortFormat(random));
  for (let i = random.between(8, 14); i > 0; i--) {
    const owner = capital(random.pick(NOUNS));
    const at = `com.example.${random.pick(NOUNS)}.${owner}.${random.pick(VERBS)}`;
    parts.push(`\n\tat ${at}(${owner}.java:${random.between(20, 900)})`);
  }
  return join(parts);
}

/** Prefixes of whole log files: what a line has in front when a file, not a logger, is read. */
const PREFIXES: readonly ((random: Random) => (string | Format)[])[] = [
  () => [],
  (random) => [(r) => `${date(r)} ${clock(r)} `, `${random.pick(LEVELS)} `],
  (random) => [
    (r) => `${date(r)}T${clock(r)}Z `,
    `[${random.pick(NOUNS)}-`,
    number,
    `] ${random.pick(LEVELS)} `,
  ],
  (random) => ['Nov ', number, ' ', clock, ' ', `node ${random.pick(NOUNS)}[`, number, ']: '],
  (random) => [`[${random.pick(LEVELS).toLowerCase()}] [client `, address, '] '],
  (random) => ['- ', number, ' ', date, ` ${random.pick(NOUNS)}-`, number, ' RAS KERNEL '],
  (random) => [address, ' - - [', date, ':', clock, ` +0000] "GET /${random.pick(NOUNS)}/`, number, '" '],
  (random) => [number, ' ', number, ` ${random.pick(LEVELS)[0]} ${capital(random.pick(NOUNS))}Manager: `],
];

function mixedFormat(random: Random): Format {
  const kind = random.unit();
  const prefix = random.pick(PREFIXES)(random);
  const rest =
    kind < 0.7
      ? shortFormat(random)
      : kind < 0.73
        ? wordyFormat(random)
        : kind < 0.88
          ? jsonFormat(random)
          : structuredFormat(random);
  return join([...prefix, rest]);
}

const number: Format = (random) => String(random.between(1, 9_999));
const date: Format = (random) => `2026-${two(random.between(1, 12))}-${two(random.between(1, 28))}`;
const clock: Format = (random) =>
  `${two(random.between(0, 23))}:${two(random.between(0, 59))}:${two(random.between(0, 59))}`;

function keyOf(random: Random): string {
  return random.chance(0.5)
    ? `${random.pick(NOUNS)}${capital(random.pick(NOUNS))}`
    : `${random.pick(NOUNS)}_${random.pick(NOUNS)}`;
}

function join(parts: readonly (string | Format)[]): Format {
  return (random) => {
    let text = '';
    for (const part of parts) text += typeof part === 'string' ? part : part(random);
    return text;
  };
}

function capital(word: string): string {
  return word[0]!.toUpperCase() + word.slice(1);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
