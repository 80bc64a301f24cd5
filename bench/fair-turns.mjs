/**
 * What one flooder costs honest peers: their round trips a second with it and without it, by turns.
 * Honest peers and the flooder have a thread each. Needs `npm run build`. Usage: node bench/fair-turns.mjs [honest] [seconds]
 */
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

import { generateNodeKey, Server } from '../dist/exports/main.js';

const ROUNDS = 4;
const WINDOW = 16;
const HONEST = new Uint8Array(1_000);
const FLOOD = new Uint8Array(1);

if (isMainThread) await measure(Number(process.argv[2] ?? 49), Number(process.argv[3] ?? 3));
else if (workerData.honest > 0) await beHonest(workerData);
else await beFlooder(workerData);

async function measure(honest, seconds) {
  const handled = { honest: 0, flood: 0 };
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: { host: '127.0.0.1', port: 0 },
    maxPeers: 4 * honest,
    maxPendingPeers: honest + 1,
    protocols: [
      protocol(async (_, port) => {
        for await (const { code, payload } of port) {
          handled[code === 0 ? 'honest' : 'flood'] += 1;
          if (code === 0) await port.send(0, payload);
        }
      }),
    ],
  });
  await server.start();
  const { enode } = server.self;
  const spawn = (data) => new Worker(new URL(import.meta.url), { workerData: { enode, ...data } });

  const crowd = spawn({ honest });
  await once(crowd, 'message');
  const rates = { without: [], with: [] };
  const count = async (how) => {
    await wait(500);
    const before = { ...handled };
    await wait(seconds * 1_000);
    const [talk, flood] = ['honest', 'flood'].map((kind) =>
      Math.round((handled[kind] - before[kind]) / seconds),
    );
    rates[how].push(talk);
    console.log(`${how.padStart(7)} a flooder: ${talk} honest/s, ${flood} flood/s`);
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    await count('without');
    const flooder = spawn({ honest: 0 });
    await once(flooder, 'message');
    await count('with');
    await flooder.terminate();
    for (let last = -1; last !== handled.flood; await wait(300)) last = handled.flood; // what the system still had
  }
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const percent = Math.round((100 * mean(rates.with)) / mean(rates.without));
  console.log(`honest with a flooder: ${percent} % of without`);
  await crowd.terminate();
  await server.stop();
}

function protocol(run) {
  return { name: 'fair', version: 1, length: 2, run };
}

function join(enode, run) {
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: null,
    protocols: [protocol(run)],
  });
  return server.start().then(() => server.addPeer(enode));
}

async function beHonest({ enode, honest }) {
  let ready = 0;
  for (let i = 0; i < honest; i += 1)
    await join(enode, async (_, port) => {
      ready += 1;
      if (ready === honest) parentPort.postMessage('ready');
      for (let sent = 0; sent < WINDOW; sent += 1) await port.send(0, HONEST);
      for await (const { payload } of port) await port.send(0, payload);
    });
}

function beFlooder({ enode }) {
  return join(enode, async (_, port) => {
    parentPort.postMessage('ready');
    for (;;) {
      for (let i = 0; i < 512; i += 1) port.send(1, FLOOD);
      await port.send(1, FLOOD);
      await new Promise(setImmediate);
    }
  });
}
