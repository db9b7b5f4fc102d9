import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WinnowError } from '../errors.ts';

/** Whether the service can be given work; `detail` says what it waits for. */
export interface Readiness {
  readonly ready: boolean;
  readonly detail: string;
}

export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: () => Promise<{ body: string; contentType: string }>;
  readonly readiness: () => Readiness;
}

// An import of it would ask for all of its exports, among them those that load an HTTP client: 40 ms.
const { createServer } = process.getBuiltinModule('node:http');

/** `/metrics`, `/healthz` and `/readyz`. Read-only; binds to loopback unless told otherwise. */
export class HttpServer {
  readonly #options: HttpOptions;
  #server: Server | null = null;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  /** Resolves with the port in use. Throws WINNOW_HTTP_BIND when the address cannot be had. */
  async start(): Promise<number> {
    const { host, port } = this.#options;
    const server = createServer({ requestTimeout: 10_000, maxHeaderSize: 8_192 }, (request, response) => {
      const reply = (status: number, body: string, type = 'text/plain; charset=utf-8'): void => {
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
        response.end(request.method === 'HEAD' ? undefined : body);
      };
      this.#route(request.method ?? '', request.url ?? '', reply).catch(() => reply(500, 'internal error\n'));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) =>
        reject(
          new WinnowError('WINNOW_HTTP_BIND', `listen on ${host}:${port}: ${cause.message}`, {
            cause,
            hint: 'choose another port with --http-port, or 0 for any free one',
          }),
        ),
      );
      server.listen(port, host, resolve);
    });
    this.#server = server;
    return (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async #route(
    method: string,
    url: string,
    reply: (status: number, body: string, type?: string) => void,
  ): Promise<void> {
    if (method !== 'GET' && method !== 'HEAD') return reply(405, 'only GET and HEAD\n');
    const path = url.split('?', 1)[0];
    if (path === '/healthz') return reply(200, 'ok\n');
    if (path === '/readyz') {
      const { ready, detail } = this.#options.readiness();
      return reply(ready ? 200 : 503, `${detail}\n`);
    }
    if (path === '/metrics') {
      const { body, contentType } = await this.#options.metrics();
      return reply(200, body, contentType);
    }
    return reply(404, 'see /metrics, /healthz, /readyz\n');
  }
}
