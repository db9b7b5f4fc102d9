import { capText, hash64 } from './format.ts';

/** What a stack trace says in one line: its type and the first frame of the program's own code. */
export interface ExceptionSummary {
  readonly type?: string;
  readonly inAppFrame?: {
    readonly functionName?: string;
    readonly filePath?: string;
    readonly lineNumber?: number;
  };
  readonly libraryFramesAbove?: number;
  /** Hash of the type and the functions of all frames read: equal for equal paths through the code. */
  readonly stackFingerprint?: string;
}

interface Frame {
  readonly functionName: string;
  readonly filePath: string;
  readonly lineNumber: number;
}

/** Lines of a stack trace that are read; deeper frames say less and cost the same. */
const LINES_MAX = 64;
const LINE_CHARS = 400;
const NAME_CHARS = 120;

/** Frame notations: .NET, V8, Java, Python, Go, Ruby or PHP. Every quantifier is bounded by `LINE_CHARS`. */
const FRAME_PATTERNS: readonly RegExp[] = [
  /^\s*at (?<name>[^()]{1,200}\([^()]{0,200}\)) in (?<file>.{1,300}):line (?<line>\d{1,7})/,
  /^\s*at (?:async )?(?<name>[^()]{1,200}) \((?<file>[^()]{1,300}?):(?<line>\d{1,7})(?::\d{1,7})?\)/,
  /^\s*at (?<file>[^()\s]{1,300}?):(?<line>\d{1,7}):\d{1,7}$/,
  /^\s*at (?<name>[\w.$<>/@-]{1,250})\((?<file>[^():]{1,200})(?::(?<line>\d{1,7}))?\)/,
  /^\s*File "(?<file>[^"]{1,300})", line (?<line>\d{1,7}), in (?<name>\S{1,200})/,
  /^\s*(?<file>\/?[^\s:]{1,300}\.go):(?<line>\d{1,7})(?: \+0x[0-9a-f]{1,16})?$/,
  /^\s*(?:from )?(?<file>[^\s:]{1,300}\.(?:rb|php)):(?<line>\d{1,7}):in [`'](?<name>[^'`]{1,200})['`]/,
];

/** Code that came with the language or from a package: its frames are folded into a number. */
const LIBRARY =
  /node_modules[/\\]|^node:|internal\/(?:process|modules|timers)|^(?:java|javax|jdk|sun|com\.sun|kotlin|scala|org\.springframework|org\.apache|org\.hibernate|org\.eclipse|io\.netty|io\.grpc|reactor|okhttp3|akka)\.|site-packages|dist-packages|[/\\]lib[/\\]python\d|<frozen |[/\\]usr[/\\]local[/\\]go[/\\]|[/\\]go[/\\]pkg[/\\]mod[/\\]|[/\\]src[/\\]runtime[/\\]|[/\\]gems[/\\]|[/\\]vendor[/\\]|^System\.|^Microsoft\./;

const TYPE =
  /^(?:[\w$]{1,60}\.){0,12}[A-Za-z_$][\w$]{0,80}(?:Error|Exception|Failure|Fault|Panic|Throwable|Timeout)$/;

/** From the record's exception attributes, else from a trace in its body; null = it carries none. */
export function exceptionOf(
  body: string,
  attributes: readonly (readonly [string, string])[],
): ExceptionSummary | null {
  const attribute = (key: string): string => attributes.find(([name]) => name === key)?.[1] ?? '';
  const stack = attribute('exception.stacktrace') || attribute('code.stacktrace') || body;
  const frames = framesOf(stack);
  const type = attribute('exception.type') || (frames.length > 0 ? typeInText(stack) : '');
  if (type === '' && frames.length === 0) return null;
  const inApp = frames.findIndex(
    (frame) => !LIBRARY.test(frame.functionName) && !LIBRARY.test(frame.filePath),
  );
  const frame = frames[inApp];
  return {
    ...(type === '' ? {} : { type: capText(type, NAME_CHARS) }),
    ...(frame === undefined ? {} : { inAppFrame: frameSummary(frame), libraryFramesAbove: inApp }),
    ...(frames.length === 0
      ? {}
      : { stackFingerprint: `st_${hash64([type, ...frames.map(frameIdentity)].join('\n')).slice(0, 8)}` }),
  };
}

function framesOf(stack: string): Frame[] {
  const lines = stack.split('\n', LINES_MAX).map((line) => line.slice(0, LINE_CHARS).replace(/\r$/, ''));
  // Python prints the newest frame last.
  if (lines.some((line) => line.startsWith('Traceback (most recent call last)'))) lines.reverse();
  const frames: Frame[] = [];
  for (const line of lines) {
    for (const pattern of FRAME_PATTERNS) {
      const groups = pattern.exec(line)?.groups;
      if (groups === undefined) continue;
      frames.push({
        functionName: groups.name ?? '',
        filePath: groups.file ?? '',
        lineNumber: groups.line === undefined ? 0 : Number(groups.line),
      });
      break;
    }
  }
  return frames;
}

function frameSummary(frame: Frame): NonNullable<ExceptionSummary['inAppFrame']> {
  return {
    ...(frame.functionName === '' ? {} : { functionName: capText(frame.functionName, NAME_CHARS) }),
    ...(frame.filePath === '' ? {} : { filePath: capText(frame.filePath, NAME_CHARS) }),
    ...(frame.lineNumber === 0 ? {} : { lineNumber: frame.lineNumber }),
  };
}

/** Without line numbers, which move with every release. */
function frameIdentity(frame: Frame): string {
  return `${frame.functionName} ${frame.filePath.slice(frame.filePath.lastIndexOf('/') + 1)}`;
}

/** The first word that is named like an exception, within the first and last lines of the text. */
function typeInText(stack: string): string {
  const lines = stack.split('\n', LINES_MAX);
  for (const line of [lines[0] ?? '', lines.at(-1) ?? '']) {
    for (const word of line.slice(0, LINE_CHARS).split(/[\s:;,()]+/, 24)) if (TYPE.test(word)) return word;
  }
  return '';
}
