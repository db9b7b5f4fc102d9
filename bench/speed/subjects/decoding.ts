import type { Encoding, LogRecord, RecordSink } from '../../../src/contracts.ts';
import { createDecoder } from '../../../src/core/decode/decoder.ts';
import { createTextResource } from '../../../src/core/decode/resource.ts';
import { oracleDecode } from '../../../test/oracle/otlp-logs.ts';
import { readRequests } from '../corpora.ts';
import { mustBe, type Subject, timedPasses } from '../subject.ts';

/** Requests of a corpus that are turned into the other encodings. */
const REQUESTS_MAX = 10;

/** The forms in which the same records arrive. */
export type Form = 'otlp_proto' | 'otlp_proto detected' | 'otlp_json' | 'json lines' | 'text lines';

/** Our decoder alone, into a sink that looks at every record and keeps none. */
export function decoding(settings: Readonly<Record<string, string>>): Subject {
  const { messages, records, bytes } = messagesOf(settings);
  const form = settings.form as Form;
  const decoder = createDecoder(ENCODING[form]);
  const resource = createTextResource('', 'bench');
  const sink = new CountingSink();
  let passes = 0;
  return {
    round: (budgetMs) =>
      timedPasses(
        budgetMs,
        () => undefined,
        () => {
          for (const value of messages) {
            const malformed = decoder.decode(
              { value, offset: 0, referenceTimeMs: Number.NaN },
              resource,
              sink,
            );
            if (malformed !== null) throw new Error(`malformed: ${malformed.reason} at ${malformed.at}`);
          }
          passes++;
          return { records, bytes };
        },
      ),
    end: () => {
      mustBe('records decoded', sink.records, passes * records);
      return { bytesPerRecord: bytes / records };
    },
  };
}

/** `JSON.parse` of the same bytes, and nothing done with the objects. */
export function parsing(settings: Readonly<Record<string, string>>): Subject {
  const { messages, records, bytes } = messagesOf(settings);
  const text = new TextDecoder();
  let seen = 0;
  let passes = 0;
  return {
    round: (budgetMs) =>
      timedPasses(
        budgetMs,
        () => undefined,
        () => {
          for (const value of messages) {
            const request = JSON.parse(text.decode(value)) as { resourceLogs: unknown[] };
            seen += request.resourceLogs.length;
          }
          passes++;
          return { records, bytes };
        },
      ),
    end: () => {
      const groups = messages.map((value) => JSON.parse(text.decode(value)).resourceLogs.length as number);
      mustBe('ResourceLogs parsed', seen, passes * groups.reduce((sum, count) => sum + count, 0));
      return {};
    },
  };
}

const ENCODING: Readonly<Record<Form, Encoding>> = {
  otlp_proto: 'otlp_proto',
  'otlp_proto detected': 'auto',
  otlp_json: 'otlp_json',
  'json lines': 'json',
  'text lines': 'text',
};

class CountingSink implements RecordSink {
  records = 0;
  sum = 0;

  onRecord(record: LogRecord): void {
    this.records++;
    this.sum = (this.sum + record.bodyEnd - record.bodyStart + record.severityNumber) | 0;
  }
}

interface Messages {
  readonly messages: readonly Uint8Array[];
  readonly records: number;
  readonly bytes: number;
}

function messagesOf(settings: Readonly<Record<string, string>>): Messages {
  const requests = readRequests(settings.corpus!).requests.slice(0, REQUESTS_MAX);
  const form = settings.form as Form;
  let records = 0;
  const messages = requests.map((request) => {
    const { bytes, count } = formOf(request, form);
    records += count;
    return bytes;
  });
  return { messages, records, bytes: messages.reduce((sum, message) => sum + message.length, 0) };
}

function formOf(request: Uint8Array, form: Form): { bytes: Uint8Array; count: number } {
  const encoder = new TextEncoder();
  const decoded = oracleDecode(request);
  const hex = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString('hex');
  const records = (decoded.resourceLogs ?? []).flatMap((group) =>
    (group.scopeLogs ?? []).flatMap((scope) => scope.logRecords ?? []),
  );
  const count = records.length;
  switch (form) {
    case 'otlp_proto':
    case 'otlp_proto detected':
      return { bytes: request, count };
    case 'otlp_json':
      for (const record of records)
        Object.assign(record, { traceId: hex(record.traceId), spanId: hex(record.spanId) });
      return { bytes: encoder.encode(JSON.stringify(decoded)), count };
    case 'json lines':
    case 'text lines': {
      const lines = records.map(({ body, severityText, timeUnixNano }) => {
        const time = new Date(Number(BigInt(timeUnixNano ?? '0') / 1_000_000n)).toISOString();
        const text = body?.stringValue ?? '';
        if (form === 'text lines')
          return `${time} ${severityText} [http-nio-8080-exec-17] com.example.Orders ${text}`;
        return JSON.stringify({ time, level: severityText, service: 'orders', msg: text, status: 200 });
      });
      return { bytes: encoder.encode(lines.join('\n')), count };
    }
  }
}
