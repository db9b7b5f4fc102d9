import { readRequests } from '../corpora.ts';
import { mustBe, type Subject, timedPasses } from '../subject.ts';
import { OffsetsWalk } from '../walk.ts';

/** The floor under every reader: where the fields are, and nothing done with them. */
export function walk(settings: Readonly<Record<string, string>>): Subject {
  const { facts, requests } = readRequests(settings.corpus!);
  const walker = new OffsetsWalk();
  let passes = 0;
  return {
    round: (budgetMs) =>
      timedPasses(
        budgetMs,
        () => undefined,
        () => {
          for (const request of requests) walker.request(request);
          passes++;
          return { records: facts.records, bytes: facts.wireBytes };
        },
      ),
    end: () => {
      mustBe('records walked', walker.records, passes * facts.records);
      mustBe('bytes of bodies', walker.bodyBytes, passes * facts.bodyBytes);
      return {};
    },
  };
}
