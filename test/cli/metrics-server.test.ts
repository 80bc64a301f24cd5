import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { CommandError } from '../../src/cli/error.ts';
import { openMetricsServer } from '../../src/cli/metrics-server.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { Server } from '../../src/server.ts';
import { listening } from './listening.ts';

const started = async (): Promise<Server> => {
  const server = new Server({ nodeKey: generateNodeKey(), listen: null });
  await server.start();
  return server;
};

test('serves the metrics to this computer, at one path, until the server stops', async () => {
  const server = await started();
  const url = await openMetricsServer(server, 0);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  const answer = await fetch(url);
  expect(answer.headers.get('content-type')).toContain('text/plain');
  expect(await answer.text()).toMatch(/^# HELP peerchart_/m);
  expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  expect((await fetch(new URL('/', url))).status).toBe(404);
  await server.stop();
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

test('a metric of the user that throws is answered, and changes nothing else', async () => {
  const server = await started();
  const url = await openMetricsServer(server, 0);
  const { metrics } = server.metrics;
  server.metrics.metrics = () => Promise.reject(new Error('a mistake'));
  expect((await fetch(url)).status).toBe(500);
  server.metrics.metrics = metrics;
  expect((await fetch(url)).status).toBe(200);
  await server.stop();
});

test('stops the server when the port is in use', async () => {
  const server = await started();
  const port = await listening(createServer());
  const opening = openMetricsServer(server, port);
  await expect(opening).rejects.toThrow(CommandError);
  await expect(opening).rejects.toThrow(/^the metrics server: listen EADDRINUSE/);
  expect(server.actor.getSnapshot().status).toBe('done');
});
