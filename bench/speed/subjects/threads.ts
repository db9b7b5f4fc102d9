import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Facts, readRequests } from '../corpora.ts';
import { mustBe, type Subject } from '../subject.ts';

/** What a thread is given: its part of the messages, as its partitions would be. */
export interface ThreadWork {
  readonly facts: Facts;
  readonly requests: readonly Uint8Array[];
}

/**
 * Stage 1 in as many threads as the setting says, each with its share of the messages; closed buckets stay where they are.
 * This is the most that threads could give: in a pipeline their counts would still have to be merged.
 */
export async function threads(settings: Readonly<Record<string, string>>): Promise<Subject> {
  const count = Number(settings.threads);
  const { facts, requests } = readRequests(settings.corpus!);
  const workers = Array.from({ length: count }, (_, thread) => {
    const workerData: ThreadWork = {
      facts: { ...facts, partitions: 1 },
      requests: requests.filter((_, i) => i % count === thread),
    };
    return new Worker(new URL('./thread.ts', import.meta.url), { workerData });
  });
  const ask = async (question: 'pass' | 'end'): Promise<number> => {
    const answers = workers.map(async (worker) => {
      worker.postMessage(question);
      const [answer] = (await once(worker, 'message')) as [number];
      return answer;
    });
    return (await Promise.all(answers)).reduce((sum, answer) => sum + answer, 0);
  };
  let passes = 0;
  return {
    round: async (budgetMs) => {
      const wall = performance.now();
      const cpu = process.cpuUsage();
      let records = 0;
      do {
        records += await ask('pass');
        passes++;
      } while (performance.now() - wall < budgetMs);
      const used = process.cpuUsage(cpu);
      return {
        records: facts.records * Math.round(records / facts.records),
        bytes: facts.wireBytes * Math.round(records / facts.records),
        cpuMs: (used.user + used.system) / 1_000,
        wallMs: performance.now() - wall,
      };
    },
    end: async () => {
      mustBe('records counted', await ask('end'), passes * facts.records);
      for (const worker of workers) await worker.terminate();
      return {};
    },
  };
}
