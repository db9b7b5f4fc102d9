import { redactCards } from './cards.ts';
import { redactPem } from './pem.ts';

/**
 * One row of the redaction table; tests and docs/window.md read the rows.
 * A pattern either starts once per run of its characters (look-behind) or cannot fail once its long part has begun, so
 * that no text, however hostile, costs more than a constant per character. What may be long has no upper bound: the tail
 * of a secret is a secret.
 */
export interface RedactionRule {
  /** Appears in the output as `<redacted:name>` and in the counts. */
  readonly name: string;
  readonly what: string;
  /** Source of a cheap pattern (flag i) that must match wherever the rule can match. */
  readonly hint: string;
  /** Wherever the rule can match there is one of these, in any case; those of cards are digits. See needles.ts. */
  readonly needles: readonly string[];
  /** Calls `hit` once per replacement. */
  readonly apply: (text: string, hit: () => void) => string;
  /** [text, text after this rule table]. */
  readonly redacts: readonly (readonly [string, string])[];
  /** Texts that must stay as they are. */
  readonly keeps: readonly string[];
}

/** Characters of a key named by the user that are looked at. */
const EXTRA_KEY_LENGTH_MAX = 64;

/** Names that make the end of a key secret; `[_-. ]?` between the parts is allowed. */
const SECRET_KEYS = [
  'pass[_-]?word',
  'passwd',
  'passphrase',
  'pass[_-]?code',
  'pwd',
  '[_-]pass',
  'secret',
  'token',
  'api[ _.-]?key',
  'access[_.-]?key(?:[_.-]?id)?',
  'secret[ _.-]?key',
  'private[ _.-]?key',
  'encryption[_.-]?key',
  'signing[_.-]?key',
  'account[_.-]?key',
  '[_-]auth',
  'authorization',
  'credentials?',
  'session[ _-]?id',
  'jsessionid',
  'phpsessid',
  'x-amz-signature',
];

/** One of these is in every text in which one of `SECRET_KEYS` is. */
const SECRET_NEEDLES = [
  ...[
    'passw',
    'pass_w',
    'pass-w',
    'passphrase',
    'passcode',
    'pass_code',
    'pass-code',
    'pwd',
    '_pass',
    '-pass',
  ],
  ...['secret', 'token', '_auth', '-auth', 'authorization', 'credential', 'sessid', 'x-amz-signature'],
  ...separated(['api', 'access', 'private', 'encryption', 'signing', 'account'], 'key'),
  ...separated(['session'], 'id'),
];

/** Each word with the second one behind it, and what may stand between the two. */
function separated(words: readonly string[], second: string): string[] {
  return words.flatMap((word) => ['', ' ', '_', '.', '-'].map((between) => word + between + second));
}

/** Values that tell something and hide nothing: an absent secret is often the fault itself. */
const TELLING_VALUE =
  /^(?:null|nil|none|undefined|true|false|empty|missing|invalid|expired|required|\*+|x{3,}|\.{3})$/i;

/** Matches a whole key whose value is secret. */
export function secretKeyPattern(extraKeys: readonly string[]): RegExp {
  return new RegExp(`(?:^|[^A-Za-z]|[a-z](?=[A-Z]))(?:${keyAlternation(extraKeys)}|(?:set-)?cookie)$`, 'i');
}

/** The table, in the order of application: whole blocks first, then what has a shape of its own, then key and value. */
export function redactionRules(extraKeys: readonly string[] = []): readonly RedactionRule[] {
  return [PEM, USERINFO, JWT, VENDOR_KEY, COOKIE, bearer(), secret(extraKeys), CARD, EMAIL];
}

const PEM: RedactionRule = {
  name: 'pem',
  what: 'PEM blocks of private keys, also with escaped line breaks; without an END line, to the end of the text',
  hint: '-----BEGIN',
  needles: ['-----begin'],
  apply: redactPem,
  redacts: [
    [
      'key -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- done',
      'key <redacted:pem> done',
    ],
    ['-----BEGIN PRIVATE KEY-----\\nMIIEvQ\\n', '<redacted:pem>'],
  ],
  keeps: ['-----BEGIN CERTIFICATE-----', '----- BEGIN of report -----'],
};

const USERINFO: RedactionRule = {
  name: 'userinfo',
  what: 'passwords in URLs; the user name stays unless it stands alone (then it may be a token)',
  hint: '://[^\\s/]+@',
  needles: ['@'],
  apply: (text, hit) =>
    text.replace(
      /(?<![A-Za-z0-9+.-])([A-Za-z][A-Za-z0-9+.-]{1,20}:\/\/)([^\s/?#"'<>]+)@/g,
      (_, scheme: string, userinfo: string) => {
        hit();
        const colon = userinfo.indexOf(':');
        const user =
          colon > 0 && /^[\w.-]{1,64}$/.test(userinfo.slice(0, colon)) ? `${userinfo.slice(0, colon)}:` : '';
        return `${scheme}${user}<redacted:userinfo>@`;
      },
    ),
  redacts: [
    ['open postgres://app:hunter2@db:5432/x', 'open postgres://app:<redacted:userinfo>@db:5432/x'],
    ['amqp://u:p@ss@mq/', 'amqp://u:<redacted:userinfo>@mq/'],
    ['clone https://ghp12345@github.com/a/b', 'clone https://<redacted:userinfo>@github.com/a/b'],
  ],
  keeps: ['GET http://orders:8080/a?b=c 200', 'GET http://h/a@b'],
};

const JWT: RedactionRule = {
  name: 'jwt',
  what: 'JSON Web Tokens (a Base64 `{"` head and at least one further part)',
  hint: 'eyJ',
  needles: ['eyj'],
  apply: (text, hit) =>
    text.replace(/(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?/g, () => {
      hit();
      return '<redacted:jwt>';
    }),
  redacts: [['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.abc-_D bad', 'jwt <redacted:jwt> bad']],
  keeps: ['eyJ is not enough', 'heyJude.and.others'],
};

const VENDOR_KEY: RedactionRule = {
  name: 'key',
  what: 'keys with a known prefix: AWS, GitHub, GitLab, Slack, Google, Stripe, npm, OpenAI-like',
  hint: 'A(?:KIA|SIA)|gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|hooks\\.slack|AIza|[sr]k_(?:live|test)_|npm_|sk-',
  needles: [
    ...[
      'akia',
      'asia',
      'ghp_',
      'gho_',
      'ghu_',
      'ghs_',
      'ghr_',
      'github_pat_',
      'glpat-',
      'xox',
      'hooks.slack',
    ],
    ...['aiza', 'k_live_', 'k_test_', 'npm_', 'sk-'],
  ],
  apply: (text, hit) =>
    text.replace(
      /(?<![A-Za-z0-9_-])(?:A(?:KIA|SIA)[A-Z0-9]{16}(?![A-Za-z0-9])|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,}|glpat-[A-Za-z0-9_-]{20,}|xox[abeprs]-[A-Za-z0-9-]{10,}|AIza[A-Za-z0-9_-]{35}|[sr]k_(?:live|test)_[A-Za-z0-9]{16,}|npm_[A-Za-z0-9]{36}|sk-[A-Za-z0-9_-]{20,})|(?<=hooks\.slack\.com\/services\/)[A-Za-z0-9/]{20,}/g,
      () => {
        hit();
        return '<redacted:key>';
      },
    ),
  redacts: [
    ['using AKIAIOSFODNN7EXAMPLE now', 'using <redacted:key> now'],
    ['push ghp_0123456789abcdefghijABCDEFGHIJ012345', 'push <redacted:key>'],
    ['slack xoxb-123456789012-abcdefghij', 'slack <redacted:key>'],
  ],
  keeps: ['ASIAN markets', 'task-0123456789012345678901', 'sk-learn 1.2'],
};

const COOKIE: RedactionRule = {
  name: 'cookie',
  what: 'Cookie and Set-Cookie headers: all their pairs',
  hint: 'cookie',
  needles: ['cookie'],
  apply: (text, hit) =>
    text.replace(
      /((?<![A-Za-z])(?:set-)?cookie\\?["']?\s{0,3}[:=]\s{0,3}\\?["']?)(?!<[a-z_:]{1,40}>)([^\s"'\\;,=]+=[^\s"'\\;,]*(?:;\s?[^\s"'\\;,]+)*)/gi,
      (_, key: string) => {
        hit();
        return `${key}<redacted:cookie>`;
      },
    ),
  redacts: [
    ['Cookie: sid=abc; theme=dark', 'Cookie: <redacted:cookie>'],
    ['{"set-cookie":"sid=abc; Path=/"}', '{"set-cookie":"<redacted:cookie>"}'],
  ],
  keeps: ['cookie jar is empty', 'cookie: none'],
};

function bearer(): RedactionRule {
  return {
    name: 'bearer',
    what: 'credentials after Bearer or Basic, with or without the header name',
    hint: '(?:bearer|basic)\\s',
    needles: ['bearer', 'basic'],
    apply: (text, hit) =>
      text.replace(
        /((?<![A-Za-z0-9])(?:bearer|basic)\s{1,4})(?=[A-Za-z._~+/-]*[0-9]|[A-Za-z._~+/-]*=(?![^\s"',;=]))[A-Za-z0-9._~+/=-]{6,}/gi,
        (_, scheme: string) => {
          hit();
          return `${scheme}<redacted:bearer>`;
        },
      ),
    redacts: [
      ['Authorization: Basic dXNlcjpwYXNz=', 'Authorization: Basic <redacted:bearer>'],
      ['sent bearer abc123def', 'sent bearer <redacted:bearer>'],
    ],
    keeps: ['Basic authentication failed', 'bearer of bad news', 'token_type=bearer expires_in=3600'],
  };
}

function secret(extraKeys: readonly string[]): RedactionRule {
  const keys = keyAlternation(extraKeys);
  // The end of a key, its closing quote, a separator, then one value. What stands before the key's end does not matter.
  const separator = `(?:\\\\{0,7}["']|%22)?\\s{0,3}(?:=>|[:=]|%3D|%3A)\\s{0,3}(?:%22)?(?!%22<redacted:)`;
  const pattern = new RegExp(
    `((?<key>${keys})(?:${separator}|(?<=--[\\w-]{0,40})\\s{1,4}|(?<=pass[_-]?word|passwd|passphrase)\\s{1,2}(?=["']))(?!${SCHEME}<redacted:)(?:${SCHEME})?(?:[([]|\\{(?!\\s{0,3}["']))?)` +
      `(?!<[a-z_:]{1,40}>)(?<value>${VALUE})|((?<=<[\\w:.-]{0,60})(?<!<redacted:[a-z_]{0,20})(?<tag>${keys})>)(?!<)(?<text>[^<]+)`,
    'gi',
  );
  return {
    name: 'secret',
    what: `values of keys that end in: ${keys.replaceAll('|', ', ')}; as k=v, k: v, --k v, JSON, XML, query strings`,
    hint: `(?:${keys})(?:\\\\{0,7}["']|%22|>)?\\s{0,3}(?:[:=>]|%3D|%3A|\\s\\S)`,
    needles: [...SECRET_NEEDLES, ...extraKeys.map((key) => key.slice(0, EXTRA_KEY_LENGTH_MAX))],
    apply: (text, hit) => text.replace(pattern, (...args: unknown[]) => replaceSecret(args, hit)),
    redacts: [
      ['login password=hunter2 user=bob', 'login password=<redacted:secret> user=bob'],
      ['{"userPassword": "a\\"b", "n":1}', '{"userPassword": "<redacted:secret>", "n":1}'],
      ['{\\"api_key\\":\\"abc\\",\\"x\\":1}', '{\\"api_key\\":\\"<redacted:secret>\\",\\"x\\":1}'],
      ['GET /cb?access_token=abc&x=1', 'GET /cb?access_token=<redacted:secret>&x=1'],
      ['Authorization: Digest username', 'Authorization: Digest <redacted:secret>'],
      ['X-Auth-Token: 0123', 'X-Auth-Token: <redacted:secret>'],
      ["secret: 'two words'", "secret: '<redacted:secret>'"],
      ['pwd=a,b host=c', 'pwd=<redacted:secret> host=c'],
      ['Password=x;Server=y', 'Password=<redacted:secret>;Server=y'],
      [
        "{u'adminPass': u'x', u'password': u'hun ter'}",
        "{u'adminPass': u'x', u'password': u'<redacted:secret>'}",
      ],
      ['{\\\\\\"token\\\\\\":\\\\\\"abc\\\\\\"}', '{\\\\\\"token\\\\\\":\\\\\\"<redacted:secret>\\\\\\"}'],
      ['run --db-password hunter2 --port 1', 'run --db-password <redacted:secret> --port 1'],
      ['<ns:password>a b</ns:password>', '<ns:password><redacted:secret></ns:password>'],
      ['%22password%22%3A%22abc%22', '%22password%22%3A%22<redacted:secret>'],
      ["password=P@s(s'w0rd) next", 'password=<redacted:secret>) next'],
      ['(password=hunter2)', '(password=<redacted:secret>)'],
      ['token=[abc]', 'token=[<redacted:secret>]'],
      ["invalid password 'hunter2'", "invalid password '<redacted:secret>'"],
      ['api key: 1234', 'api key: <redacted:secret>'],
      ['DB_PASS=x1', 'DB_PASS=<redacted:secret>'],
    ],
    keeps: [
      'password=null',
      'token: expired',
      'max_tokens=512',
      'secretary: Bob',
      'password check took 12ms',
      'PWD=/home/app',
      'password=<word>',
      'Unexpected token } in JSON',
      'author: Bob',
      'auth: user not found',
      'the token was refused',
      'tests: pass=3 fail=0',
      '{"passwordCredentials":{"username":"a"}}',
    ],
  };
}

/**
 * `"…"`, `\"…\"` at any depth of escaping, `'…'`, each also as `u'…'`; or bare: up to white space, `&`, a quote that ends a
 * word, or a comma, semicolon or closing bracket that ends the pair.
 */
const VALUE =
  `[ub]?(?:\\\\{1,7}"[^"\\\\]+|"(?:[^"\\\\]|\\\\.)+|'(?:[^'\\\\]|\\\\.)+)|` +
  `[^\\s"'&,;()[\\]{}\\\\](?:[^\\s"'&,;)\\]}\\\\]|["'](?=[A-Za-z0-9])|\\\\(?!["\\s])|[,;)\\]}](?![\\s,;)\\]}"']|$|[\\w.-]{1,40}["']?[=:]))*`;

const SCHEME = '(?:bearer|basic|digest|token|negotiate)\\s{1,4}';

function replaceSecret(args: readonly unknown[], hit: () => void): string {
  const whole = String(args[0]);
  const groups = args.at(-1) as { readonly key?: string; readonly value?: string; readonly text?: string };
  const value = groups.value ?? groups.text ?? '';
  const head = whole.slice(0, whole.length - value.length);
  const quote = /^[ub]?(?:\\{1,7}"|"|')/i.exec(value)?.[0] ?? '';
  const inner = value.slice(quote.length);
  if (inner === '' || TELLING_VALUE.test(inner) || /^<[a-z_]{1,20}(?::[a-z_]{1,20})?>$/.test(inner)) {
    return whole;
  }
  // PWD is also the working directory.
  if (/^pwd$/i.test(groups.key ?? '') && /^\/[\w./-]*$/.test(inner)) return whole;
  hit();
  return `${head}${quote}<redacted:secret>`;
}

const CARD: RedactionRule = {
  name: 'card',
  what: 'payment card numbers: 13 to 19 digits, in groups or not, with a known issuer prefix and a valid Luhn digit',
  hint: '(?:\\d[ -]?){13}',
  needles: [],
  apply: redactCards,
  redacts: [
    ['paid with 4111 1111 1111 1111 ok', 'paid with <redacted:card> ok'],
    ['card=378282246310005', 'card=<redacted:card>'],
    ['line 12 5555-5555-5555-4444', 'line 12 <redacted:card>'],
  ],
  keeps: ['id 4111111111111112', 'at 1700000000000 ms', 'blk_4111111111111111', '4111111111111111abc'],
};

const EMAIL: RedactionRule = {
  name: 'email',
  what: 'e-mail addresses, also with %40',
  hint: '(?:@|%40)[^\\s]{0,64}\\.',
  needles: ['@', '%40'],
  apply: (text, hit) =>
    text.replace(
      /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._+-]{1,256}(?:@|%40)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,8}\.\p{L}{2,24}(?![\p{L}\p{N}-])/gu,
      () => {
        hit();
        return '<redacted:email>';
      },
    ),
  redacts: [
    ['mail to a.b+c@example.co.uk.', 'mail to <redacted:email>.'],
    ['?user=bob%40example.com&x', '?user=<redacted:email>&x'],
  ],
  keeps: ['com.acme.Order@1f2e3d', 'root@10.0.0.1', 'left-pad@1.3.0'],
};

function keyAlternation(extraKeys: readonly string[]): string {
  return [...SECRET_KEYS, ...extraKeys.map(escapePattern)].join('|');
}

function escapePattern(text: string): string {
  return text.slice(0, EXTRA_KEY_LENGTH_MAX).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
