/**
 * What node discovery costs one process: valid packets of nodes that have proven their endpoints, and junk, some of which
 * looks valid up to its signature. Prints the share of a core, and the delay of the event loop; fails when 1,000 valid
 * packets a second cost more than half a core, or 10,000 of junk delay the loop by 20 ms or more (p99), or a ping of ours
 * among the junk is not answered. Needs `npm run build`. Usage: node bench/datagrams.mjs [seconds] [valid] [junk]
 */
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

import { readPacket, sealPacket } from '../dist/io/crypto/discv4-packet.js';
import { nodeAt } from '../dist/io/crypto/node.js';
import { generateNodeKey } from '../dist/io/crypto/node-key.js';
import { recordValue, signRecord } from '../dist/io/crypto/node-record.js';
import { primitivesOf, primitivesText } from '../dist/io/crypto/primitive-sets.js';
import { publicKeyHex } from '../dist/io/crypto/public-key.js';
import { Discv4 } from '../dist/io/discovery/discv4.js';
import { udpBinder } from '../dist/io/discovery/udp-socket.js';
import { systemClock } from '../dist/io/process/clock.js';
import { unixTimeMs } from '../dist/io/process/wall-time.js';

const SOURCES = 40;
const HOST = '127.0.0.1';

/** Packets are sent in so many slices a second. */
const SLICES = 200;

/** How often the delay of the loop is read, in ms. */
const SAMPLE_MS = 5;

const MAX_CORE = 0.5;
const MAX_DELAY_MS = 20;

const { primitives, inUse } = primitivesOf('default');

const [mode, ...args] = process.argv.slice(2);
if (mode === 'valid') await sendValid(Number(args[0]), Number(args[1]));
else if (mode === 'junk') await sendJunk(Number(args[0]), Number(args[1]));
else await measure(Number(mode ?? 10), Number(args[0] ?? 1_000), Number(args[1] ?? 10_000));

async function measure(seconds, valid, junk) {
  console.log(`primitives: ${primitivesText(inUse)}`);
  const calm = await underLoad('valid', valid, seconds);
  console.log(`${valid} valid packets a second: ${calm.text}`);
  console.log(
    `  sent: ${JSON.stringify(calm.stats.sent)}, refused: ${JSON.stringify(calm.stats.refused)}`,
  );
  const flood = await underLoad('junk', junk, seconds);
  console.log(`${junk} packets of junk a second: ${flood.text}`);
  console.log(`  refused: ${JSON.stringify(flood.stats.refused)}`);
  console.log(`  pings of ours meanwhile: ${flood.pongs} of ${flood.pings} answered`);
  const isFine = calm.core <= MAX_CORE && flood.p99 < MAX_DELAY_MS && flood.pongs === flood.pings;
  console.log(isFine ? 'within the limits' : 'not within the limits');
  if (!isFine) process.exitCode = 1;
}

async function underLoad(kind, perSecond, seconds) {
  const others = Array.from({ length: 16 }, (_, index) => {
    const { publicKey, id } = generateNodeKey();
    return nodeAt({ publicKey, id, host: `127.1.${index}.1`, udpPort: 30303, tcpPort: 30303 });
  });
  const discv4 = await startNode(others);
  const echo = await startNode([]);
  const load = fork(new URL(import.meta.url), [kind, discv4.local.port, perSecond]);
  await once(load, 'message'); // it has proven its endpoints
  await wait(500); // code that runs often is compiled by now
  const before = { cpu: process.cpuUsage(), at: performance.now(), stats: discv4.stats() };
  const delays = [];
  let due = performance.now() + SAMPLE_MS;
  const sample = setInterval(() => {
    const now = performance.now();
    delays.push(Math.max(0, now - due));
    due = now + SAMPLE_MS;
  }, SAMPLE_MS);
  let pings = 0;
  let pongs = 0;
  const target = { id: echo.key.id, host: HOST, udpPort: echo.local.port };
  const ask = setInterval(() => {
    pings += 1;
    discv4.ping(target, ({ type }) => {
      if (type === 'pong') pongs += 1;
    });
  }, 100);
  await wait(1_000 * seconds);
  clearInterval(ask);
  clearInterval(sample);
  const { user, system } = process.cpuUsage(before.cpu);
  const tookMs = performance.now() - before.at;
  const stats = discv4.stats();
  await wait(50); // the last pong
  load.kill();
  discv4.close();
  echo.close();
  const core = (user + system) / 1_000 / tookMs;
  const received = stats.receivedDatagrams - before.stats.receivedDatagrams;
  delays.sort((a, b) => a - b);
  const p99 = delays[Math.floor(0.99 * delays.length)] ?? 0;
  const text =
    `received ${Math.round((1_000 * received) / tookMs)} a second, ${Math.round(100 * core)} % of a core, ` +
    `loop delay p99 ${p99.toFixed(1)} ms, worst ${(delays.at(-1) ?? 0).toFixed(1)} ms`;
  return { core, p99, text, stats, pings, pongs };
}

async function startNode(closest) {
  const key = generateNodeKey(undefined, primitives);
  const record = signRecord({ seq: 1, entries: new Map([['udp', recordValue(30303)]]) }, key);
  const discv4 = await Discv4.bind(
    { host: HOST, port: 0 },
    udpBinder({ clock: systemClock }),
    { onLost: (message) => console.error(`Error: ${message}`), onRestored: () => {} },
    {
      ...{ key, primitives, clock: systemClock, unixTimeMs, record: () => record },
      ...{ isAllowed: () => true, closest: () => closest },
      hooks: { onFault: (error) => console.error(error) },
    },
  );
  return Object.assign(discv4, { key });
}

/** Nodes that have proven their endpoints: half of what they send are pings, the rest questions. */
async function sendValid(port, perSecond) {
  const nodes = [];
  for (let index = 0; index < SOURCES; index += 1) {
    const key = generateNodeKey(undefined, primitives);
    const at = `127.0.${index + 1}.1`;
    const socket = createSocket('udp4').bind(0, at);
    await once(socket, 'listening');
    const send = (message) =>
      socket.send(sealPacket(message, key, primitives).datagram, port, HOST);
    const place = { host: at, udpPort: socket.address().port, tcpPort: 0 };
    socket.on('message', (bytes) => {
      if (bytes[97] !== 1) return;
      const pingHash = readPacket(bytes, primitives).hash;
      send({ type: 'pong', to: place, pingHash, expiration: expiration(), recordSeq: null });
    });
    nodes.push({ send, place });
  }
  const ping = ({ send, place }) =>
    send({
      type: 'ping',
      version: 4,
      from: place,
      to: place,
      expiration: expiration(),
      recordSeq: 1,
    });
  for (const node of nodes) ping(node);
  await wait(300);
  process.send('ready');
  let count = 0;
  await pace(perSecond, () => {
    const node = nodes[count % nodes.length];
    count += 1;
    if (count % 2 === 0) return ping(node);
    if (count % 10 === 9) return node.send({ type: 'enrRequest', expiration: expiration() });
    const target = publicKeyHex(Uint8Array.of(4, ...randomBytes(64)));
    node.send({ type: 'findNode', target, expiration: expiration() });
  });
}

/** A third is noise, a third has a hash that fits, a third is a ping whose signature leads to some key. */
async function sendJunk(port, perSecond) {
  const sockets = [];
  for (let index = 0; index < SOURCES; index += 1) {
    const socket = createSocket('udp4').bind(0, `127.0.${index + 1}.1`);
    await once(socket, 'listening');
    sockets.push(socket);
  }
  const key = generateNodeKey(undefined, primitives);
  /** Signed once: signatures that fit nothing cost the sender nothing. */
  const unsigned = { ...key, sign: () => signature };
  const signature = key.sign(new Uint8Array(32).fill(1));
  const place = { host: HOST, udpPort: 1, tcpPort: 1 };
  process.send('ready');
  let count = 0;
  await pace(perSecond, () => {
    const socket = sockets[count % sockets.length];
    count += 1;
    socket.send(junk(count % 3), port, HOST);
  });

  function junk(kind) {
    if (kind === 0) return randomBytes(1 + (count % 1_400));
    const bytes = Buffer.from(
      kind === 1
        ? randomBytes(100 + (count % 1_100))
        : sealPacket(
            {
              type: 'ping',
              version: 4,
              from: place,
              to: place,
              expiration: expiration(),
              recordSeq: 1,
            },
            unsigned,
            primitives,
          ).datagram,
    );
    if (kind === 2) randomBytes(24).copy(bytes, 36);
    Buffer.from(primitives.keccak256(bytes.subarray(32))).copy(bytes, 0);
    return bytes;
  }
}

/** Ends when the process is killed. */
async function pace(perSecond, send) {
  const began = performance.now();
  for (let sent = 0; ; ) {
    const due = ((performance.now() - began) * perSecond) / 1_000;
    for (; sent < due; sent += 1) send();
    await wait(1_000 / SLICES);
  }
}

function expiration() {
  return Math.floor(unixTimeMs() / 1_000) + 20;
}
