import { BUCKET_STEP_MS } from '../../../src/core/count/limits.ts';
import { Pipeline } from '../../../src/core/pipeline.ts';
import { readRequests } from '../corpora.ts';
import { mustBe, type Subject, timedPasses } from '../subject.ts';
import { Feed } from './stage1.ts';

/** The pipeline as a service runs it by default. */
export function defaultPipeline(): Pipeline {
  return new Pipeline({
    name: 'bench',
    tenant: 'default',
    kafkaSources: ['bench'],
    decode: {},
    redact: { enabled: true },
    detect: { falseAlarmBudgetPerDay: 10 },
  });
}

/**
 * Templates are looked at closely in their first buckets, and their rates are judged from an hour on (`rateLearnMs` of the
 * detectors): from then on a bucket costs what it costs for good.
 */
export const JUDGED_BUCKETS: number = 3_600_000 / BUCKET_STEP_MS + 2;

/**
 * Both stages, bytes to windows, with a checkpoint taken for every bucket and thrown away. With the setting `learnt` the
 * first round begins when templates are known and judged.
 */
export function pipeline(settings: Readonly<Record<string, string>>): Subject {
  const { facts, requests } = readRequests(settings.corpus!);
  const feed = new Feed(facts, requests);
  const whole = defaultPipeline();
  const sums = { counted: 0, templates: 0, buckets: 0 };
  whole.observe((bucket) => {
    sums.buckets++;
    sums.counted += bucket.accounting.counted;
    for (const service of bucket.services) sums.templates += service.templates.length;
  });
  const pass = (): { records: number; bytes: number } => {
    let checkpointed = sums.buckets;
    feed.pass((batch) => {
      whole.accept(batch);
      if (sums.buckets === checkpointed) return;
      checkpointed = sums.buckets;
      whole.checkpoint();
    });
    return { records: facts.records, bytes: facts.wireBytes };
  };
  while (settings.learnt !== undefined && sums.buckets < JUDGED_BUCKETS) {
    feed.nextPass();
    pass();
  }
  return {
    round: (budgetMs) => timedPasses(budgetMs, () => feed.nextPass(), pass),
    end: () => {
      whole.drain();
      mustBe('records counted', sums.counted, feed.passes * facts.records);
      return {
        rowsPerBucket: sums.templates / sums.buckets,
        recordsPerBucket: sums.counted / sums.buckets,
        templates: whole.miner.size,
      };
    },
  };
}
