import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why this machine cannot run a broker: no Java, or the jars are neither here nor to be had. */
export class BrokerUnavailable extends Error {}

export interface BrokerOptions {
  readonly tls?: boolean;
  /** Makes this the second broker of the other's cluster. */
  readonly joins?: KafkaBroker;
  /** Copies of the consumer offsets, the same for all brokers: 2 in a cluster of which one is going to die. */
  readonly replicas?: number;
  /** Settings that come last, and so win over tools/kafka/server.properties. */
  readonly properties?: Readonly<Record<string, string>>;
}

/**
 * A real Apache Kafka on the loopback address: a KRaft node with its own temporary data.
 * `kill` + `restart` come back on the same ports with the same data, as after a crash.
 */
export class KafkaBroker {
  readonly address: string;
  /** Wants a login by PLAIN, SCRAM-SHA-256 or OAUTHBEARER as user `reader` with password `reader-secret`. */
  readonly saslAddress: string;
  /** Present after `start({ tls: true })`; wants the client certificate in `tlsFiles`. */
  readonly tlsAddress: string;
  readonly dataDirectory: string;
  readonly #controllerPort: number;
  readonly #directory: string;
  #process: ChildProcess | null = null;

  private constructor(directory: string, ports: readonly number[], controllerPort: number) {
    this.#directory = directory;
    this.#controllerPort = controllerPort;
    this.dataDirectory = join(directory, 'data');
    this.address = `127.0.0.1:${ports[0]}`;
    this.saslAddress = `127.0.0.1:${ports[1]}`;
    this.tlsAddress = `127.0.0.1:${ports[2]}`;
  }

  /** Makes sure that a broker can be started here; fetches its jars if need be. Throws `BrokerUnavailable`. */
  static async prepare(): Promise<void> {
    ensureJava();
    await ensureJars();
  }

  static async start(options: BrokerOptions = {}): Promise<KafkaBroker> {
    await KafkaBroker.prepare();
    const directory = mkdtempSync(join(tmpdir(), 'winnow-kafka-'));
    const [controllerPort, ...ports] = await freePorts(4);
    const { joins } = options;
    const broker = new KafkaBroker(
      directory,
      ports,
      joins === undefined ? controllerPort! : joins.#controllerPort,
    );
    const tls = options.tls === true;
    const controller = `,CONTROLLER://127.0.0.1:${broker.#controllerPort}`;
    const values: Record<string, string> = {
      roles: joins === undefined ? 'broker,controller' : 'broker',
      nodeId: joins === undefined ? '1' : '2',
      port: String(ports[0]),
      saslPort: String(ports[1]),
      controllerPort: String(broker.#controllerPort),
      controllerListener: joins === undefined ? controller : '',
      tlsListener: tls ? `,TLS://${broker.tlsAddress}` : '',
      replicas: String(options.replicas ?? 1),
      dataDir: broker.dataDirectory,
      directory,
    };
    const templates = tls ? ['server.properties', 'tls.properties'] : ['server.properties'];
    const text = templates.map((name) => readFileSync(join(TOOLS, name), 'utf8')).join('\n');
    const extra = Object.entries(options.properties ?? {}).map(([name, value]) => `\n${name}=${value}`);
    writeFileSync(
      broker.#properties,
      text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '') + extra.join(''),
    );
    try {
      if (tls) await makeCertificate(directory);
      const format = ['format', '-t', CLUSTER_ID, '-c', broker.#properties, '-S', SCRAM_CREDENTIAL];
      await run('java', [...JVM, 'kafka.tools.StorageTool', ...format]);
      await broker.restart();
    } catch (error) {
      await broker.stop();
      throw error;
    }
    return broker;
  }

  get #properties(): string {
    return join(this.#directory, 'server.properties');
  }

  /** The broker's certificate as PEM, and certificate with key as PKCS12 with password `test-only`. */
  get tlsFiles(): { readonly pem: string; readonly p12: string } {
    return { pem: join(this.#directory, 'tls.pem'), p12: join(this.#directory, 'tls.p12') };
  }

  /** Starts the process; resolves when it takes requests. */
  async restart(): Promise<void> {
    const child = spawn('java', [...JVM, 'kafka.Kafka', this.#properties], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    process.once('exit', () => child.kill('SIGKILL'));
    let output = '';
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`broker not ready in ${READY_MS} ms:\n${output}`)),
        READY_MS,
      );
      const read = (data: Buffer) => {
        if (output.length < OUTPUT_KEPT) output += data.toString();
        if (!output.includes('Kafka Server started')) return;
        clearTimeout(timer);
        resolve();
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`broker ended with ${code}:\n${output}`));
      });
    });
  }

  /** SIGKILL, as a crash would be; resolves when the process is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Takes connections and answers nothing, as a machine that hangs, until `thaw`. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Ends the broker for good and removes its data. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

const TOOLS = join(import.meta.dirname, '../../tools/kafka');
const JARS = join(TOOLS, 'lib');
const SCRAM_CREDENTIAL = 'SCRAM-SHA-256=[name=reader,password=reader-secret]';
const CLUSTER_ID = '4L6g3nShT-eMCtK--X86sw';
/** A cold start on two busy cores took 8 s. */
const READY_MS = 120_000;
const OUTPUT_KEPT = 20_000;
const JVM = [
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xshare:auto',
  `-Dlog4j2.configurationFile=${join(TOOLS, 'log4j2.properties')}`,
  '-cp',
  join(JARS, '*'),
];

function ensureJava(): void {
  const { status, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const version = /version "(\d+)/.exec(stderr ?? '')?.[1];
  if (status !== 0 || version === undefined) throw new BrokerUnavailable('no java on the path');
  if (Number(version) < 17) throw new BrokerUnavailable(`java ${version} is too old: 17 is needed`);
}

/** Fetches the broker's jars once; they land under their final name only when complete. */
async function ensureJars(): Promise<void> {
  if (existsSync(JARS)) return;
  const partial = `${JARS}-${process.pid}`;
  try {
    await run('mvn', [
      '-q',
      '-B',
      '-f',
      join(TOOLS, 'pom.xml'),
      'dependency:copy-dependencies',
      `-DoutputDirectory=${partial}`,
    ]);
    if (!existsSync(JARS)) renameSync(partial, JARS);
  } catch (error) {
    throw new BrokerUnavailable(`the broker's jars cannot be fetched with mvn: ${error}`);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** keytool comes with every Java. */
async function makeCertificate(directory: string): Promise<void> {
  const store = ['-alias', 'broker', '-keystore', join(directory, 'tls.p12'), '-storepass', 'test-only'];
  const subject = ['-dname', 'CN=localhost', '-ext', 'san=ip:127.0.0.1,dns:localhost', '-validity', '365'];
  const key = ['-storetype', 'PKCS12', '-keyalg', 'EC', '-groupname', 'secp256r1'];
  await run('keytool', ['-genkeypair', ...store, ...key, ...subject]);
  await run('keytool', ['-exportcert', '-rfc', ...store, '-file', join(directory, 'tls.pem')]);
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const read = (data: Buffer) => {
    if (output.length < OUTPUT_KEPT) output += data.toString();
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${output}`);
}

/**
 * Ports below those that a system gives to whoever asks for any (32768 and up on Linux): nobody takes one of them before the
 * broker does, or while it is dead. Each process looks in another place.
 */
async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let port = PORTS_FROM + ((process.pid * 16) % PORTS); ports.length < count; port++)
    if (await isFree(port)) ports.push(port);
  return ports;
}

const PORTS_FROM = 10_000;
const PORTS = 20_000;

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isListening = new Promise<boolean>((resolve) => {
    server.once('listening', () => resolve(true)).once('error', () => resolve(false));
  });
  server.listen(port, '127.0.0.1');
  if (!(await isListening)) return false;
  server.close();
  await once(server, 'close');
  return true;
}
