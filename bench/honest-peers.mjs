/** Peers that say a word every 20 ms, wait for it to come back, and keep how long that took. */
import { setTimeout as wait } from 'node:timers/promises';

import { generateNodeKey, Server } from '../dist/exports/main.js';

const PAUSE_MS = 20;
const ATTEMPT_PAUSE_MS = 100;

/** @returns once all of them are peers. */
export async function bringHonest(enode, count) {
  const tripsMs = [];
  const left = [];
  const servers = [];
  for (let i = 0; i < count; i += 1) {
    const server = new Server({
      nodeKey: generateNodeKey(),
      listen: null,
      protocols: [{ name: 'bench', version: 1, length: 3, run: (_, port) => talk(port, tripsMs) }],
    });
    server.on('drop', ({ state }) => left.push(state));
    await server.start();
    const added = new Promise((resolve) => server.on('add', resolve));
    server.addPeer(enode);
    await added;
    servers.push(server);
  }
  return {
    tripsMs,
    /** How those ended that were dropped. */
    left,
    leave: () => Promise.all(servers.map((server) => server.stop())),
  };
}

/** Dials once each 100 ms until it is a peer, and leaves again. @returns how often it dialled, and how long it took, in ms. */
export async function arrive(enode) {
  const begun = performance.now();
  for (let attempts = 1; ; attempts += 1) {
    const server = new Server({
      nodeKey: generateNodeKey(),
      listen: null,
      protocols: [{ name: 'bench', version: 1, length: 3, run: (_, port) => talk(port, []) }],
    });
    await server.start();
    const isPeer = new Promise((resolve) => {
      server.on('add', () => resolve(true));
      for (const type of ['ended', 'dialFailed']) server.on(type, () => resolve(false));
    });
    server.addPeer(enode);
    const isIn = await isPeer;
    const tookMs = Math.round(performance.now() - begun);
    await server.stop();
    if (isIn) return { attempts, tookMs };
    await wait(ATTEMPT_PAUSE_MS);
  }
}

/** Such as `p50 1 ms, p99 20 ms, longest 25 ms of 1000`. */
export function summary(tripsMs) {
  const [p50, p99, last] = [0.5, 0.99, 1].map((share) => percentile(tripsMs, share));
  return `p50 ${p50} ms, p99 ${p99} ms, longest ${last} ms of ${tripsMs.length}`;
}

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN);
}

async function talk(port, tripsMs) {
  const messages = port[Symbol.asyncIterator]();
  while (!port.signal.aborted) {
    const said = performance.now();
    await port.send(0, Uint8Array.of(1));
    const { done } = await messages.next();
    if (done) return;
    tripsMs.push(performance.now() - said);
    await wait(PAUSE_MS);
  }
}
