// Writes stack traces as the run times of eight languages print them, from calls that a test makes up.
import type { TraceLanguage } from '../../../src/core/scan/library-frames.ts';

/** One call: names are plain words; `isLibrary` puts it into a library of the language. */
export interface Call {
  readonly module: string;
  readonly method: string;
  readonly isLibrary: boolean;
}

/** Everything that differs from one run or build to the next. */
export interface Noise {
  readonly lines: readonly number[];
  readonly address: number;
  readonly id: number;
  readonly directory: string;
}

export type TraceWriter = (calls: readonly Call[], noise: Noise) => string;

const line = (noise: Noise, at: number): number => noise.lines[at % noise.lines.length]!;
const hex = (value: number): string => value.toString(16).padStart(12, '0');
const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);

/** The frame nearest to the fault first in `calls`; each writer prints them in its language's order. */
export const TRACE_WRITERS: Readonly<Record<TraceLanguage, TraceWriter>> = {
  java: (calls, noise) =>
    [
      `java.lang.IllegalStateException: order ${noise.id} is gone`,
      ...calls.map(({ module, method, isLibrary }, at) => {
        const type = capital(module);
        const name = isLibrary ? `java.base/java.util.${type}` : `com.acme.${module}.${type}`;
        const lambda = method.length % 3 === 2 ? `lambda$${method}$${noise.id}` : method;
        return `\tat ${name}.${lambda}(${type}.java:${line(noise, at)})`;
      }),
      `\tat com.acme.Cart$$Lambda$${noise.id}/0x${hex(noise.address)}.run(Unknown Source)`,
      'Caused by: java.io.IOException: closed',
      `\t... ${noise.id} more`,
    ].join('\n'),
  python: (calls, noise) =>
    [
      'Traceback (most recent call last):',
      ...[...calls].reverse().flatMap(({ module, method, isLibrary }, at) => {
        const directory = isLibrary ? '/usr/lib/python3.12/site-packages' : `/${noise.directory}`;
        return [
          `  File "${directory}/${module}.py", line ${line(noise, at)}, in ${method}`,
          `    ${method}(x)`,
          '    ^^^^^^^',
        ];
      }),
      `ValueError: bad id ${noise.id}`,
    ].join('\n'),
  javascript: (calls, noise) =>
    [
      `TypeError: cannot read 'x' of ${noise.id}`,
      ...calls.map(({ module, method, isLibrary }, at) => {
        const directory = isLibrary ? `/${noise.directory}/node_modules/dep` : `/${noise.directory}/dist`;
        const name = method.length % 2 === 0 ? method : `async ${method}`;
        return `    at ${name} (${directory}/${module}.js:${line(noise, at)}:${noise.id + 1})`;
      }),
    ].join('\n'),
  go: (calls, noise) =>
    [
      `panic: boom ${noise.id}`,
      '',
      `goroutine ${noise.id} [running]:`,
      ...calls.flatMap(({ module, method, isLibrary }, at) => {
        const path = isLibrary ? `/root/go/pkg/mod/dep@v1.${noise.id}.0` : `/${noise.directory}`;
        const name = isLibrary ? `github.com/dep/${module}` : `shop/${module}`;
        const call = method.length % 3 === 2 ? `(*T).${method}.func${noise.id}` : `(*T).${method}`;
        const argument = `0xc${hex(noise.address)}`;
        return [
          `${name}.${call}(${argument})`,
          `\t${path}/${module}.go:${line(noise, at)} +0x${hex(noise.id)}`,
        ];
      }),
      'exit status 2',
    ].join('\n'),
  dotnet: (calls, noise) =>
    [
      `System.InvalidOperationException: order ${noise.id}`,
      ...calls.map(({ module, method, isLibrary }, at) => {
        const name = `${isLibrary ? 'System' : 'Shop'}.${capital(module)}`;
        const call = method.length % 3 === 2 ? `<${method}>d__${noise.id}.MoveNext` : method;
        return `   at ${name}.${call}(Int32 n) in /${noise.directory}/${module}.cs:line ${line(noise, at)}`;
      }),
      '--- End of stack trace from previous location ---',
    ].join('\n'),
  ruby: (calls, noise) => {
    const place = ({ module, isLibrary }: Call, at: number): string =>
      `${isLibrary ? '/usr/lib/ruby/gems/3.2.0/gems/dep' : `/${noise.directory}`}/${module}.rb:${line(noise, at)}`;
    const name = ({ method }: Call): string =>
      method.length % 3 === 2 ? `block (${(noise.id % 7) + 2} levels) in ${method}` : method;
    return calls
      .map((call, at) =>
        at === 0
          ? `${place(call, at)}:in \`${name(call)}': order ${noise.id} (Shop::Gone)`
          : `\tfrom ${place(call, at)}:in \`${name(call)}'`,
      )
      .join('\n');
  },
  rust: (calls, noise) =>
    [
      `thread 'main' panicked at src/main.rs:${line(noise, 0)}:5:`,
      `order ${noise.id}`,
      'stack backtrace:',
      ...calls.flatMap(({ module, method, isLibrary }, at) => {
        const path = isLibrary ? '/rustc/9fc6b43126469e/library/std/src' : `/${noise.directory}/src`;
        const hash = `::h${hex(noise.address).padStart(16, '0')}`;
        return [
          `   ${at}: ${isLibrary ? 'std' : 'shop'}::${module}::${method}${method.length % 2 === 0 ? hash : ''}`,
          `             at ${path}/${module}.rs:${line(noise, at)}:9`,
        ];
      }),
      'note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.',
    ].join('\n'),
  php: (calls, noise) =>
    [
      `PHP Fatal error:  Uncaught RuntimeException: order ${noise.id} in /${noise.directory}/a.php:${line(noise, 0)}`,
      'Stack trace:',
      ...calls.map(({ module, method, isLibrary }, at) => {
        const path = `/${noise.directory}/${isLibrary ? 'vendor/dep' : 'src'}/${module}.php`;
        const name = `${isLibrary ? 'Symfony' : 'App'}\\${capital(module)}->${method}`;
        return `#${at} ${path}(${line(noise, at)}): ${name}(Array, ${noise.id})`;
      }),
      `#${calls.length} {main}`,
      `  thrown in /${noise.directory}/a.php on line ${line(noise, 0)}`,
    ].join('\n'),
};
