// Names for what a slot holds, from one value of it. Cold: only lines that templates are made from come here.

/** A slot whose values are of several types. */
export const ANY_SLOT = '*';

/** `2018-06-27 21:50:32.314+02:00`, `2018/06/27`, `27/Jun/2018:21:50:32 +0200`. */
const ISO_TIME =
  /^(\d{4}[-/]\d\d[-/]\d\d|\d\d[-/](\d\d|[a-z]{3})[-/]\d{4})([T _:]\d\d:\d\d(:\d\d([.,]\d+)?)?)?( ?(Z|[A-Z]{3,4}|[+-]\d\d:?\d\d))?$/i;
const CLOCK = /^(\d\d:\d\d|\d{1,2}:\d\d:\d\d([.,:]\d+)?)( [A-Z]{3,4})?$/;
/** `Sat Jul 9 12:16:49 2005`, `14-Jul`, `Jul 14, 2005`. */
const WORDED_TIME =
  /^([a-z]{3,9},? )?([a-z]{3,9}[ -]\d{1,2}|\d{1,2}[ -][a-z]{3,9})(,?[ -]\d{4})?( \d{1,2}:\d\d(:\d\d([.,]\d+)?)?)?( [A-Z]{3,4})?( \d{4})?$/i;

/** How the first of a run of frames begins, or the mark in front of it. */
const STACK =
  /^\s*(at\s|File "|\.\.\. \d+|#\d+ |from \S+:\d|created by |\d+: |goroutine \d|panic\(|Traceback \(|During handling|The above exc|stack backtrace|Stack trace:|--- End of |[^\s(]{1,80}\([^\n]{0,80}\)\n\t|\S{1,120}:\d+:in )/;

/** First match wins. `text` is what the slot covers in the line. */
const TYPES: readonly (readonly [type: string, pattern: RegExp])[] = [
  ['redacted', /^<redacted:[\w./-]+>$/],
  ['stack', STACK],
  ['bool', /^(true|false)$/i],
  ['null', /^(null|none|nil|nullptr|undefined)$/i],
  ['uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i],
  ['time', ISO_TIME],
  ['time', CLOCK],
  ['time', WORDED_TIME],
  ['time', /^(jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*$/i],
  ['ip', /^\/?\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(\/\d{1,2})?$/],
  ['email', /^[^\s@]+@[a-z][\w.-]*\.[a-z]+$/i],
  ['path', /\.(java|go|py|c|cc|cpp|h|js|ts|rs|scala|kt|rb|php|cs):\d+$/],
  ['endpoint', /^(?=.*[a-z]|\/?(\d+\.){3})[\w./-]+:\d{2,5}$/i],
  ['mac', /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i],
  ['ip', /^[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7}$/i],
  ['hex', /^0x[0-9a-f]+$/i],
  ['num', /^[<>]?[+-]?\d+([.,]\d+)*(e[+-]?\d+)?$/i],
  ['dur', /^[<>]?[+-]?\d+(\.\d+)?\s?(ns|us|µs|μs|ms|s|secs?|m|min|h|hr|hrs|d)$/],
  ['size', /^[<>]?[+-]?\d+(\.\d+)?\s?(b|[kmgt]i?b|[kmgt]|bytes)$/i],
  ['num', /^\d+(\/\d+)+$/],
  ['num', /^[<>]?[+-]?\d+(\.\d+)?\s?(%|x|v|w|[kmg]?hz)$/i],
  ['url', /^[a-z][a-z0-9+.-]*:\/\//i],
  ['path', /^(\/|[a-z]:\\|\.{0,2}\/)/i],
  ['path', /^[a-z][\w.-]*\/[\w./-]+$/],
  ['hex', /^(?=.*\d)[0-9a-f]{6,}$/i],
  ['list', /^\[/],
  ['map', /^\{/],
  ['map', /^[^\s,=]+=[^,]*,/],
  ['list', /^[^\s,]+(,\s*[^\s,]+)+$/],
  ['id', /^[^\s"'=,]*\d[^\s"'=,]*$/],
  ['str', /^\S/],
];

/** Longest value looked at; a longer one is a `str`. Keeps every pattern's work small. */
const VALUE_LENGTH_MAX = 200;

export function slotType(text: string): string {
  if (text.length === 0) return ANY_SLOT;
  if (text.length > VALUE_LENGTH_MAX)
    return TYPES[1]![1].test(text.slice(0, VALUE_LENGTH_MAX)) ? 'stack' : 'str';
  for (const [type, pattern] of TYPES) if (pattern.test(text)) return type;
  return ANY_SLOT;
}

/** True when a run of variables is one point in time: it is shown as one slot, not as its digits. */
export function isTimeRun(text: string): boolean {
  if (text.length > VALUE_LENGTH_MAX) return false;
  const blanks = text.replace(/\s+/g, ' ');
  return ISO_TIME.test(blanks) || CLOCK.test(blanks) || WORDED_TIME.test(blanks);
}

/** Type of a slot that stands for a run of variables. */
export function runType(text: string): string {
  if (isTimeRun(text)) return 'time';
  const type = slotType(text);
  return type === 'time' || type === 'uuid' || type === 'stack' ? type : 'list';
}
