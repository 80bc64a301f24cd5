/**
 * Two servers over slow lines on loopback: every rate, message size, direction, delay and start time within a ping
 * interval. Nothing that makes progress may be dropped; on a line that stops, everything must be, within a minute.
 * Exits with 1 otherwise.
 *
 * A send buffer of the system grows to 1.6 MiB here and makes room in thirds of it, which takes more than 20 s at
 * 20 KiB/s. For large messages on such lines, run it in a network namespace of its own with small buffers:
 * `unshare -rn sh -c 'ip link set lo up; sysctl -w net.ipv4.tcp_wmem="4096 16384 65536"; node bench/slow-links.mjs'`.
 *
 * The lines are those of test/interop/geth-peer/shape.go, so Go is needed, and
 * `npm run build`. Usage: node bench/slow-links.mjs [--seconds 60] [--at-once 40] [--rates KiB/s,…] [--sizes KiB,…]
 * [--delays ms,…] [--starts s,…]
 */
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { generateNodeKey, Server } from '../dist/exports/main.js';

const KIB = 1024;

/** Message codes of our protocol. */
const PIECE = 0;
const END = 1;

/** A load may take this many times what the line needs for it, and a minute. */
const MOST_TIMES = 1.5;
const SPARE_MS = 60_000;

/** Longest time for one connection, in ms: on a busy machine a handshake may be repeated after 35 s. */
const CONNECT_TIMEOUT_MS = 50_000;

/** What a line that stops has passed before, in bytes: more than the handshakes. */
const STOPS_AFTER = 64 * KIB;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    'at-once': { type: 'string', default: '40' },
    rates: { type: 'string', default: '20,40,60,125,300' },
    sizes: { type: 'string', default: '1,64,1024,8192' },
    delays: { type: 'string', default: '10,150' },
    starts: { type: 'string', default: '0,5,10,14' },
  },
});
const list = (text) => text.split(',').map(Number);
const seconds = Number(values.seconds);

const lines = await startLines();
const rows = [];
const waiting = allLinks();
/** One at a time: a handshake costs CPU and has 5 s. */
let connecting = Promise.resolve();
await Promise.all(
  Array.from({ length: Number(values['at-once']) }, async () => {
    for (let link = waiting.shift(); link; link = waiting.shift())
      rows.push({ ...link, how: await measure(link) });
  }),
);
await lines.stop();
print();

/** The long ones come first, so that they do not run alone at the end. */
function allLinks() {
  const links = [];
  for (const rate of list(values.rates))
    for (const size of list(values.sizes))
      for (const delay of list(values.delays))
        for (const start of list(values.starts))
          for (const direction of ['there', 'back', 'both']) {
            const count = Math.max(1, Math.ceil((rate * seconds) / size));
            links.push({ rate, size, delay, start, direction, count, stops: false });
          }
  for (const direction of ['there', 'back', 'both'])
    links.push({ rate: 60, size: 64, delay: 10, start: 0, direction, count: 40, stops: true });
  const lasts = ({ rate, size, count, start }) => start + (size * count) / rate;
  return links.sort((a, b) => lasts(b) - lasts(a));
}

/** @returns `completed`, or how the connection ended and when. */
async function measure({ rate, size, delay, start, direction, count, stops }) {
  const here = endpoint();
  const there = endpoint();
  const servers = [newServer(here, null), newServer(there, { host: '127.0.0.1', port: 0 })];
  await Promise.all(servers.map((server) => server.start()));
  const [caller, listener] = servers;
  const port = await lines.open({
    port: listener.self.address.port,
    bytesPerSecond: rate * KIB,
    delayMs: delay,
    stopsAfter: stops ? STOPS_AFTER : 0,
  });
  const enode = listener.self.enode.replace(/:\d+$/, `:${port}`);
  const connected = connecting.then(() => connect(caller, listener, enode));
  connecting = connected;
  if (!(await connected)) {
    await Promise.all(servers.map((server) => server.stop()));
    return 'not connected';
  }
  const begun = performance.now();
  const dropped = servers.map(async (server, side) => {
    const state = await new Promise((resolve) => {
      server.on('drop', (drop) => resolve(drop.state));
    });
    return `${side === 0 ? 'caller' : 'listener'} ${state}`;
  });
  const work = [];
  const load = [content(size * KIB), count, start * 1_000];
  if (direction !== 'back') work.push(here.push(...load), there.received(count));
  if (direction !== 'there') work.push(there.push(...load), here.received(count));
  const done = Promise.all(work).then(() => 'completed');
  done.catch(() => {}); // the drop says why
  const mostMs = MOST_TIMES * (1_000 * start + (1_000 * size * count) / rate) + SPARE_MS;
  const timer = new AbortController();
  const tooLate = wait(mostMs, 'not completed', { signal: timer.signal });
  const how = await Promise.race([done.catch(() => tooLate), tooLate, ...dropped]);
  timer.abort();
  tooLate.catch(() => {});
  const after = Math.round((performance.now() - begun) / 1_000);
  await Promise.all(servers.map((server) => server.stop()));
  return how === 'completed' ? how : `${how} after ${after} s`;
}

/** @returns whether each is a peer of the other. */
async function connect(caller, listener, enode) {
  const begun = performance.now();
  caller.addPeer(enode);
  while (caller.peerCount === 0 || listener.peerCount === 0) {
    if (performance.now() - begun > CONNECT_TIMEOUT_MS) return false;
    await wait(20);
  }
  return true;
}

function newServer({ protocol }, listen) {
  return new Server({ nodeKey: generateNodeKey(), listen, protocols: [protocol] });
}

/** One side of one connection. */
function endpoint() {
  let onPort;
  let onEnd;
  const opened = new Promise((resolve) => {
    onPort = resolve;
  });
  const ended = new Promise((resolve) => {
    onEnd = resolve;
  });
  return {
    protocol: {
      name: 'bulk',
      version: 1,
      length: 2,
      async run(_, port) {
        onPort(port);
        let messages = 0;
        for await (const { code } of port) {
          if (code === PIECE) messages += 1;
          else onEnd(messages);
        }
      },
    },
    async push(payload, count, afterMs) {
      const port = await opened;
      await wait(afterMs, undefined, { signal: port.signal });
      for (let sent = 0; sent < count; sent += 1) await port.send(PIECE, payload);
      await port.send(END, new Uint8Array(1));
    },
    async received(count) {
      const messages = await ended;
      if (messages !== count) throw new Error(`${messages} messages instead of ${count}`);
    },
  };
}

/** Random, so that snappy finds nothing to copy; one for all messages of a size. */
function content(bytes) {
  content.known ??= new Map();
  if (!content.known.has(bytes)) content.known.set(bytes, randomBytes(bytes));
  return content.known.get(bytes);
}

async function startLines() {
  const cwd = fileURLToPath(new URL('../test/interop/geth-peer/', import.meta.url));
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' };
  const stdio = ['ignore', 'inherit', 'inherit'];
  execFileSync('go', ['build', '-trimpath', '-o', 'geth-peer', '.'], { cwd, env, stdio });
  const child = spawn(`${cwd}geth-peer`, ['--mode', 'shape'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiters = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = JSON.parse(line);
    if (event.type === 'shaped') waiters.shift()(event.port);
    if (event.type === 'error') throw new Error(event.error);
  });
  return {
    /** Answers come in the order of the commands. */
    open: (line) =>
      new Promise((resolve) => {
        waiters.push(resolve);
        child.stdin.write(`${JSON.stringify({ cmd: 'shape', ...line })}\n`);
      }),
    async stop() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

function print() {
  const isBad = ({ how, stops }) => (stops ? /completed/.test(how) : how !== 'completed');
  const counts = new Map();
  for (const row of rows.filter(({ stops }) => !stops)) {
    const key = `${String(row.rate).padStart(4)} KiB/s ${String(row.size).padStart(5)} KiB`;
    const count = counts.get(key) ?? { completed: 0, dropped: 0 };
    count[isBad(row) ? 'dropped' : 'completed'] += 1;
    counts.set(key, count);
  }
  for (const [key, { completed, dropped }] of [...counts].sort())
    console.log(`${key}: ${completed} completed, ${dropped} dropped`);
  for (const { rate, size, delay, start, direction, stops, how } of rows) {
    if (!stops && how === 'completed') continue;
    const line = stops ? `a line that stops after ${STOPS_AFTER / KIB} KiB` : `${rate} KiB/s`;
    console.log(
      `${line}, ${size} KiB ${direction}, delay ${delay} ms, from second ${start}: ${how}`,
    );
  }
  const bad = rows.filter(isBad).length;
  console.log(`${rows.length} links: ${rows.length - bad} as they should, ${bad} not`);
  process.exitCode = bad > 0 ? 1 : 0;
}
