import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type ApiLinks, apisOf } from '../../src/cli/run-apis.ts';
import { World } from '../support/world.ts';
import { listening } from './listening.ts';
import { scratch } from './scratch.ts';

type Wanted = Parameters<typeof apisOf>[0];

async function opened(wanted: Wanted, datadir: string | null = null) {
  const world = new World();
  onTestFinished(() => world.end());
  const { server } = world.add(1);
  await world.start({ server } as never);
  const links: ApiLinks = {};
  const said: string[] = [];
  const apis = apisOf(wanted, links, (text) => said.push(text));
  for (const open of apis) {
    const api = await open({ server, datadir });
    onTestFinished(() => api[Symbol.asyncDispose]());
  }
  return { links, said, count: apis.length };
}

test('without a data directory and without ports nothing is opened', async () => {
  expect(await opened({})).toEqual({ links: {}, said: [], count: 0 });
});

test('with a data directory the admin API has its socket there', async () => {
  const datadir = await scratch();
  const { links } = await opened({ datadir }, datadir);
  expect(links).toEqual({ ipc: join(datadir, 'peerchart.ipc') });
});

test('none is no socket, and a path another one', async () => {
  const datadir = await scratch();
  expect((await opened({ datadir, admin: { ipc: null } }, datadir)).count).toBe(0);
  const ipc = join(datadir, 'other.ipc');
  expect((await opened({ datadir, admin: { ipc } }, datadir)).links).toEqual({ ipc });
});

test('a data directory with a path that is too long for a socket has none, and a line says so', async () => {
  const { said, count } = await opened({ datadir: `/tmp/${'long'.repeat(30)}` });
  expect(count).toBe(0);
  expect(said).toEqual([expect.stringMatching(/path of the data directory is too long.*--ipc/)]);
});

test('metrics and the admin API over HTTP and WebSocket', async () => {
  const web = { port: 0 };
  const { links } = await opened({ metricsPort: 0, admin: { http: web, ws: web } });
  expect(links).toEqual({
    metrics: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/),
    http: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    ws: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+$/),
  });
});

test.for<[string, (port: number) => Wanted]>([
  ['the metrics server: listen EADDRINUSE', (port) => ({ metricsPort: port })],
  ['the admin API: listen EADDRINUSE', (port) => ({ admin: { http: { port } } })],
])('%s', async ([message, wanted]) => {
  const port = await listening(createServer());
  await expect(opened(wanted(port))).rejects.toThrow(message);
});
