import { WinnowError } from '../errors.ts';
import type { Scene } from './line.ts';

export type ValueMaker = (scene: Scene) => string;

type ValueFactory = (argument: string) => ValueMaker;

const WORDS =
  'amber basil canvas cedar copper coral cotton denim ember fern flint garnet harbor hazel indigo ivory jasper juniper lantern linen maple marble meadow nickel oak olive onyx opal pearl pine plum quartz raven river rustic sable saddle sage scarlet silk slate spruce teal timber tulip velvet walnut willow wool';
const NOUNS =
  'backpack blanket boots bottle bowl candle chair charger coat cup desk dress gloves hat headphones jacket kettle keyboard lamp mug notebook pan pillow plate poster ring rug sandals scarf shelf shirt shoes sofa speaker sweater table teapot towel umbrella vase wallet watch';
const AGENTS = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X)',
  'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101',
  'okhttp/4.12.0',
  'ShopApp/8.3.1 (Android 15)',
] as const;
const DEFAULT_MEDIAN_MS = 12;
const LATENCY_SPREAD = 0.6;

/**
 * Every placeholder that a line's text may hold, `{name}` or `{name:argument}`. One row each; add yours here.
 * `ms` is the duration that the caller measured where there is one, else log-normal around its argument.
 */
const VALUES: Readonly<Record<string, ValueFactory>> = {
  // Of the request: the same in every service that it crosses.
  user: () => (scene) => scene.request.user,
  email: () => (scene) => scene.request.email(),
  client: () => (scene) => scene.request.clientAddress(),
  tenant: () => (scene) => scene.request.tenant,
  region: () => (scene) => scene.request.region,
  route: () => (scene) => scene.request.route,
  method: () => (scene) => scene.request.method,
  trace: () => (scene) => scene.request.traceId,
  req: () => (scene) => scene.request.fact('req', (random) => `req-${random.uuid()}`),
  order: () => (scene) => scene.request.fact('order', (random) => `ord_${random.hex(12)}`),
  cart: () => (scene) => scene.request.fact('cart', (random) => random.uuid()),
  charge: () => (scene) => scene.request.fact('charge', (random) => `ch_${random.podSuffix(14)}`),
  shipment: () => (scene) =>
    scene.request.fact('shipment', (random) => `SHP${random.between(10_000_000, 99_999_999)}`),
  session: () => (scene) => scene.request.fact('session', (random) => random.hex(24)),
  sku: () => (scene) =>
    scene.request.fact(
      'sku',
      (random) => `SKU-${random.between(1000, 9999)}-${random.pick(['S', 'M', 'L', 'XL'])}`,
    ),
  money: () => (scene) => scene.request.fact('money', (random) => random.logNormal(38, 0.7).toFixed(2)),
  query: () => {
    const words = WORDS.split(' ');
    const nouns = NOUNS.split(' ');
    return (scene) => scene.request.fact('query', (random) => `${random.pick(words)} ${random.pick(nouns)}`);
  },
  // Of the call just made.
  dependency: () => (scene) => scene.dependency,
  status: () => (scene) => String(scene.status),
  took: () => (scene) => String(Math.max(1, Math.round(scene.tookMs))),
  // Of the process.
  pod: () => (scene) => scene.pod.name,
  host: () => (scene) => scene.pod.host,
  version: () => (scene) => scene.pod.version,
  instance: () => (scene) => scene.pod.instanceId,
  // Fresh at each use.
  ms: (argument) => {
    const median = argument === '' ? DEFAULT_MEDIAN_MS : Number(argument);
    return (scene) => String(Math.max(1, Math.round(scene.random.logNormal(median, LATENCY_SPREAD))));
  },
  seconds: (argument) => (scene) =>
    scene.random.logNormal(Number(argument === '' ? '1' : argument), LATENCY_SPREAD).toFixed(3),
  n: (argument) => {
    const [low, high] = range(argument === '' ? '1-9' : argument);
    return (scene) => String(scene.random.between(low, high));
  },
  percent: (argument) => {
    const [low, high] = range(argument === '' ? '1-99' : argument);
    return (scene) => (low + scene.random.unit() * (high - low)).toFixed(1);
  },
  bytes: () => (scene) => String(Math.round(scene.random.logNormal(2600, 1.1))),
  uuid: () => (scene) => scene.random.uuid(),
  hex: (argument) => {
    const digits = argument === '' ? 16 : Number(argument);
    return (scene) => scene.random.hex(digits);
  },
  ip: () => (scene) =>
    `10.${scene.random.between(0, 7)}.${scene.random.between(0, 255)}.${scene.random.between(2, 254)}`,
  port: () => (scene) => String(scene.random.between(32_768, 60_999)),
  word: () => {
    const words = WORDS.split(' ');
    return (scene) => scene.random.pick(words);
  },
  noun: () => {
    const nouns = NOUNS.split(' ');
    return (scene) => scene.random.pick(nouns);
  },
  agent: () => (scene) => scene.random.pick(AGENTS),
  one: (argument) => {
    const choices = argument.split('/');
    return (scene) => scene.random.pick(choices);
  },
  time: () => (scene) => new Date(Math.floor(scene.timeMs)).toISOString(),
  clf: () => (scene) => commonLogTime(scene.timeMs),
};

const NUMERIC = new Set([
  'n',
  'ms',
  'took',
  'status',
  'percent',
  'bytes',
  'money',
  'seconds',
  'user',
  'port',
]);
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Compiles the inside of one pair of braces: `n:1-50`. */
export function valueMaker(placeholder: string): ValueMaker {
  const colon = placeholder.indexOf(':');
  const name = colon < 0 ? placeholder : placeholder.slice(0, colon);
  const factory = VALUES[name];
  if (factory === undefined) {
    throw new WinnowError(
      'WINNOW_SIMULATOR_PLACEHOLDER',
      `compile line with unknown placeholder {${placeholder}}`,
    );
  }
  return factory(colon < 0 ? '' : placeholder.slice(colon + 1));
}

/** True when the whole text is one placeholder that renders as a number, so that JSON bodies leave it unquoted. */
export function isNumeric(text: string): boolean {
  const name = /^\{(\w+)(?::[^}]*)?\}$/.exec(text)?.[1];
  return name === undefined ? /^-?\d+(\.\d+)?$/.test(text) : NUMERIC.has(name);
}

function range(argument: string): [number, number] {
  const [low = '0', high = low] = argument.split('-');
  return [Number(low), Number(high)];
}

/** `21/Nov/2026:02:39:12 +0000`, the time of the Common Log Format (httpd.apache.org, mod_log_config). */
function commonLogTime(timeMs: number): string {
  const iso = new Date(Math.floor(timeMs)).toISOString();
  const month = MONTHS[Number(iso.slice(5, 7)) - 1] ?? 'Jan';
  return `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}
