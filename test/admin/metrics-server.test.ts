import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openMetricsServer } from '../../src/admin/metrics-server.ts';
import type { ServerEvents } from '../../src/api/server-events.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { Server } from '../../src/server.ts';
import { listening } from '../cli/listening.ts';

const newServer = (): Server => {
  const server = new Server({ nodeKey: generateNodeKey(), listen: null });
  onTestFinished(() => server.stop());
  return server;
};

async function opened() {
  const server = newServer();
  await server.start();
  const { url } = await openMetricsServer(server, { port: 0 });
  const health = async () => {
    const answer = await fetch(new URL('/healthz', url));
    return [answer.status, await answer.json()];
  };
  return { server, url, health };
}

test('serves the metrics to this computer, at one path, until the server stops', async () => {
  const { server, url } = await opened();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  const answer = await fetch(url);
  expect(answer.headers.get('content-type')).toContain('text/plain');
  expect(await answer.text()).toMatch(/^# HELP peerchart_/m);
  expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  expect((await fetch(new URL('/', url))).status).toBe(404);
  await server.stop();
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

test('a request for another host name is denied, so that no page of another origin reads the metrics', async () => {
  const { url } = await opened();
  const { port } = new URL(url);
  const answer = await fetch(`http://localhost:${port}/metrics`);
  expect(answer.status).toBe(200);
  expect((await fetch(url, { headers: { Origin: 'http://example.com' } })).status).toBe(403);
});

test('an IPv6 address has brackets in the URL', async () => {
  const server = newServer();
  const { url } = await openMetricsServer(server, { port: 0, host: '::1' });
  expect(url).toMatch(/^http:\/\/\[::1\]:\d+\/metrics$/);
  expect((await fetch(url)).status).toBe(200);
});

test('a metric of the user that throws is answered, and changes nothing else', async () => {
  const { server, url } = await opened();
  const { metrics } = server.metrics;
  server.metrics.metrics = () => Promise.reject(new Error('a mistake'));
  expect((await fetch(url)).status).toBe(500);
  server.metrics.metrics = metrics;
  expect((await fetch(url)).status).toBe(200);
});

test('a server that runs is healthy; one that has not started is not', async () => {
  const { health } = await opened();
  expect(await health()).toEqual([200, { ok: true, state: 'running', peers: 0, lost: [] }]);

  const { url } = await openMetricsServer(newServer(), { port: 0 });
  const answer = await fetch(new URL('/healthz', url));
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({ ok: false, state: 'idle', peers: 0, lost: [] });
});

test('a server is not healthy while a part of it is lost', async () => {
  const server = newServer();
  const listeners = new Map<string, (event: never) => void>();
  const on = server.on.bind(server);
  server.on = ((type: keyof ServerEvents, listener: (event: never) => void) => {
    listeners.set(type, listener);
    return on(type, listener as never);
  }) as typeof server.on;
  await server.start();
  const { url } = await openMetricsServer(server, { port: 0 });
  const status = async () => (await fetch(new URL('/healthz', url))).status;
  listeners.get('lost')!({ part: 'listener' } as never);
  expect(await status()).toBe(503);
  listeners.get('restored')!({ part: 'listener' } as never);
  expect(await status()).toBe(200);
});

test('rejects when the port is in use', async () => {
  const port = await listening(createServer());
  const server = newServer();
  await expect(openMetricsServer(server, { port })).rejects.toThrow(/EADDRINUSE/);
});
