// Lines of a stack trace that are the same for every fault: heads, and what runtimes write between and behind frames.
import { startsWith } from './bytes.ts';
import { ascii } from './frame-parts.ts';

interface Mark {
  readonly text: string;
  /** The line may go on behind it. */
  readonly goesOn?: true;
}

export const TRACE_MARKS: readonly Mark[] = [
  { text: 'Traceback (most recent call last):' },
  { text: 'During handling of the above exception, another exception occurred:' },
  { text: 'The above exception was the direct cause of the following exception:' },
  { text: '[Previous line repeated ', goesOn: true },
  { text: 'Stack trace:' },
  { text: 'stack backtrace:' },
  { text: 'note: run with `RUST_BACKTRACE=', goesOn: true },
  { text: 'note: Some details are omitted', goesOn: true },
  { text: '--- End of ', goesOn: true },
];

const BYTES: readonly Uint8Array[] = TRACE_MARKS.map((mark) => ascii(mark.text));

/** True when the line `[from, to)` is such a line. */
export function isTraceMark(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = 0; i < BYTES.length; i++) {
    const mark = BYTES[i]!;
    if (bytes[from] !== mark[0] || !startsWith(bytes, from, to, mark)) continue;
    return TRACE_MARKS[i]!.goesOn === true || to - from === mark.length;
  }
  return false;
}
