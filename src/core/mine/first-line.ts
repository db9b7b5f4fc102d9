/**
 * The line that a template was made of, redacted and capped: what a changed scanner reads to find the template's new form.
 * Nothing else reads it, so it is in the store alone, in a row that is never written again; until that is written the
 * service has it.
 */
export interface FirstLine {
  /** Empty: not known. */
  readonly text: string;
  /** The line went on. */
  readonly isCut: boolean;
}

const UNKNOWN: FirstLine = { text: '', isCut: false };

export function encodeFirstLine(line: FirstLine): string {
  return JSON.stringify(line);
}

export function decodeFirstLine(value: string | null | undefined): FirstLine {
  return value === null || value === undefined ? UNKNOWN : (JSON.parse(value) as FirstLine);
}
