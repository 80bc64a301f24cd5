/**
 * The RLPx server of @ethereumjs/devp2p behind JSON lines, as the other side of the interop tests:
 * events leave on stdout, commands arrive on stdin. It ends at "stop", at the end of stdin or at
 * SIGTERM. Types of both: peer-process.ts.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { DisconnectReasonNames, Peer, RLPx } from '@ethereumjs/devp2p';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { decode, encode } from 'rlp';
import { compressSync } from 'snappy';

import { payload, payloadSize } from './payloads.mjs';

/** Unanswered messages one side may have under way; as in geth-peer/echo.go. */
const SAY_WINDOW = 16;

const SAY = 0;
const ECHO = 1;

const { values: options } = parseArgs({
  options: {
    key: { type: 'string' },
    name: { type: 'string', default: 'ethereumjs-peer' },
    maxpeers: { type: 'string', default: '50' },
    protocols: { type: 'string', default: 'echo/1/2' },
  },
});

/** A protocol that reads and sends nothing. The library does not export its own base class. */
class Silent {
  constructor(_version, peer, send) {
    this.peer = peer;
    this.send = send;
  }

  _handleMessage() {}
}

/** echo/1: SAY is answered by ECHO with the same RLP byte string. */
class Echo extends Silent {
  /** Those who wait for the next echo, in order. */
  awaiting = [];

  _handleMessage(code, message) {
    if (code === SAY) this.write(ECHO, message);
    else this.awaiting.shift()?.(decode(message));
  }

  write(code, message) {
    const compressed = this.peer.getHelloMessage().protocolVersion >= 5;
    this.send(code, compressed ? compressSync(message) : message);
  }

  sayAll({ count, maxSize, seed }) {
    const tally = { count: 0, bytes: 0, mismatches: 0 };
    const content = createHash('sha256');
    const say = (index) => {
      if (index >= count) return;
      const said = payload(seed, index, payloadSize(index, count, maxSize));
      this.awaiting.push((echo) => {
        tally.count++;
        tally.bytes += echo.length;
        content.update(echo);
        if (Buffer.compare(said, echo) !== 0) tally.mismatches++;
        if (tally.count === count) emit('echoed', { ...tally, sha256: content.digest('hex') });
        else say(index + SAY_WINDOW);
      });
      this.write(SAY, encode(said));
    };
    for (let index = 0; index < SAY_WINDOW; index++) say(index);
  }
}

/** Sockets that are not closed yet; the process ends with the last one. */
const sockets = new Set();
let stopping = false;

class Server extends RLPx {
  _onConnect(socket, peerId) {
    socket.setNoDelay(true); // the library writes header and body apart
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      leaveWhenAlone();
    });
    super._onConnect(socket, peerId);
  }
}

/** Peers we reported with "add", oldest first. */
const guests = new Set();

// The library's own "peer:removed" stays silent about peers that never got as far as Hello.
const onSocketClose = Peer.prototype._onSocketClose;
Peer.prototype._onSocketClose = function () {
  onSocketClose.call(this);
  const code = this._disconnectReason;
  emit(guests.delete(this) ? 'drop' : 'refused', {
    peer: this.getId() === null ? undefined : nodeId(this.getId()),
    code,
    reason: DisconnectReasonNames[code],
    by: this._disconnectWe === null ? 'nobody' : this._disconnectWe ? 'us' : 'them',
  });
};

const key = options.key === undefined ? randomBytes(32) : Buffer.from(options.key, 'hex');
const server = new Server(Uint8Array.from(key), {
  clientId: new TextEncoder().encode(options.name),
  maxPeers: Number(options.maxpeers),
  capabilities: options.protocols.split(',').map((item) => {
    const [name, version, length = '2'] = item.split('/');
    return {
      name,
      version: Number(version),
      length: Number(length),
      constructor: name === 'echo' ? Echo : Silent,
    };
  }),
});

server.events.on('peer:added', (peer) => {
  guests.add(peer);
  const hello = peer.getHelloMessage();
  emit('add', {
    peer: nodeId(peer.getId()),
    inbound: peer._eciesSession._gotEIP8Auth,
    name: hello.clientId,
    caps: hello.capabilities.map(({ name, version }) => `${name}/${version}`),
  });
});
server.events.on('peer:error', (_peer, error) => complain('', error));
server.events.on('error', (error) => complain('', error));
server.events.once('listening', () => {
  const { port } = server._server.address();
  emit('started', {
    enode: `enode://${Buffer.from(server.id).toString('hex')}@127.0.0.1:${port}`,
    id: nodeId(server.id),
  });
});
server.listen(0, '127.0.0.1');

const commands = {
  dial: async ({ enode }) => {
    const { username, hostname, port } = new URL(enode);
    const id = Uint8Array.from(Buffer.from(username, 'hex'));
    await server.connect({ id, address: hostname, tcpPort: Number(port) });
  },
  send: (series) => findEcho(series.peer).sayAll(series),
  disconnect: ({ peer, reason }) => findPeer(peer).disconnect(reason),
  stop,
};

createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const { cmd, ...parameters } = JSON.parse(line);
    try {
      if (!Object.hasOwn(commands, cmd)) throw new Error(`unknown command "${cmd}"`);
      await commands[cmd](parameters);
    } catch (error) {
      complain(cmd, error);
    }
  })
  .on('close', stop);
process.on('SIGTERM', stop);

function stop() {
  if (stopping) return;
  stopping = true;
  server.destroy();
  leaveWhenAlone();
}

function leaveWhenAlone() {
  if (!stopping || sockets.size > 0) return;
  emit('stopped');
  process.exit(0); // the library keeps a 2 s timer for every Disconnect it sent
}

/** Without an id it is the peer that has been here longest. */
function findPeer(id) {
  for (const peer of guests) if (id === undefined || nodeId(peer.getId()) === id) return peer;
  throw new Error('no such peer');
}

function findEcho(id) {
  const echo = findPeer(id)
    .getProtocols()
    .find((protocol) => protocol instanceof Echo);
  if (echo === undefined) throw new Error('the peer does not share echo');
  return echo;
}

function nodeId(publicKey) {
  return Buffer.from(keccak_256(publicKey)).toString('hex');
}

function complain(cmd, error) {
  emit('error', { cmd, error: error instanceof Error ? error.message : String(error) });
}

function emit(type, facts = {}) {
  process.stdout.write(`${JSON.stringify({ type, ...facts })}\n`);
}
