/** The Discovery tab over real UDP: two servers that know one bootnode, their recording, and a server without discovery. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ServerOptions } from '../../src/api/options.ts';
import { inspect, type Recording, record } from '../../src/exports/inspect.ts';
import { openFileInspector } from '../../src/inspect/file-inspector.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { Server } from '../../src/server.ts';
import { NameServer } from '../support/dns-run.ts';
import { makeTree, recordText } from '../support/dns-trees.ts';
import { keyOf } from '../support/world.ts';
import { OpenPage } from './open-page.ts';

const LISTEN = { host: '127.0.0.1', port: 0 };

const serverOf = (options: Partial<ServerOptions> = {}): Server =>
  new Server({ nodeKey: generateNodeKey(), listen: LISTEN, discovery: 'v4', ...options });

const bootnode = serverOf({ noDial: true });
const servers: Server[] = [bootnode];
let one: Server;
let two: Server;
let recording: Recording;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'peerchart-discovery-'));
  await bootnode.start();
  const bootnodes = [bootnode.self.enode];
  [one, two] = [serverOf({ bootnodes }), serverOf({ bootnodes })];
  servers.push(one, two);
  recording = await record(one, join(folder, 'one.jsonl'));
  await Promise.all([one.start(), two.start()]);
  const found = () => [idsIn(one).length, idsIn(two).length];
  await vi.waitFor(() => expect(found()).toEqual([2, 2]), { timeout: 30_000 });
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await rm(folder, { recursive: true });
});

const idsIn = (server: Server): readonly string[] =>
  server.discovery?.nodes().map(({ id }) => id) ?? [];

const nodesIn = (open: OpenPage) =>
  open.page.locator('table', { hasText: 'Nodes of the table' }).locator('tbody tr');

test.for(['light', 'dark'] as const)('in %s it shows the nodes that were found', async (theme) => {
  const inspector = await inspect(one);
  await using open = await OpenPage.at(`${inspector.newLink()}#tab=discovery`, theme);
  const { page } = open;
  await nodesIn(open).nth(1).waitFor();
  const shown = await nodesIn(open)
    .locator('code[title]')
    .evaluateAll((all) => all.map((code) => code.getAttribute('title')));
  expect(shown.toSorted()).toEqual([bootnode.self.id, two.self.id].toSorted());
  await page.getByText(/^Discovery works: \d of 2 nodes in the table/).waitFor();
  await page.getByText(one.self.enr!).waitFor();
  await page.getByText('fallback: nothing better is known').waitFor();
  for await (const _ of one.discovery!.lookup(two.self.enode)) {
    // each node that it finds
  }
  const target = page.locator(`summary code[title="${two.self.id}"]`); // other lookups have asked it
  const lookup = page.locator('details.lookup', { has: target }).first();
  await lookup.locator('summary').click();
  await lookup.getByText('✓ answered').first().waitFor();
  const packets = page.locator('table', { hasText: 'Packets by type' });
  expect(await packets.locator('tr', { hasText: 'ping' }).first().innerText()).toMatch(/[1-9]/);
  expect(await open.violations()).toEqual([]);
  expect(open.complaints).toEqual([]);
  await inspector.close();
});

test('of a server with both versions the table of each is shown, and the sessions of v5', async () => {
  const options = { discovery: ['v4', 'v5'], noDial: true } as const;
  const other = serverOf(options);
  await other.start();
  const server = serverOf({ ...options, bootnodesV5: [other.self.enr!] });
  servers.push(other, server);
  const inspector = await inspect(server);
  await server.start();
  await using open = await OpenPage.at(`${inspector.newLink()}#tab=discovery`);
  const { page } = open;
  await page.getByText(/^Discovery has no node to ask/).waitFor();
  await page.getByRole('button', { name: 'v5', exact: true }).click();
  await nodesIn(open).first().waitFor();
  const sessions = page.locator('.card', { hasText: /^Sessions/ });
  await sessions.getByText('established').first().waitFor();
  await page.locator('tr', { hasText: 'WHOAREYOU' }).waitFor();
  await page.getByText('Sessions with keys').waitFor();
  expect(await open.violations()).toEqual([]);
  expect(open.complaints).toEqual([]);
  await inspector.close();
});

test('a bucket shows its nodes alone, until all are wanted again', async () => {
  const inspector = await inspect(one);
  await using open = await OpenPage.at(`${inspector.newLink()}#tab=discovery`);
  const { page } = open;
  await nodesIn(open).nth(1).waitFor();
  await page.locator('.bucket.none').first().click();
  await page.getByText('There is no node in this bucket.').waitFor();
  await page.getByRole('button', { name: 'Show all buckets' }).click();
  await nodesIn(open).nth(1).waitFor();
  await inspector.close();
});

test('a server without discovery says how to turn it on', async () => {
  const server = serverOf({ discovery: 'none' });
  servers.push(server);
  await server.start();
  const inspector = await inspect(server);
  await using open = await OpenPage.at(`${inspector.newLink()}#tab=discovery`);
  await open.page.getByText(/^Discovery is off/).waitFor();
  await open.page.getByText('--discovery v4').waitFor();
  expect(await open.violations()).toEqual([]);
});

test.for(['light', 'dark'] as const)(
  'in %s it shows the DNS node lists that are read, and what is wrong with one',
  async (theme) => {
    const linked = makeTree({ domain: 'linked.example.org', key: keyOf(901) });
    const good = makeTree({ records: [recordText(1), recordText(2)], links: [linked.url] });
    const forged = makeTree({ domain: 'forged.example.org', key: keyOf(902) });
    const names = new NameServer(good, linked);
    names.serve(makeTree({ domain: 'forged.example.org', key: keyOf(903) }));
    const server = serverOf({
      discovery: 'none',
      dnsTrees: [good.url, forged.url],
      ports: { txtResolver: names.resolve },
    });
    servers.push(server);
    const inspector = await inspect(server);
    await server.start();
    await using open = await OpenPage.at(`${inspector.newLink()}#tab=discovery`, theme);
    const { page } = open;
    await page.getByText('Node Discovery is off: nodes come from DNS node lists.').waitFor();
    const lists = page.locator('.wide-card', { hasText: 'DNS node lists' });
    const list = (domain: string) => lists.locator('li', { hasText: domain });
    await list('nodes.example.org').getByText('root 1, 2 nodes in this round').waitFor();
    await list('linked.example.org').getByText('root 1, 0 nodes in this round').waitFor();
    await list('forged.example.org').getByText('another key signed the root').waitFor();
    await list('forged.example.org').getByText('no valid root: read again soon').waitFor();
    expect(await open.violations()).toEqual([]);
    expect(open.complaints).toEqual([]);
    await lists.getByRole('button', { name: 'Show chart' }).click();
    const state = page.locator('title', { hasText: 'withRoot.betweenRounds' });
    await state.first().waitFor({ state: 'attached' });
    await inspector.close();
  },
);

test('a server without bootnodes says so, here and as the reason for having no peers', async () => {
  const server = serverOf();
  servers.push(server);
  await server.start();
  const inspector = await inspect(server);
  await using open = await OpenPage.at(`${inspector.newLink()}#tab=overview`);
  await open.page.getByText(/^0 peers: discovery has no node to ask/).waitFor();
  await open.page.getByRole('button', { name: 'Show discovery' }).click();
  await open.page.getByText(/^Discovery has no node to ask/).waitFor();
  expect(open.complaints).toEqual([]);
});

test('a recording shows the same nodes', async () => {
  await recording.close();
  const inspector = await openFileInspector(recording.path);
  await using open = await OpenPage.at(`${inspector.link}#tab=discovery`);
  await nodesIn(open).nth(1).waitFor();
  await open.page.getByText(one.self.enr!).waitFor();
  await open.page.locator('details.lookup').first().waitFor();
  expect(await open.violations()).toEqual([]);
  expect(open.complaints).toEqual([]);
  await inspector.close();
});
