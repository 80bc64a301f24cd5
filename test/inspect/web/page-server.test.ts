import { once } from 'node:events';
import { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';

import { openPageServer, type PageServer } from '../../../src/inspect/web/page-server.ts';
import { connectTo, LOOPBACK } from '../../support/loopback.ts';
import { askAt, SOME_ASSETS, someSite } from './page-server-fixture.ts';

const GLOBALS = [globalThis.Request, globalThis.Response];

async function siteAt(host: string): Promise<{ site: PageServer; port: number }> {
  const site = await openPageServer(
    { source: 'file', open: () => Readable.from([]) },
    { host, port: 0, hostNames: [], onLink: undefined, onFault: () => {} },
    { assets: SOME_ASSETS },
  );
  onTestFinished(() => site.close());
  return { site, port: Number(new URL(site.address).port) };
}

test('its address and its links have its host', async () => {
  const { site, port } = await siteAt('127.0.0.1');
  expect(site.address).toBe(`http://127.0.0.1:${port}`);
  expect(site.newLink().startsWith(`${site.address}/?code=`)).toBe(true);
});

test('with a host name, links have the name', async () => {
  const { site, port } = await siteAt('localhost');
  expect(site.address).toBe(`http://localhost:${port}`);
});

test('it answers for the address it listens on, and for no other of this machine', async () => {
  const { site, port } = await siteAt('127.0.0.2');
  expect(site.address).toBe(`http://127.0.0.2:${port}`);
  const status = async (host: string): Promise<number> =>
    (await askAt(port, '/', { headers: ['Host', `${host}:${port}`], at: '127.0.0.2' })).status;
  expect(await status('127.0.0.2')).toBe(200);
  expect(await status('127.0.0.3')).toBe(421);
});

test('the global Request and Response of other packages are not replaced', async () => {
  await someSite();
  expect(globalThis.Request).toBe(GLOBALS[0]);
  expect(globalThis.Response).toBe(GLOBALS[1]);
});

test('it does not keep the process running', async () => {
  const handles = () => process.getActiveResourcesInfo().filter((name) => /TCP/.test(name)).length;
  const before = handles();
  const { port } = await siteAt(LOOPBACK);
  expect(handles()).toBe(before);
  const socket = await connectTo(port);
  socket.write(`GET / HTTP/1.1\r\nHost: ${LOOPBACK}:${port}\r\n\r\n`);
  await once(socket, 'data');
  expect(handles()).toBe(before + 1); // that is ours
});

test('closing it frees its port', async () => {
  const { site, port } = await siteAt(LOOPBACK);
  await site.close();
  await expect(askAt(port, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
