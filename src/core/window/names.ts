/** Shortest service name looked for in text; `db` or `ui` would be found everywhere. */
const NAME_LENGTH_MIN = 3;

/** What may be a service's name in a line: letters, digits, dash, underscore, dot. */
const WORD = /[A-Za-z0-9][A-Za-z0-9._-]{1,127}/g;

/** Words looked at per text. */
const WORDS_MAX = 256;

/**
 * Names of `known` that the text contains as whole words, in order of appearance. `orders.prod.svc` names `orders`,
 * `payments-internal` does not name `payments`.
 */
export function namedServices(text: string, known: { has(name: string): boolean }): string[] {
  const out: string[] = [];
  let words = 0;
  for (const match of text.matchAll(WORD)) {
    if (++words > WORDS_MAX) break;
    const word = match[0].replace(/[._-]+$/, '');
    const name = known.has(word) ? word : word.slice(0, word.indexOf('.') + 1).slice(0, -1);
    if (name.length >= NAME_LENGTH_MIN && known.has(name) && !out.includes(name)) out.push(name);
  }
  return out;
}
