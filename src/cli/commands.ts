import type { Command } from './command.ts';
import { demo } from './demo.ts';
import { replay } from './replay.ts';
import { run } from './run.ts';
import { templates } from './templates.ts';
import { windows } from './windows.ts';

/** Every subcommand, in the order of the help text. */
export const COMMANDS: readonly Command[] = [run, replay, templates, windows, demo];
