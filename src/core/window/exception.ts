import { identityOf } from '../scan/stack-fingerprint.ts';
import { readStackTrace, type StackFrame } from '../scan/stack-trace.ts';
import { capText } from './format.ts';

/** What a stack trace says in one line: its type and the first frame of the program's own code. */
export interface ExceptionSummary {
  readonly type?: string;
  readonly inAppFrame?: {
    readonly functionName?: string;
    readonly filePath?: string;
    readonly lineNumber?: number;
  };
  readonly libraryFramesAbove?: number;
  /** All library frames of the trace, which the fingerprint folds. */
  readonly libraryFrames?: number;
  /** Identity of the path through the program's own code (core/scan/stack-fingerprint.ts). */
  readonly stackFingerprint?: string;
}

const NAME_CHARS = 120;

/** Attributes that hold a stack trace, the first that does counts: OpenTelemetry, ECS, logstash, pino, structlog, zap. */
const TRACE_KEYS = [
  ...[
    'exception.stacktrace',
    'code.stacktrace',
    'error.stack_trace',
    'error.stack',
    'err.stack',
    'stack_trace',
  ],
  ...['stackTrace', 'stacktrace', 'stack', 'exc_info', 'exception', 'err', 'error'],
] as const;
const TYPE_KEYS = ['exception.type', 'error.type', 'exc_type'] as const;
/** The name of a class; `error.type` may also be a status code. */
const TYPE = /^[A-Za-z_$][\w$.:\\]*$/;

const EXCEPTION_KEYS: ReadonlySet<string> = new Set([...TRACE_KEYS, ...TYPE_KEYS]);

export function isExceptionAttribute(key: string): boolean {
  return EXCEPTION_KEYS.has(key);
}

/** From the record's exception attributes, else from a trace in its body; null = it carries none. */
export function exceptionOf(
  body: string,
  attributes: readonly (readonly [string, string])[],
): ExceptionSummary | null {
  const values = new Map(attributes);
  const given = (keys: readonly string[]): string[] =>
    values.size === 0 ? [] : keys.map((key) => values.get(key) ?? '').filter((text) => text !== '');
  const texts = body === '' ? given(TRACE_KEYS) : [...given(TRACE_KEYS), body];
  const trace = texts.map(readStackTrace).find(({ frames }) => frames.length > 0);
  const named = given(TYPE_KEYS).find((value) => TYPE.test(value));
  const type = named ?? trace?.type ?? '';
  if (type === '' && trace === undefined) return null;
  const identity = identityOf(trace?.frames ?? []);
  return {
    ...(type === '' ? {} : { type: capText(type, NAME_CHARS) }),
    ...(identity?.inApp === undefined ? {} : { inAppFrame: frameSummary(identity.inApp) }),
    ...(identity === null
      ? {}
      : {
          libraryFramesAbove: identity.libraryFramesAbove,
          libraryFrames: identity.libraryFrames,
          stackFingerprint: identity.fingerprint,
        }),
  };
}

function frameSummary(frame: StackFrame): NonNullable<ExceptionSummary['inAppFrame']> {
  return {
    ...(frame.functionName === '' ? {} : { functionName: capText(frame.functionName, NAME_CHARS) }),
    ...(frame.filePath === '' ? {} : { filePath: capText(frame.filePath, NAME_CHARS) }),
    ...(frame.lineNumber === 0 ? {} : { lineNumber: frame.lineNumber }),
  };
}
