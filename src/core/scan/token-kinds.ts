// What a token, or a word, is. Constants only: the kernel reads this file too.

/** A word that stays as it is. */
export const WORD = 0;
/** A word with one or two digits (`eth0`): stays, unless it is part of a list. */
export const WEAK_WORD = 1;
/** A run of one delimiter, or dots and dashes. */
export const PUNCTUATION = 2;
/** The inside of a short quoted span without digits: one constant. */
export const QUOTED = 3;
/** A variable: anything in the line at this place gives the same signature. */
export const SLOT = 4;
/** Of a word only: it is cut at `- . + $ %` and each piece judged on its own. */
export const PIECES = 5;
