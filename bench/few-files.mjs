/**
 * A server that may have 128 files open, and more silent callers than that. Fails when it spins meanwhile (5 % CPU or
 * more), or when an honest newcomer waits for 2 s or more after they are gone. Needs `npm run build`.
 * Usage: node bench/few-files.mjs [callers]
 */
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

import { startChild } from './child-server.mjs';
import { arrive } from './honest-peers.mjs';

const FILES = 128;
const MAX_CPU_PERCENT = 5;
const MAX_RECOVERY_MS = 2_000;

/** Before the 5 s of any connection are over. */
const WATCH_MS = 3_000;

const callers = Number(process.argv[2] ?? 400);
const server = await startChild({ maxPendingPeers: 1_000 }, FILES);
let closed = 0;
const sockets = Array.from({ length: callers }, () =>
  connect(server.port, '127.0.0.1')
    .on('error', () => {})
    .on('close', () => {
      closed += 1;
    })
    .resume(),
);
await wait(500);
const before = await server.state();
await wait(WATCH_MS);
const after = await server.state();
const turnedAway = closed;
const cpu = (100 * (after.cpuMs - before.cpuMs)) / (after.at - before.at);

for (const socket of sockets) socket.destroy();
const { attempts, tookMs } = await arrive(server.enode);
const { took, open, ended } = await server.stop();

console.log(`${callers} silent callers, ${FILES} files:`);
console.log(
  `  ${turnedAway} were turned away by the system; ${after.handles} handles are open meanwhile`,
);
console.log(`  CPU ${cpu.toFixed(1)} % for ${WATCH_MS} ms`);
console.log(
  `  an honest newcomer ${tookMs} ms after they left, at dial ${attempts}; stop() ${took} ms`,
);
console.log(`  ended: ${JSON.stringify(ended)}`);
if (cpu >= MAX_CPU_PERCENT || tookMs >= MAX_RECOVERY_MS || open > 0) process.exitCode = 1;
