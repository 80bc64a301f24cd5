/**
 * Pictures of the inspector's page in typical situations, from the build in `dist`: `npm run pictures` writes those of
 * README.md and docs/inspector.md, `npm run pictures -- <folder> [name…]` all of them, or these, there: in three sizes,
 * light and dark.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { createDemo } from '../../dist/demo/demo.js';
import { keepPace } from '../../dist/demo/real-time-pacer.js';
import { inspect, record } from '../../dist/exports/inspect.js';
import { echo, generateNodeKey, Server } from '../../dist/exports/main.js';
import {
  entryName,
  formatBranch,
  formatRecord,
  recordValue,
  signRecord,
  signTreeRoot,
} from '../../dist/exports/wire.js';
import { openFileInspector } from '../../dist/inspect/file-inspector.js';
import { openInspector } from '../../dist/inspect/inspector.js';
import { treeLink } from '../../dist/io/crypto/dns-tree-entry.js';
import { systemClock } from '../../dist/io/process/clock.js';
import { createWorld } from '../../dist/testing/world/world.js';

const SIZES = [
  [1440, 900],
  [1100, 700],
  [390, 844],
];
const THEMES = ['light', 'dark'];

/** Time for the page to get and draw its first frames, in ms. */
const SETTLE_MS = 1_500;

/** Maps each port to the next one. */
const ROUTER = {
  ...{ name: 'UPnP IGDv1', host: '127.0.0.1', mapsPorts: true },
  externalHost: async () => '93.184.216.34',
  map: async ({ port }) => port + 1,
  unmap: async () => {},
};

const LOOPBACK = { host: '127.0.0.1', port: 0 };
const [folder, ...wanted] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  if (folder === undefined) await documented();
  else await everything(folder);
} finally {
  await browser.close();
}

/** The pictures of the pages. */
async function documented() {
  const docs = new URL('../../docs/', import.meta.url).pathname;
  await withDemo(async ({ link, server }) => {
    for (const theme of THEMES)
      await shoot({
        link: link(),
        size: [1200, 620],
        theme,
        path: `${docs}inspector-${theme}.png`,
      });
    const ended = `#tab=connections&list=ended&selected=${rejectedIn(server)}`;
    await shoot({
      link: `${link()}${ended}`,
      size: [1200, 740],
      path: `${docs}inspector-why.png`,
    });
  });
}

async function everything(into) {
  await mkdir(into, { recursive: true });
  const all = async (name, linkOf, act) => {
    if (wanted.length > 0 && !wanted.includes(name)) return;
    for (const size of SIZES)
      for (const theme of THEMES) {
        const path = join(into, `${name}-${size[0]}-${theme}.png`);
        await shoot({ link: linkOf(), size, theme, path, act });
      }
  };
  await withServers(async (serverOf) => {
    const gone = serverOf();
    await gone.start();
    const { enode } = gone.self;
    await gone.stop();
    const node = serverOf({ staticNodes: [enode] });
    const inspector = await inspect(node);
    await node.start();
    await all('dead-static-node', () => inspector.newLink());
    await all('expired-link', () => `${inspector.address}/?code=used`);
  });
  await withServers(async (serverOf) => {
    const node = serverOf({ maxPeers: 3, noDial: true });
    const inspector = await inspect(node);
    await node.start();
    for (let each = 0; each < 5; each += 1)
      await serverOf({ staticNodes: [node.self.enode], name: `caller ${each}` }).start();
    await all('full', () => inspector.newLink());
  });
  await withServers(async (serverOf) => {
    const node = serverOf({ discovery: 'v4' });
    const inspector = await inspect(node);
    await node.start();
    await all('discovery-alone', () => `${inspector.newLink()}#tab=discovery`);
  });
  await withServers(async (serverOf) => {
    const node = serverOf(nodeLists());
    const inspector = await inspect(node);
    await node.start();
    await all('node-lists', () => `${inspector.newLink()}#tab=discovery`);
  });
  await withServers(async (serverOf) => {
    const node = serverOf({ discovery: 'v4', nat: 'any', ports: { gateway: async () => ROUTER } });
    const inspector = await inspect(node);
    await node.start();
    await all(
      'behind-a-router',
      () => `${inspector.newLink()}#tab=discovery`,
      (page) => page.getByText('Behind a router').scrollIntoViewIfNeeded(),
    );
  });
  await withNetwork(async (link) => {
    await all('discovery', () => `${link()}#tab=discovery`);
    await all(
      'one-lookup',
      () => `${link()}#tab=discovery`,
      (page) => page.locator('.lookup summary').first().click(),
    );
  });
  const kept = await mkdtemp(join(tmpdir(), 'pictures-'));
  const file = join(kept, 'demo.jsonl');
  await withDemo(async ({ link, server, recording }) => {
    await all('demo', link);
    await all(
      'one-connection',
      () => `${link()}#tab=connections&list=ended&selected=${rejectedIn(server)}`,
    );
    await all(
      'one-peer',
      () => `${link()}#tab=connections`,
      (page) => page.locator('.connections [role=option]').first().click(),
    );
    for (const tab of ['peers', 'dials', 'listener', 'server', 'actors', 'reasons', 'connections'])
      await all(tab, () => `${link()}#tab=${tab}`);
    await recording.close();
  }, file);
  const inspector = await openFileInspector(file);
  await all('recording', () => inspector.newLink());
  await inspector.close();
  await rm(kept, { recursive: true });
}

async function shoot({ link, size: [width, height], theme = 'light', path, act = () => {} }) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
  const page = await context.newPage();
  await page.goto(link);
  await page.waitForTimeout(SETTLE_MS);
  await act(page);
  await page.waitForTimeout(SETTLE_MS / 5);
  await page.screenshot({ path });
  await context.close();
}

async function withServers(use) {
  const servers = [];
  try {
    await use((options) => {
      const server = new Server({
        nodeKey: generateNodeKey(),
        listen: LOOPBACK,
        protocols: [echo()],
        ...options,
      });
      servers.push(server);
      return server;
    });
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** A demo one minute after its start, which then runs on in real time. */
async function withDemo(use, file) {
  const demo = createDemo({ seed: 1 });
  const ended = [];
  demo.server.on('ended', (event) => ended.push(event));
  const inspector = await demo.server.attach((observation) =>
    openInspector(observation, {}, { label: 'simulated network' }),
  );
  const recording = file && (await record(demo.server, file));
  await demo.start();
  await demo.run(60_000);
  const over = new AbortController();
  const run = (ms) => demo.run(ms);
  const pace = keepPace({ clock: systemClock, speed: 1, run, signal: over.signal });
  await use({ link: () => inspector.newLink(), server: ended, recording });
  over.abort();
  await pace;
  await inspector.close();
  await demo.end();
}

/** A node of a simulated network that found the others by one bootnode, some minutes after its start. */
async function withNetwork(use) {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  const options = { discovery: 'v4', maxPeers: 8 };
  const boot = world.node(options);
  await world.start(boot);
  const nodes = Array.from({ length: 60 }, () =>
    world.node({ ...options, bootnodes: [boot.enode] }),
  );
  const [{ server }] = nodes;
  const inspector = await server.attach((observation) =>
    openInspector(observation, {}, { label: 'simulated network' }),
  );
  await world.start(...nodes);
  await world.run('3m');
  await use(() => inspector.newLink());
  await inspector.close();
  await world.end();
}

/** Options of a node that reads three DNS node lists: one with an entry that is not there, one forged, one silent. */
function nodeLists() {
  const key = generateNodeKey();
  const urlOf = (domain) => treeLink(key.publicKey, domain).url;
  const records = Array.from({ length: 40 }, (_, index) => {
    const entries = new Map([['ip', recordValue(Uint8Array.of(192, 0, 2, index + 1))]]);
    return formatRecord(signRecord({ seq: 1, entries }, generateNodeKey()).bytes);
  });
  const links = [urlOf('partner.example.org'), urlOf('silent.example.org')];
  const names = new Map();
  const put = (domain, text) => {
    const hash = entryName(text);
    names.set(`${hash}.${domain}`, text);
    return hash;
  };
  const list = (domain, signer, recordTexts, linkTexts) => {
    const branch = (texts) => put(domain, formatBranch(texts.map((text) => put(domain, text))));
    const branches = [];
    for (let at = 0; at < recordTexts.length; at += 13)
      branches.push(branch(recordTexts.slice(at, at + 13)));
    const recordRoot = put(domain, formatBranch(branches));
    names.set(
      domain,
      signTreeRoot({ recordRoot, linkRoot: branch(linkTexts), seq: 1_204 }, signer),
    );
  };
  list('nodes.example.org', key, records, links);
  list('partner.example.org', generateNodeKey(), [], []);
  const txtResolver = async (name) => {
    if (name.startsWith('silent')) await new Promise(() => {});
    const text = names.get(name);
    if (text === undefined) throw Object.assign(new Error(name), { code: 'ENOTFOUND' });
    return [[text]];
  };
  return { dnsTrees: [urlOf('nodes.example.org')], ports: { txtResolver } };
}

/** A connection that we turned away after their Hello: it has passed most states. */
function rejectedIn(ended) {
  const rejected = ({ state, trail }) => state.startsWith('rejected.') && trail.length > 3;
  return ended.findLast(rejected).connectionId;
}
