// Names as the program's author wrote them: without the numbers that compilers, proxies and loaders put in. Table rows
// are read by tests and docs.

export interface GeneratedRow {
  readonly what: string;
  readonly pattern: RegExp;
  readonly replacement: string;
  /** [name as printed, name as compared]. */
  readonly examples: readonly (readonly [string, string])[];
}

/** Applied in this order. Every pattern reads a name once, and a name is at most some hundred characters. */
export const GENERATED_NAMES: readonly GeneratedRow[] = [
  {
    what: 'class loader and module in front of a Java class',
    pattern: /^(?:[\w.@-]*\/)+(?=[\w$]+\.)/,
    replacement: '',
    examples: [
      ['java.base/java.lang.Thread.run', 'java.lang.Thread.run'],
      ['app//com.acme.Cart.add', 'com.acme.Cart.add'],
      ['loader/shop@1.2/com.acme.Cart.add', 'com.acme.Cart.add'],
    ],
  },
  {
    what: 'lambdas, proxies, accessors and anonymous classes of Java and Scala: the number behind $',
    pattern: /\$\$?(?:\d+|0x[0-9a-f]+|[0-9a-f]{6,})(?:[/$_.]0x[0-9a-f]+)?(?=[$./]|$)/gi,
    replacement: '$',
    examples: [
      ['com.acme.Cart.lambda$add$0', 'com.acme.Cart.lambda$add$'],
      ['com.acme.Cart$$Lambda$14/0x0000000800c03000.run', 'com.acme.Cart$$Lambda$.run'],
      ['com.acme.Cart$$EnhancerBySpringCGLIB$$7d1f9e21.add', 'com.acme.Cart$$EnhancerBySpringCGLIB$.add'],
      ['com.acme.Cart$1.run', 'com.acme.Cart$.run'],
    ],
  },
  {
    what: 'lambdas that carry only an address, and numbered proxies and accessors',
    pattern:
      /((?:\$\$Lambda|\$Proxy|MethodAccessor|ConstructorAccessor|lambda_method))(?:\d+|\/0x[0-9a-f]+)/gi,
    replacement: '$1',
    examples: [
      ['com.acme.Cart$$Lambda/0x00007f1a2c03.run', 'com.acme.Cart$$Lambda.run'],
      ['com.acme.$Proxy93.find', 'com.acme.$Proxy.find'],
      ['lambda_method42', 'lambda_method'],
    ],
  },
  {
    what: 'closures of Go, by number',
    pattern: /\.(func|gowrap|deferwrap)\d+(?:\.\d+)*/g,
    replacement: '.$1',
    examples: [
      ['main.run.func1.2', 'main.run.func'],
      ['main.main.gowrap1', 'main.main.gowrap'],
    ],
  },
  {
    what: 'state machines and closures of .NET',
    pattern: /(>[bd]__|c__DisplayClass|>g__\w{1,80}\|)\d+(?:_\d+)*/g,
    replacement: '$1',
    examples: [
      ['Shop.Cart.<Total>d__12.MoveNext', 'Shop.Cart.<Total>d__.MoveNext'],
      ['Shop.Cart.<>c__DisplayClass4_0.<Run>b__1', 'Shop.Cart.<>c__DisplayClass.<Run>b__'],
    ],
  },
  {
    what: 'blocks of Ruby: the method they are in',
    pattern: /^(?:(?:block|rescue|ensure)(?: \(\d+ levels\))? in )+/,
    replacement: '',
    examples: [
      ['block (2 levels) in add', 'add'],
      ['rescue in add', 'add'],
    ],
  },
  {
    what: 'the hash at the end of a Rust symbol, and the number of a closure',
    pattern: /::h[0-9a-f]{16}$|(?<=\{closure)[#:][^}]*(?=\})|(?<=\{\{closure\}\})[#:]\d+/g,
    replacement: '',
    examples: [
      ['shop::cart::add::h0123456789abcdef', 'shop::cart::add'],
      ['shop::cart::add::{closure#0}', 'shop::cart::add::{closure}'],
      ['{closure:App\\Cart::add():12}', '{closure}'],
    ],
  },
  {
    what: 'aliases and addresses',
    pattern: / \[as [^\]]*\]|@?0x[0-9a-f]+/gi,
    replacement: '',
    examples: [['TCPConnectWrap.afterConnect [as oncomplete]', 'TCPConnectWrap.afterConnect']],
  },
  {
    what: 'long numbers and digests: names of compiled templates, bundles and anonymous classes',
    pattern: /(?:(?<![a-z])[0-9a-f]*\d[0-9a-f]{7,}(?![a-z])|_\d{4,}|\d{6,})/gi,
    replacement: '',
    examples: [
      ['_app_views_carts_show_html_erb__1234567890123_45678', '_app_views_carts_show_html_erb_'],
      ['main.3f9c2ab1.js', 'main..js'],
    ],
  },
];

export function withoutGeneratedParts(name: string): string {
  let plain = name;
  for (const { pattern, replacement } of GENERATED_NAMES) plain = plain.replace(pattern, replacement);
  return plain;
}
