// The seeded inputs of the bench, made by this code alone: the same on every machine. Kept as files, because every
// subject, ours or a peer's, reads them in a process of its own.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUCKET_STEP_MS } from '../../src/core/count/limits.ts';
import { type EncodableRecord, encodeLogsRequest } from '../../src/core/decode/otlp-encode.ts';
import { Random } from '../../src/simulator/random.ts';
import { type Format, type LineKind, makeFormat } from './formats.ts';

/** In the files' names: raise it with any change of what is made. */
const CORPORA_VERSION = 2;
export const CACHE = join(import.meta.dirname, '../../.cache/bench');

/** Start of every corpus, and the first record's time: a multiple of the bucket. */
export const START_MS = 1_780_000_000_000;
/** Records of one service in one request, as a Collector's batches hold them. */
const RECORDS_PER_GROUP = 100;
const PODS_PER_SERVICE = 3;
/** Times within a batch are not in order: each record is up to this much older than its place says. */
const JITTER_MS = 800;

export interface RequestSpec {
  readonly name: string;
  readonly seed: number;
  readonly kind: LineKind;
  readonly services: number;
  readonly formatsPerService: number;
  /**
   * Exponent of Zipf's law over a service's formats. At 1.3 half of the (signature, bucket) pairs hold at most five
   * records (`rareShare` of the result says how many do), as in the logs of real services.
   */
  readonly exponent: number;
  readonly recordsPerBucket: number;
  readonly buckets: number;
  /** Bytes of a whole LogRecord on the wire; reached with attributes. 0 = as they come. */
  readonly recordBytes: number;
  readonly partitions: number;
}

/** What a corpus holds, counted while it was made. Results are accepted only if they add up to this. */
export interface Facts {
  readonly records: number;
  readonly wireBytes: number;
  readonly bodyBytes: number;
  readonly durationMs: number;
  readonly partitions: number;
  /** Share of the pairs (format of a service, bucket) that hold at most five records. */
  readonly rareShare: number;
  readonly formats: number;
}

/** Export requests as messages of a topic: the i-th belongs to partition i modulo `partitions`. */
export interface RequestCorpus {
  readonly facts: Facts;
  readonly requests: readonly Uint8Array[];
}

/** Writes the corpus unless it is there; returns its path without suffix. */
export function prepareRequests(spec: RequestSpec): string {
  const path = join(CACHE, `${spec.name}-${spec.seed}-v${CORPORA_VERSION}`);
  const identity = JSON.stringify(spec);
  if (existsSync(`${path}.json`) && JSON.parse(readFileSync(`${path}.json`, 'utf8')).identity === identity)
    return path;
  mkdirSync(CACHE, { recursive: true });
  const { facts, requests } = makeRequests(spec);
  const parts: Uint8Array[] = [];
  for (const request of requests) {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, request.length);
    parts.push(length, request);
  }
  writeWhole(`${path}.bin`, Buffer.concat(parts));
  writeWhole(`${path}.json`, JSON.stringify({ identity, facts }));
  return path;
}

export function readRequests(path: string): RequestCorpus {
  const { facts } = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as { facts: Facts };
  const bytes = new Uint8Array(readFileSync(`${path}.bin`));
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const requests: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at);
    // A message of its own memory, as a network client delivers it.
    requests.push(bytes.slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return { facts, requests };
}

/** Lines of `kind`, every run of digits drawn anew; one a line, `\n` at the end of each. Returns the file's path. */
export function prepareLines(kind: LineKind, lines: number, seed: number): string {
  const path = join(CACHE, `lines-${kind}-${lines}-${seed}-v${CORPORA_VERSION}.txt`);
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  const random = Random.named(seed, `lines of ${kind}`);
  const formats = Array.from({ length: LINE_FORMATS }, () => makeFormat(kind, random));
  const cumulative = zipf(LINE_FORMATS, LINE_EXPONENT);
  let text = '';
  for (let i = 0; i < lines; i++) {
    const line = formats[draw(cumulative, random)]!(random);
    text += `${redraw(line, random).replaceAll('\n', ' ')}\n`;
  }
  writeWhole(path, text);
  return path;
}

/** Formats of a file of lines: as many as the sixteen systems of loghub's samples hold together, give or take. */
const LINE_FORMATS = 1_000;
const LINE_EXPONENT = 1;

function makeRequests(spec: RequestSpec): RequestCorpus {
  const random = Random.named(spec.seed, spec.name);
  const cumulative = zipf(spec.formatsPerService, spec.exponent);
  const services = Array.from(
    { length: spec.services },
    (_, i) => new ServiceWriter(spec, i, random, cumulative),
  );
  const total = spec.recordsPerBucket * spec.buckets;
  const groups = Math.min(spec.services, 10);
  const perRequest = groups * RECORDS_PER_GROUP;
  const stepMs = (spec.buckets * BUCKET_STEP_MS) / total;
  const requests: Uint8Array[] = [];
  let made = 0;
  let next = 0;
  while (made < total) {
    const request: { resource: Record<string, string>; records: EncodableRecord[] }[] = [];
    for (let g = 0; g < groups && made < total; g++) {
      const service = services[next++ % services.length]!;
      const records: EncodableRecord[] = [];
      const size = Math.min(RECORDS_PER_GROUP, total - made);
      for (let i = 0; i < size; i++) {
        // Services of one request are written at the same time, each record of a service after the one before.
        const place = Math.min(total - 1, requests.length * perRequest + i * groups + g);
        records.push(
          service.record(Math.max(START_MS, START_MS + place * stepMs - random.unit() * JITTER_MS)),
        );
      }
      made += size;
      request.push({ resource: service.resource(requests.length), records });
    }
    requests.push(encodeLogsRequest(request));
  }
  const pairs = services.flatMap((service) => [...service.pairs.values()]);
  return {
    requests,
    facts: {
      records: made,
      wireBytes: requests.reduce((sum, request) => sum + request.length, 0),
      bodyBytes: services.reduce((sum, service) => sum + service.bodyBytes, 0),
      durationMs: spec.buckets * BUCKET_STEP_MS,
      partitions: spec.partitions,
      rareShare: pairs.filter((count) => count <= 5).length / pairs.length,
      formats: spec.services * spec.formatsPerService,
    },
  };
}

/** One service of a corpus: its formats, its pods, and what it has written so far. */
class ServiceWriter {
  readonly pairs = new Map<number, number>();
  bodyBytes = 0;
  readonly #spec: RequestSpec;
  readonly #name: string;
  readonly #random: Random;
  readonly #cumulative: Float64Array;
  readonly #formats: readonly { readonly render: Format; readonly severityNumber: number }[];
  readonly #pods: readonly string[];

  constructor(spec: RequestSpec, index: number, random: Random, cumulative: Float64Array) {
    this.#spec = spec;
    this.#name = `service-${index}`;
    this.#random = random;
    this.#cumulative = cumulative;
    this.#pods = Array.from({ length: PODS_PER_SERVICE }, () => `service-${index}-${random.podSuffix(10)}`);
    this.#formats = Array.from({ length: spec.formatsPerService }, () => ({
      render: makeFormat(spec.kind, random),
      severityNumber: random.chance(0.05) ? 17 : random.chance(0.1) ? 13 : 9,
    }));
  }

  resource(nth: number): Record<string, string> {
    return {
      'service.name': this.#name,
      'service.version': '1.4.2',
      'deployment.environment.name': 'production',
      'k8s.pod.name': this.#pods[nth % PODS_PER_SERVICE]!,
      'k8s.namespace.name': 'shop',
      'host.name': 'node-17.eu-central-1.compute.internal',
    };
  }

  record(timeMs: number): EncodableRecord {
    const random = this.#random;
    const nth = draw(this.#cumulative, random);
    const { render, severityNumber } = this.#formats[nth]!;
    const body = render(random);
    const bodyBytes = Buffer.byteLength(body);
    this.bodyBytes += bodyBytes;
    const pair = nth * this.#spec.buckets + Math.floor((timeMs - START_MS) / BUCKET_STEP_MS);
    this.pairs.set(pair, (this.pairs.get(pair) ?? 0) + 1);
    const nanos = BigInt(Math.floor(timeMs)) * 1_000_000n + BigInt(random.between(0, 999_999));
    return {
      timeUnixNano: nanos,
      observedTimeUnixNano: nanos + 100_000_000n,
      severityNumber,
      severityText: severityNumber === 17 ? 'ERROR' : severityNumber === 13 ? 'WARN' : 'INFO',
      body,
      attributes: attributesOf(this.#spec.recordBytes - bodyBytes, random),
      traceId: random.hex(32),
      spanId: random.hex(16),
    };
  }
}

/** Bytes of a record beside its body and attributes: times, severity, ids, tags and lengths. */
const RECORD_OVERHEAD = 62;
/** Tags and lengths of an attribute of less than 128 bytes. */
const ATTRIBUTE_OVERHEAD = 8;

const ATTRIBUTES: readonly (readonly [string, string | number])[] = [
  ['log.iostream', 'stdout'],
  ['http.request.method', 'GET'],
  ['http.response.status_code', 200],
  ['http.route', '/api/v1/orders/{orderId}/items'],
  ['thread.name', 'http-nio-8080-exec-17'],
  ['code.function.name', 'com.example.shop.orders.OrderController.list'],
  ['log.file.path', '/var/log/pods/shop_service/app/0.log'],
  ['url.full', 'https://shop.example.com/api/v1/orders/4711/items?page=2&sort=price&order=asc'],
  ['user_agent.original', 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0'],
  ['k8s.pod.labels', 'app=shop,tier=backend,release=stable,track=blue,team=orders,zone=eu-central-1a'],
];

/** As many attributes as fit beside the body, the last one filled up to the size of the record. */
function attributesOf(bytes: number, random: Random): Record<string, string | number> {
  const attributes: Record<string, string | number> = {};
  let left = bytes - RECORD_OVERHEAD;
  for (const [key, value] of ATTRIBUTES) {
    const size = key.length + (typeof value === 'string' ? value.length : 2) + ATTRIBUTE_OVERHEAD;
    if (size > left - 40) break;
    attributes[key] = value;
    left -= size;
  }
  const room = left - 'session.id'.length - ATTRIBUTE_OVERHEAD;
  if (room > 0)
    attributes['session.id'] = random
      .hex(16)
      .repeat(Math.ceil(room / 16))
      .slice(0, room);
  return attributes;
}

/** Cumulative probabilities of Zipf's law. */
function zipf(ranks: number, exponent: number): Float64Array {
  const cumulative = new Float64Array(ranks);
  let sum = 0;
  for (let i = 0; i < ranks; i++) {
    sum += (i + 1) ** -exponent;
    cumulative[i] = sum;
  }
  return cumulative.map((value) => value / sum);
}

function draw(cumulative: Float64Array, random: Random): number {
  const at = random.unit();
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Every run of digits by another of the same length. */
function redraw(line: string, random: Random): string {
  return line.replace(/\d+/g, (digits) => {
    let drawn = '';
    for (let i = 0; i < digits.length; i++) drawn += random.between(0, 9);
    return drawn;
  });
}

/** Under its final name only when complete. */
function writeWhole(path: string, content: string | Uint8Array): void {
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, content);
  renameSync(partial, path);
}
