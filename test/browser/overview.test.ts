/** The first tab of the page: the diagnosis of real nodes, the stages of their connections, and numbers that agree. */

import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterEach, describe, expect, test } from 'vitest';
import type { ServerOptions } from '../../src/api/options.ts';
import { createDemo } from '../../src/demo/demo.ts';
import { keepPace } from '../../src/demo/real-time-pacer.ts';
import { inspect } from '../../src/exports/inspect.ts';
import { formatEnode, parseEnode } from '../../src/io/crypto/enode.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { echo } from '../../src/protocols/echo.ts';
import { Server } from '../../src/server.ts';
import { OpenPage } from './open-page.ts';

const LOOPBACK = '127.0.0.1';

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

function serverOf(options: Partial<ServerOptions> = {}): Server {
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: { host: LOOPBACK, port: 0 },
    protocols: [echo()],
    ...options,
  });
  servers.push(server);
  return server;
}

async function started(options: Partial<ServerOptions> = {}): Promise<Server> {
  const server = serverOf(options);
  await server.start();
  return server;
}

/** An enode at which nothing listens any more. */
async function deadEnode(): Promise<string> {
  const server = await started();
  const { enode } = server.self;
  await server.stop();
  return enode;
}

/** The address of a node with another key. */
function withOtherKey(enode: string): string {
  const { publicKey, id } = generateNodeKey();
  return formatEnode({ ...parseEnode(enode), publicKey, id });
}

/** Opens the page of an inspector that is attached before the start, as `run --inspect` does. */
async function diagnosed(server: Server, sentence: RegExp, start = true): Promise<void> {
  const inspector = await inspect(server);
  const starting = start ? server.start().catch(() => {}) : Promise.resolve(); // one start fails
  await using open = await OpenPage.at(inspector.newLink());
  await starting;
  await open.page.locator('.diagnosis .sentence').getByText(sentence).waitFor({ timeout: 15_000 });
  expect(await open.violations()).toEqual([]);
  expect(open.complaints).toEqual([]);
}

describe('the diagnosis of a node', () => {
  test('with nothing configured', () =>
    diagnosed(
      serverOf(),
      /^0 peers: nothing configured: no static nodes, bootnodes or candidates; it listens on 127\.0\.0\.1, where only this machine can call\.$/,
    ));

  test('with a dead static node', async () =>
    diagnosed(
      serverOf({ staticNodes: [await deadEnode()] }),
      /^0 peers: 1 static node, refused \d+ s ago, next try in \d+ s\.$/,
    ));

  test('with a static node of another key', async () => {
    const other = await started();
    await diagnosed(
      serverOf({ staticNodes: [withOtherKey(other.self.enode)] }),
      /^0 peers: 1 static node, hung up on our auth \d+ s ago: the key in its enode is probably wrong, next try in \d+ s\.$/,
    );
  });

  test('that is full, and of one that it turned away', async () => {
    const full = await started({ maxPeers: 1, noDial: true });
    const added = new Promise((resolve) => full.on('add', resolve));
    await started({ staticNodes: [full.self.enode] });
    await added;
    await diagnosed(
      serverOf({ staticNodes: [full.self.enode] }),
      /^0 peers: 1 static node, refused us \d+ s ago: too many peers, next try in \d+ s\.$/,
    );
    await diagnosed(full, /^Full: 1 of 1 peers(?:, \d+ turned away in the last minute)?\.$/, false);
  });

  test('that meets useless peers only', async () => {
    const run = async () => {};
    const other = await started({ protocols: [{ name: 'other', version: 1, length: 1, run }] });
    await diagnosed(
      serverOf({ staticNodes: [other.self.enode] }),
      /^0 peers: (?:the last connection ended as a useless peer|all of the last \d connections ended as useless peers): no shared capability\.$/,
    );
  });

  test('whose netRestrict excludes everything', async () =>
    diagnosed(
      serverOf({ staticNodes: [await deadEnode()], netRestrict: ['10.0.0.0/8'] }),
      /^0 peers: netRestrict excludes every configured node \(1 node\)\.$/,
    ));

  test('whose port is in use at the start', async () => {
    const { port } = (await started()).self.address!;
    await diagnosed(
      serverOf({ listen: { host: LOOPBACK, port } }),
      new RegExp(`^The port is in use: the start failed at 127\\.0\\.0\\.1:${port}\\.$`),
    );
  });

  test('that is healthy', async () => {
    const other = await started();
    await diagnosed(serverOf({ staticNodes: [other.self.enode] }), /^1 peer of 50\.$/);
  });
});

/** Numbers of one kind that one frame shows at several places, as text. */
const NUMBERS = `(() => {
  const text = (selector) => document.querySelector(selector)?.textContent ?? '';
  const number = (words) => Number(/\\d+/.exec(words)?.[0]);
  const of = (stage) => number(text('.stage.in-' + stage + ' b'));
  const fact = (name) => number([...document.querySelectorAll('.numbers div')]
    .find((one) => one.querySelector('dt').textContent === name).querySelector('dd').textContent);
  const stages = ['encHandshake', 'checkpoint1', 'hello', 'checkpoint2'];
  const both = [...document.querySelectorAll('.stage.in-checkpoint1 b, .stage.in-checkpoint2 b')];
  const setups = of('encHandshake') + of('hello') + both.reduce((sum, b) => sum + number(b.textContent), 0);
  const closing = number(text('.stage.in-ended span')) || 0;
  const chart = [...document.querySelectorAll('.chart-links button')]
    .find((one) => one.querySelector('b').textContent === 'peer').textContent;
  const [dialling, tcp] = [...document.querySelectorAll('.stage.in-dialling b, .stage.in-tcp b')]
    .map((b) => number(b.textContent));
  return {
    peers: [fact('Peers'), of('peer'), number(text('.diagnosis .sentence')), number(chart) || 0],
    settingUp: [fact('Setting up'), setups],
    live: [number(text('.part-count')), dialling + tcp + setups + closing + of('peer')],
  };
})()`;

test('numbers of the same kind agree in 100 frames of the demo', async () => {
  const demo = createDemo({ seed: 3 });
  await demo.start();
  const inspector = await inspect(demo.server);
  await demo.run(20_000);
  const over = new AbortController();
  const run = (ms: number) => demo.run(ms);
  const pace = keepPace({ clock: systemClock, speed: 4, run, signal: over.signal });
  await using open = await OpenPage.at(inspector.newLink());
  await open.page.locator('.stage').first().waitFor();
  for (let frame = 0; frame < 100; frame += 1) {
    const seen: Record<string, readonly number[]> = await open.page.evaluate(NUMBERS);
    for (const [what, values] of Object.entries(seen))
      expect([frame, what, ...new Set(values)]).toEqual([frame, what, values[0]]);
    await nextFrame(open.page);
  }
  over.abort();
  await pace;
  await inspector.close();
  await demo.end();
});

/** Until the page has been drawn again. */
const nextFrame = (page: Page): Promise<void> =>
  page.evaluate('new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 40)))');

test('a stage lists its connections and opens their chart', async () => {
  const a = await started();
  const b = serverOf({ staticNodes: [a.self.enode] });
  const inspector = await inspect(b);
  await b.start();
  await using open = await OpenPage.at(inspector.newLink());
  const { page } = open;
  await page.locator('.stage.in-peer').filter({ hasText: '1' }).click();
  await page.getByRole('region', { name: 'Chart of peer' }).waitFor();
  expect(await page.getByRole('searchbox').inputValue()).toBe('stage:peer');
  await expect.poll(() => page.locator('.connections [role=option]').count()).toBe(1);
});

test('the page is at most 120 KiB after gzip', async () => {
  const folder = new URL('../../dist/inspect/page/', import.meta.url);
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((file) => file.isFile() && !/\.(?:gz|br)$/.test(file.name));
  const texts = await Promise.all(
    files.map(({ parentPath, name }) => readFile(`${parentPath}/${name}`)),
  );
  const bytes = texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
  expect(bytes).toBeLessThan(120 * 1024);
  expect(bytes).toBeGreaterThan(20 * 1024);
});

describe('the list of connections', () => {
  const rows = (page: Page) => page.locator('.connections [role=option]');

  /** A node that is called again and again, each call ends at once. */
  async function called() {
    const server = await started();
    const inspector = await inspect(server);
    const open = await OpenPage.at(`${inspector.newLink()}#tab=connections&list=ended`);
    const call = async () => {
      const over = new Promise((resolve) => server.on('ended', resolve));
      connect(server.self.address!.port, LOOPBACK)
        .on('error', () => {})
        .end('no auth');
      await over;
    };
    return { open, call };
  }

  test('stays under the mouse, also after a change of the filter, and counts the new ones', async () => {
    const { open, call } = await called();
    await using _ = open;
    const { page } = open;
    await call();
    await expect.poll(() => rows(page).count()).toBe(1);
    await rows(page).first().hover();
    const place = await rows(page).first().boundingBox();
    await call();
    await page.getByRole('button', { name: '1 new', exact: true }).waitFor();
    expect(await rows(page).count()).toBe(1);
    expect(await rows(page).first().boundingBox()).toEqual(place);
    await page.getByRole('searchbox').fill('dir:in'); // the mouse stays where it is
    await expect.poll(() => rows(page).count()).toBe(2);
    await call();
    await page.getByRole('button', { name: '1 new', exact: true }).click();
    await expect.poll(() => rows(page).count()).toBe(3);
    await page.mouse.move(900, 10);
    await call();
    await expect.poll(() => rows(page).count()).toBe(4);
    expect(open.complaints).toEqual([]);
  });

  test('says which filter key is unknown', async () => {
    const { open } = await called();
    await using _ = open;
    await open.page.getByRole('searchbox').fill('reson:self');
    await open.page.getByText('unknown key "reson:", ignored').waitFor();
  });

  test('comes first on a phone, and a selection opens a sheet that closes', async () => {
    const { open, call } = await called();
    await using _ = open;
    const { page } = open;
    await page.setViewportSize({ width: 390, height: 844 });
    await call();
    const top = async (selector: string) => (await page.locator(selector).boundingBox())!.y;
    expect(await top('.connections')).toBeLessThan(await top('.columns .middle'));
    await rows(page).first().click();
    const sheet = page.getByRole('complementary', { name: 'Details of the selection' });
    const box = (await sheet.boundingBox())!;
    expect([box.x, Math.round(box.y + box.height), box.width]).toEqual([0, 844, 390]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(await open.violations()).toEqual([]);
    await page.getByRole('button', { name: 'Close the details' }).click();
    await expect.poll(() => sheet.count()).toBe(0);
  });
});

test('an expired link shows the step to a new one', async () => {
  const links: string[] = [];
  const inspector = await inspect(serverOf(), { onLink: (link) => links.push(link) });
  const link = inspector.newLink();
  await using first = await OpenPage.at(link);
  await first.page.locator('.stage').first().waitFor();
  await using open = await OpenPage.at(link);
  await open.page.getByRole('heading', { name: 'Link expired' }).waitFor();
  await open.page.getByText('Copy that link and open it in this tab.').waitFor();
  expect(await open.violations()).toEqual([]);
  await open.page.goto(links.at(-1)!);
  await open.page.locator('.stage').first().waitFor();
});
