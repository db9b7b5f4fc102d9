import type { Config } from '../config-schema.ts';
import { type Command, EXIT_FAILED, EXIT_OK, integerFlag, parseCommandArgs, usageError } from './command.ts';
import { CONFIG_OPTIONS, configFromFlags } from './config-options.ts';
import { type Check, checkLine, count, fail, ok, type Verdict, warn } from './doctor/check.ts';
import { checkKafkaSource, checkTarget, type KafkaChecksOptions } from './doctor/kafka-source.ts';
import { checkEndpoint, checkFiles, checkStore, type StoreState } from './doctor/local-checks.ts';

const SAMPLE_DEFAULT = 20;
const SAMPLE_MAX = 10_000;

export const doctor: Command = {
  name: 'doctor',
  usage: '[options]',
  options: [
    ...CONFIG_OPTIONS,
    {
      flag: 'sample',
      value: 'N',
      help: `messages looked at in each partition, the last ones (default ${SAMPLE_DEFAULT})`,
    },
    { flag: 'json', help: 'one JSON object with every check and its numbers' },
  ],
  notes: `
Takes the settings of \`winnow run\` and looks whether it could work with them: brokers, topics and rights, the consumer
group, what is unread and how long it will wait, formats, partitioning, clocks, the store, the disk, the endpoint, and the
topics that windows go to. It only looks: it joins no group, commits and writes nothing, and may be run beside a worker.

One line a check: ok, warn or fail, what was found, and what to do about it. Ends with 1 if a check failed, else with 0.

  winnow doctor --config /etc/winnow/winnow.yaml
  winnow doctor --brokers localhost:9092 --topics otlp_logs --sample 200`,

  async run(args, terminal) {
    const { flags, switches, positionals } = parseCommandArgs(this, args);
    if (positionals.length > 0) throw usageError('doctor', `unexpected ${positionals[0]}`);
    const sample = integerFlag('doctor', 'sample', flags.sample, SAMPLE_DEFAULT, 1, SAMPLE_MAX);
    const config = configFromFlags(flags);
    const isJson = switches.has('json');
    const checks: Check[] = [];
    await examine(config, sample, async (check) => {
      checks.push(check);
      if (!isJson) await terminal.out(checkLine(check, terminal));
    });
    const of = (verdict: Verdict): number => checks.filter((check) => check.verdict === verdict).length;
    const isOk = of('fail') === 0;
    if (isJson) await terminal.out(`${JSON.stringify({ ok: isOk, checks }, null, 2)}\n`);
    else
      await terminal.out(
        `${isOk ? 'winnow can run' : 'winnow cannot run as it should'}: ${of('ok')} ok, ${count(of('warn'), 'warning')}, ${of('fail')} failed\n`,
      );
    return isOk ? EXIT_OK : EXIT_FAILED;
  },
};

type Report = (check: Check) => Promise<void>;

async function examine(config: Config, sample: number, report: Report): Promise<void> {
  const local: Check[] = [];
  const store = checkStore(config.store.path, local);
  await checkEndpoint(config, store, local);
  for (const check of local) await report(check);
  await checkSources(config, store, sample, report);
  await checkTargets(config, store, report);
}

async function checkSources(
  config: Config,
  store: StoreState,
  sample: number,
  report: Report,
): Promise<void> {
  if (config.sources.length === 0) {
    const hint = 'name one in the configuration file, or give --brokers HOST:PORT';
    await report(fail('sources: there is none to read from', hint));
  }
  const options: KafkaChecksOptions = { config, store, sample, nowMs: Date.now() };
  for (const source of config.sources) {
    if (source.type === 'kafka') await checkKafkaSource(source, options, report);
    else if (source.type === 'files') {
      const checks: Check[] = [];
      checkFiles(source.paths, source.name, checks);
      for (const check of checks) await report(check);
    } else await report(ok(`source ${source.name}: standard input`));
  }
}

async function checkTargets(config: Config, store: StoreState, report: Report): Promise<void> {
  for (const feed of config.feeds) {
    await report(await checkTarget(`feed ${feed.name}`, feed, feed));
    const stored = store.report?.feeds.find((one) => one.feed === feed.name);
    if (stored === undefined) continue;
    const { pending, expired } = stored;
    const facts = { pending, expired };
    const what = `feed ${feed.name}: ${count(pending, 'revision')} to be delivered`;
    const hint = 'its target was away for longer than the store keeps windows: raise store.retentionDays';
    await report(expired === 0 ? ok(what, facts) : warn(`${what}, ${expired} expired before`, hint, facts));
  }
  const { deadLetter } = config;
  const cluster = deadLetter?.cluster ?? config.sources.find((source) => source.type === 'kafka');
  if (deadLetter !== undefined && cluster !== undefined)
    await report(await checkTarget('dead letters', deadLetter, cluster));
}
