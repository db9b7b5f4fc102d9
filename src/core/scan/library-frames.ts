// Which frames of a stack trace are not the program's own, as data: one row a language. Tests and docs/masking.md read it.

export type TraceLanguage = 'java' | 'python' | 'javascript' | 'go' | 'dotnet' | 'ruby' | 'rust' | 'php';

export interface LibraryRow {
  readonly language: TraceLanguage;
  readonly title: string;
  /** What the function's name begins with: packages, namespaces, crates. */
  readonly names: readonly string[];
  /** What its file's path contains. */
  readonly paths: readonly string[];
  /** [function, file] of library frames, and of frames that look similar and are the program's own. */
  readonly library: readonly (readonly [name: string, path: string])[];
  readonly own: readonly (readonly [name: string, path: string])[];
}

/**
 * Languages and their run times, and the frameworks and drivers that most services stand on. A package that is missing
 * here counts as the program's own: its frame is then shown as the first one, which misleads little.
 */
export const LIBRARY_FRAMES: readonly LibraryRow[] = [
  {
    language: 'java',
    title: 'Java, Kotlin, Scala',
    names: [
      ...['java.', 'javax.', 'jakarta.', 'jdk.', 'sun.', 'com.sun.', 'com.oracle.', 'kotlin.', 'kotlinx.'],
      ...['scala.', 'groovy.', 'clojure.', 'akka.', 'org.springframework.', 'org.apache.', 'org.hibernate.'],
      ...['org.eclipse.', 'org.postgresql.', 'com.mysql.', 'org.mariadb.', 'oracle.jdbc.', 'com.zaxxer.'],
      ...[
        'com.fasterxml.',
        'com.google.common.',
        'com.google.inject.',
        'io.netty.',
        'io.grpc.',
        'io.undertow.',
      ],
      ...[
        'io.micrometer.',
        'io.opentelemetry.',
        'io.vertx.',
        'io.micronaut.',
        'io.quarkus.',
        'io.reactivex.',
      ],
      ...['io.lettuce.', 'redis.clients.', 'reactor.', 'rx.', 'okhttp3.', 'okio.', 'retrofit2.', 'feign.'],
      ...[
        'org.jboss.',
        'org.junit.',
        'org.mockito.',
        'org.slf4j.',
        'ch.qos.logback.',
        'org.aspectj.',
        'org.elasticsearch.',
      ],
      ...['net.sf.cglib.', 'net.bytebuddy.', 'javassist.', 'brave.', 'com.mongodb.', 'org.quartz.'],
    ],
    paths: [],
    library: [
      ['java.util.concurrent.ThreadPoolExecutor.runWorker', 'ThreadPoolExecutor.java'],
      ['java.base/java.lang.Thread.run', 'Thread.java'],
      ['org.springframework.web.servlet.FrameworkServlet.service', 'FrameworkServlet.java'],
      ['com.zaxxer.hikari.pool.PoolBase.newConnection', 'PoolBase.java'],
      ['jdk.proxy2/jdk.proxy2.$Proxy93.findAll', 'Unknown Source'],
    ],
    own: [
      ['com.acme.pay.Repository.open', 'Repository.java'],
      ['com.acme.java.Main.run', 'Main.java'],
      ['app//com.acme.Cart.add', 'Cart.kt'],
    ],
  },
  {
    language: 'python',
    title: 'Python',
    names: [],
    paths: [
      ...['/site-packages/', '/dist-packages/', '\\site-packages\\', '/usr/lib/python', '/usr/lib64/python'],
      ...['/usr/local/lib/python', '/lib/python3', '/lib/python2', '\\lib\\python', '<frozen ', '<string>'],
    ],
    library: [
      ['request', '/usr/local/lib/python3.12/site-packages/requests/api.py'],
      ['_bootstrap', '<frozen importlib._bootstrap>'],
      ['run', '/usr/lib/python3.12/asyncio/runners.py'],
    ],
    own: [['handle', '/app/shop/handlers.py']],
  },
  {
    language: 'javascript',
    title: 'Node.js and browsers',
    names: [],
    paths: [
      ...[
        'node_modules/',
        'node_modules\\',
        'node:',
        'internal/modules/',
        'internal/process/',
        'internal/main/',
      ],
      ...['internal/timers', 'internal/streams/', 'webpack/runtime', '<anonymous>'],
    ],
    library: [
      ['wrap', '/app/node_modules/express/lib/router/layer.js'],
      ['Socket.emit', 'node:events'],
      ['Module._compile', 'internal/modules/cjs/loader.js'],
      ['new Promise', '<anonymous>'],
    ],
    own: [['Cart.total', '/app/src/cart.ts']],
  },
  {
    language: 'go',
    title: 'Go',
    names: [
      ...[
        'runtime.',
        'runtime/',
        'net.',
        'net/',
        'os.',
        'os/',
        'io.',
        'fmt.',
        'sync.',
        'sync/',
        'time.',
        'reflect.',
      ],
      ...[
        'context.',
        'errors.',
        'encoding/',
        'database/',
        'testing.',
        'bufio.',
        'bytes.',
        'strings.',
        'sort.',
      ],
      ...['syscall.', 'internal/', 'log.', 'log/', 'crypto/', 'html/', 'text/', 'golang.org/x/'],
      ...['google.golang.org/', 'go.uber.org/', 'go.opentelemetry.io/'],
    ],
    paths: ['/usr/local/go/src/', '/src/runtime/', '/libexec/src/', '/pkg/mod/', '/vendor/'],
    library: [
      ['net/http.(*conn).serve', '/usr/local/go/src/net/http/server.go'],
      ['github.com/gin-gonic/gin.(*Context).Next', '/go/pkg/mod/github.com/gin-gonic/gin@v1.9.1/context.go'],
      ['runtime.gopanic', '/opt/go/src/runtime/panic.go'],
      ['panic', '/opt/go/src/runtime/panic.go'],
    ],
    own: [
      ['main.run', '/src/app/main.go'],
      ['github.com/acme/shop/cart.(*Cart).Add', '/src/cart/cart.go'],
    ],
  },
  {
    language: 'dotnet',
    title: '.NET',
    names: [
      ...[
        'System.',
        'Microsoft.',
        'Npgsql.',
        'MySql.',
        'StackExchange.Redis.',
        'Newtonsoft.Json.',
        'Grpc.',
        'Polly.',
      ],
      ...['AutoMapper.', 'Dapper.', 'MediatR.', 'Serilog.', 'NLog.', 'lambda_method'],
    ],
    paths: [],
    library: [
      ['System.Linq.Enumerable.First', '/_/src/System.Linq/First.cs'],
      ['Microsoft.AspNetCore.Routing.EndpointMiddleware.Invoke', ''],
      ['lambda_method42', ''],
    ],
    own: [
      ['Shop.Cart.Total', '/app/Cart.cs'],
      ['SystemStatus.Probe.Run', ''],
    ],
  },
  {
    language: 'ruby',
    title: 'Ruby',
    names: [],
    paths: ['/gems/', '/lib/ruby/', '<internal:', '/bin/bundle', '/bin/rails'],
    library: [
      ['call', '/usr/local/bundle/gems/rack-3.0.8/lib/rack/runtime.rb'],
      ['each', '/usr/lib/ruby/3.2.0/set.rb'],
      ['Kernel#require', '<internal:/usr/lib/ruby/rubygems/core_ext/kernel_require.rb>'],
    ],
    own: [['add', '/app/models/cart.rb']],
  },
  {
    language: 'rust',
    title: 'Rust',
    names: [
      ...[
        'std::',
        'core::',
        'alloc::',
        'tokio::',
        'hyper::',
        'futures_util::',
        'futures_core::',
        'tower::',
        'axum::',
      ],
      ...[
        'actix_',
        'tonic::',
        'backtrace::',
        'anyhow::',
        'rayon',
        'rust_begin_unwind',
        'rust_panic',
        '__rust_',
      ],
      ...[
        '_start',
        '__libc_start',
        'start_thread',
        '__pthread',
        '__GI_',
        '<alloc::',
        '<core::',
        '<std::',
        '<tokio::',
      ],
    ],
    paths: ['/rustc/', '.cargo/registry', '.cargo/git', '/library/std/', '/library/core/'],
    library: [
      ['core::panicking::panic_fmt', '/rustc/9fc6b43126469e/library/core/src/panicking.rs'],
      ['tokio::runtime::task::core::Core<T,S>::poll', ''],
      ['serde_json::de::from_str', '/root/.cargo/registry/src/index.crates.io-6f17/serde_json-1.0/src/de.rs'],
      ['<alloc::boxed::Box<F,A> as core::ops::function::FnOnce<Args>>::call_once', ''],
    ],
    own: [
      ['shop::cart::add', './src/cart.rs'],
      ['<shop::Cart as core::ops::Drop>::drop', './src/cart.rs'],
    ],
  },
  {
    language: 'php',
    title: 'PHP',
    names: [
      'Illuminate\\',
      'Symfony\\',
      'Doctrine\\',
      'GuzzleHttp\\',
      'Composer\\',
      'PDO->',
      'PDO::',
      'PDOStatement->',
      'ReflectionMethod->',
    ],
    paths: ['/vendor/', '\\vendor\\', '[internal function]'],
    library: [
      ['Illuminate\\Pipeline\\Pipeline->then', '/app/vendor/laravel/framework/src/Pipeline.php'],
      ['array_map', '[internal function]'],
      ['PDO->query', '/app/src/Db.php'],
    ],
    own: [['App\\Cart->add', '/app/src/Cart.php']],
  },
];

const ROWS: ReadonlyMap<TraceLanguage, LibraryRow> = new Map(
  LIBRARY_FRAMES.map((row) => [row.language, row]),
);

/** True when the frame is not the program's own. */
export function isLibraryFrame(language: TraceLanguage, name: string, path: string): boolean {
  const row = ROWS.get(language)!;
  // Java writes a class loader and module in front: `java.base/java.lang.Thread.run`, `app//com.acme.Cart.add`.
  const bare = language === 'java' ? name.slice(name.lastIndexOf('/') + 1) : name;
  if (row.names.some((prefix) => bare.startsWith(prefix))) return true;
  return row.paths.some((part) => path.includes(part));
}
