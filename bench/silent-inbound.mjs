/**
 * Many inbound connections that never say a word: what they cost, when they are gone, and whether an honest peer
 * gets in meanwhile. Needs `npm run build`. Usage: node bench/silent-inbound.mjs [connections] [slots]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

import { echo, generateNodeKey, Server } from '../dist/exports/main.js';

const MIB = 1024 * 1024;
const BATCH = 100;

/** After this, in ms, a connection counts as forgotten. */
const PATIENCE_MS = 15_000;

/** An honest peer dials so often, with a pause of so many ms. */
const HONEST_ATTEMPTS = 20;
const HONEST_PAUSE_MS = 100;

if (process.argv[2] === 'server') await serve(Number(process.argv[3]));
else await measure(Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? 10_000));

/** The server alone in its process, so that its memory is its own. */
async function serve(slots) {
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: { host: '127.0.0.1', port: 0 },
    maxPendingPeers: slots,
    protocols: [echo()],
  });
  const ended = new Map();
  let turnedAway = 0;
  server.on('turnedAway', ({ counts }) => {
    for (const count of Object.values(counts)) turnedAway += count;
  });
  server.on('ended', ({ state }) => ended.set(state, (ended.get(state) ?? 0) + 1));
  await server.start();
  process.on('message', async (question) => {
    if (question === 'stop') {
      await server.stop();
      process.exit(0);
    }
    globalThis.gc?.();
    const { used } = server.actor.getSnapshot().children.listener.getSnapshot().context.held;
    const { user, system } = process.cpuUsage();
    const cpuMs = Math.round((user + system) / 1_000);
    process.send({ rss: process.memoryUsage().rss, cpuMs, used, turnedAway, ended: [...ended] });
  });
  process.send({ enode: server.self.enode, port: server.self.address.port });
}

/** What an honest server comes to when it dials once. */
async function attempt(enode) {
  const honest = new Server({ nodeKey: generateNodeKey(), listen: null, protocols: [echo()] });
  await honest.start();
  const answer = Promise.race([
    new Promise((resolve) => honest.on('add', () => resolve('a peer'))),
    new Promise((resolve) => honest.on('ended', ({ state }) => resolve(state))),
    new Promise((resolve) => honest.on('dialFailed', ({ state }) => resolve(state))),
  ]);
  honest.addPeer(enode);
  await answer;
  await honest.stop();
  return answer;
}

async function measure(connections, slots) {
  const child = fork(new URL(import.meta.url), ['server', String(slots)], {
    execArgv: ['--expose-gc'],
  });
  const [{ enode, port }] = await once(child, 'message');
  const ask = async () => {
    child.send('state');
    return (await once(child, 'message'))[0];
  };
  const before = await ask();

  const began = performance.now();
  const closedAfter = [];
  const sockets = [];
  for (let i = 0; i < connections; i += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, connections - i) }, (_, j) => {
      const localAddress = `127.0.${(i + j) % 200}.1`;
      const socket = connect({ port, host: '127.0.0.1', localAddress });
      const openedAt = performance.now();
      socket.on('error', () => {}).resume();
      socket.on('close', () => closedAfter.push(performance.now() - openedAt));
      sockets.push(socket);
      return once(socket, 'connect').catch(() => {});
    });
    await Promise.all(batch); // no faster than the system takes them, or its queue drops some unseen
  }
  const opened = performance.now() - began;
  const during = await ask();

  const asked = performance.now();
  const answers = [];
  while (answers.at(-1) !== 'a peer' && answers.length < HONEST_ATTEMPTS) {
    if (answers.length > 0) await wait(HONEST_PAUSE_MS);
    answers.push(await attempt(enode));
  }
  const honestMs = performance.now() - asked;

  const patience = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, PATIENCE_MS);
  await Promise.all(sockets.map((socket) => socket.closed || once(socket, 'close')));
  clearTimeout(patience);
  const after = await ask();
  child.send('stop');
  await once(child, 'exit');

  const sorted = closedAfter.sort((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.floor((sorted.length - 1) * share)]);
  console.log(
    `${connections} silent connections, ${slots} slots, opened in ${Math.round(opened)} ms`,
  );
  console.log(`memory: +${((during.rss - before.rss) / MIB).toFixed(1)} MiB while they are there,`);
  console.log(`        +${((after.rss - before.rss) / MIB).toFixed(1)} MiB after they are gone`);
  console.log(
    `slots:  ${during.used} used meanwhile, ${after.used} after; ${after.turnedAway} turned away`,
  );
  console.log(`closed: first ${at(0)}, median ${at(0.5)}, last ${at(1)} ms after they were opened`);
  console.log(`honest: ${answers.join(', ')} after ${Math.round(honestMs)} ms`);
  console.log(`cpu:    ${during.cpuMs - before.cpuMs} ms while they were opened`);
  console.log(`ended:  ${JSON.stringify(Object.fromEntries(after.ended))}`);
}
