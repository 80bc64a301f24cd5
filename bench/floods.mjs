/**
 * Five floods, each by one remote and by 50 that come back when they are dropped; what they do to two honest peers; and
 * `stop()` in the middle of each. Fails when an honest peer is lost, its p99 is 250 ms or more, or `stop()` takes more
 * than 5 s. Needs `npm run build`. Usage: node bench/floods.mjs [seconds] [attackers]
 */
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

import { DISCONNECT, PING, PONG } from '../dist/io/wire/base-message.js';
import { encodeDisconnect } from '../dist/io/wire/disconnect.js';
import { compress } from '../dist/io/wire/snappy.js';
import { MIB, startChild } from './child-server.mjs';
import { bringHonest, percentile, summary } from './honest-peers.mjs';
import { join, OFFSET } from './raw-remote.mjs';

const MAX_P99_MS = 250;
const MAX_STOP_MS = 5_000;

/** Before an attacker that was dropped comes again. */
const COMES_BACK_MS = 500;

const EMPTY_LIST = Uint8Array.of(0xc0);

/** What is said, and how often in one write. */
const floods = {
  ping: () => [PING, compress(EMPTY_LIST), 1_000],
  pong: () => [PONG, compress(EMPTY_LIST), 1_000],
  disconnect: () => [DISCONNECT, compress(encodeDisconnect('requested')), 1_000],
  'one byte': () => [OFFSET + 1, compress(Uint8Array.of(1)), 1_000],
  '15 MiB': () => [OFFSET + 1, compress(randomBytes(15 * MIB)), 1],
};

if (process.argv[2] === 'attack') attack(process.argv[3], process.argv[4], Number(process.argv[5]));
else await measure(Number(process.argv[2] ?? 5), Number(process.argv[3] ?? 50));

async function measure(seconds, many) {
  const problems = [];
  for (const kind of Object.keys(floods))
    for (const attackers of [1, many]) {
      const server = await startChild();
      const honest = await bringHonest(server.enode, 2);
      const attack = fork(new URL(import.meta.url), ['attack', server.enode, kind, attackers]);
      await once(attack, 'message');
      honest.tripsMs.length = 0;
      const before = await server.state();
      await wait(seconds * 1_000);
      const after = await server.state();
      const trips = [...honest.tripsMs];
      const lost = [...honest.left];
      const { took, open, ended } = await server.stop();
      attack.kill();
      await honest.leave();
      const what = `${kind} by ${attackers}`;
      const cpu = Math.round((100 * (after.cpuMs - before.cpuMs)) / (after.at - before.at));
      console.log(`${what}: honest ${summary(trips)}`);
      console.log(
        `  server: CPU ${cpu} %, memory ${((after.rss - before.rss) / MIB).toFixed(1)} MiB more, stop() ${took} ms, open after it ${open}`,
      );
      console.log(`  ended: ${JSON.stringify(ended)}`);
      if (lost.length > 0) problems.push(`${what}: honest peers were lost: ${lost}`);
      if (!(percentile(trips, 0.99) < MAX_P99_MS)) problems.push(`${what}: p99 is too long`);
      if (took > MAX_STOP_MS) problems.push(`${what}: stop() took ${took} ms`);
      if (open > 0) problems.push(`${what}: ${open} handles are open`);
    }
  for (const problem of problems) console.log(`PROBLEM ${problem}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

function attack(enode, kind, count) {
  const [code, payload, times] = floods[kind]();
  let ready = 0;
  for (let i = 0; i < count; i += 1) void flood();

  async function flood() {
    for (;;) {
      const remote = await join(enode).catch(() => null);
      ready += 1;
      if (ready === count) process.send('ready');
      if (remote) await sayAll(remote);
      await wait(COMES_BACK_MS);
    }
  }

  async function sayAll({ socket, seal }) {
    while (!socket.destroyed && socket.writable) {
      const said = Buffer.concat(Array.from({ length: times }, () => seal(code, payload)));
      if (!socket.write(said))
        await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {});
      await new Promise(setImmediate);
    }
  }
}
