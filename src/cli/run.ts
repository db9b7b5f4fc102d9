import { pino } from 'pino';
import { requireSources, Service } from '../service.ts';
import { type Command, EXIT_FAILED, EXIT_OK, parseCommandArgs, usageError } from './command.ts';
import { CONFIG_OPTIONS, configFromFlags } from './config-options.ts';

export const run: Command = {
  name: 'run',
  usage: '[options]',
  options: [
    ...CONFIG_OPTIONS,
    {
      flag: 'check',
      help: 'read the configuration, report its problems, print it with its defaults, and end',
    },
  ],
  notes: `
Defaults, then the file, then the environment, then flags. Logs go to stderr as JSON lines. Windows are read with
\`winnow windows\`, also while the service runs. A second process on the same store stands by and takes over.

SIGTERM and SIGINT stop the sources, make everything read durable and end; a second signal ends at once.

  winnow run --brokers localhost:9092 --topics otlp_logs --store /var/lib/winnow/winnow.db`,

  async run(args, terminal) {
    const { flags, switches, positionals } = parseCommandArgs(this, args);
    if (positionals.length > 0) throw usageError('run', `unexpected ${positionals[0]}`);
    const config = configFromFlags(flags);
    if (switches.has('check')) {
      await terminal.out(`${JSON.stringify(config, null, 2)}\n`);
      return EXIT_OK;
    }
    requireSources(config);
    const log = pino({ level: config.log.level, base: null }, pino.destination({ fd: 2, sync: true }));
    const service = new Service(config, log);
    let signals = 0;
    let isOverdue = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      signals++;
      if (signals > 1) {
        log.warn({ signal }, 'second signal: ending at once; the store holds the last checkpoint');
        isOverdue = true;
        overdue.resolve();
        return;
      }
      log.info({ signal }, 'stopping');
      const deadline = setTimeout(() => {
        isOverdue = true;
        log.error(
          { deadlineMs: config.shutdownDeadlineMs },
          'stop took too long: ending; the store holds the last checkpoint',
        );
        overdue.resolve();
      }, config.shutdownDeadlineMs);
      deadline.unref();
      service.stop().catch((error: unknown) => log.error({ err: error }, 'stop failed'));
    };
    const overdue = Promise.withResolvers<void>();
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
    try {
      await Promise.race([service.run(), overdue.promise]);
    } finally {
      process.off('SIGTERM', onSignal);
      process.off('SIGINT', onSignal);
    }
    return isOverdue ? EXIT_FAILED : EXIT_OK;
  },
};
