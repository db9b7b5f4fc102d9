import { capText } from './format.ts';

/** A name that must be quoted is cut here: whoever writes a sentence into a name gets no more of the reader's time. */
const NAME_CHARS = 32;

/** Names of resources that may stand outside ⟦ ⟧ (docs/window.md). */
const SAFE_NAME = /^[A-Za-z0-9._/-]{1,64}$/;

/** Numbers, IP addresses, UUIDs, durations and sizes: typed values that cannot carry an instruction. */
const TYPED_VALUE =
  /^(?:-?\d{1,20}(?:\.\d{1,15})?(?:ns|us|µs|ms|s|m|h|d|B|KB|KiB|MB|MiB|GB|GiB|%)?|\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F:]{2,39}:[0-9a-fA-F]{1,4})$/;

/**
 * Makes log text one line that cannot leave its ⟦ ⟧ nor deceive the eye. Everything taken out leaves a visible mark:
 * escape sequences `␛`, other control characters their picture (␀–␟, ␡), line breaks `⏎`, our delimiters `⟨` `⟩`,
 * bidirectional, zero-width, tag and variation characters `�` with their code point.
 */
export function neutralise(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?|\n|[\u0085\u2028\u2029]/g, '⏎')
    .replace(/(?:\u001b\[|\u009b)[0-9;:?<=>]{0,32}[ -/]{0,4}[@-~]?/g, '␛')
    .replace(/\t/g, ' ')
    .replace(/[\u0000-\u001f]/g, (c) =>
      c === '\u001b' ? '␛' : String.fromCharCode(0x2400 + c.charCodeAt(0)),
    )
    .replace(/\u007f/g, '␡')
    .replace(/[\u0080-\u009f]/g, '�')
    .replace(/[⟦\u301a\u2e22-\u2e25]/g, '⟨')
    .replace(/[⟧\u301b]/g, '⟩')
    .replace(INVISIBLE, (c) => `�${c.codePointAt(0)!.toString(16)}`);
}

/**
 * Soft hyphen, grapheme joiner, Arabic letter mark, fillers, zero-width characters, bidirectional controls and isolates,
 * byte order mark, interlinear marks, variation selectors, tags.
 */
const INVISIBLE =
  /\u00ad|\u034f|\u061c|\u115f|\u1160|\u17b4|\u17b5|\u180b|\u180c|\u180d|\u180e|\u180f|[\u200b-\u200f\u202a-\u202e\u2060-\u206f]|\u3164|\ufeff|\uffa0|[\ufff9-\ufffb]|[\ufe00-\ufe0f]|[\u{e0000}-\u{e0fff}]/gu;

/** Log content as it may appear in a text for a model. */
export function quote(text: string): string {
  return `⟦${neutralise(text)}⟧`;
}

/** A resource name: bare when it cannot be anything but a name. */
export function quoteName(name: string): string {
  return SAFE_NAME.test(name) ? name : quote(capText(name, NAME_CHARS));
}

/** A typed value stays bare, without the quotes it may have as a JSON text; any other is quoted. */
export function quoteValue(value: string | number): string {
  const bare = typeof value === 'string' ? value.replace(/^"([^"]*)"$/, '$1') : String(value);
  return TYPED_VALUE.test(bare) ? bare : quote(bare);
}
