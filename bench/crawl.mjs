/**
 * A crawl of servers in child processes with many visits at once: the memory and the CPU of the crawling process, which has
 * the crawl alone. Half of the nodes accept us and exchange the Status of eth, a quarter has no room, and a quarter takes
 * the connection and says nothing, until the handshake times out.
 * Needs `npm run build`. Usage: node --expose-gc bench/crawl.mjs [nodes] [visits at once]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

import { Crawler } from '../dist/crawl/crawler.js';
import { ethVerdicts } from '../dist/crawl/eth-verdicts.js';
import { MemoryQueue } from '../dist/crawl/memory-queue.js';
import { ServerNetwork } from '../dist/crawl/server-network.js';
import { eth, generateNodeKey, NETWORKS, Server } from '../dist/exports/main.js';
import { parseEnode } from '../dist/io/crypto/enode.js';
import { systemClock } from '../dist/io/process/clock.js';

const MIB = 1024 * 1024;

/** Servers of one child process. */
const SERVERS = 125;

/** Nodes of each kind in four. */
const KINDS = ['accepting', 'full', 'accepting', 'silent'];

const { chain } = NETWORKS.sepolia;

async function crawl(nodes, parallel) {
  const children = await startServers(nodes);
  const enodes = children.flatMap(({ enodes }) => enodes);
  const observer = eth({ chain });
  const network = await ServerNetwork.open({
    ...{ parallel, protocols: observer.protocols, status: ethVerdicts(observer) },
  });
  globalThis.gc?.();
  const before = { rss: process.memoryUsage.rss(), cpu: process.cpuUsage(), at: performance.now() };
  let peak = { rss: before.rss, visiting: 0 };
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  let last = before.at;
  const [connects, hellos] = [[], []];
  const reasons = {};
  const crawler = new Crawler({
    open: async () => ({
      ...{ queue: new MemoryQueue({ unixTimeMs: Date.now }), network },
      results: { write: async () => {}, close: async () => {} },
    }),
    seeds: enodes.map((text) => ({ id: parseEnode(text).id, text })),
    ...{ parallel, perSecond: 1_000, idleMs: 1_000, clock: systemClock },
    onRecord: ({ latencyMs, outcome, reason }) => {
      if (latencyMs.connect !== undefined) connects.push(latencyMs.connect);
      if (latencyMs.hello !== undefined) hellos.push(latencyMs.hello);
      const end = outcome === 'accepted' ? outcome : `${outcome} ${reason}`;
      reasons[end] = (reasons[end] ?? 0) + 1;
      last = performance.now();
    },
  });
  const sampling = setInterval(() => {
    const { visiting } = crawler.progress;
    const rss = process.memoryUsage.rss();
    peak = { rss: Math.max(peak.rss, rss), visiting: Math.max(peak.visiting, visiting) };
  }, 50);
  const { visited, outcome } = await crawler.ended;
  clearInterval(sampling);
  delay.disable();
  const { user, system } = process.cpuUsage(before.cpu);
  const cpuMs = (user + system) / 1_000;
  const seconds = (last - before.at) / 1_000;
  globalThis.gc?.();
  const after = process.memoryUsage();
  for (const { child } of children) child.kill();

  const grown = peak.rss - before.rss;
  console.log(`${nodes} nodes, ${parallel} visits at once: ${visited} visited, ${outcome}`);
  console.log(`  ${JSON.stringify(reasons)}`);
  console.log(`  most visits at once ${peak.visiting}, ${seconds.toFixed(1)} s`);
  console.log(`  visits per second ${(visited / seconds).toFixed(0)}`);
  console.log(
    `  CPU ${(cpuMs / visited).toFixed(1)} ms per visit, ${Math.round(cpuMs / seconds / 10)} % of one core`,
  );
  console.log(
    `  memory (RSS): ${mib(before.rss)} before, ${mib(peak.rss)} at most, ${(grown / peak.visiting / 1024).toFixed(0)} KiB for each visit at once`,
  );
  console.log(`  heap in use afterwards: ${mib(after.heapUsed)}`);
  console.log(`  delay of the event loop: p50 ${ms(delay, 50)}, p99 ${ms(delay, 99)}`);
  console.log(`  time to connect: ${spread(connects)}`);
  console.log(`  from there until Hello: ${spread(hellos)}`);
  if (visited !== nodes) process.exitCode = 1;
}

function startServers(nodes) {
  const self = fileURLToPath(import.meta.url);
  const counts = Array.from({ length: Math.ceil(nodes / SERVERS) }, (_, index) =>
    Math.min(SERVERS, nodes - index * SERVERS),
  );
  return Promise.all(
    counts.map(async (count) => {
      const child = fork(self, ['servers', String(count)]);
      const [enodes] = await once(child, 'message');
      return { child, enodes };
    }),
  );
}

/** In a child process: it ends with the parent. */
async function serve(count) {
  const enodes = [];
  for (let index = 0; index < count; index += 1)
    enodes.push(await KIND_OF[KINDS[index % KINDS.length]]());
  process.send(enodes);
  process.on('disconnect', () => process.exit());
}

const started = async (options) => {
  const server = new Server({
    ...{ nodeKey: generateNodeKey(), listen: { host: '127.0.0.1', port: 0 }, noDial: true },
    ...{ protocols: eth({ chain }).protocols, ...options },
  });
  await server.start();
  return server.self.enode;
};

const KIND_OF = {
  accepting: () => started({}),
  full: () => started({ maxPeers: 0 }),
  /** Takes connections, and never sends a byte. */
  silent: async () => {
    const sockets = createServer((socket) => socket.on('error', () => {}).resume());
    sockets.listen(0, '127.0.0.1');
    await once(sockets, 'listening');
    const { publicKey } = generateNodeKey();
    const key = Buffer.from(publicKey.slice(1)).toString('hex'); // without the byte of its form
    return `enode://${key}@127.0.0.1:${sockets.address().port}`;
  },
};

const mib = (bytes) => `${(bytes / MIB).toFixed(0)} MiB`;

const ms = (delay, percentile) => `${(delay.percentile(percentile) / 1e6).toFixed(0)} ms`;

const spread = (values) => `p50 ${quantile(values, 0.5)} ms, p99 ${quantile(values, 0.99)} ms`;

const quantile = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? 0;

// last, since it uses what stands above
if (process.argv[2] === 'servers') await serve(Number(process.argv[3]));
else await crawl(Number(process.argv[2] ?? 1_000), Number(process.argv[3] ?? 200));
