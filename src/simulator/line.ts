import type { Pod } from './fleet.ts';
import type { Random } from './random.ts';
import type { RequestFacts } from './request.ts';
import type { StackTraceName } from './stack-traces.ts';
import { stackTrace } from './stack-traces.ts';
import { isNumeric, type ValueMaker, valueMaker } from './values.ts';

export type Severity = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';

/** OTLP severity numbers: the first of each range (opentelemetry-proto, logs.proto, SeverityNumber). */
export const SEVERITY_NUMBER: Readonly<Record<Severity, number>> = {
  TRACE: 1,
  DEBUG: 5,
  INFO: 9,
  WARN: 13,
  ERROR: 17,
  FATAL: 21,
};

/**
 * One row of a service's table.
 * `text` is the message with `{placeholders}` (see values.ts), optionally followed by ` | key={value} key={value}`;
 * the service's format decides how message and fields are laid out.
 */
export interface LineSpec {
  readonly severity: Severity;
  readonly text: string;
  readonly when: Occurrence;
  readonly stack?: StackTraceName;
}

/** What makes a line appear. `flow`: only where the call graph or a fault names it. Rates hold for scale 1. */
export type Occurrence =
  | { readonly kind: 'flow' }
  | { readonly kind: 'visit'; readonly probability: number }
  | {
      readonly kind: 'rate';
      readonly perMinute: number;
      readonly burst: number;
      readonly followsTraffic: boolean;
    }
  | { readonly kind: 'every'; readonly seconds: number };

/** `extras`: each line of a trace as a record of its own. `kvlist`: an OTLP map as the body. */
export type BodyFormat = 'sentence' | 'logfmt' | 'json' | 'event' | 'kvlist';

/** How a service writes its lines. */
export interface LineStyle {
  readonly format: BodyFormat;
  /** Put in front of a sentence; `{logger}` is one of `loggers`, fixed per line. */
  readonly prefix?: string;
  readonly loggers?: readonly string[];
  /** Stack traces arrive one line a record. */
  readonly traceLinesApart?: boolean;
}

/** Body of a record: text, or the ordered pairs of an OTLP map. */
export type Body = string | readonly (readonly [string, string | number])[];

/** What a line is rendered from. One object is reused for all lines. */
export interface Scene {
  random: Random;
  timeMs: number;
  pod: Pod;
  request: RequestFacts;
  /** What the caller saw: set before a line that reports a call. */
  tookMs: number;
  status: number;
  dependency: string;
}

/** A line ready to be rendered; `key` is `service.name` of the row, for muting, truth and tests. */
export interface Line {
  readonly key: string;
  readonly severity: Severity;
  render(scene: Scene): Body;
  /** The trace's lines that follow as records of their own; usually none. */
  readonly apart: readonly string[];
  /** The row's text as written in the table. */
  readonly text: string;
}

type Part = string | ValueMaker;

export function compileLine(key: string, spec: Omit<LineSpec, 'when'>, style: LineStyle, nth: number): Line {
  const [message = '', fieldText = ''] = spec.text.split(' | ');
  const fields = parseFields(fieldText);
  const logger = style.loggers?.[nth % style.loggers.length] ?? '';
  const prefix = (style.prefix ?? '').replaceAll('{logger}', logger);
  const trace = spec.stack === undefined ? [] : stackTrace(spec.stack);
  const apart = style.traceLinesApart ? trace : [];
  const inside = style.traceLinesApart ? [] : trace;
  const base = { key, severity: spec.severity, apart, text: spec.text };
  if (style.format === 'kvlist')
    return { ...base, render: mapRenderer(spec.severity, message, fields, inside) };
  const parts = parseParts(layOut(style.format, spec.severity, prefix, logger, message, fields, inside));
  return { ...base, render: (scene) => joinParts(parts, scene) };
}

interface Field {
  readonly name: string;
  readonly value: string;
}

function layOut(
  format: Exclude<BodyFormat, 'kvlist'>,
  severity: Severity,
  prefix: string,
  logger: string,
  message: string,
  fields: readonly Field[],
  trace: readonly string[],
): string {
  const level = severity.toLowerCase();
  const pairs = fields.map((field) => `${field.name}=${field.value}`);
  const after = trace.length === 0 ? '' : `\n${trace.join('\n')}`;
  switch (format) {
    case 'sentence':
      return `${prefix}${[message, ...pairs].join(' ')}${after}`;
    case 'event':
      return (fields.length === 0 ? message : `${message}(${pairs.join(', ')})`) + after;
    case 'logfmt': {
      const caller = logger === '' ? '' : ` caller=${logger}`;
      const error = trace.length === 0 ? '' : ` stack="${trace.join('\\n')}"`;
      return `level=${level}${caller} msg="${message.replaceAll('"', '\\"')}"${pairs.map((pair) => ` ${pair}`).join('')}${error}`;
    }
    case 'json': {
      const quoted = fields.map(
        (field) => `,"${field.name}":${isNumeric(field.value) ? field.value : `"${field.value}"`}`,
      );
      const error = trace.length === 0 ? '' : `,"stack":"${trace.join('\\n').replaceAll('"', '\\"')}"`;
      return `«"level":"${level}","logger":"${logger}","msg":"${message.replaceAll('"', '\\"')}"${quoted.join('')}${error}»`;
    }
  }
}

function mapRenderer(
  severity: Severity,
  message: string,
  fields: readonly Field[],
  trace: readonly string[],
) {
  const messageParts = parseParts(message);
  const compiled = fields.map((field) => ({
    name: field.name,
    numeric: isNumeric(field.value),
    parts: parseParts(field.value),
  }));
  return (scene: Scene): Body => {
    const pairs: [string, string | number][] = [
      ['level', severity.toLowerCase()],
      ['message', joinParts(messageParts, scene)],
    ];
    for (const field of compiled) {
      const text = joinParts(field.parts, scene);
      pairs.push([field.name, field.numeric ? Number(text) : text]);
    }
    if (trace.length > 0) pairs.push(['stack', trace.join('\n')]);
    return pairs;
  };
}

/** `key={value}` pairs separated by blanks outside braces. */
function parseFields(text: string): Field[] {
  if (text === '') return [];
  const pairs = text.match(/[\w.-]+=(?:\{[^}]*\}|[^\s{]+)+/g) ?? [];
  return pairs.map((pair) => {
    const equals = pair.indexOf('=');
    return { name: pair.slice(0, equals), value: pair.slice(equals + 1) };
  });
}

/** Splits at `{name:argument}`. « and » stand for the braces of a JSON body. */
function parseParts(text: string): Part[] {
  const parts: Part[] = [];
  for (const piece of text.split(/(\{[a-z]\w*(?::[^}]*)?\})/i)) {
    if (piece === '') continue;
    const isPlaceholder = piece.startsWith('{') && piece.endsWith('}');
    parts.push(
      isPlaceholder ? valueMaker(piece.slice(1, -1)) : piece.replaceAll('«', '{').replaceAll('»', '}'),
    );
  }
  return parts;
}

function joinParts(parts: readonly Part[], scene: Scene): string {
  let text = '';
  for (const part of parts) text += typeof part === 'string' ? part : part(scene);
  return text;
}
