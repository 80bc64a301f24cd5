/** One connection as a waterfall of its phases, and rows that stay under the pointer in the tree of actors and the dials. */
import { connect } from 'node:net';
import type { Page } from 'playwright-core';
import { afterEach, describe, expect, test } from 'vitest';
import type { ServerOptions } from '../../src/api/options.ts';
import { type Inspector, inspect } from '../../src/exports/inspect.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { echo } from '../../src/protocols/echo.ts';
import { Server } from '../../src/server.ts';
import { OpenPage } from './open-page.ts';

const LOOPBACK = '127.0.0.1';

/** For `expect.poll`: a busy machine draws late. */
const SLOW = { timeout: 15_000 };

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function started(options: Partial<ServerOptions> = {}): Promise<Server> {
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: { host: LOOPBACK, port: 0 },
    protocols: [echo()],
    ...options,
  });
  servers.push(server);
  await server.start();
  return server;
}

const phases = (page: Page) => page.locator('.scrubber .waterfall .phase');

describe('the waterfall of phases', () => {
  /** A node that dialled one peer, and its page with that connection selected. */
  async function withPeer(): Promise<{ open: OpenPage; inspector: Inspector }> {
    const other = await started();
    const server = await started();
    const inspector = await inspect(server);
    const added = new Promise((resolve) => server.on('add', resolve));
    server.addPeer(other.self.enode);
    await added;
    const open = await OpenPage.at(`${inspector.newLink()}#tab=connections`);
    await open.page.locator('.connections [role=option]').first().click();
    return { open, inspector };
  }

  test('has a row for each phase of a dialled peer, with the time it took', async () => {
    const { open } = await withPeer();
    await using _ = open;
    await expect
      .poll(() => phases(open.page).allTextContents(), SLOW)
      .toEqual(['TCP', 'Enc handshake', 'Checkpoint 1', 'Hello', 'Checkpoint 2', 'Peer']);
    const took = await open.page.locator('.scrubber .waterfall .took').allTextContents();
    for (const time of took) expect(time).toMatch(/^[\d.]+ m?s$/);
    await open.page.getByRole('region', { name: 'Chart of peer' }).waitFor(); // not that of its dial
    expect(await open.violations()).toEqual([]);
    expect(open.complaints).toEqual([]);
  });

  test('goes to the first step of a phase with a click, and on with the arrow keys', async () => {
    const { open } = await withPeer();
    await using _ = open;
    const { page } = open;
    await phases(page).getByText('Hello').click();
    const slider = page.getByRole('slider', { name: 'Step' });
    await expect
      .poll(() => slider.getAttribute('aria-valuetext'), SLOW)
      .toContain('protoHandshake');
    const step = Number(await slider.inputValue());
    await page.locator('h1, .title').first().click();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => slider.inputValue(), SLOW).toBe(String(step - 1));
  });
});

describe('rows under the pointer stay', () => {
  test('in the tree of actors', async () => {
    const [server, other] = [await started(), await started()];
    const inspector = await inspect(server);
    await using open = await OpenPage.at(`${inspector.newLink()}#tab=actors`);
    const names = () => open.page.locator('table.tree tbody th button').allTextContents();
    await expect.poll(names, SLOW).toContain('listener');
    const before = await names();
    await open.page.locator('table.tree tbody tr').first().hover();
    other.addPeer(server.self.enode); // it stays, unlike a call
    await open.page.getByRole('button', { name: /^\d+ new$/ }).waitFor();
    expect(await names()).toEqual(before);
    await open.page.mouse.move(1, 1);
    await expect.poll(async () => (await names()).length, SLOW).toBeGreaterThan(before.length);
  });

  test('in the recent events', async () => {
    const server = await started();
    const inspector = await inspect(server);
    const call = () => connect(server.self.address!.port, LOOPBACK).on('error', () => {});
    await using open = await OpenPage.at(`${inspector.newLink()}#tab=connections`);
    const recent = open.page.getByRole('region', { name: 'Recent events' });
    await open.page.getByText(/^live, \d+ Hz$/).waitFor();
    const first = call();
    const rows = () => recent.locator('li').allTextContents();
    await recent.locator('li').first().waitFor();
    const before = await rows();
    await recent.locator('li').first().hover();
    const second = call();
    await recent.getByRole('button', { name: /^\d+ new$/ }).waitFor();
    expect(await rows()).toEqual(before);
    await open.page.mouse.move(1, 1);
    await expect.poll(async () => (await rows()).length, SLOW).toBeGreaterThan(before.length);
    for (const socket of [first, second]) socket.destroy();
  });

  test('in the cards of dials', async () => {
    const server = await started();
    const [first, second] = [await started(), await started()];
    const inspector = await inspect(server);
    server.addPeer(first.self.enode);
    await using open = await OpenPage.at(`${inspector.newLink()}#tab=dials`);
    const card = open.page.locator('.card').filter({ hasText: 'Static nodes' }).last();
    const ids = () => card.locator('code').allTextContents();
    await expect.poll(async () => (await ids()).length, SLOW).toBe(1);
    const before = await ids();
    await card.locator('li').first().hover();
    server.addPeer(second.self.enode);
    await card.getByRole('button', { name: '1 new' }).waitFor();
    expect(await ids()).toEqual(before);
    await open.page.mouse.move(1, 1);
    await expect.poll(async () => (await ids()).length, SLOW).toBe(2);
  });
});

test('on a phone the reasons fit the screen, and so do the phases in the sheet', async () => {
  const server = await started();
  const inspector = await inspect(server);
  const ended = new Promise((resolve) => server.on('ended', resolve));
  const socket = connect(server.self.address!.port, LOOPBACK).on('error', () => {});
  socket.end('no auth');
  await ended;
  await using open = await OpenPage.at(`${inspector.newLink()}#tab=reasons`);
  const { page } = open;
  await page.setViewportSize({ width: 390, height: 844 });
  const width = () => page.evaluate('document.documentElement.scrollWidth');
  await page.locator('.reasons-table tbody tr').first().waitFor();
  expect(await width()).toBe(390);
  expect(await open.violations()).toEqual([]);
  await page.locator('.reasons-table tbody button').first().click();
  await page.locator('.connections [role=option]').first().click();
  await page.locator('.phases-in-sheet .phase').first().waitFor();
  expect(await page.locator('.scrubber .waterfall').isVisible()).toBe(false);
  expect(await width()).toBe(390);
});
