import { type OracleRequest, requestType } from '../../../test/oracle/otlp-logs.ts';
import { type BufbuildRequest, bufbuildDecoder } from '../../peers/bufbuild.ts';
import { readRequests } from '../corpora.ts';
import { mustBe, type Subject, timedPasses } from '../subject.ts';

/** protobufjs decodes every request into objects; nothing is done with them. */
export function decodeWithProtobufjs(settings: Readonly<Record<string, string>>): Subject {
  const decode = (bytes: Uint8Array): OracleRequest => requestType.decode(bytes) as OracleRequest;
  const bodyBytes = (request: OracleRequest): number => {
    let bytes = 0;
    for (const group of request.resourceLogs ?? []) {
      for (const scope of group.scopeLogs ?? []) {
        for (const record of scope.logRecords ?? [])
          bytes += Buffer.byteLength(record.body?.stringValue ?? '');
      }
    }
    return bytes;
  };
  return decodingIntoObjects(settings, decode, (request) => request.resourceLogs?.length ?? 0, bodyBytes);
}

/** @bufbuild/protobuf does the same. */
export async function decodeWithBufbuild(settings: Readonly<Record<string, string>>): Promise<Subject> {
  const decode = await bufbuildDecoder();
  const bodyBytes = (request: BufbuildRequest): number => {
    let bytes = 0;
    for (const group of request.resourceLogs) {
      for (const scope of group.scopeLogs) {
        for (const { body } of scope.logRecords) bytes += Buffer.byteLength(String(body?.value.value ?? ''));
      }
    }
    return bytes;
  };
  return decodingIntoObjects(settings, decode, (request) => request.resourceLogs.length, bodyBytes);
}

function decodingIntoObjects<Request>(
  settings: Readonly<Record<string, string>>,
  decode: (bytes: Uint8Array) => Request,
  groupsOf: (request: Request) => number,
  bodyBytesOf: (request: Request) => number,
): Subject {
  const { facts, requests } = readRequests(settings.corpus!);
  let bodyBytes = 0;
  let groups = 0;
  for (const request of requests) {
    const decoded = decode(request);
    bodyBytes += bodyBytesOf(decoded);
    groups += groupsOf(decoded);
  }
  mustBe('bytes of bodies', bodyBytes, facts.bodyBytes);
  let seen = 0;
  let passes = 0;
  return {
    round: (budgetMs) =>
      timedPasses(
        budgetMs,
        () => undefined,
        () => {
          for (const request of requests) seen += groupsOf(decode(request));
          passes++;
          return { records: facts.records, bytes: facts.wireBytes };
        },
      ),
    end: () => {
      mustBe('ResourceLogs decoded', seen, passes * groups);
      return {};
    },
  };
}
