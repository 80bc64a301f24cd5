/**
 * Many servers in one process on loopback: a static ring, then random links besides, then a stop. Once for each order
 * of stopping. Says what is still open afterwards, and fails when that is anything, or when a link did not come to be.
 * Needs `npm run build`. Usage: node bench/ring.mjs [servers] [seed]
 */
import { setImmediate, setTimeout as wait } from 'node:timers/promises';

import { echo, generateNodeKey, Server } from '../dist/exports/main.js';

/** For each server, besides its two in the ring. No two nodes dial each other: that is measured elsewhere. */
const RANDOM_LINKS = 3;

/** Longest time for all of them to meet, in ms: on a busy machine a handshake may be repeated after 35 s. */
const MEET_TIMEOUT_MS = 90_000;

/** Links begun at once: all servers share one core, and a handshake has 5 s. */
const LINKS_AT_ONCE = 10;

/** Turns of the event loop in which a destroyed socket has closed. */
const TURNS = 10;

const count = Number(process.argv[2] ?? 50);
const seed = Number(process.argv[3] ?? 1);
const random = mulberry32(seed);
// a pipe counts as a handle from its first use on; Node uses that of stderr when it destroys a socket
for (const stream of [process.stdout, process.stderr]) stream.write('');
const idle = process.getActiveResourcesInfo();
const problems = [];
process
  .on('unhandledRejection', (reason) => problems.push(`unhandled: ${reason}`))
  .on('warning', (warning) => problems.push(`warning: ${warning}`));

const ORDERS = {
  'as they began, one every 5 ms': (servers) => oneByOne(servers, 5),
  'backwards, one after the other': (servers) => oneByOne(servers.toReversed(), null),
  'shuffled, one every 5 ms': (servers) => oneByOne(shuffled(servers), 5),
  'all at once': (servers) => Promise.all(servers.map((server) => server.stop())),
};

console.log(`${count} servers, seed ${seed}`);
for (const [order, stop] of Object.entries(ORDERS)) {
  const seen = {};
  const note = (what) => {
    seen[what] = (seen[what] ?? 0) + 1;
  };
  const servers = Array.from({ length: count }, () => newServer(note));
  await Promise.all(servers.map((server) => server.start()));

  const ring = servers.map((server, at) => [server, servers[(at + 1) % count]]);
  const ringMs = await connect(ring);
  const linksMs = await connect(randomLinks(servers, ring));
  const peers = servers.map(({ peerCount }) => peerCount);

  const stopBegan = performance.now();
  await stop(servers);
  const stopMs = Math.round(performance.now() - stopBegan);
  for (let turn = 0; turn < TURNS; turn += 1) await setImmediate();
  const open = besides(process.getActiveResourcesInfo(), idle);
  if (open.length > 0) problems.push(`still open: ${open}`);
  if (seen.add !== seen.drop) problems.push(`${seen.add} add events, ${seen.drop} drop events`);

  console.log(`\nstopped ${order}: ${stopMs} ms; open handles: ${open.length}`);
  console.log(
    `  ring closed in ${ringMs} ms, random links made in ${linksMs} ms; peers of each ${Math.min(...peers)} to ${Math.max(...peers)}`,
  );
  for (const what of Object.keys(seen).sort()) console.log(`  ${what}: ${seen[what]}`);
}

for (const problem of problems) console.log(`PROBLEM ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0; // not exit(): what is open would keep the process, and be seen

function newServer(note) {
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: { host: '127.0.0.1', port: 0 },
    protocols: [echo({ say: 'x'.repeat(1_000) })],
  });
  server.on('add', () => note('add'));
  server.on('drop', ({ state }) => {
    note('drop');
    note(`drop ${state}`);
  });
  server.on('ended', ({ state }) => note(state));
  server.on('lost', ({ part, message }) => problems.push(`lost ${part}: ${message}`));
  return server;
}

/** @returns how long it took until all were connected, in ms. */
async function connect(links) {
  const began = performance.now();
  const isMissing = ([from, to]) => !hasPeer(from, to) || !hasPeer(to, from);
  const isOver = () => performance.now() - began > MEET_TIMEOUT_MS;
  for (let at = 0; at < links.length; at += LINKS_AT_ONCE) {
    const some = links.slice(at, at + LINKS_AT_ONCE);
    for (const [from, to] of some) from.addPeer(to.self.enode);
    while (some.some(isMissing) && !isOver()) await wait(5);
  }
  const missing = links.filter(isMissing).length;
  if (missing > 0) problems.push(`${missing} of ${links.length} links did not come to be`);
  return Math.round(performance.now() - began);
}

function hasPeer(server, other) {
  return server.peers.some(({ id }) => id === other.self.id);
}

function randomLinks(servers, ring) {
  const pair = (a, b) => [a.self.id, b.self.id].sort().join();
  const taken = new Set(ring.map(([from, to]) => pair(from, to)));
  return servers.flatMap((from) => {
    const free = servers.filter((to) => to !== from && !taken.has(pair(from, to)));
    const chosen = shuffled(free).slice(0, RANDOM_LINKS);
    for (const to of chosen) taken.add(pair(from, to));
    return chosen.map((to) => [from, to]);
  });
}

/** @param everyMs From one to the next; null waits until the one before has stopped. */
async function oneByOne(servers, everyMs) {
  const stopped = [];
  for (const server of servers) {
    stopped.push(server.stop());
    await (everyMs === null ? stopped.at(-1) : wait(everyMs));
  }
  await Promise.all(stopped);
}

function besides(names, known) {
  const rest = [...names];
  for (const name of known) {
    const at = rest.indexOf(name);
    if (at >= 0) rest.splice(at, 1);
  }
  return rest;
}

function shuffled(items) {
  const left = [...items];
  return items.map(() => left.splice(Math.floor(random() * left.length), 1)[0]);
}

/** A small generator with a seed; numbers from 0 to below 1. */
function mulberry32(state) {
  let a = state >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
