import type { Command } from './command.ts';

/** A line of the command list; the command itself is loaded when it is asked for, so that starting stays quick. */
export interface CommandEntry {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
  /** It runs for weeks beside what it watches; the others are to be done soon. */
  readonly isService?: true;
}

/** Every subcommand, in the order of the help text. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'run',
    summary: 'Run the service: read sources, keep windows in a store, serve metrics',
    load: async () => (await import('./run.ts')).run,
    isService: true,
  },
  {
    name: 'doctor',
    summary: 'Look whether `run` could work with these settings: brokers, topics, rights, formats, store',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  {
    name: 'replay',
    summary: 'Read log files and print the anomaly windows in them',
    load: async () => (await import('./replay.ts')).replay,
  },
  {
    name: 'templates',
    summary: 'Print the templates (patterns) of log files with their counts',
    load: async () => (await import('./templates.ts')).templates,
  },
  {
    name: 'windows',
    summary: 'List stored windows, show one as JSON, or print the text for a model',
    load: async () => (await import('./windows.ts')).windows,
  },
  {
    name: 'demo',
    summary: 'Play a simulated shop with injected faults through the real pipeline and show the windows',
    load: async () => (await import('./demo.ts')).demo,
  },
];
