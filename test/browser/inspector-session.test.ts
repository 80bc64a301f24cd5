/** Sessions in a real browser: a token of the tab, which no other port, tab or cookie shares. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Inspector, inspect } from '../../src/exports/inspect.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { Server } from '../../src/server.ts';
import { OpenPage } from './open-page.ts';

const LOOPBACK = '127.0.0.1';
const server = new Server({ nodeKey: generateNodeKey(), listen: { host: LOOPBACK, port: 0 } });
const links: string[] = [];
let inspector: Inspector;

beforeAll(async () => {
  await server.start();
  inspector = await inspect(server, { actions: true, onLink: (link) => links.push(link) });
});

afterAll(() => server.stop());

const isLive = (page: Page) => page.getByText(/^live, \d+ Hz$/).waitFor();
const hasNoSession = (page: Page) => page.getByRole('heading', { name: 'Link expired' }).waitFor();

/** Another web server on the same host: it keeps the headers it gets, and sets cookies. */
async function otherServer(port: number) {
  const seen: IncomingHttpHeaders[] = [];
  const other = createServer((incoming, outgoing) => {
    seen.push(incoming.headers);
    const cookies = ['/', '/api', '/api/session'].map(
      (path) => `peerchart-${port}=x; Path=${path}`,
    );
    outgoing.writeHead(200, { 'Content-Type': 'text/html', 'Set-Cookie': cookies });
    outgoing.end('<title>other</title>');
  });
  await once(other.listen(0, LOOPBACK), 'listening');
  const { port: at } = other.address() as AddressInfo;
  return { seen, url: `http://${LOOPBACK}:${at}/`, close: () => other.close() };
}

test('a server on another port gets nothing it can use, and cannot lock the operator out', async () => {
  await using open = await OpenPage.at(inspector.newLink());
  const { page } = open;
  await isLive(page);
  const { port } = new URL(inspector.address);
  const other = await otherServer(Number(port));
  const visit = await page.context().newPage();
  await visit.goto(other.url);
  const found: { cookies: string } = await visit.evaluate(`(async () => {
    const tries = ['/api/session', '/api/steps', '/'].map((path) =>
      fetch('${inspector.address}' + path, { credentials: 'include' }).then(
        (answer) => answer.text(),
        () => 'blocked',
      ),
    );
    const stored = sessionStorage.length + localStorage.length;
    return { answers: await Promise.all(tries), cookies: document.cookie, stored };
  })()`);
  expect(found).toMatchObject({ answers: ['blocked', 'blocked', 'blocked'], stored: 0 });
  expect(found.cookies).toBe(`peerchart-${port}=x`);
  await visit.reload();
  const token: string = await page.evaluate(`sessionStorage.getItem('peerchart-token')`);
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(JSON.stringify(other.seen)).not.toContain(token);
  for (const { cookie = '' } of other.seen) expect(cookie).not.toContain(token);
  const stolen = await fetch(`${inspector.address}/api/session`, {
    headers: { cookie: other.seen.at(-1)!.cookie ?? '' },
  });
  expect(stolen.status).toBe(401);
  await page.reload();
  await isLive(page);
  expect(open.complaints).toEqual([]);
  other.close();
});

test('two inspectors on two ports work at once in one browser', async () => {
  await using second = await inspect(server);
  await using open = await OpenPage.at(inspector.newLink());
  const other = await open.page.context().newPage();
  await other.goto(second.newLink());
  await isLive(other);
  await isLive(open.page);
  await Promise.all([other.reload(), open.page.reload()]);
  await isLive(other);
  await isLive(open.page);
});

test('another tab has no session, and says how to get one', async () => {
  await using open = await OpenPage.at(inspector.newLink());
  await isLive(open.page);
  expect(new URL(open.page.url()).search).toBe('');
  const tab = await open.page.context().newPage();
  links.length = 0;
  await tab.goto(inspector.address);
  await hasNoSession(tab);
  expect(await tab.getByRole('status').allTextContents()).toContain(
    'Link missing, used or expired. A link is single use and expires in 60 seconds. Copy the new one from the terminal where the node runs.',
  );
  expect(links).toHaveLength(1);
  await tab.goto(links[0]!);
  await isLive(tab);
});

test('a link opened by a tab with a session is consumed', async () => {
  const link = inspector.newLink();
  await using open = await OpenPage.at(inspector.newLink());
  await isLive(open.page);
  await open.page.goto(link);
  await isLive(open.page);
  const next = await open.page.context().newPage();
  await next.goto(link);
  await hasNoSession(next);
});

test('a session is closed in the help sheet, and where the node runs', async () => {
  await using open = await OpenPage.at(inspector.newLink());
  await isLive(open.page);
  await open.page.getByRole('button', { name: 'Help' }).click();
  await open.page.getByRole('button', { name: 'Close the session' }).click();
  await open.page.getByText('Session closed. Copy a new link').waitFor();
  await open.page.reload();
  await hasNoSession(open.page);
  expect(await open.violations()).toEqual([]);
  await open.page.goto(inspector.newLink());
  await isLive(open.page);
  inspector.endSessions();
  await open.page.getByText('no session', { exact: true }).waitFor();
});
