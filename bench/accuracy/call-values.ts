// Values as programs put them into log lines: names, ids, free text, objects, lists, maps, or nothing.
import type { Random } from '../../src/simulator/random.ts';

/** Gives another value at each call. */
export type Value = (random: Random) => string;

/** Domain words: call sites, classes and keys are made of them. */
export const NOUNS =
  'order ticket seat route station train price basket invoice parcel voucher account contact driver trip refund stock shelf label batch session profile coupon address region carrier quota meter tariff claim policy vendor'.split(
    ' ',
  );
export const VERBS =
  'create update delete find check query send confirm cancel reserve assign validate collect publish refresh import export migrate'.split(
    ' ',
  );
const PEOPLE =
  'ada bob cleo dora emil fritz gina hugo ines jonas klara leo mara nils olga paul quinn rosa sven tara ulla viktor wanda xaver yara zeno'.split(
    ' ',
  );
const PLACES = 'north harbour|old town|east gate|lakeside|hill valley|south bay|market|upper field'.split(
  '|',
);
const STATES = 'PENDING PAID SHIPPED CANCELLED RETURNED OPEN'.split(' ');
const KINDS = 'economy business first standard express'.split(' ');
const REASONS = [
  'not enough seats',
  'already paid',
  'timeout while waiting for the carrier',
  'no such account',
  'invalid date',
  'the quota is exhausted for today',
  'rejected by policy',
  'unknown',
];
const EXCEPTIONS = [
  'java.lang.IllegalStateException: already closed',
  'org.acme.NotFoundException: no row for id 17',
  'java.net.SocketTimeoutException: Read timed out',
];

export const uuid: Value = (random) => random.uuid();
export const count: Value = (random) => String(random.between(0, 900));
export const money: Value = (random) => `${random.between(1, 400)}.${random.between(10, 99)}`;
export const person: Value = (random) => random.pick(PEOPLE);
export const place: Value = (random) => random.pick(PLACES);
export const state: Value = (random) => random.pick(STATES);
export const kind: Value = (random) => random.pick(KINDS);
export const reason: Value = (random) => random.pick(REASONS);
export const exception: Value = (random) => random.pick(EXCEPTIONS);
export const flag: Value = (random) => (random.chance(0.6) ? 'true' : 'false');
export const time: Value = (random) =>
  `2024-0${random.between(1, 9)}-1${random.between(0, 9)} 1${random.between(0, 9)}:0${random.between(0, 9)}:3${random.between(0, 9)}`;
export const code: Value = (random) => `${random.pick(['G', 'D', 'K', 'Z'])}${random.between(100, 9999)}`;
export const hash: Value = (random) => `com.acme.model.Holder@${random.hex(7)}`;
export const path: Value = (random) => `/api/v1/${random.pick(NOUNS)}s/${random.between(1, 9999)}`;

/** Ids and counts are most of what is logged; a text of any length is rare. */
const SIMPLE: readonly Value[] = [
  ...[uuid, uuid, uuid, uuid, count, count, count, count, code, code, code, person, person, person],
  ...[time, time, flag, flag, money, kind, state, place, reason],
];

export function simple(random: Random): Value {
  return random.pick(SIMPLE);
}

/** A value that is missing at times. */
export function nullable(value: Value, share: number): Value {
  return (random) => (random.chance(share) ? 'null' : value(random));
}

/** `[a, b]` of differing length, at times empty. */
export function list(value: Value, most: number): Value {
  return (random) => `[${Array.from({ length: random.between(0, most) }, () => value(random)).join(', ')}]`;
}

export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

interface Field {
  readonly key: string;
  readonly value: Value;
  readonly isOptional: boolean;
}

function fields(random: Random, depth: number): Field[] {
  const keys = new Set(
    Array.from({ length: random.between(2, 6) }, () =>
      random.chance(0.4) ? `${random.pick(NOUNS)}Id` : random.pick(NOUNS),
    ),
  );
  return [...keys].map((key) => ({
    key,
    value: nullable(anyValue(random, depth), random.chance(0.3) ? 0.3 : 0),
    isOptional: random.chance(0.1),
  }));
}

function present(all: readonly Field[], random: Random): Field[] {
  return all.filter((field, i) => i === 0 || !field.isOptional || random.chance(0.5));
}

/** `Name(key=value, …)`, as generated `toString` methods write it. */
export function record(random: Random, depth = 0): Value {
  const name = capital(random.pick(NOUNS)) + random.pick(['', 'Info', 'Dto', 'Request']);
  const all = fields(random, depth + 1);
  const [open, close] = random.pick([
    ['(', ')'],
    ['{', '}'],
    ['[', ']'],
  ] as const);
  return (line) =>
    name +
    open +
    present(all, line)
      .map(({ key, value }) => `${key}=${value(line)}`)
      .join(', ') +
    close;
}

/** A JSON object. */
export function json(random: Random, depth = 0): Value {
  const all = fields(random, depth + 1);
  return (line) =>
    `{${present(all, line)
      .map(({ key, value }) => `"${key}":${quoteJson(value(line))}`)
      .join(',')}}`;
}

function quoteJson(text: string): string {
  return /^(-?\d+(\.\d+)?|true|false|null|[[{].*)$/.test(text) ? text : JSON.stringify(text);
}

/** `{ada=3, leo=5}`: keyed by data. */
export function map(key: Value, value: Value, most: number): Value {
  return (random) => {
    const keys = new Set(Array.from({ length: random.between(0, most) }, () => key(random)));
    return `{${[...keys].map((name) => `${name}=${value(random)}`).join(', ')}}`;
  };
}

export function anyValue(random: Random, depth: number): Value {
  const draw = random.unit();
  if (depth > 2 || draw < 0.6) return simple(random);
  if (draw < 0.75) return record(random, depth);
  if (draw < 0.88) return list(random.chance(0.5) ? simple(random) : record(random, depth + 1), 4);
  return map(random.pick([person, uuid, kind]), count, 4);
}
