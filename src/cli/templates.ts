import type { Batch, Decoder, Intake, LogRecord, Message, RecordSink, Scanner } from '../contracts.ts';
import { BucketCloser } from '../core/count/close-bucket.ts';
import { BUCKET_STEP_MS } from '../core/count/limits.ts';
import { OpenBucket } from '../core/count/open-bucket.ts';
import { PartitionClocks } from '../core/count/partition-clock.ts';
import { createDecoder } from '../core/decode/decoder.ts';
import { EventLine } from '../core/decode/event-line.ts';
import { KeptReader } from '../core/decode/kept-reader.ts';
import { createTextResource } from '../core/decode/resource.ts';
import { Miner } from '../core/mine/miner.ts';
import { createRedactor } from '../core/redact.ts';
import { createScanner, type LineScanner } from '../core/scan/scanner.ts';
import { createFilesSource } from '../sources/files.ts';
import { type Command, choice, EXIT_FAILED, parseCommandArgs, usageError } from './command.ts';
import {
  CONFIG_OPTION,
  decodeOptions,
  type OfflineOptions,
  offlineOptions,
  redactOptions,
} from './offline.ts';
import { exitCodeOf, printProblems } from './problems.ts';
import { grouped, Progress } from './progress.ts';

const ENCODINGS = ['auto', 'otlp_proto', 'otlp_json', 'text', 'json', 'raw'] as const;
/** Records of one bucket: the command mines online as the service does, by input order instead of time. */
const RECORDS_PER_BUCKET = 100;

export const templates: Command = {
  name: 'templates',
  usage: 'FILE… [options]',
  options: [
    { flag: 'csv', help: 'map every line to its final template: LineId,EventId,EventTemplate' },
    CONFIG_OPTION,
    { flag: 'encoding', value: 'NAME', help: `${ENCODINGS.join(', ')} (default auto)` },
    { flag: 'service', value: 'NAME', help: 'service of lines that name none (default: files)' },
    { flag: 'top', value: 'N', help: 'only the N most frequent' },
    { flag: 'no-redaction', help: 'leave secrets in the output as they are' },
  ],
  notes: `
Mines online, as the service does: the input is read once, in order, ${RECORDS_PER_BUCKET} records to a bucket. Each line of a text
file is a record of its own. Templates are printed as they are at the end.

  winnow templates app.log --top 20
  winnow templates app.log --csv > templates.csv
  winnow templates app.log --config winnow.yaml          # with the masking rules of that file`,

  async run(args, terminal) {
    const { flags, switches, positionals } = parseCommandArgs(this, args);
    if (positionals.length === 0) throw usageError('templates', 'no file given');
    const encoding = choice('templates', 'encoding', flags.encoding, ENCODINGS, 'auto');
    const top = flags.top === undefined ? Number.POSITIVE_INFINITY : Number(flags.top);
    if (!(top >= 1)) throw usageError('templates', `--top ${flags.top} is not a positive number`);
    const run = new TemplateRun(offlineOptions(flags, switches));
    const progress = new Progress(terminal, 'templates');
    const source = createFilesSource({
      name: 'files',
      paths: positionals,
      encoding,
      ...(flags.service === undefined ? {} : { service: flags.service }),
      onProgress: ({ file, bytesRead, bytesTotal }) =>
        progress.update(
          bytesTotal === null ? null : bytesRead / bytesTotal,
          `${file} · ${grouped(run.lines)} lines`,
        ),
    });
    await source.run(run.intake);
    run.finish();
    progress.end();
    printProblems(source.problems, terminal);
    const exitCode = exitCodeOf(source.problems, run.lines);
    if (exitCode === EXIT_FAILED) return exitCode;
    for (const row of switches.has('csv') ? run.csv() : run.table(top)) {
      if (!(await terminal.out(`${row}\n`))) break;
    }
    return exitCode;
  },
};

/** Counts signatures by input order, mines every hundred records, and remembers each line's signature. */
class TemplateRun implements RecordSink {
  readonly #miner: Miner;
  readonly #scanner: LineScanner;
  readonly #tenant: string;
  /** A frame that arrives alone is a line here: every line gets its template. */
  readonly #everyLine: Scanner;
  readonly #decode: Decoder;
  readonly #decodeText: Decoder;
  readonly #line = new EventLine();
  readonly #clocks = new PartitionClocks();
  readonly #clock = this.#clocks.get({ source: 'files', topic: '', partition: 0 });
  readonly #bucket = new OpenBucket(this.#clocks);
  readonly #closer = new BucketCloser(this.#clocks);
  readonly #services: string[] = [];
  readonly #serviceIds = new Map<string, number>();
  #signatures = new Uint32Array(3 * 1_024);
  #inBucket = 0;
  #offset = 0;
  lines = 0;

  constructor(options: OfflineOptions) {
    const redactor = createRedactor(redactOptions(options));
    this.#tenant = options.tenant;
    this.#decode = createDecoder('auto', { ...decodeOptions(options), redactor });
    this.#decodeText = createDecoder('text', decodeOptions(options));
    const reader = new KeptReader();
    this.#miner = new Miner({
      redact: (text) => redactor.redact(text),
      bodyOf: (kept) => reader.line(kept),
      scanner: createScanner(options.masking),
    });
    const scanner = createScanner(options.masking);
    this.#scanner = scanner;
    this.#everyLine = {
      version: scanner.version,
      scan: () => undefined,
      recall: () => undefined,
      kind: 'line',
      get hashHigh() {
        return scanner.hashHigh;
      },
      get hashLow() {
        return scanner.hashLow;
      },
    };
  }

  readonly intake: Intake = {
    accept: async (batch) => this.#accept(batch),
    assigned: async (partitions) => partitions.map(() => null),
    revoked: async () => undefined,
    finished: async () => undefined,
  };

  onRecord(record: LogRecord): void {
    if (this.#line.write(record)) this.#scanner.scan(this.#line.bytes, 0, this.#line.length);
    else this.#scanner.scan(record.body, record.bodyStart, record.bodyEnd);
    const bucket = this.#bucket;
    if (bucket.message !== this.#offset) bucket.beginMessage(this.#offset, this.#clock, this.#offset);
    bucket.timeMs = bucket.startMs + this.#inBucket;
    bucket.add(record, this.#everyLine);
    this.#remember(
      this.#serviceId(record.resource.service.key),
      this.#scanner.hashHigh,
      this.#scanner.hashLow,
    );
    if (++this.#inBucket === RECORDS_PER_BUCKET) this.finish();
  }

  /** Mines what the open bucket holds. */
  finish(): void {
    if (this.#inBucket === 0) return;
    this.#miner.mine(this.#closer.close(this.#bucket));
    this.#bucket.clear();
    this.#bucket.startMs += BUCKET_STEP_MS;
    this.#inBucket = 0;
  }

  *csv(): Generator<string> {
    yield 'LineId,EventId,EventTemplate';
    for (let line = 0; line < this.lines; line++) {
      const found = this.#templateOf(line);
      yield `${line + 1},${found?.templateId ?? ''},${quoted(found?.text ?? '')}`;
    }
  }

  *table(top: number): Generator<string> {
    const counts = new Map<string, { records: number; text: string; service: string }>();
    for (let line = 0; line < this.lines; line++) {
      const found = this.#templateOf(line);
      if (found === undefined) continue;
      const key = `${found.service} ${found.templateId}`;
      const row = counts.get(key) ?? {
        records: 0,
        text: found.text,
        service: found.service.split('\u001f').at(-1)!,
      };
      row.records++;
      counts.set(key, row);
    }
    const rows = [...counts]
      .sort((a, b) => b[1].records - a[1].records || (a[0] < b[0] ? -1 : 1))
      .slice(0, top);
    yield `${'COUNT'.padStart(10)}  ${'SERVICE'.padEnd(20)}  TEMPLATE`;
    for (const [, { records, service, text }] of rows) {
      yield `${grouped(records).padStart(10)}  ${service.padEnd(20)}  ${printable(text)}`;
    }
    yield `${grouped(this.lines)} lines, ${grouped(counts.size)} templates`;
  }

  #accept(batch: Batch): void {
    const resource = createTextResource(this.#tenant, batch.defaultService || batch.partition.source);
    for (const message of batch.messages) {
      if (batch.encoding !== 'text') {
        this.#offset++;
        this.#decode.decode(message, resource, this);
        continue;
      }
      for (const line of linesOf(message)) {
        this.#offset++;
        const before = this.lines;
        this.#decodeText.decode(line, resource, this);
        if (this.lines === before) this.#remember(0xffff_ffff, 0, 0);
      }
    }
  }

  #templateOf(line: number): { templateId: string; text: string; service: string } | undefined {
    const service = this.#services[this.#signatures[line * 3]!];
    if (service === undefined) return undefined;
    const id = this.#miner.resolve(service, this.#signatures[line * 3 + 1]!, this.#signatures[line * 3 + 2]!);
    return id === undefined ? undefined : this.#miner.template(service, id);
  }

  #remember(service: number, high: number, low: number): void {
    if ((this.lines + 1) * 3 > this.#signatures.length) {
      const larger = new Uint32Array(this.#signatures.length * 2);
      larger.set(this.#signatures);
      this.#signatures = larger;
    }
    this.#signatures[this.lines * 3] = service;
    this.#signatures[this.lines * 3 + 1] = high;
    this.#signatures[this.lines * 3 + 2] = low;
    this.lines++;
  }

  #serviceId(key: string): number {
    let id = this.#serviceIds.get(key);
    if (id === undefined) {
      id = this.#services.push(key) - 1;
      this.#serviceIds.set(key, id);
    }
    return id;
  }
}

/** The lines of a block of text as messages; a blank line counts as one. */
function* linesOf(message: Message): Generator<Message> {
  const { value } = message;
  for (let start = 0; start < value.length; ) {
    let end = value.indexOf(0x0a, start);
    if (end < 0) end = value.length;
    yield { ...message, value: value.subarray(start, end) };
    start = end + 1;
  }
}

/** RFC 4180. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One line for a terminal: control characters shown as escapes. */
function printable(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
