import { request as httpRequest } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { HttpServer, type Readiness } from '../../src/api/http.ts';
import { WinnowError } from '../../src/errors.ts';

async function serve(options: { readiness?: Readiness } = {}): Promise<string> {
  const server = new HttpServer({
    host: '127.0.0.1',
    port: 0,
    metrics: async () => ({ body: 'winnow_up 1\n', contentType: 'text/plain' }),
    readiness: () => options.readiness ?? { ready: true, detail: 'running' },
  });
  onTestFinished(() => server.stop());
  return `http://127.0.0.1:${await server.start()}`;
}

test('answers the three paths it has and nothing else', async () => {
  const base = await serve();
  const status = async (path: string, method = 'GET') => (await fetch(`${base}${path}`, { method })).status;
  expect(await status('/healthz')).toBe(200);
  expect(await status('/readyz')).toBe(200);
  expect(await status('/metrics?x=1')).toBe(200);
  expect(await status('/')).toBe(404);
  expect(await status('/../etc/passwd')).toBe(404);
  expect(await status('/metrics', 'POST')).toBe(405);
  const head = await fetch(`${base}/metrics`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('is not ready while it stands by, and says what it waits for', async () => {
  const base = await serve({ readiness: { ready: false, detail: 'standby: held by pid 7' } });
  const ready = await fetch(`${base}/readyz`);
  expect([ready.status, await ready.text()]).toEqual([503, 'standby: held by pid 7\n']);
  expect((await fetch(`${base}/metrics`)).status).toBe(200);
  expect((await fetch(`${base}/healthz`)).status).toBe(200);
});

test('oversized headers are refused and the server lives on', async () => {
  const base = await serve();
  const status = await new Promise<number | undefined>((resolve) => {
    const request = httpRequest(
      `${base}/healthz`,
      { headers: { 'x-long': 'a'.repeat(20_000) } },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    request.on('error', () => resolve(undefined));
    request.end();
  });
  expect(status).not.toBe(200);
  expect((await fetch(`${base}/healthz`)).status).toBe(200);
});

test('a port in use is a clear error with a hint', async () => {
  const base = await serve();
  const second = new HttpServer({
    host: '127.0.0.1',
    port: Number(new URL(base).port),
    metrics: async () => ({ body: '', contentType: 'text/plain' }),
    readiness: () => ({ ready: true, detail: '' }),
  });
  const error = await second.start().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WinnowError);
  expect(error).toMatchObject({ code: 'WINNOW_HTTP_BIND' });
  await second.stop();
});
