import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { styleText } from 'node:util';

/** Where a command prints. Results go to `out`, everything about the work to `err`. */
export interface Terminal {
  /** Resolves when the text is taken; false = nobody reads any more (a closed pipe): stop quietly. */
  out(text: string): Promise<boolean>;
  err(text: string): void;
  /** Is `out` looked at by a person? */
  readonly isOutTerminal: boolean;
  readonly isErrTerminal: boolean;
  /** Emphasis where `out` shows colours, else the text as it is. */
  bold(text: string): string;
  dim(text: string): string;
}

export function processTerminal(): Terminal {
  return streamTerminal(process.stdout, process.stderr);
}

/** Writes to streams; a broken pipe ends output without an error. */
export function streamTerminal(
  out: Writable & { isTTY?: boolean },
  err: Writable & { isTTY?: boolean },
): Terminal {
  let isOpen = true;
  out.on('error', () => {
    isOpen = false;
  });
  const style = (format: 'bold' | 'dim', text: string): string =>
    out.isTTY ? styleText(format, text, { stream: out as NodeJS.WriteStream }) : text;
  return {
    isOutTerminal: out.isTTY === true,
    isErrTerminal: err.isTTY === true,
    async out(text) {
      if (isOpen && !out.write(text))
        await Promise.race([once(out, 'drain'), once(out, 'close')]).catch(() => undefined);
      return isOpen;
    },
    err(text) {
      err.write(text);
    },
    bold: (text) => style('bold', text),
    dim: (text) => style('dim', text),
  };
}
