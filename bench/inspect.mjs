/**
 * What a recorder and a viewer cost the server they look at: 1,000 peers of the real charts that ping all the time, with
 * 50 connections a second that are turned away; 5,000 events a second in all. Off, recorder, and recorder with one
 * viewer at 10 Hz take turns in one process; medians of CPU in % of one core. Then four viewers that never read.
 * Needs `npm run build`. Usage: node --expose-gc bench/inspect.mjs [rounds] [peers] [events a second]
 */
import { setTimeout as wait } from 'node:timers/promises';

import { createActor, fromCallback } from 'xstate';
import { Inspection } from '../dist/actors/inspection.js';
import { Lifecycle } from '../dist/actors/lifecycle.js';
import { runActor } from '../dist/actors/run-actor.js';
import { Recorder } from '../dist/inspect/recorder/recorder.js';
import { systemClock } from '../dist/io/process/clock.js';
import { connectionSetupMachine } from '../dist/machines/connection/connection-setup.js';
import { peerMachine } from '../dist/machines/peer/peer.js';
import { protocolMachine } from '../dist/machines/peer/protocol.js';

const [rounds = 7, peers = 1_000, rate = 5_000] = process.argv.slice(2).map(Number);

/** Largest difference to off that a recorder with a viewer may make, in percentage points. */
const GOAL = 8;
const WARM_UP_MS = 1_500;
const ROUND_MS = 4_000;
const SETUPS_PER_SECOND = 50;
const HZ = 10;
const MIB = 1024 * 1024;

/** A ping and its pong are two events. */
const PING_EVERY_MS = (2_000 * peers) / (rate - SETUPS_PER_SECOND * 8);

const silentLink = fromCallback(() => {});
const peer = peerMachine.provide({
  delays: { pingInterval: () => PING_EVERY_MS * (0.5 + Math.random()) },
  actors: {
    link: fromCallback(({ sendBack, receive }) =>
      receive(({ type }) => {
        if (type === 'send.ping') setImmediate(() => sendBack({ type: 'pong.received' }));
      }),
    ),
    protocol: protocolMachine.provide({ actors: { handler: fromCallback(() => {}) } }),
  },
});
const setup = connectionSetupMachine.provide({ actors: { link: silentLink } });
const them = { publicKey: 'ab'.repeat(64), id: 'cd'.repeat(32) };
const capabilities = [{ name: 'eth', version: 69 }];
const hello = { version: 5, client: 'Geth/v1.15.0-stable/linux-amd64/go1.23', capabilities };
const story = [
  { type: 'auth.queued' },
  { type: 'auth.received', ...them },
  { type: 'ack.sent' },
  { type: 'accept' },
  { type: 'hello.received', hello: { ...hello, listenPort: 0, publicKey: them.publicKey } },
  { type: 'reject.tooManyPeers', facts: { peers: 50, limit: 50 } },
  { type: 'link.closed', how: 'closed', detail: '' },
];

/** @returns what ends it. */
function crowd(inspection) {
  const clock = systemClock;
  const actors = new Set();
  const runLoop = createActor(fromCallback(() => {})).start();
  const run = (logic, id, input) => {
    const settle = () => actors.delete(actor);
    const actor = runActor(logic, { id, input, clock, inspection, settle });
    actors.add(actor);
    return actor;
  };
  let connections = 0;
  const next = () => {
    connections += 1;
    return String(connections);
  };
  for (let index = 0; index < peers; index += 1) {
    const connectionId = next();
    const runs = [{ protocol: 'eth/69', run: () => {} }];
    run(peer, `peer:${connectionId}`, { connectionId, link: {}, runs });
  }
  const coming = setInterval(async () => {
    const connectionId = next();
    const remote = { host: '198.51.100.7', port: 30_303 };
    const rest = { direction: 'inbound', slot: 1, hasDestinationKey: true, subnet: null };
    const input = { connectionId, remote, ...rest, link: {}, runLoop };
    const actor = run(setup, `connection-setup:${connectionId}`, input);
    for (const event of story) {
      await wait(5);
      actor.send(event);
    }
  }, 1_000 / SETUPS_PER_SECOND);
  return () => {
    clearInterval(coming);
    for (const actor of [...actors]) actor.stop();
  };
}

function recorderOf(inspection) {
  const about = { peerchart: '0', startedAt: '', node: 'bench', source: 'live', masked: false };
  const recorder = new Recorder({ clock: systemClock, about });
  inspection.watch(new Lifecycle(recorder));
  return recorder;
}

const fail = (error) => {
  throw error;
};

/** One round. @returns CPU in % of one core, and what the viewer was sent. */
async function measure(mode) {
  const inspection = new Inspection(fail);
  const recorder = mode === 'off' ? null : recorderOf(inspection);
  const end = crowd(inspection);
  const viewer = mode === 'viewer' ? recorder.open({ actions: false }) : null;
  let bytes = 0;
  let slowest = 0;
  const look = () => {
    const began = performance.now();
    bytes += JSON.stringify(viewer.next(HZ)).length;
    slowest = Math.max(slowest, performance.now() - began);
  };
  const looking = viewer ? setInterval(look, 1_000 / HZ) : null;
  await wait(WARM_UP_MS);
  bytes = 0;
  slowest = 0;
  const stepsBefore = recorder ? stepsOf(recorder) : 0;
  const before = process.cpuUsage();
  const began = performance.now();
  await wait(ROUND_MS);
  const { user, system } = process.cpuUsage(before);
  const wall = performance.now() - began;
  const steps = recorder ? stepsOf(recorder) - stepsBefore : 0;
  clearInterval(looking);
  end();
  await wait(200);
  globalThis.gc?.();
  return {
    cpu: (user + system) / wall / 10,
    steps: (steps * 1_000) / wall,
    kilobytes: bytes / wall,
    slowest,
  };
}

const stepsOf = (recorder) => recorder.size.steps;

const MODES = ['off', 'recorder', 'viewer'];
const results = new Map(MODES.map((mode) => [mode, []]));
for (let round = 0; round < rounds; round += 1)
  for (let turn = 0; turn < MODES.length; turn += 1) {
    const mode = MODES[(round + turn) % MODES.length];
    results.get(mode).push(await measure(mode));
  }
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const of = (mode, field) => median(results.get(mode).map((result) => result[field]));
for (const mode of MODES) {
  const all = results.get(mode).map(({ cpu }) => cpu.toFixed(1));
  const more = mode === 'off' ? '' : `, ${of(mode, 'steps').toFixed(0)} steps/s`;
  const sent =
    mode === 'viewer'
      ? `, ${of(mode, 'kilobytes').toFixed(0)} kB/s, slowest frame ${of(mode, 'slowest').toFixed(1)} ms`
      : '';
  console.log(
    `${mode.padEnd(8)} ${of(mode, 'cpu').toFixed(1)} % of a core${more}${sent}  (${all})`,
  );
}
const cost = of('viewer', 'cpu') - of('off', 'cpu');
console.log(`recorder and viewer: ${cost.toFixed(1)} percentage points; the goal is ${GOAL}`);

/** Actors and steps in a hurry, for viewers that do not care. @returns MiB of heap. */
function flood(recorder, count) {
  const chart = { machine: peer, ref: null, parent: null };
  const snapshot = { value: { running: 'resting' }, context: {}, status: 'active' };
  for (let left = count; left > 0; left -= 1) {
    born += 1;
    const actor = { ...chart, number: born, id: `peer:${born}` };
    recorder.started(actor);
    for (let step = 0; step < 20; step += 1)
      recorder.stepped(actor, {
        event: { type: 'ping' },
        taken: [],
        snapshot: { ...snapshot, context: { runs: [] } },
      });
    recorder.ended(actor, 'done');
  }
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / MIB;
}

let born = 0;
const recorder = recorderOf(new Inspection(fail));
const viewers = [1, 2, 3, 4].map(() => recorder.open({ actions: false }));
for (const viewer of viewers) viewer.next(HZ);
const heaps = [1, 2, 3, 4, 5].map(() => flood(recorder, 20_000).toFixed(1));
console.log(`four viewers that never read, heap after each 20,000 actors: ${heaps.join(', ')} MiB`);
for (const viewer of viewers) viewer.close();
if (cost > GOAL) process.exitCode = 1;
