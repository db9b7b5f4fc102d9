// docs/masking.md from the table of rules. A test keeps the file current.
import { GENERATED_NAMES } from './generated-names.ts';
import { LINE_BYTES_MAX } from './kernel-layout.ts';
import { LIBRARY_FRAMES, type LibraryRow } from './library-frames.ts';
import { MASKING_RULES } from './rules.ts';
import { SCANNER_VERSION } from './scanner.ts';
import { TRACE_MARKS } from './trace-marks.ts';
import { PATTERN_LENGTH_MAX, USER_MASKS_MAX } from './user-masks.ts';

const HEAD = `# Masking

What winnow reads as a variable in a log line. Two lines with the same masked form have the same signature, whatever
order they come in and whichever process reads them. Generated from \`src/core/scan/rules.ts\` (scanner \`${SCANNER_VERSION}\`);
the tests run every line below through the scanner.

- Delimiters: \`= : , ; ( ) [ ] { } < > " ' | @ # & ! ? * \` and the backquote. \`_ . - / + $ %\` are inside words; dots, dashes, \`+\`, \`$\` and \`%\`
  cut a word only when it holds digits.
- White space is not part of a signature; neither are the types of variables.
- The first ${LINE_BYTES_MAX / 1024} KiB of a line are read. Every line costs time linear in its length.
- A word that is no variable by its looks can still become one: the miner needs several distinct values at the same
  place of otherwise equal lines, how many depends on what they look like (\`src/core/mine/evidence.ts\`).

## Own rules

Ids of a form of your own are named in the configuration file:

\`\`\`yaml
masking:
  - { name: ticket, pattern: ACME-<alnum> }
  - { name: job, pattern: job/<digits>/<word> }
\`\`\`

A pattern is literal text and classes: \`<digits>\`, \`<hex>\`, \`<alnum>\`, \`<word>\` (letters, digits and \`_\`), one or more bytes
each. It begins with a letter or digit of its own, is tried where a word begins, before every rule below, and must end
where a word ends. A class is followed by a character that it does not hold, so nothing is read twice. At most
${USER_MASKS_MAX} rules of ${PATTERN_LENGTH_MAX} characters. Changing the rules changes the scanner's version: templates keep their ids, and what
cannot be matched is learnt silently for a day, below ERROR. \`winnow replay\` and \`winnow templates\` take the same file with
\`--config\`: try rules there first. With rules of your own a line that was seen before is scanned anew, which takes two to
four times as long as knowing it again (docs/design.md, "Scanning a line once").

## Names of events

A record's \`event_name\` (in OTLP/JSON \`eventName\`; the older attribute \`event.name\`) says which class of event it is. It stands
in front of the body, \`order.placed: order 7 placed\`, and is part of the signature: equal text under two names is two
templates. An event without a body is its name and the keys of its attributes in order, \`order.placed with cart.items,
http.route\`, without \`code.*\`, \`log.*\`, \`thread.*\`; a record without body or name but with an exception is
\`exception.type: exception.message\`. \`log.record.template\` and \`code.*\` are shown with a finding, never part of a template.
`;

const TRACES = `
# Stack traces

Java, Python, Node.js, Go, .NET, Ruby, Rust and PHP; in one record, in \`exception.stacktrace\` and the like, inside a JSON
string, or one line a record.

- In one record, the frames are one variable: the signature is made of the head, the lines between (\`Caused by: …\`) and
  what stands behind them.
- A frame that is a record of its own is counted and never judged (\`stack_frames\` in a window), and so are the lines that
  every trace has, and what is empty behind a logger's prefix. So they are behind a prefix of times, numbers, a level, a
  logger's dotted name, brackets with ids, or a syslog tag. The line that says what went wrong (\`KeyError: 'x'\`) stays a
  template.
- \`stack_fingerprint\` of a finding is the hash of the path through the program's own code: functions and their classes or
  file names, the frame nearest to the fault first, at most 16. Line numbers, addresses, directories and generated
  numbers are left out, runs of library frames are one mark, a frame that repeats counts once. A trace of library frames
  alone is known by its first eight.
- \`in_app_frame\` is the first frame that is not a library's.
- A kept record is 2 KiB: of a longer trace only the frames in it count.

Lines of every trace: MARKS

## Library frames

From \`src/core/scan/library-frames.ts\`: by what the function's name begins with, or what its path contains. A package
that is missing counts as the program's own.
`;

const GENERATED = `
## Generated parts of names

From \`src/core/scan/generated-names.ts\`; left out of the fingerprint only.

| what | printed | compared |
|---|---|---|
`;

export function renderMaskingDoc(): string {
  const rules = MASKING_RULES.map((rule) => {
    const masks = rule.masks.map(([line, masked]) => `| ${code(line)} | ${code(masked)} |`);
    const keeps = rule.keeps.length === 0 ? '' : `\nStays: ${rule.keeps.map(code).join(' · ')}\n`;
    return `\n## ${rule.name}\n\n${rule.what}\n\n| line | masked |\n|---|---|\n${masks.join('\n')}\n${keeps}`;
  });
  const marks = TRACE_MARKS.map(({ text, goesOn }) => code(goesOn ? `${text}…` : text)).join(' · ');
  const libraries = LIBRARY_FRAMES.map(renderLibrary).join('');
  const generated = GENERATED_NAMES.map(({ what, examples }) => {
    const [printed, compared] = examples[0]!;
    return `| ${what} | ${code(printed)} | ${code(compared)} |\n`;
  });
  return (
    HEAD + rules.join('') + TRACES.replace('MARKS', () => marks) + libraries + GENERATED + generated.join('')
  );
}

function renderLibrary({ title, names, paths, library, own }: LibraryRow): string {
  const list = (parts: readonly string[]): string => parts.map(code).join(' ');
  const frames = (rows: LibraryRow['own']): string =>
    rows.map(([name, path]) => code(`${name} ${path}`.trim())).join(' · ');
  const begins = names.length === 0 ? '' : `Names: ${list(names)}\n\n`;
  const contains = paths.length === 0 ? '' : `Paths: ${list(paths)}\n\n`;
  return `\n### ${title}\n\n${begins}${contains}Library: ${frames(library)}\n\nOwn: ${frames(own)}\n`;
}

function code(text: string): string {
  return `\`${text.replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('|', '\\|')}\``;
}
