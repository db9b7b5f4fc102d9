// docs/masking.md from the table of rules. A test keeps the file current.
import { MASKING_RULES } from './rules.ts';
import { SCANNED_BYTES_MAX, SCANNER_VERSION } from './scanner.ts';
import { PATTERN_LENGTH_MAX, USER_MASKS_MAX } from './user-masks.ts';

const HEAD = `# Masking

What winnow reads as a variable in a log line. Two lines with the same masked form have the same signature, whatever
order they come in and whichever process reads them. Generated from \`src/core/scan/rules.ts\` (scanner \`${SCANNER_VERSION}\`);
the tests run every line below through the scanner.

- Delimiters: \`= : , ; ( ) [ ] { } < > " ' | @ # & ! ? * \` and the backquote. \`_ . - / + $ %\` are inside words; dots, dashes, \`+\`, \`$\` and \`%\`
  cut a word only when it holds digits.
- White space is not part of a signature; neither are the types of variables.
- The first ${SCANNED_BYTES_MAX / 1024} KiB of a line are read. Every line costs time linear in its length.
- A word that is no variable by its looks can still become one: the miner needs several distinct values at the same
  place of otherwise equal lines, how many depends on what they look like (\`src/core/mine/evidence.ts\`).

## Own rules

Ids of a form of your own are named in the configuration file:

\`\`\`yaml
masking:
  - { name: ticket, pattern: ACME-<alnum> }
  - { name: job, pattern: job/<digits>/<word> }
\`\`\`

A pattern is literal text and classes: \`<digits>\`, \`<hex>\`, \`<alnum>\`, \`<word>\` (letters, digits and \`_\`), one or more bytes
each. It begins with a letter or digit of its own, is tried where a word begins, before every rule below, and must end
where a word ends. A class is followed by a character that it does not hold, so nothing is read twice. At most
${USER_MASKS_MAX} rules of ${PATTERN_LENGTH_MAX} characters. Changing the rules changes the scanner's version: templates keep their ids, and what
cannot be matched is learnt silently for a day, below ERROR.
`;

export function renderMaskingDoc(): string {
  const rules = MASKING_RULES.map((rule) => {
    const masks = rule.masks.map(([line, masked]) => `| ${code(line)} | ${code(masked)} |`);
    const keeps = rule.keeps.length === 0 ? '' : `\nStays: ${rule.keeps.map(code).join(' · ')}\n`;
    return `\n## ${rule.name}\n\n${rule.what}\n\n| line | masked |\n|---|---|\n${masks.join('\n')}\n${keeps}`;
  });
  return HEAD + rules.join('');
}

function code(text: string): string {
  return `\`${text.replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('|', '\\|')}\``;
}
