/**
 * Many servers in one process: a ring with chords, left to meet, then stopped in shuffled order.
 * Needs `npm run build`. Usage: node bench/ring.mjs [servers]
 */
import { setTimeout as wait } from 'node:timers/promises';

import { echo, generateNodeKey, Server } from '../dist/index.js';

const SETTLE_MS = 8_000;
const count = Number(process.argv[2] ?? 30);
const seen = new Map();
const note = (what) => seen.set(what, (seen.get(what) ?? 0) + 1);
process.on('unhandledRejection', () => note('unhandled')).on('warning', () => note('warning'));

const servers = Array.from({ length: count }, () => {
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: { host: '127.0.0.1', port: 0 },
    protocols: [echo({ say: 'x'.repeat(1_000) })],
  });
  server.on('add', () => note('add'));
  server.on('drop', () => note('drop'));
  server.on('ended', ({ state }) => note(state));
  return server;
});
await Promise.all(servers.map((server) => server.start()));
for (const [i, server] of servers.entries())
  for (const step of [1, 2 + 6 * i, 15 + 6 * i, 28 + 6 * i]) {
    const other = servers[(i + step) % count];
    if (other !== server) server.addPeer(other.self.enode);
  }
await wait(SETTLE_MS);
console.log('peers of each:', servers.map(({ peerCount }) => peerCount).join(' '));

const began = performance.now();
const shuffled = servers.toSorted((a, b) => (a.self.id < b.self.id ? -1 : 1));
await Promise.all(shuffled.map((server, i) => wait(20 * i).then(() => server.stop())));
console.log(`stopped in ${Math.round(performance.now() - began)} ms, one begun every 20 ms`);
await wait(50);
console.log(Object.fromEntries(seen), 'still open:', process.getActiveResourcesInfo());
