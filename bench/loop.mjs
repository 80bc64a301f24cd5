/**
 * The delay of a server's event loop and the round trips of honest peers with 1, 2 and 3 of these at once: a fast
 * sender (a handler sends to a peer as fast as it can), a held reader (a peer sends faster than its handler takes), and
 * replayed auths from 50 addresses. Both should have a p99 below 50 ms on a machine that does nothing else.
 * Then many callers at once that give up after some seconds: how many handshakes were done for callers that had gone.
 * Needs `npm run build`. Usage: node bench/loop.mjs [seconds] [callers] [patience in seconds]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

import { generateNodeKey, Server } from '../dist/exports/main.js';
import { parseEnode } from '../dist/io/crypto/enode.js';
import { startChild } from './child-server.mjs';
import { bringHonest, summary } from './honest-peers.mjs';
import { authFor } from './raw-remote.mjs';

const HONEST = 5;
const SOURCES = 50;

/** One handshake takes about this long, in ms: a caller that hung up within it was present when the handshake began. */
const HANDSHAKE_MS = 50;

/** When a server has not answered for this long, in ms, its loop does not run. */
const NO_ANSWER_MS = 10_000;

const KINDS = ['fastSender', 'heldReader', 'replay'];

const [mode, ...args] = process.argv.slice(2);
if (mode === 'fastSender' || mode === 'heldReader') await beRemote(mode, args[0]);
else if (mode === 'replay') await replay(args[0]);
else if (mode === 'callers') await beCallers(args[0], Number(args[1]), Number(args[2]));
else await measure(Number(mode ?? 10), Number(args[0] ?? 400), Number(args[1] ?? 5));

async function measure(seconds, callers, patience) {
  for (const kinds of [[], ...KINDS.map((kind) => [kind]), KINDS.slice(0, 2), KINDS])
    await measureLoop(kinds, seconds);
  await measureHerd(callers, patience);
}

async function measureLoop(kinds, seconds) {
  const server = await startChild({ maxPeersPerSubnet: 200 });
  const honest = await bringHonest(server.enode, HONEST);
  const loads = [];
  for (const kind of kinds) {
    const load = fork(new URL(import.meta.url), [kind, server.enode]);
    await once(load, 'message');
    loads.push(load);
  }
  await wait(500);
  honest.tripsMs.length = 0;
  const figures = await Promise.race([
    (async () => {
      const before = await server.loop();
      await wait(1_000 * seconds);
      const after = await server.loop();
      return { before, after, ...(await server.state()) };
    })(),
    wait(1_000 * seconds + NO_ANSWER_MS, null, { ref: false }),
  ]);
  const trips = [...honest.tripsMs];
  for (const load of loads) load.kill();
  const lost = honest.left.length;
  await honest.leave();
  console.log(`${kinds.join(' + ') || 'nothing'}:`);
  console.log(`  honest: ${summary(trips)}, lost ${lost}`);
  if (!figures) {
    server.kill();
    console.log(`  the loop did not run for ${NO_ANSWER_MS / 1_000} s`);
    return;
  }
  const { before, after, ended } = figures;
  await server.stop();
  const cpu = Math.round((100 * (after.cpuMs - before.cpuMs)) / (after.at - before.at));
  const late = (kind) => summary(after.delays.map((delay) => delay[kind]));
  console.log(`  loop delay: ${late('ms')}`);
  console.log(`  of that in this process: ${late('ownMs')}; CPU ${cpu} %`);
  console.log(`  ended: ${JSON.stringify(ended)}`);
}

async function measureHerd(callers, patience) {
  const server = await startChild({ maxPeers: callers, maxPendingPeers: callers });
  const before = await server.loop();
  const herd = fork(new URL(import.meta.url), ['callers', server.enode, callers, patience]);
  const [{ gone, answered }] = await once(herd, 'message');
  await wait(2_000);
  const { handshakes, cpuMs } = await server.loop();
  const forGone = handshakes.filter(
    ({ remote, at }) => gone[remote] !== undefined && at > gone[remote] + HANDSHAKE_MS,
  ).length;
  const { ended } = await server.state();
  await server.stop();
  const percent = Math.round((100 * forGone) / Math.max(1, handshakes.length));
  console.log(`${callers} callers at once that give up after ${patience} s:`);
  console.log(
    `  handshakes done ${handshakes.length}, for callers already gone ${forGone} (${percent} %); answered in time ${answered}`,
  );
  console.log(`  CPU ${Math.round(cpuMs - before.cpuMs)} ms; ended: ${JSON.stringify(ended)}`);
}

/** A peer in a process of its own that the server sends to, or that sends to the server, as fast as either can. */
async function beRemote(kind, enode) {
  const run = async (_, port) => {
    process.send('ready');
    if (kind === 'fastSender') {
      await port.send(3, new Uint8Array(1));
      for await (const _message of port);
    } else
      for (const noise = new Uint8Array(1_024).fill(7); !port.signal.aborted; )
        await port.send(4, noise);
  };
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: null,
    protocols: [{ name: 'bench', version: 1, length: 5, run }],
  });
  await server.start();
  server.addPeer(enode);
}

/** Each address sends the same auth again as soon as it was refused or answered. */
async function replay(enode) {
  const { host, tcpPort } = parseEnode(enode);
  const { packet } = await authFor(enode);
  process.send('ready');
  const source = async (number) => {
    for (;;) {
      const socket = connect({ host, port: tcpPort, localAddress: `127.0.${number}.1` });
      socket
        .on('error', () => {})
        .on('connect', () => socket.write(packet))
        .on('data', () => socket.destroy());
      const patience = setTimeout(() => socket.destroy(), 5_000);
      if (!socket.closed) await once(socket, 'close').catch(() => {});
      clearTimeout(patience);
      await wait(1);
    }
  };
  for (let number = 0; number < SOURCES; number += 1) void source(number + 1);
}

/** Auths are made first, so that all calls are made at once. `gone` has the time at which each address hung up. */
async function beCallers(enode, callers, patience) {
  const { host, tcpPort } = parseEnode(enode);
  const packets = [];
  for (let i = 0; i < callers; i += 1) packets.push((await authFor(enode)).packet);
  const gone = {};
  let answered = 0;
  await Promise.all(
    packets.map(async (packet, i) => {
      const socket = connect({ host, port: tcpPort, localAddress: `127.0.${i % 250}.1` });
      let address = '';
      const timer = setTimeout(() => {
        gone[address] = now();
        socket.destroy();
      }, 1_000 * patience);
      socket
        .on('error', () => {})
        .on('connect', () => {
          address = `${socket.localAddress}:${socket.localPort}`;
          socket.write(packet);
        })
        .once('data', () => {
          answered += 1;
          clearTimeout(timer);
          setTimeout(() => socket.destroy(), 1_000 * patience);
        });
      await once(socket, 'close').catch(() => {});
      clearTimeout(timer);
    }),
  );
  process.send({ gone, answered });
  process.disconnect();
}

/** In ms, comparable between processes. */
function now() {
  return performance.timeOrigin + performance.now();
}
