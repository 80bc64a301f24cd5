/** peerchart as one side of a measurement, as it was built. The commands are described in `side.mjs`. */
import { randomBytes } from 'node:crypto';

import { generateNodeKey, Server } from '../../dist/exports/main.js';
import { answerCommands, createCount, roundTrips, timed } from './child.mjs';

const PIECE = 0;
const END = 1;
const ECHO = 2;

/** Options that the command line of the bench adds to each server, such as `primitives`. */
const extra = JSON.parse(process.argv[2] ?? '{}');

const peers = createCount();
const clients = [];
let server = null;

answerCommands({
  /** Half of the peers may be dialled, unless `dials` says that all are. */
  async listen({ maxPeers, maxPending = 50, dials = false }) {
    const room = dials ? { maxPeers, dialRatio: 1 } : { maxPeers: 2 * maxPeers, dialRatio: 2 };
    server = make(serve, { ...room, maxPendingPeers: maxPending });
    server.on('add', () => peers.add(1));
    server.on('drop', () => peers.add(-1));
    await server.start();
    return { enode: server.self.enode };
  },
  async clients({ count }) {
    while (clients.length < count) clients.push(await makeClient());
  },
  connect: ({ enode, count, atOnce, index = 0 }) =>
    timed(clients.slice(index, index + count), atOnce, (client) => client.connect(enode)),
  release: () => Promise.all(clients.map((client) => client.release())),
  drop: ({ index }) => clients[index].release(),
  peers: ({ count }) => peers.until(count),
  flood: ({ size, ms }) => clients[0].flood(size, ms),
  trips: ({ size, ms }) => clients[0].trips(size, ms),
  async keep({ enodes }) {
    for (const enode of enodes) server.addPeer(enode);
    await peers.until(enodes.length);
  },
  redial: async ({ enode }) => {
    const added = once('add');
    server.addPeer(enode);
    await added;
  },
  async stop() {
    const begun = performance.now();
    await server.stop();
    return { ms: performance.now() - begun };
  },
});

function make(run, options) {
  return new Server({
    nodeKey: generateNodeKey(),
    listen: { host: '127.0.0.1', port: 0 },
    protocols: [{ name: 'bench', version: 1, length: 3, run }],
    ...options,
    ...extra,
  });
}

async function serve(_, port) {
  for await (const { code, payload } of port) if (code !== PIECE) await port.send(code, payload);
}

const once = (type) =>
  new Promise((resolve) => {
    const off = server.on(type, (event) => {
      off();
      resolve(event);
    });
  });

/** A server of its own, since a server has one connection with another one. */
async function makeClient() {
  let port = null;
  let onJoined = null;
  let onAnswer = null;
  let target = null;
  const client = make(
    async (_, opened) => {
      port = opened;
      onJoined?.();
      for await (const _message of opened) onAnswer?.();
    },
    { listen: null, dialRatio: 1 },
  );
  await client.start();
  const answered = () =>
    new Promise((resolve) => {
      onAnswer = resolve;
    });
  return {
    connect(enode) {
      target = enode;
      const joined = new Promise((resolve) => {
        onJoined = resolve;
      });
      client.addPeer(enode);
      return joined;
    },
    async release() {
      if (target) await client.removePeer(target);
      target = null;
    },
    async flood(size, ms) {
      const payload = new Uint8Array(randomBytes(size));
      let messages = 0;
      const { cpuMs, ms: took } = await timed([port], 1, async () => {
        for (const begun = performance.now(); performance.now() - begun < ms; messages += 1)
          await port.send(PIECE, payload);
        const all = answered();
        await port.send(END, new Uint8Array(1));
        await all;
      });
      return { messages, ms: took, cpuMs };
    },
    trips(size, ms) {
      const payload = new Uint8Array(randomBytes(size));
      return roundTrips(ms, async () => {
        const back = answered();
        await port.send(ECHO, payload);
        await back;
      });
    },
  };
}
