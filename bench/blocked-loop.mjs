/**
 * A server whose one thread is busy for seconds, from the moment its first ping is in flight: whom it drops when it
 * comes back, and how soon it answers. Fails when it drops anybody. Peers may give up on it: they wait 15 s for a pong.
 * Needs `npm run build`. Usage: node bench/blocked-loop.mjs [seconds] [peers]
 */
import { setTimeout as wait } from 'node:timers/promises';

import { startChild } from './child-server.mjs';
import { bringHonest } from './honest-peers.mjs';

const seconds = Number(process.argv[2] ?? 10);
const count = Number(process.argv[3] ?? 20);

/** So long after it came back, all deadlines are over that it may have broken. */
const AFTERMATH_MS = 20_000;

const server = await startChild();
const honest = await bringHonest(server.enode, count);
await server.block(seconds * 1_000);
const woken = performance.now();
const answered = honest.tripsMs.length;
while (honest.tripsMs.length < answered + count && performance.now() - woken < 5_000) await wait(1);
const backMs = Math.round(performance.now() - woken);
await wait(AFTERMATH_MS);
const { peers, ended } = await server.state();
const ours = Object.entries(ended).filter(([word]) => /^drop ending\.(rejected|failed)/.test(word));
const left = [...honest.left];
await honest.leave();
const { took } = await server.stop();

console.log(`${count} peers, and a block of ${seconds} s with pings in flight:`);
console.log(`  all peers were answered again after ${backMs} ms; ${peers} peers after 20 s`);
console.log(`  dropped by the server: ${JSON.stringify(Object.fromEntries(ours))}`);
console.log(`  dropped by their own choice: ${left.length}; stop() ${took} ms`);
if (ours.length > 0) process.exitCode = 1;
