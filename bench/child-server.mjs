/**
 * A server alone in a process, so that its memory and its CPU are its own, for the other scripts of this folder.
 * Its protocol `bench/1` sends code 0 back, takes code 1, and answers code 2 with more than anybody reads. After code 3 it
 * sends as fast as it can, and after code 4 it takes one message each 10 ms.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { generateNodeKey, Server } from '../dist/exports/main.js';

export const MIB = 1024 * 1024;

const NOISE = randomBytes(64 * 1024);

const PAGE = randomBytes(1_024);

/** Interval of the timer that measures the delay of the loop, in ms. */
const LOOP_SAMPLE_MS = 10;

/** More than one peer may have waiting. */
const SHOUTS = 800;

/**
 * @param options Those of the server that JSON can hold.
 * @param files How many the process may have open; as many as ours without it.
 */
export async function startChild(options = {}, files = null) {
  const self = fileURLToPath(import.meta.url);
  const args = ['--expose-gc', self, 'child-server', JSON.stringify(options)];
  const limit = files === null ? '' : `ulimit -n ${files}; `;
  const child = spawn('sh', ['-c', `${limit}exec "$0" "$@"`, process.execPath, ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const death = died(child);
  death.catch(() => {}); // after stop() it is no surprise
  const reply = async () => (await Promise.race([once(child, 'message'), death]))[0];
  const answer = (question) => {
    child.send(question);
    return reply();
  };
  const { enode, port } = await reply();
  return {
    enode,
    port,
    /** Memory, CPU, peers, and how connections and peers ended until now. */
    state: () => answer({ type: 'state' }),
    /** Delay of its event loop since the last call, in ms, its CPU, and the handshakes it has done. */
    loop: () => answer({ type: 'loop' }),
    /** Ends it when it does not answer any more. */
    kill: () => child.kill('SIGKILL'),
    /** Keeps its one thread busy. */
    block: (ms) => answer({ type: 'block', ms }),
    /** @returns how long `stop()` took, in ms, and what is open afterwards. */
    async stop() {
      const said = await answer({ type: 'stop' });
      child.disconnect();
      return said;
    },
  };
}

async function died(child) {
  const [code, signal] = await once(child, 'exit');
  throw new Error(`the server died: ${code ?? signal}`);
}

/** What keeps this process alive, except pending output. */
const lasting = () => process.getActiveResourcesInfo().filter((name) => name !== 'CloseReq');

async function serve(options) {
  const ended = {};
  const count = (word) => {
    ended[word] = (ended[word] ?? 0) + 1;
  };
  let onPing = null;
  const handshakes = [];
  let delays = null;
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: { host: '127.0.0.1', port: 0 },
    maxPeers: 200,
    protocols: [{ name: 'bench', version: 1, length: 5, maxMessageBytes: 16 * MIB - 1, run }],
    inspect: ({ type, snapshot }) => {
      if (type !== '@xstate.snapshot') return;
      if (snapshot.value?.running === 'awaitingPong') onPing?.();
      if (snapshot.value === 'protoHandshake') {
        const { host, port } = snapshot.context.remote;
        const at = performance.timeOrigin + performance.now();
        handshakes.push({ remote: `${host}:${port}`, at });
      }
    },
    ...options,
  });
  server.on('drop', ({ state }) => count(`drop ${state}`));
  server.on('ended', ({ state }) => count(state));
  server.on('turnedAway', ({ counts }) => {
    for (const [why, times] of Object.entries(counts))
      ended[`turnedAway ${why}`] = (ended[`turnedAway ${why}`] ?? 0) + times;
  });
  for (const trouble of ['unhandledRejection', 'warning'])
    process.on(trouble, (what) => count(`${trouble}: ${what}`));
  process.on('message', async ({ type, ms }) => {
    if (type === 'stop') {
      const begun = performance.now();
      await server.stop();
      const took = Math.round(performance.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, 100));
      const open = lasting().length - idle.length;
      process.send({ took, open, ended });
    } else if (type === 'loop') {
      process.send({ delays, cpuMs: cpuMs(), at: performance.now(), handshakes });
      delays ??= sampleLoop();
      delays.length = 0;
    } else if (type === 'block') {
      onPing = () => {
        onPing = null;
        queueMicrotask(() => {
          for (const end = performance.now() + ms; performance.now() < end; );
          process.send({});
        });
      };
    } else {
      globalThis.gc();
      process.send({
        rss: rssNow(),
        cpuMs: Math.round(cpuMs()),
        at: performance.now(),
        peers: server.peerCount,
        handles: process.getActiveResourcesInfo().length,
        ended,
      });
    }
  });
  // a pipe counts as a handle from its first use on: the output, and the channel to the parent
  process.stdout.write('');
  const idle = lasting();
  await server.start();
  process.send({ enode: server.self.enode, port: server.self.address.port });
}

/** How late a timer is each time, in ms, and `ownMs`, the CPU time of this process in it: other processes have the rest. */
function sampleLoop() {
  const delays = [];
  let last = { at: performance.now(), cpuMs: cpuMs() };
  setInterval(() => {
    const next = { at: performance.now(), cpuMs: cpuMs() };
    const late = (ms) => Math.max(0, ms - LOOP_SAMPLE_MS);
    delays.push({ ms: late(next.at - last.at), ownMs: late(next.cpuMs - last.cpuMs) });
    last = next;
  }, LOOP_SAMPLE_MS).unref();
  return delays;
}

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** The system says it in a file, which cannot be read when too many are open. */
function rssNow() {
  try {
    return process.memoryUsage.rss();
  } catch {
    return Number.NaN;
  }
}

async function run(_, port) {
  for await (const { code, payload } of port) {
    if (code === 0) await port.send(0, payload);
    if (code === 2) await shout(port);
    if (code === 3) for (;;) await port.send(1, PAGE);
    if (code === 4) await wait(10);
  }
}

/** Waits for nothing but its turn, until it is refused. */
async function shout(port) {
  let isRefused = false;
  const onRefused = () => {
    isRefused = true;
  };
  for (let i = 0; i < SHOUTS && !isRefused; i += 1) {
    port.send(1, NOISE).catch(onRefused);
    await new Promise(setImmediate);
  }
}

// last, since it uses what stands above
if (process.argv[2] === 'child-server') await serve(JSON.parse(process.argv[3]));
