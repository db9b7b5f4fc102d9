// The few words that mean something to the scanner.

export const NO_MEANING = 0;
/** `true`, `false`: always a value. */
export const BOOLEAN = 1;
/** `null`, `None`: a value after `=` or `:`. */
export const NULL = 2;
export const MONTH = 3;
export const WEEKDAY = 4;
/** A unit that may stand apart from its number: `1.16 KB`. */
export const UNIT = 5;
/** `bytes (1.2 KB)`: the same amount said twice. */
export const BYTES = 6;
/** A time zone's abbreviation: part of the time in front of it. */
export const ZONE = 7;

/** Words by meaning. Names of months and weekdays are also known capitalised and in capitals. */
export const WORDS: readonly (readonly [meaning: number, words: string])[] = [
  [BOOLEAN, 'true false True False TRUE FALSE'],
  [NULL, 'null none nil None NULL nullptr undefined'],
  [MONTH, 'jan feb mar apr may jun jul aug sep sept oct nov dec'],
  [MONTH, 'january february march april june july august september october november december'],
  [WEEKDAY, 'mon tue wed thu fri sat sun'],
  [WEEKDAY, 'monday tuesday wednesday thursday friday saturday sunday'],
  [UNIT, 'B KB MB GB TB KiB MiB GiB TiB kB ms us ns sec secs s min hrs Hz kHz MHz GHz'],
  [BYTES, 'bytes byte Bytes octets'],
  [ZONE, 'UTC GMT PST PDT MST MDT CST CDT EST EDT CET CEST EET EEST BST IST JST AEST AEDT'],
];

/** Longest word in the table, in bytes. */
export const LONGEST_WORD = 9;

/** Bit n is set for the first byte of a notable constant of n bytes: most words are ruled out by this alone. */
export const NOTABLE_LENGTHS: Uint16Array = buildLengths();

/** Every spelling of every word, with its meaning. */
export function spellings(): [word: string, meaning: number][] {
  const all: [string, number][] = [];
  for (const [meaning, words] of WORDS) {
    for (const word of words.split(' ')) {
      all.push([word, meaning]);
      if (meaning !== MONTH && meaning !== WEEKDAY) continue;
      all.push([word[0]!.toUpperCase() + word.slice(1), meaning], [word.toUpperCase(), meaning]);
    }
  }
  return all;
}

function buildLengths(): Uint16Array {
  const lengths = new Uint16Array(256);
  for (const [word] of spellings()) lengths[word.charCodeAt(0)]! |= 1 << word.length;
  // `<` and `>` may be the bound of an amount.
  lengths[60]! |= 2;
  lengths[62]! |= 2;
  return lengths;
}
