import { loadConfig, processEnvironment, SETTINGS } from '../config.ts';
import type { Config } from '../config-schema.ts';
import type { OptionHelp } from './command.ts';

/** Flags of every command that works with the settings of the service. */
export const CONFIG_OPTIONS: readonly OptionHelp[] = [
  {
    flag: 'config',
    value: 'FILE',
    help: 'YAML or JSON file with any setting (environment: WINNOW_CONFIG)',
  },
  ...SETTINGS.map(({ flag, value, help, environment }) => ({
    flag,
    value,
    help: `${help} [${environment}]`,
  })),
];

/** Defaults, then the file, then the environment, then these flags. */
export function configFromFlags(flags: Readonly<Record<string, string | undefined>>): Config {
  const environment = processEnvironment();
  return loadConfig({ file: flags.config ?? environment.WINNOW_CONFIG, environment, flags });
}
