/**
 * Peers that come and go, a tenth of them hostile, for as long as one likes: the slope of the server's memory, with its
 * 95 % interval, and its handles. Fails when an interval that is narrower than 2 MiB an hour does not contain 0, when
 * handles grow, or when the server says that something went wrong. Needs `npm run build`.
 * Usage: node bench/soak.mjs [minutes] [peers] [churn a minute]
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

import { PING } from '../dist/io/wire/base-message.js';
import { compress } from '../dist/io/wire/snappy.js';
import { MIB, startChild } from './child-server.mjs';
import { bringHonest } from './honest-peers.mjs';
import { join, OFFSET } from './raw-remote.mjs';

const HOSTILE_SHARE = 0.1;
const SAMPLE_MS = 5_000;
const REPORT_MS = 60_000;
const HOUR_MS = 3_600_000;

/** The first part is left out: caches fill. */
const WARM_UP_SHARE = 1 / 3;

const minutes = Number(process.argv[2] ?? 5);
const count = Number(process.argv[3] ?? 50);
const churn = Number(process.argv[4] ?? 1);

/** Each begins its mischief at once, and comes again when it is replaced. */
const mischief = [
  ({ socket, seal }) => socket.write(Buffer.concat(times(500, () => seal(PING, pack([0xc0]))))),
  ({ socket, seal }) => socket.pause().write(seal(OFFSET + 2, pack([1]))),
  ({ socket }) => socket.write(randomBytes(10_000)),
  ({ socket, seal }) => socket.write(seal(OFFSET + 1, pack(randomBytes(100_000))).subarray(0, 999)),
  ({ socket, seal }) => socket.write(seal(OFFSET + 7, pack([1]))),
];

const server = await startChild();
const leavers = [];
let came = 0;
for (let i = 0; i < count; i += 1) leavers.push(await bringOne());
const first = await server.state();
const samples = [];
const began = performance.now();
let churned = began;
let reported = began;
while (performance.now() - began < minutes * 60_000) {
  await wait(SAMPLE_MS);
  const { rss, handles, peers } = await server.state();
  const now = performance.now();
  samples.push({ at: now, rss, handles });
  for (; now - churned >= 60_000 / churn; churned += 60_000 / churn) {
    await leavers.shift()();
    leavers.push(await bringOne());
  }
  if (now - reported >= REPORT_MS) {
    reported += REPORT_MS;
    const passed = Math.round((now - began) / 60_000);
    console.log(`${passed} min: ${(rss / MIB).toFixed(1)} MiB, ${handles} handles, ${peers} peers`);
  }
}
for (const leave of leavers) await leave();
const { took, open, ended } = await server.stop();

const warm = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
const { slope, margin } = slopeOf(warm);
const handles = warm.map((sample) => sample.handles);
const [low, high] = [slope - margin, slope + margin].map((bytes) => bytes / MIB);
console.log(
  `${minutes} minutes, ${came} peers came, ${count} at a time, ${churn} a minute changed`,
);
console.log(
  `memory: ${(first.rss / MIB).toFixed(1)} MiB at first, ${(samples.at(-1).rss / MIB).toFixed(1)} MiB at last`,
);
console.log(`slope: ${low.toFixed(1)} to ${high.toFixed(1)} MiB an hour (95 %)`);
console.log(`handles: ${Math.min(...handles)} to ${Math.max(...handles)}, open after stop ${open}`);
console.log(`stop() ${took} ms; ended: ${JSON.stringify(ended)}`);
const isKnown = high - low < 2;
const isTrouble = Object.keys(ended).some((word) => /unhandled|warning/.test(word));
const isGrowing = Math.max(...handles) > count + first.handles;
if ((isKnown && low * high > 0) || isTrouble || isGrowing || open > 0) process.exitCode = 1;

async function bringOne() {
  came += 1;
  if (came % (1 / HOSTILE_SHARE) !== 0) return (await bringHonest(server.enode, 1)).leave;
  const remote = await join(server.enode);
  await wait(100); // until it is a peer
  mischief[(came / 10) % mischief.length](remote);
  return () => remote.socket.destroy();
}

function pack(bytes) {
  return compress(Uint8Array.from(bytes));
}

function times(length, make) {
  return Array.from({ length }, make);
}

/** Least squares; bytes an hour. */
function slopeOf(points) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const hours = points.map(({ at }) => at / HOUR_MS);
  const bytes = points.map(({ rss }) => rss);
  const [x, y] = [mean(hours), mean(bytes)];
  const spread = hours.reduce((sum, hour) => sum + (hour - x) ** 2, 0);
  const slope = hours.reduce((sum, hour, i) => sum + (hour - x) * (bytes[i] - y), 0) / spread;
  const rest = hours.reduce((sum, hour, i) => sum + (bytes[i] - y - slope * (hour - x)) ** 2, 0);
  return { slope, margin: 1.96 * Math.sqrt(rest / (points.length - 2) / spread) };
}
