/**
 * Peers that stop reading while the server has much to say: what they cost, and when they are gone. Fails when that
 * takes more than 20 s and the Disconnect, when the memory grows by more than the README says, or when an honest peer is
 * lost. Needs `npm run build`. Usage: node bench/never-reading.mjs [peers]
 */
import { setTimeout as wait } from 'node:timers/promises';

import { compress } from '../dist/io/wire/snappy.js';
import { MIB, startChild } from './child-server.mjs';
import { bringHonest, summary } from './honest-peers.mjs';
import { join, OFFSET } from './raw-remote.mjs';

/** Unsent bytes may wait for 20 s, and the Disconnect behind them for 2 s more. */
const MAX_MS = 20_000 + 2_000;

/** For a machine that is busy with other things. */
const SLACK_MS = 3_000;

/** README, "Limits": all peers together. */
const MAX_BYTES = 660 * MIB;

const count = Number(process.argv[2] ?? 50);
const server = await startChild();
const honest = await bringHonest(server.enode, 2);
const before = await server.state();

const deaf = [];
for (let i = 0; i < count; i += 1) deaf.push(await join(server.enode));
await wait(500);
honest.tripsMs.length = 0;
const began = performance.now();
for (const { socket, seal } of deaf) {
  socket.pause();
  socket.write(seal(OFFSET + 2, compress(Uint8Array.of(1))));
}
let most = 0;
let peers = Number.POSITIVE_INFINITY;
let goneMs = 0;
while (peers > 2 && performance.now() - began < 2 * MAX_MS) {
  await wait(250);
  const state = await server.state();
  most = Math.max(most, state.rss - before.rss);
  peers = state.peers;
  goneMs = performance.now() - began;
}
const trips = [...honest.tripsMs];
const lost = [...honest.left];
for (const { socket } of deaf) socket.destroy();
await honest.leave();
const after = await server.state();
const { took, open, ended } = await server.stop();

console.log(`${count} peers that never read:`);
console.log(`  gone after ${Math.round(goneMs)} ms, ${peers - 2} are left`);
console.log(
  `  memory: at most ${(most / MIB).toFixed(1)} MiB more, ${((after.rss - before.rss) / MIB).toFixed(1)} MiB more at the end`,
);
console.log(`  honest peers: ${summary(trips)}, lost ${lost.length}; stop() ${took} ms`);
console.log(`  ended: ${JSON.stringify(ended)}`);
const isFine =
  peers === 2 &&
  goneMs <= MAX_MS + SLACK_MS &&
  most <= MAX_BYTES &&
  lost.length === 0 &&
  open === 0;
if (!isFine) process.exitCode = 1;
