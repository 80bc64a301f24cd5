/**
 * Connections that each send a valid auth and then nothing: the most expensive thing that a remote without a known key can
 * ask for. What it costs the server, and whether its peers are answered meanwhile. Fails when one of them is lost, or
 * something is still open at the end. From loopback, where no throttle applies: an address has one attempt per 30 s.
 * Needs `npm run build`. Usage: node bench/valid-auth.mjs [connections] [slots] [at once]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';

import { parseEnode } from '../dist/io/crypto/enode.js';
import { MIB, startChild } from './child-server.mjs';
import { arrive, bringHonest, percentile, summary } from './honest-peers.mjs';
import { authFor } from './raw-remote.mjs';

const HONEST = 5;

/** After this, in ms, a connection is given up on. */
const PATIENCE_MS = 15_000;

if (process.argv[2] === 'attack')
  await attack(process.argv[3], Number(process.argv[4]), Number(process.argv[5]));
else
  await measure(
    Number(process.argv[2] ?? 10_000),
    Number(process.argv[3] ?? 50),
    Number(process.argv[4] ?? 200),
  );

async function measure(connections, slots, atOnce) {
  const server = await startChild({ maxPendingPeers: slots });
  const honest = await bringHonest(server.enode, HONEST);
  const before = await server.state();
  honest.tripsMs.length = 0;
  const args = ['attack', server.enode, connections, atOnce];
  const attacker = fork(new URL(import.meta.url), args);
  const [{ acks, openMs }] = await once(attacker, 'message');
  const after = await server.state();
  const trips = [...honest.tripsMs];
  const newcomer = await arrive(server.enode);
  const lost = [...honest.left];
  await honest.leave();
  const { took, open, ended } = await server.stop();

  const ms = after.at - before.at;
  console.log(`${connections} connections with a valid auth, ${atOnce} at once, ${slots} slots:`);
  console.log(`  ${Math.round(ms)} ms, ${Math.round((1_000 * connections) / ms)} a second`);
  console.log(`  ${acks} acks, ${Math.round((1_000 * acks) / ms)} a second`);
  console.log(
    `  server: CPU ${Math.round((100 * (after.cpuMs - before.cpuMs)) / ms)} %, memory ${((after.rss - before.rss) / MIB).toFixed(1)} MiB more`,
  );
  console.log(`  connections were open for p50 ${openMs.p50} ms, longest ${openMs.longest} ms`);
  console.log(`  honest peers: ${summary(trips)}, lost ${lost.length}`);
  console.log(
    `  an honest newcomer after ${newcomer.tookMs} ms, at dial ${newcomer.attempts}; stop() ${took} ms`,
  );
  console.log(`  ended: ${JSON.stringify(ended)}`);
  if (lost.length > 0 || open > 0) process.exitCode = 1;
}

/** Each connection has an auth of its own: a copy would cost the server nothing. */
async function attack(enode, connections, atOnce) {
  const { host, tcpPort } = parseEnode(enode);
  const times = [];
  let acks = 0;
  let left = connections;
  const one = async (number) => {
    const { packet } = await authFor(enode);
    const socket = connect({ host, port: tcpPort, localAddress: `127.0.${number % 200}.1` });
    const begun = performance.now();
    const patience = setTimeout(() => socket.destroy(), PATIENCE_MS);
    let isAnswered = false;
    socket
      .on('error', () => {})
      .on('connect', () => socket.write(packet))
      .on('data', () => {
        if (!isAnswered) acks += 1;
        isAnswered = true;
      });
    if (!socket.closed) await once(socket, 'close').catch(() => {});
    clearTimeout(patience);
    times.push(performance.now() - begun);
  };
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      await one(left);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  process.send({ acks, openMs: { p50: percentile(times, 0.5), longest: percentile(times, 1) } });
  process.disconnect();
}
