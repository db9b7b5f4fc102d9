/** Issuer prefixes and lengths. Source: ISO/IEC 7812 ranges as published by the networks; unlisted ranges are not cards. */
const ISSUERS: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^4/, [13, 16, 19]], // Visa
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]], // Mastercard
  [/^3[47]/, [15]], // American Express
  [/^(?:6011|64[4-9]|65)/, [16, 17, 18, 19]], // Discover
  [/^35(?:2[89]|[3-8])/, [16]], // JCB
  [/^3(?:0[0-5]|[68])/, [14]], // Diners Club
  [/^62/, [16, 17, 18, 19]], // UnionPay
];

/** Digits with single spaces or dashes between them, not glued to a word. */
const DIGIT_RUN = /(?<![\p{L}\p{N}_.-])\d(?:[ -]?\d){12,63}(?![\p{L}\p{N}_])/gu;

export function redactCards(text: string, hit: () => void): string {
  return text.replace(DIGIT_RUN, (run) => redactRun(run, hit));
}

/** A run may begin with other numbers (`12 4111 1111 …`): tries every span of whole groups, longest first from the left. */
function redactRun(run: string, hit: () => void): string {
  const groups = [...run.matchAll(/\d+/g)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
  let out = '';
  let done = 0;
  for (let first = 0; first < groups.length; first++) {
    const last = cardEnd(run, groups, first);
    if (last < 0) continue;
    hit();
    out += `${run.slice(done, groups[first]!.start)}<redacted:card>`;
    done = groups[last]!.end;
    first = last;
  }
  return out + run.slice(done);
}

/** Index of the last group of a card that begins with group `first`; -1 = none. */
function cardEnd(run: string, groups: readonly { start: number; end: number }[], first: number): number {
  let digits = '';
  let found = -1;
  for (let last = first; last < groups.length && digits.length <= 19; last++) {
    digits += run.slice(groups[last]!.start, groups[last]!.end);
    if (digits.length <= 19 && isCard(digits)) found = last;
  }
  return found;
}

function isCard(digits: string): boolean {
  return (
    ISSUERS.some(([prefix, lengths]) => lengths.includes(digits.length) && prefix.test(digits)) &&
    luhn(digits)
  );
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    let digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    if (i % 2 === 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 === 0;
}
