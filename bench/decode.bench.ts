// How fast each encoding is read, and next to it the plain reader of the same bytes (protobufjs, JSON.parse).
// Run: npm exec -c 'node bench/decode.bench.ts'. Compare the ratios of one run; absolute figures are the machine's.
import type { LogRecord, RecordSink } from '../src/contracts.ts';
import { createDecoder } from '../src/core/decode/decoder.ts';
import { type EncodableGroup, encodeLogsRequest } from '../src/core/decode/otlp-encode.ts';
import { createTextResource } from '../src/core/decode/resource.ts';
import { oracleDecode, requestType } from '../test/oracle/otlp-logs.ts';

/** Groups × records of one request, and the size of a record on the wire: the Collector's batches look like this. */
const GROUPS = 10;
const RECORDS = 100;

/** Each case runs for about this long per round; the best of the rounds counts. */
const ROUND_MS = 300;
const ROUNDS = 5;

interface Case {
  readonly name: string;
  readonly records: number;
  readonly bytes: number;
  readonly run: () => void;
}

class CountingSink implements RecordSink {
  records = 0;
  sum = 0;

  onRecord(record: LogRecord): void {
    this.records++;
    this.sum += record.bodyEnd - record.bodyStart + record.severityNumber;
  }
}

const total = GROUPS * RECORDS;
const request = encodeLogsRequest(makeGroups({ severity: true }));
const unleveled = encodeLogsRequest(makeGroups({ severity: false }));
const json = new TextEncoder().encode(JSON.stringify(oracleJson(request)));
const lines = new TextEncoder().encode(textLines());
const jsonLines = new TextEncoder().encode(objectLines());
const sink = new CountingSink();
const resource = createTextResource('', 'bench');

function decoding(
  name: string,
  encoding: 'otlp_proto' | 'otlp_json' | 'text' | 'json' | 'auto',
  value: Uint8Array,
): Case {
  const decoder = createDecoder(encoding);
  const message = { value, offset: 0, referenceTimeMs: 1_780_000_000_000 };
  const counted = new CountingSink();
  const malformed = decoder.decode(message, resource, counted);
  if (malformed !== null) throw new Error(`BUG: bench input of ${name} is malformed: ${malformed.reason}`);
  const run = (): void => {
    decoder.decode(message, resource, sink);
  };
  return { name, records: counted.records, bytes: value.length, run };
}

const plain = new TextDecoder();
const cases: readonly Case[] = [
  decoding('otlp_proto', 'otlp_proto', request),
  decoding('otlp_proto, detected', 'auto', request),
  decoding('otlp_proto, severity from the body', 'otlp_proto', unleveled),
  {
    name: 'protobufjs decode',
    records: total,
    bytes: request.length,
    run: () => void requestType.decode(request),
  },
  decoding('otlp_json', 'otlp_json', json),
  {
    name: 'JSON.parse of otlp_json',
    records: total,
    bytes: json.length,
    run: () => void JSON.parse(plain.decode(json)),
  },
  decoding('json lines', 'json', jsonLines),
  decoding('text lines', 'text', lines),
];

console.log(
  `node ${process.version}, request ${GROUPS} x ${RECORDS}, ${Math.round(request.length / total)} B per record`,
);
const rates = measure(cases);
const base = rates[cases.findIndex((c) => c.name === 'protobufjs decode')]!;
for (const [i, c] of cases.entries()) {
  const rate = rates[i]!;
  const perSecond = `${(rate / 1000).toFixed(0)} k records/s`;
  const megabytes = `${((rate * c.bytes) / c.records / 1e6).toFixed(0)} MB/s`;
  const nanos = `${(1e9 / rate).toFixed(0)} ns`;
  console.log(
    `${c.name.padEnd(36)}${perSecond.padStart(18)}${nanos.padStart(10)}${megabytes.padStart(12)}${(rate / base).toFixed(2).padStart(9)}x`,
  );
}

/** Records per second, best round. The cases take turns, so that a busy neighbour slows all of them alike. */
function measure(all: readonly Case[]): number[] {
  const best = all.map(() => 0);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, c] of all.entries()) {
      let runs = 0;
      const start = performance.now();
      let elapsed = 0;
      while (elapsed < ROUND_MS) {
        c.run();
        runs++;
        elapsed = performance.now() - start;
      }
      best[i] = Math.max(best[i]!, (runs * c.records * 1000) / elapsed);
    }
  }
  return best;
}

function makeGroups(options: { severity: boolean }): EncodableGroup[] {
  return Array.from({ length: GROUPS }, (_, g) => ({
    resource: {
      'service.name': `service-${g}`,
      'service.version': '1.4.2',
      'deployment.environment.name': 'production',
      'k8s.pod.name': `service-${g}-7d9c5b6f4-x2x${g}`,
      'k8s.namespace.name': 'shop',
      'host.name': 'node-17.eu-central-1.compute.internal',
    },
    records: Array.from({ length: RECORDS }, (_, i) => ({
      timeUnixNano: String(1_780_000_000_000_000_000n + BigInt(i * 1_234_567)),
      observedTimeUnixNano: String(1_780_000_000_100_000_000n + BigInt(i * 1_234_567)),
      ...(options.severity
        ? { severityNumber: i % 10 === 0 ? 17 : 9, severityText: i % 10 === 0 ? 'ERROR' : 'INFO' }
        : {}),
      body: bodyOf(g, i),
      attributes: {
        'log.file.path': '/var/log/pods/shop_service/app/0.log',
        'log.iostream': 'stdout',
        'http.request.method': 'GET',
        'http.route': '/api/v1/orders/{orderId}/items',
        'http.response.status_code': 200,
        'code.function.name': 'com.example.shop.orders.OrderController.list',
        'thread.name': 'http-nio-8080-exec-17',
        'session.id': '5c1f7a52-0c5d-4f0e-9a53-1f6f1d2b7c11',
      },
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
    })),
  }));
}

function bodyOf(group: number, i: number): string {
  return `request finished: order ${100_000 + i * 37} of customer ${i * 7919} took ${i % 250}ms, 12 items from shard ${group}`;
}

function oracleJson(bytes: Uint8Array): unknown {
  const hex = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString('hex');
  const decoded = oracleDecode(bytes);
  for (const group of decoded.resourceLogs ?? []) {
    for (const scope of group.scopeLogs ?? []) {
      for (const record of scope.logRecords ?? []) {
        Object.assign(record, { traceId: hex(record.traceId), spanId: hex(record.spanId) });
      }
    }
  }
  return decoded;
}

function textLines(): string {
  const one = (_: unknown, i: number): string =>
    `2026-05-28T20:26:${String(10 + (i % 50))}.123Z INFO [http-nio-8080-exec-17] com.example.shop.OrderController ${bodyOf(1, i)}`;
  return Array.from({ length: total }, one).join('\n');
}

function objectLines(): string {
  const one = (_: unknown, i: number): string =>
    JSON.stringify({
      time: '2026-05-28T20:26:10.123Z',
      level: 'info',
      service: 'orders',
      msg: bodyOf(1, i),
      thread: 'http-nio-8080-exec-17',
      route: '/api/v1/orders/{orderId}/items',
      status: 200,
    });
  return Array.from({ length: total }, one).join('\n');
}
