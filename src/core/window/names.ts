/** Shortest service name looked for in text; `db` or `ui` would be found everywhere. */
const NAME_LENGTH_MIN = 3;

/** What may be a service's name in a line: letters, digits, dash, underscore, dot. */
const WORD = /[A-Za-z0-9][A-Za-z0-9._-]{1,127}/g;

/** Words looked at per text. */
const WORDS_MAX = 256;

/** Characters before and after a word that are looked at for a cue. */
const CUE_CHARS = 32;

/** A name of one plain word (`cart`, `search`) is also a word of the language and of paths: it needs a cue beside it. */
const PLAIN = /^[A-Za-z]+$/;
const CUE_BEFORE =
  /(?:\b(?:upstream|downstream|service|svc|backend|host|peer|server|dependency|client|call(?:s|ed|ing)?|via|to|from|waiting for|timeout (?:for|on)|response (?:of|from)|error (?:of|from)|by)["'`:=\s]{1,4}|:\/\/)$/i;
const CUE_AFTER =
  /^["'`]?(?::\d{2,5}\b|\.(?:svc|local|internal|default|prod|cluster)\b|[\s:]{1,3}(?:service|server|backend|host|respond|return|answer|gave|fail|unavailab|unreachab|timed|timeout|refused|rejected|is (?:down|un)|did not|HTTP|\d{3}\b))/i;

/** Attributes whose value is a peer's name. */
const PEER_KEY = /(?:peer|server|host|upstream|service|destination|target|address|dependency)/i;

interface Known {
  has(name: string): boolean;
}

/**
 * Names of `known` that the text contains as whole words, in order of appearance. `orders.prod.svc` names `orders`;
 * `payments-internal` does not name `payments`; `/cart/items` and `locked for checkout` name nothing.
 */
export function namedServices(text: string, known: Known): string[] {
  const out: string[] = [];
  let words = 0;
  for (const match of text.matchAll(WORD)) {
    if (++words > WORDS_MAX) break;
    const name = nameOf(match[0], known);
    if (name === '' || out.includes(name)) continue;
    if (!PLAIN.test(name) || hasCue(text, match.index, match.index + name.length)) out.push(name);
  }
  return out;
}

/** May the attribute's value be a peer's name? */
export function isPeerKey(key: string): boolean {
  return PEER_KEY.test(key);
}

/** The service that a peer's attribute names, or an empty text. */
export function namedAsPeer(value: string, known: Known): string {
  return nameOf(value.replace(/^[a-z]{2,8}:\/\//, '').replace(/[:/].*$/, ''), known);
}

function nameOf(word: string, known: Known): string {
  const whole = word.replace(/[._-]+$/, '');
  const dot = whole.indexOf('.');
  const name = known.has(whole) || dot < 0 ? whole : whole.slice(0, dot);
  return name.length >= NAME_LENGTH_MIN && known.has(name) ? name : '';
}

function hasCue(text: string, start: number, end: number): boolean {
  return (
    CUE_BEFORE.test(text.slice(Math.max(0, start - CUE_CHARS), start)) ||
    (text[start - 1] !== '/' && CUE_AFTER.test(text.slice(end, end + CUE_CHARS)))
  );
}
