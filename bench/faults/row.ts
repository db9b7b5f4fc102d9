import { join } from 'node:path';
import type { Cluster } from './cluster.ts';
import { droppedIn } from './probe-lines.ts';
import { Installation, type InstallationOptions, type Life } from './program.ts';
import { type RowReport, seconds, whole } from './report.ts';
import { maximum, median } from './statistics.ts';
import { differenceOf } from './store-contents.ts';

/** What every row is given. */
export interface RowContext {
  readonly cluster: Cluster;
  readonly report: RowReport;
  readonly directory: string;
  readonly seed: number;
  readonly isQuick: boolean;
}

/** A store for one reading of a topic; `name` tells two readings of the same topic apart. */
export function installationFor(
  { cluster, directory }: RowContext,
  topic: string,
  name: string,
  options: Partial<InstallationOptions> = {},
): Installation {
  return new Installation({
    directory: join(directory, topic, name),
    brokers: cluster.brokers,
    topic,
    group: `${topic}-${name}`,
    checkpointEveryMs: 250,
    ...options,
  });
}

/** Reads the whole topic in one life that nothing disturbs. */
export async function readUninterrupted(
  context: RowContext,
  topic: string,
  messages: number,
  options: Partial<InstallationOptions> = {},
): Promise<Installation> {
  const installation = installationFor(context, topic, 'uninterrupted', options);
  const life = installation.start();
  const startedMs = performance.now();
  await life.until('the uninterrupted run has read everything', () => life.messages >= messages, 900_000);
  await life.stop();
  const perSecond = installation.books.totals().consumed / ((performance.now() - startedMs) / 1_000);
  context.report.say(`uninterrupted run read ${whole(messages)} messages, ${whole(perSecond)} records/s`);
  return installation;
}

/** Figures that say whether a disturbed reading came to what an undisturbed one comes to. */
export function compareRuns(report: RowReport, disturbed: Installation, calm: Installation): void {
  const wanted = calm.store.contents();
  const difference = differenceOf(disturbed.store.contents(), wanted);
  report.add(
    'revisions that differ from the uninterrupted run',
    `${difference.revisions} of ${whole(wanted.revisions.length)}`,
    '0, and more than 0 compared',
    difference.revisions === 0 && wanted.revisions.length > 0,
  );
  report.add(
    'rows of learned state that differ',
    `${difference.state} of ${whole(wanted.state.length)}`,
    '0',
    difference.state === 0,
  );
}

/** Invariant: Σ templates + frames + censored + dropped = consumed = produced, over all judged buckets. */
export function compareBooks(report: RowReport, installation: Installation, produced: number): void {
  const { books } = installation;
  const totals = books.totals();
  const { consumed, counted, templates, frames, censored } = totals;
  const dropped = droppedIn(totals);
  report.exact('records consumed, produced', consumed, produced);
  report.add(
    'Σ templates + stack frames + censored + dropped',
    `${whole(templates)} + ${whole(frames)} + ${whole(censored)} + ${whole(dropped)}`,
    `= ${whole(consumed)}`,
    templates + frames + censored + dropped === consumed && counted + dropped === consumed,
  );
  const stored = installation.store.totals();
  report.add(
    'the totals that the store keeps: consumed, dropped',
    stored === null ? 'none' : `${whole(stored.consumed)}, ${whole(droppedIn(stored))}`,
    `= ${whole(consumed)}, ${whole(dropped)}`,
    stored?.consumed === consumed && stored.counted === counted && droppedIn(stored) === dropped,
  );
  report.add(
    'buckets judged again after a kill, with another result',
    `${whole(books.judgedAgain)} of ${whole(books.buckets)}, ${books.disagreements}`,
    '0 with another result',
    books.disagreements === 0,
  );
}

export function addResumeTimes(
  report: RowReport,
  name: string,
  timesMs: readonly number[],
  boundMs: number,
): void {
  const most = maximum(timesMs);
  const text = `median ${seconds(median(timesMs))}, max ${seconds(most)}, n ${timesMs.length}`;
  report.add(name, text, `max ≤ ${seconds(boundMs)}`, most <= boundMs);
}

/** Waits until everything that was produced is read and durable. */
export async function readToEnd(installation: Installation, messages: number, life: Life): Promise<void> {
  await life.until('everything is durable', () => installation.store.readTo() >= messages, 600_000);
}
