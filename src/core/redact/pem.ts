const BEGIN = '-----BEGIN ';
const KIND_LENGTH_MAX = 48;

/** Replaces private key blocks. Once no END line follows, the rest of the text goes: half a key is a leaked key. */
export function redactPem(text: string, hit: () => void): string {
  let out = '';
  let done = 0;
  for (let at = text.indexOf(BEGIN); at >= 0; at = text.indexOf(BEGIN, Math.max(at + 1, done))) {
    const kind = text.slice(at + BEGIN.length, at + BEGIN.length + KIND_LENGTH_MAX);
    const head = /^[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/.exec(kind);
    if (head === null) continue;
    hit();
    out += `${text.slice(done, at)}<redacted:pem>`;
    const end = text.indexOf('-----END ', at + BEGIN.length);
    if (end < 0) return out;
    const tail = /^[A-Z0-9 ]*-----/.exec(text.slice(end + 9, end + 9 + KIND_LENGTH_MAX));
    done = end + 9 + (tail === null ? 0 : tail[0].length);
  }
  return out + text.slice(done);
}
