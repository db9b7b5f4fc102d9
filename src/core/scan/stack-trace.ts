// A stack trace as text, read into frames. Cold: only what is kept as evidence comes here.
import type { TraceLanguage } from './library-frames.ts';

export interface StackFrame {
  readonly language: TraceLanguage;
  /** As printed, without arguments; empty = not known. */
  readonly functionName: string;
  /** Empty = not known. */
  readonly filePath: string;
  /** 0 = not known. */
  readonly lineNumber: number;
}

export interface StackTrace {
  /** The frame that raised it first, whatever order the language prints. */
  readonly frames: readonly StackFrame[];
  /** Name of the exception's class, `panic`, or empty. */
  readonly type: string;
}

/** Lines of a stack trace that are read; deeper frames say less and cost the same. */
const LINES_MAX = 256;
const LINE_CHARS = 400;
/** Lines over the first frame in which the head is looked for: messages have several lines at times. */
const HEAD_LINES_MAX = 12;
const TYPE_CHARS = 120;

interface Notation {
  readonly language: TraceLanguage;
  readonly pattern: RegExp;
}

/** One row a notation; the first that fits a line wins. Every quantifier is bounded, and so is the line. */
const NOTATIONS: readonly Notation[] = [
  {
    language: 'dotnet',
    pattern: /^at (?<name>[^()]{1,200})\([^()]{0,200}\) in (?<file>.{1,300}):line (?<line>\d{1,7})/,
  },
  {
    language: 'javascript',
    pattern: /^at (?:async )?(?<name>[^()]{1,200}?) \((?<file>[^()]{1,300}?):(?<line>\d{1,7})(?::\d{1,7})?\)/,
  },
  {
    language: 'javascript',
    pattern: /^at (?:async )?(?<name>[^()]{1,200}?) \((?<file><anonymous>|native|index \d{1,7})\)/,
  },
  { language: 'javascript', pattern: /^at (?:async )?(?<file>[^()\s]{1,300}?):(?<line>\d{1,7}):\d{1,7}$/ },
  {
    language: 'java',
    pattern:
      /^at (?<name>[^()]{1,250})\((?<file>[^():]{1,120}\.(?:java|kts?|scala|groovy|clj|js))(?::(?<line>\d{1,7}))?\)/,
  },
  {
    language: 'java',
    pattern: /^at (?<name>[^()\s]{1,250})\((?<file>Native Method|Unknown Source|SourceFile|<generated>)/,
  },
  { language: 'dotnet', pattern: /^at (?<name>[^()\s]{1,250})\([^()]{0,200}\)$/ },
  {
    language: 'python',
    pattern:
      /^(?:[[(]?u?["'] {0,8})?File "(?<file>[^"]{1,300})", line (?<line>\d{1,7})(?:, in (?<name>[^\s'"\\,]{1,200}))?/,
  },
  {
    language: 'ruby',
    pattern:
      /^(?:\d{1,4}: )?(?:from )?(?<file><internal:[^>]{1,200}>|[^\s:]{1,300}):(?<line>\d{1,7}):in [`'](?<name>[^'`]{1,200})['`]/,
  },
  {
    language: 'php',
    pattern:
      /^#\d{1,4} +(?<file>\[internal function\]|[^(\n]{1,300}?)(?:\((?<line>\d{1,7})\))?: (?<name>[^(\n]{1,200}|\{closure[^}]{0,200}\})\(/,
  },
];

const GO_PLACE = /^(?<file>\S{1,300}\.(?:go|s)):(?<line>\d{1,7})(?: \+0x[0-9a-f]{1,16})?$/;
const GO_CALL =
  /^(?:created by )?(?<name>[^\s()]{1,200}(?:\(\*?[^()\s]{1,100}\)[^\s()]{0,200})?)(?:\(.{0,300}\)| in goroutine \d{1,12})?$/;
const RUST_CALL = /^\d{1,4}: +(?:0x[0-9a-f]{1,16} - )?(?<name>\S.{0,250})$/;
const RUST_PLACE = /^at (?<file>\S{1,300}?):(?<line>\d{1,7})(?::\d{1,7})?$/;
const RUST_RUNTIME = /^(?:main|\w+_\w*|clone3?)$/;

/** Reads the trace in a text: a body, an attribute, or a JSON text that holds one with escaped line feeds. */
export function readStackTrace(text: string): StackTrace {
  const plain = readLines(linesOf(text));
  if (plain.frames.length > 0 || !text.includes('\\n')) return plain;
  let best = plain;
  for (const one of escapedTexts(text)) {
    const trace = readLines(linesOf(one));
    if (trace.frames.length > best.frames.length) best = trace;
  }
  return best;
}

function linesOf(text: string): string[] {
  // Python draws bars beside the members of an exception group.
  return text.split('\n', LINES_MAX).map((line) => line.slice(0, LINE_CHARS).replace(/^[\s|]+|\s+$/g, ''));
}

function readLines(lines: readonly string[]): StackTrace {
  const frames: StackFrame[] = [];
  let firstAt = -1;
  let lastAt = -1;
  for (const [at, line] of lines.entries()) {
    const frame = frameOf(line) ?? goFrame(line, lines[at - 1] ?? '') ?? rustFrame(line, frames.at(-1));
    if (frame === null || line === '') continue;
    const before = frames.at(-1);
    // Rust writes the place of a frame under it, in the notation of others.
    const isPlace = before?.language === 'rust' && before.filePath === '' && RUST_PLACE.test(line);
    if (isPlace) frames[frames.length - 1] = rustPlace(before, line);
    else frames.push(frame);
    if (firstAt < 0) firstAt = at;
    lastAt = at;
  }
  const isNewestLast = frames[0]?.language === 'python';
  const type = frames.length === 0 ? '' : typeOf(lines, frames[0]!.language, firstAt, lastAt);
  return { frames: isNewestLast ? frames.reverse() : frames, type };
}

function frameOf(line: string): StackFrame | null {
  for (const { language, pattern } of NOTATIONS) {
    const groups = pattern.exec(line)?.groups;
    if (groups !== undefined) return frame(language, groups.name, groups.file, groups.line);
  }
  return null;
}

/** `main.run(0x1)` over `/app/main.go:14 +0x1d`. */
function goFrame(line: string, before: string): StackFrame | null {
  const place = GO_PLACE.exec(line)?.groups;
  if (place === undefined) return null;
  return frame('go', GO_CALL.exec(before)?.groups?.name, place.file, place.line);
}

/** `3: shop::cart::add`; once such a frame was read also a name without a path. */
function rustFrame(line: string, before: StackFrame | undefined): StackFrame | null {
  const name = RUST_CALL.exec(line)?.groups?.name;
  if (name === undefined || (before !== undefined && before.language !== 'rust')) return null;
  return name.includes('::') || RUST_RUNTIME.test(name) ? frame('rust', name, '', undefined) : null;
}

function rustPlace(before: StackFrame, line: string): StackFrame {
  const place = RUST_PLACE.exec(line)!.groups!;
  return frame('rust', before.functionName, place.file, place.line);
}

function frame(language: TraceLanguage, name = '', file = '', line: string | undefined): StackFrame {
  const lineNumber = line === undefined ? 0 : Number(line);
  return { language, functionName: name, filePath: file, lineNumber };
}

/** What is raised, by language: its class stands in the line over the frames, in Python behind them. */
function typeOf(lines: readonly string[], language: TraceLanguage, firstAt: number, lastAt: number): string {
  if (language === 'go' || language === 'rust') {
    const isPanic = lines.slice(0, firstAt + 1).some((line) => /\bpanic(?:ked)?\b|^fatal error:/.test(line));
    return isPanic ? 'panic' : '';
  }
  if (language === 'python') {
    for (const line of lines.slice(lastAt + 1)) {
      const type = /^(?:[[(]?u?["'])?([A-Za-z_][\w.]{0,119})(?::|\\n|$)/.exec(line)?.[1];
      if (type !== undefined && !line.startsWith('File ')) return type;
    }
    return '';
  }
  if (language === 'ruby') return /\(([A-Z][\w:]{0,119})\)$/.exec(lines[firstAt]!)?.[1] ?? '';
  for (let at = firstAt - 1; at >= 0 && at >= firstAt - HEAD_LINES_MAX; at--) {
    const type = headType(lines[at]!, language);
    if (type !== '') return type.slice(0, TYPE_CHARS);
  }
  return '';
}

const HEADS: Readonly<Partial<Record<TraceLanguage, RegExp>>> = {
  java: /^(?:Exception in thread "[^"]{0,120}" |Caused by: |Suppressed: )?((?:[\w$]{1,60}\.){1,12}[A-Za-z_$][\w$]{0,80})(?=:|$)/,
  dotnet: /^(?:Unhandled [Ee]xception[.:] ?|-{3}> )?((?:[\w$]{1,60}\.){0,12}[A-Z][\w$`]{0,80})(?= \(0x|:|$)/,
  javascript:
    /^(?:Uncaught |Unhandled )?((?:[A-Za-z_$][\w$]{0,60}\.){0,4}[A-Z][\w$]{0,80})(?: \[\w{1,60}\])?(?=:|$)/,
  php: /(?:Uncaught |^)([A-Z][\w\\]{0,119})(?=:|\()/,
};

/** Named like an exception, anywhere in the line: what follows the words of a logger. */
const TYPE_WORD =
  /(?<![\w$.\\:])(?:[\w$]{1,60}[.\\]){0,12}[A-Za-z_$][\w$]{0,80}?(?:Error|Exception|Failure|Fault|Panic|Throwable|Timeout)(?![\w$.\\])/;

function headType(line: string, language: TraceLanguage): string {
  return HEADS[language]?.exec(line)?.[1] ?? TYPE_WORD.exec(line)?.[0] ?? '';
}

/** The string literals of a JSON or Python text that hold line feeds, and the text itself, unescaped. */
function* escapedTexts(text: string): Generator<string> {
  for (const [, inner] of text.matchAll(/"((?:[^"\\]|\\.)*)(?:"|$)/gs)) {
    if (inner!.includes('\\n')) yield unescaped(inner!);
  }
  yield unescaped(text);
}

function unescaped(text: string): string {
  return text.replace(/\\(["'\\/nrt])/g, (_, c: string) => UNESCAPED[c] ?? c);
}

const UNESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '', t: '\t' };
