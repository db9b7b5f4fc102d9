/** How much the fixed parts list. */
export interface Breadth {
  /** Lines of the order of onset for findings, and for changes. */
  readonly findings: number;
  readonly changes: number;
  /** Services whose traffic is told, and other open windows. */
  readonly services: number;
  readonly windows: number;
}

/** `184,223`. */
export function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `02:39:12` of an RFC 3339 time. */
export function timeOfDay(time: string): string {
  return time.slice(11, 19);
}

/** `02:39:12.031` of an RFC 3339 time; whole seconds without a fraction. */
export function exactTimeOfDay(time: string): string {
  return time.slice(11, -1);
}

/** `14d`, `3h`, `5m44s`, `12s`. */
export function ageText(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole >= 2 * 86_400) return `${Math.floor(whole / 86_400)}d`;
  if (whole >= 7_200) return `${Math.floor(whole / 3_600)}h`;
  if (whole < 60) return `${whole}s`;
  const rest = whole % 60;
  return `${Math.floor(whole / 60)}m${rest === 0 ? '' : `${rest}s`}`;
}

/** `1e-15` or `1.6e-7` of a base-10 logarithm. */
export function powerText(log10: number): string {
  const exponent = Math.floor(log10);
  const mantissa = Number((10 ** (log10 - exponent)).toPrecision(2));
  return mantissa === 1 ? `1e${exponent}` : mantissa === 10 ? `1e${exponent + 1}` : `${mantissa}e${exponent}`;
}

/** `0×9 611 1287 1306`: runs of three and more are folded, unknown minutes are `–`. */
export function seriesText(counts: readonly (number | null)[]): string {
  const out: string[] = [];
  for (let i = 0; i < counts.length; ) {
    let end = i;
    while (end < counts.length && counts[end] === counts[i]) end++;
    const text = counts[i] === null ? '–' : String(counts[i]);
    if (end - i >= 3) out.push(`${text}×${end - i}`);
    else for (let n = i; n < end; n++) out.push(text);
    i = end;
  }
  return out.join(' ');
}

/** `1 finding`, `2 findings`; `1 more example`, `2,000 more examples`. */
export function plural(n: number, noun: string): string {
  return `${grouped(n)} ${noun}${n === 1 ? '' : 's'}`;
}
