import { severityOfName } from './severity-text.ts';

const PREFIX = 'SEVERITY_NUMBER_';

/** Longest text looked at; no level name is nearly as long. */
const MAX_CHARS = 40;

/** OTLP severity of a name (`WARN`, `SEVERITY_NUMBER_ERROR2`, `warning`) or of decimal digits 1–24; 0 = none. Cold. */
export function severityNumberOfText(text: string): number {
  if (text.length > MAX_CHARS) return 0;
  const name = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  const number = Number(name);
  if (Number.isInteger(number) && name.trim() !== '') return number >= 1 && number <= 24 ? number : 0;
  const bytes = new TextEncoder().encode(name);
  return severityOfName(bytes, 0, bytes.length);
}

/**
 * Severity of a level in a JSON log line: a name, a syslog number 0–7 (GELF), or pino's and bunyan's 10–60
 * (github.com/pinojs/pino docs/api.md, "levels"). 0 = none.
 */
export function severityOfLevel(level: unknown): number {
  if (typeof level === 'string') {
    const number = Number(level);
    return level.trim() !== '' && Number.isInteger(number)
      ? severityOfLevel(number)
      : severityNumberOfText(level);
  }
  if (typeof level !== 'number' || !Number.isInteger(level) || level < 0) return 0;
  if (level <= 7) return SYSLOG_LEVELS[level]!;
  if (level < 10 || level >= 70) return 0;
  return PINO_LEVELS[Math.floor(level / 10) - 1]!;
}

/** FATAL, ERROR3, ERROR2, ERROR, WARN, INFO2, INFO, DEBUG (OTel log data model, appendix B). */
const SYSLOG_LEVELS = [21, 19, 18, 17, 13, 10, 9, 5] as const;

/** TRACE, DEBUG, INFO, WARN, ERROR, FATAL. */
const PINO_LEVELS = [1, 5, 9, 13, 17, 21] as const;
