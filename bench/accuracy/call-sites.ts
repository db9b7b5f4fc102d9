// A microservice's log whose call sites are known: each line is written by one of a hundred or two statements.
import { Random } from '../../src/simulator/random.ts';
import {
  anyValue,
  capital,
  code,
  count,
  exception,
  flag,
  hash,
  json,
  kind,
  list,
  map,
  money,
  NOUNS,
  nullable,
  path,
  person,
  place,
  reason,
  record,
  simple,
  state,
  time,
  uuid,
  type Value,
  VERBS,
} from './call-values.ts';

export interface CallSiteLog {
  readonly lines: readonly string[];
  /** Name of the call site of each line. */
  readonly truth: readonly string[];
}

/** What a statement says before its values, and how it ends: no two statements have it in common. */
interface Wording {
  readonly verb: string;
  readonly noun: string;
  readonly outcome: string;
}

type Style = (random: Random, wording: Wording) => Value;

const OUTCOMES = [
  'started',
  'success',
  'failed',
  'done',
  'not found',
  'skipped',
  'exists already',
  'accepted',
];

/** A style that is listed more than once is that much more frequent: payloads are what such services log most. */
const STYLES: readonly Style[] = [
  ...[bracketed, bracketed, bracketed, bracketedSteps, event, event, event, sentence, sentence],
  ...[response, response, jsonBody, jsonBody, jsonLine, pairs, spring, spring, withException, named],
  ...[transition, mapped, bareList, handedOver],
];

/** `sites` call sites, of which some write most lines, as in life: the nth one a share of 1/n. */
export function callSiteLog(seed: number, sites: number, lines: number): CallSiteLog {
  const random = Random.named(seed, 'call sites');
  const values = statements(random, sites);
  const shares: number[] = [];
  let total = 0;
  for (let i = 0; i < sites; i++) {
    total += 1 / (i + 4);
    shares.push(total);
  }
  const log: { lines: string[]; truth: string[] } = { lines: [], truth: [] };
  for (let i = 0; i < lines; i++) {
    const draw = random.unit() * total;
    const site = shares.findIndex((share) => draw < share);
    log.lines.push(values[site]!.write(random));
    log.truth.push(values[site]!.name);
  }
  return log;
}

function statements(random: Random, sites: number): { name: string; write: Value }[] {
  const taken = new Set<string>();
  const made: { name: string; write: Value }[] = [];
  while (made.length < sites) {
    const style = random.pick(STYLES);
    const wording = { verb: random.pick(VERBS), noun: random.pick(NOUNS), outcome: random.pick(OUTCOMES) };
    const name = `${style.name} ${wording.verb} ${wording.noun} ${wording.outcome}`;
    if (taken.has(name)) continue;
    taken.add(name);
    made.push({ name, write: style(random, wording) });
  }
  return made;
}

/** `[cancelOrder][Cancel order failed][OrderId: …, Reason: …]` */
function bracketed(random: Random, { verb, noun, outcome }: Wording): Value {
  const values = Array.from({ length: random.between(1, 3) }, () => ({
    key: `${capital(random.pick(NOUNS))}${random.pick(['', ' Id', 'Id', ' list'])}`,
    value: nullable(anyValue(random, 0), random.chance(0.2) ? 0.2 : 0),
  }));
  return (line) =>
    `[${verb}${capital(noun)}][${capital(verb)} ${noun} ${outcome}][${values.map((v) => `${v.key}: ${v.value(line)}`).join(', ')}]`;
}

/** `[Step 2][Check contacts] …` */
function bracketedSteps(random: Random, { verb, noun, outcome }: Wording): Value {
  const value = random.chance(0.5) ? anyValue(random, 0) : null;
  const step = random.between(1, 6);
  return (line) =>
    `[${capital(noun)} Service] [Step ${step}] ${capital(verb)} ${outcome}${value === null ? '' : ` ${value(line)}`}`;
}

/** `inventory: OrderPlaced(orderId=…, …)` */
function event(random: Random, { verb, noun, outcome }: Wording): Value {
  const payload = record(random);
  const name = `${capital(noun)}${capital(verb)}${capital(outcome.split(' ')[0]!)}`;
  return (line) => `${noun}: ${name}${payload(line).replace(/^\w+/, '')}`;
}

function sentence(random: Random, { verb, noun, outcome }: Wording): Value {
  const [a, b] = [simple(random), anyValue(random, 0)];
  const preposition = random.pick(['for', 'of', 'with', 'in']);
  return (line) => `${capital(verb)} ${noun} ${a(line)} ${preposition} ${b(line)} ${outcome}`;
}

/** `create order response: Response(status=1, msg=…, data=…)` with an object, a list, or nothing. */
function response(random: Random, { verb, noun, outcome }: Wording): Value {
  const data = nullable(random.chance(0.5) ? record(random) : list(record(random, 1), 3), 0.3);
  const message = random.chance(0.5) ? reason : null;
  return (line) =>
    `${verb} ${noun} ${outcome}, response: Response(status=${line.chance(0.7) ? 1 : 0}, msg=${message === null ? 'Success' : message(line)}, data=${data(line)})`;
}

function jsonBody(random: Random, { verb, noun, outcome }: Wording): Value {
  const body = json(random);
  return (line) => `${capital(noun)} ${verb} ${outcome}. Body: ${body(line)}`;
}

/** A line that is one JSON object with its text in it. */
function jsonLine(random: Random, { verb, noun, outcome }: Wording): Value {
  const value = simple(random);
  const isTimed = random.chance(0.5);
  return (line) =>
    JSON.stringify({
      level: 'info',
      logger: `com.acme.${noun}.${capital(noun)}Service`,
      msg: `${verb} ${noun} ${outcome}: ${value(line)}`,
      ...(isTimed ? { took: line.between(1, 900) } : {}),
    });
}

/** `verb noun outcome key=value key=value`, some keys not always. */
function pairs(random: Random, { verb, noun, outcome }: Wording): Value {
  const keys = [...new Set(Array.from({ length: random.between(2, 4) }, () => random.pick(NOUNS)))];
  const values = keys.map(() => random.pick([uuid, count, money, person, state, kind, flag, time, code]));
  const optional = random.chance(0.3) ? keys.length - 1 : -1;
  return (line) =>
    `${verb} ${noun} ${outcome} ${keys
      .map((key, i) => (i === optional && line.chance(0.4) ? '' : ` ${key}=${values[i]!(line)}`))
      .join('')
      .trim()}`;
}

function spring(random: Random, { verb, noun, outcome }: Wording): Value {
  const value = anyValue(random, 1);
  return (line) =>
    `${time(line)}.${line.between(100, 999)}  INFO 1 --- [nio-80${line.between(10, 99)}-exec-${line.between(1, 9)}] ` +
    `c.a.${noun}.${capital(noun)}Controller : ${capital(verb)} ${noun} ${outcome}: ${value(line)}`;
}

/** With an exception behind it at times. */
function withException(random: Random, { verb, noun, outcome }: Wording): Value {
  const value = simple(random);
  const share = random.pick([1, 1, 0.5]);
  return (line) =>
    `Could not ${verb} ${noun} ${value(line)} (${outcome})${line.chance(share) ? `: ${exception(line)}` : ''}`;
}

/** A person's name in the middle of the text. */
function named(random: Random, { verb, noun, outcome }: Wording): Value {
  const who = random.pick(['user', 'customer', 'driver', 'login of']);
  const isQuoted = random.chance(0.3);
  return (line) =>
    `${who} ${isQuoted ? `"${person(line)}"` : person(line)} ${verb}s ${noun}: ${outcome}, ${flag(line)}`;
}

function transition(random: Random, { verb, noun, outcome }: Wording): Value {
  const id = random.pick([uuid, count, code]);
  return (line) => `${capital(noun)} ${id(line)} ${verb} ${outcome}: status ${state(line)} -> ${state(line)}`;
}

function mapped(random: Random, { verb, noun, outcome }: Wording): Value {
  const value = map(random.pick([person, uuid, kind, count]), random.pick([count, place, money]), 5);
  return (line) => `${capital(verb)} ${noun} ${outcome} by key: ${value(line)}`;
}

function bareList(random: Random, { verb, noun, outcome }: Wording): Value {
  const value = random.pick([person, uuid, code, count]);
  return (line) =>
    `${verb} ${outcome} for ${noun}s: ${Array.from({ length: line.between(1, 5) }, () => value(line)).join(', ')}`;
}

function handedOver(random: Random, { verb, noun, outcome }: Wording): Value {
  const value = random.pick([hash, path, uuid, reason]);
  return (line) => `${verb}${capital(noun)} ${outcome} -> ${value(line)} in ${line.between(1, 900)} ms`;
}
