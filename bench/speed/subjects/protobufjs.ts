import { type OracleRequest, requestType } from '../../../test/oracle/otlp-logs.ts';
import { readRequests } from '../corpora.ts';
import { mustBe, type Subject, timedPasses } from '../subject.ts';

/** protobufjs decodes every request into objects; nothing is done with them. */
export function decodeWithProtobufjs(settings: Readonly<Record<string, string>>): Subject {
  const { facts, requests } = readRequests(settings.corpus!);
  let bodyBytes = 0;
  for (const request of requests) bodyBytes += bodyBytesOf(requestType.decode(request) as OracleRequest);
  mustBe('bytes of bodies', bodyBytes, facts.bodyBytes);
  let groups = 0;
  let groupsSeen = 0;
  for (const request of requests)
    groups += (requestType.decode(request) as OracleRequest).resourceLogs!.length;
  let passes = 0;
  return {
    round: (budgetMs) =>
      timedPasses(
        budgetMs,
        () => undefined,
        () => {
          for (const request of requests) {
            groupsSeen += (requestType.decode(request) as OracleRequest).resourceLogs!.length;
          }
          passes++;
          return { records: facts.records, bytes: facts.wireBytes };
        },
      ),
    end: () => {
      mustBe('ResourceLogs decoded', groupsSeen, passes * groups);
      return {};
    },
  };
}

function bodyBytesOf(request: OracleRequest): number {
  let bytes = 0;
  for (const group of request.resourceLogs ?? []) {
    for (const scope of group.scopeLogs ?? []) {
      for (const record of scope.logRecords ?? []) bytes += Buffer.byteLength(record.body?.stringValue ?? '');
    }
  }
  return bytes;
}
