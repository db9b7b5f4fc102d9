/** Beginnings of lines that belong to the record before, in the traces of the JVM, .NET, Node, Python, Go and Ruby. */
const CONTINUATIONS = [
  'at ',
  'Caused by:',
  'Suppressed:',
  'Traceback ',
  'During handling of ',
  'The above exception ',
  'goroutine ',
  'created by ',
  'from ',
  '...',
  '--- End of ',
  '}',
  ']',
  ')',
];

/** The most of a line that `beginsRecord` looks at. */
export const HEAD_OF_LINE_BYTES = 24;

/** By first byte: most lines are told by one look. */
const BY_FIRST_BYTE: readonly (readonly Buffer[] | undefined)[] = Array.from({ length: 256 }, (_, byte) => {
  const texts = CONTINUATIONS.filter((text) => text.charCodeAt(0) === byte);
  return texts.length === 0 ? undefined : texts.map((text) => Buffer.from(text));
});

/** False for a line that goes on with the record before: blank, indented, or part of a stack trace. */
export function beginsRecord(bytes: Buffer, start: number, end: number): boolean {
  if (start >= end) return false;
  const first = bytes[start]!;
  if (first <= 0x20) return false;
  const continuations = BY_FIRST_BYTE[first];
  if (continuations === undefined) return true;
  return !continuations.some((text) =>
    text.equals(bytes.subarray(start, Math.min(end, start + text.length))),
  );
}
