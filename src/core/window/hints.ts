import type { KeptContent } from '../../contracts.ts';
import { capText } from './format.ts';
import { TEMPLATE_CHARS } from './limits.ts';

/** What a record says about itself beside its text. Shown, never judged by; redacted and capped. */
export interface RecordHints {
  /** The name of its event, which is part of the template too. */
  readonly eventName?: string;
  /** The template as the program that wrote the record knows it: `log.record.template`. */
  readonly upstreamTemplate?: string;
  /** Where in the program it was written. */
  readonly callSite?: CallSite;
}

export interface CallSite {
  readonly functionName?: string;
  readonly filePath?: string;
  readonly lineNumber?: number;
}

const NAME_CHARS = 120;

const TEMPLATE_KEY = 'log.record.template';

/** Null = the record has none. `redact` is applied to every text before it is cut. */
export function hintsOf(content: KeptContent, redact: (text: string) => string): RecordHints | null {
  const values = new Map(
    content.attributes.filter((pair) => pair[0].startsWith('code.') || pair[0] === TEMPLATE_KEY),
  );
  if (values.size === 0 && content.eventName === '') return null;
  // Current names of OpenTelemetry's attributes, then those before version 1.31 of its conventions.
  const functionName = redact(functionOf(values));
  const filePath = redact(values.get('code.file.path') || values.get('code.filepath') || '');
  const line = Number(values.get('code.line.number') || values.get('code.lineno') || '');
  const callSite: CallSite = {
    ...(functionName === '' ? {} : { functionName: capText(functionName, NAME_CHARS) }),
    ...(filePath === '' ? {} : { filePath: capText(filePath, NAME_CHARS) }),
    ...(Number.isInteger(line) && line > 0 ? { lineNumber: line } : {}),
  };
  const eventName = redact(content.eventName);
  const template = redact(values.get(TEMPLATE_KEY) ?? '');
  const hints: RecordHints = {
    ...(eventName === '' ? {} : { eventName: capText(eventName, NAME_CHARS) }),
    ...(template === '' ? {} : { upstreamTemplate: capText(template, TEMPLATE_CHARS) }),
    ...(functionName === '' && filePath === '' ? {} : { callSite }),
  };
  return Object.keys(hints).length === 0 ? null : hints;
}

function functionOf(values: ReadonlyMap<string, string>): string {
  const name = values.get('code.function.name');
  if (name !== undefined) return name;
  const namespace = values.get('code.namespace') ?? '';
  const old = values.get('code.function') ?? '';
  return namespace === '' || old === '' ? old || namespace : `${namespace}.${old}`;
}
