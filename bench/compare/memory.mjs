/** Heap and RSS of a listening process for each idle peer, and for each inbound connection that says nothing. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

import { DIALS_FAST, withPair } from './side.mjs';

const KIB = 1_024;

/** Connections that say nothing. Handshakes may take 5 s: they are counted before. */
const PENDING = 200;

export async function measureMemory(arms, { isQuick }) {
  const counts = isQuick ? [4] : [100, 500, 1_000];
  const samples = {};
  const columns = {};
  for (const [name, command] of Object.entries(arms)) {
    const options = { maxPeers: 2_000, maxPending: PENDING };
    samples[name] = await withPair(command, arms[DIALS_FAST], options, (pair) =>
      measure(pair, counts),
    );
    for (const column of Object.keys(samples[name])) columns[column] = 'less';
  }
  return { title: 'Memory for each connection', columns, samples };
}

async function measure({ listener, dialer, enode }, counts) {
  const most = counts.at(-1);
  const figures = {};
  await dialer.ask('clients', { count: most });
  await connectTo(Math.min(100, most)); // code and tables are there afterwards
  await dialer.ask('release');
  await listener.ask('peers', { count: 0 });
  const empty = await listener.ask('memory');
  const pending = await silentConnections(enode);
  note('pending inbound', PENDING, await listener.ask('memory'));
  for (const socket of pending) socket.destroy();
  await wait(500);
  let held = 0;
  for (const count of counts) {
    await connectTo(count, held);
    held = count;
    note(`${count} peers`, count, await listener.ask('memory'));
  }
  return figures;

  async function connectTo(count, index = 0) {
    await dialer.ask('connect', { enode, index, count: count - index, atOnce: 8 });
    await listener.ask('peers', { count });
  }

  function note(what, count, { heap, rss }) {
    figures[`${what}, heap KiB`] = [(heap - empty.heap) / count / KIB];
    figures[`${what}, RSS KiB`] = [(rss - empty.rss) / count / KIB];
  }
}

async function silentConnections(enode) {
  const { hostname, port } = new URL(enode);
  const sockets = Array.from({ length: PENDING }, () => connect(Number(port), hostname));
  for (const socket of sockets) socket.on('error', () => {});
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await wait(500);
  return sockets;
}
