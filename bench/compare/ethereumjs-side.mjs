/**
 * @ethereumjs/devp2p as one side of a measurement: as it is published, or with `nodelay`, the same with TCP_NODELAY on
 * its sockets. The commands are described in `side.mjs`.
 */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { Peer, RLPx } from '@ethereumjs/devp2p';
import { compress } from 'snappyjs';

import { answerCommands, createCount, roundTrips, timed } from './child.mjs';

const PIECE = 0;
const END = 1;
const ECHO = 2;

/** Messages between two looks at the socket, and bytes that may wait in it. */
const BURST_BYTES = 64 * 1024;
const MAX_BURST = 64;
const MAX_UNSENT_BYTES = 1024 * 1024;

/** Longer than any run, in ms: an idle peer is not to be asked whether it lives. */
const TIMEOUT_MS = 600_000;

const isNoDelay = process.argv[2] === 'nodelay';
const peers = createCount();
const clients = [];
let server = null;

/** The protocol of both sides. The library leaves compression to it. */
class Bench {
  onMessage = null;

  constructor(_version, peer, send) {
    this.send = send;
    peer.bench = this;
  }

  _handleMessage(code, payload) {
    this.onMessage?.(code, payload);
  }

  write(code, payload) {
    this.send(code, compress(payload));
  }
}

const capabilities = [{ name: 'bench', version: 1, length: 3, constructor: Bench }];
const clientId = new TextEncoder().encode('ethereumjs');

class Listener extends RLPx {
  _onConnect(socket, peerId) {
    if (isNoDelay) socket.setNoDelay(true);
    super._onConnect(socket, peerId);
  }
}

answerCommands({
  async listen({ maxPeers }) {
    server = new Listener(randomBytes(32), {
      capabilities,
      clientId,
      maxPeers,
      timeout: TIMEOUT_MS,
    });
    for (const type of ['error', 'peer:error']) server.events.on(type, () => {});
    server.events.on('peer:removed', () => peers.add(-1));
    server.events.on('peer:added', ({ bench }) => {
      peers.add(1);
      bench.onMessage = (code, payload) => {
        if (code !== PIECE) bench.write(code, payload);
      };
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const id = Buffer.from(server.id).toString('hex');
    return { enode: `enode://${id}@127.0.0.1:${server._server.address().port}` };
  },
  clients({ count }) {
    while (clients.length < count) clients.push(makeClient());
  },
  connect: ({ enode, count, atOnce, index = 0 }) =>
    timed(clients.slice(index, index + count), atOnce, (client) => client.connect(enode)),
  release: () => Promise.all(clients.map((client) => client.release())),
  drop: ({ index }) => clients[index].release(),
  peers: ({ count }) => peers.until(count),
  flood: ({ size, ms }) => clients[0].flood(size, ms),
  trips: ({ size, ms }) => clients[0].trips(size, ms),
});

function makeClient() {
  const privateKey = randomBytes(32);
  const { id } = identityOf(privateKey);
  let peer = null;
  let socket = null;
  const answered = () =>
    new Promise((resolve) => {
      peer.bench.onMessage = resolve;
    });
  return {
    connect(enode) {
      const { username, hostname, port } = new URL(enode);
      return new Promise((resolve, reject) => {
        socket = connect(Number(port), hostname, () => {
          if (isNoDelay) socket.setNoDelay(true);
          const remoteId = Uint8Array.from(Buffer.from(username, 'hex'));
          const options = { socket, remoteId, privateKey, id, clientId, capabilities, port: null };
          peer = new Peer({ ...options, timeout: TIMEOUT_MS });
          peer.events.once('connect', resolve);
          peer.events.on('error', reject);
          peer.events.once('close', () => reject(new Error('closed')));
        });
        socket.on('error', reject);
      });
    },
    async release() {
      if (!socket || socket.destroyed) return;
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.destroy();
      await closed;
    },
    async flood(size, ms) {
      const payload = new Uint8Array(randomBytes(size));
      const burst = Math.max(1, Math.min(MAX_BURST, Math.floor(BURST_BYTES / size)));
      let messages = 0;
      const { cpuMs, ms: took } = await timed([peer], 1, async () => {
        for (const begun = performance.now(); performance.now() - begun < ms; ) {
          for (let i = 0; i < burst; i += 1, messages += 1) peer.bench.write(PIECE, payload);
          if (socket.writableLength > MAX_UNSENT_BYTES)
            await new Promise((resolve) => socket.once('drain', resolve));
          else await new Promise(setImmediate);
        }
        const all = answered();
        peer.bench.write(END, new Uint8Array(1));
        await all;
      });
      return { messages, ms: took, cpuMs };
    },
    trips(size, ms) {
      const payload = new Uint8Array(randomBytes(size));
      return roundTrips(ms, async () => {
        const back = answered();
        peer.bench.write(ECHO, payload);
        await back;
      });
    },
  };
}

/** The library keeps the function that makes an id to itself; a server that does not listen has one. */
function identityOf(privateKey) {
  const made = new RLPx(privateKey, { capabilities });
  clearInterval(made._refillIntervalId);
  return made;
}
