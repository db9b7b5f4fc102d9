import type { SeverityClass } from '../contracts.ts';

/** Names of the severity classes, index = class. */
export const SEVERITY_CLASS_NAMES = ['debug', 'info', 'warn', 'error', 'fatal'] as const;

export type SeverityClassName = (typeof SEVERITY_CLASS_NAMES)[number];

/** OTLP severity numbers of the first step of each range (opentelemetry-proto logs.proto, SeverityNumber). */
export const SEVERITY_TRACE = 1;
export const SEVERITY_DEBUG = 5;
export const SEVERITY_INFO = 9;
/** INFO2: above plain information, not yet a warning; what syslog and log4j call "notice". */
export const SEVERITY_NOTICE = 10;
export const SEVERITY_WARN = 13;
export const SEVERITY_ERROR = 17;
/** ERROR2: what syslog calls "critical" lies between ERROR and FATAL in the OTel log data model, appendix B. */
export const SEVERITY_CRITICAL = 18;
/** ERROR3, for syslog's "alert". */
export const SEVERITY_ALERT = 19;
export const SEVERITY_FATAL = 21;
export const SEVERITY_MAX = 24;

/** Index = severity number. */
const CLASS_OF: readonly SeverityClass[] = Array.from({ length: SEVERITY_MAX + 1 }, (_, number) => {
  if (number >= SEVERITY_FATAL) return 4;
  if (number >= SEVERITY_ERROR) return 3;
  if (number >= SEVERITY_WARN) return 2;
  return number >= SEVERITY_INFO || number === 0 ? 1 : 0;
});

/** 1–8 debug, 0 (unspecified) and 9–12 info, 13–16 warn, 17–20 error, 21–24 fatal; anything else counts as info. */
export function severityClassOf(severityNumber: number): SeverityClass {
  return CLASS_OF[severityNumber] ?? 1;
}

export function severityClassName(severity: SeverityClass): SeverityClassName {
  return SEVERITY_CLASS_NAMES[severity];
}

/** OTel's short name of a severity number: `ERROR`, `INFO2`; empty for 0 and for numbers outside 1–24. */
export function severityText(severityNumber: number): string {
  if (!Number.isInteger(severityNumber) || severityNumber < 1 || severityNumber > SEVERITY_MAX) return '';
  const range = RANGE_NAMES[(severityNumber - 1) >> 2]!;
  const step = (severityNumber - 1) & 3;
  return step === 0 ? range : `${range}${step + 1}`;
}

const RANGE_NAMES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;
