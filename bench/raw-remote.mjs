/** A remote without a server, on the real codec: it shakes hands, and then sends what the script wants. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { generateNodeKey } from '../dist/exports/main.js';
import { parseEnode } from '../dist/io/crypto/enode.js';
import { createPacketReader } from '../dist/io/crypto/handshake-packet.js';
import { noblePrimitives, systemRandom } from '../dist/io/crypto/primitives.js';
import { publicKeyHex } from '../dist/io/crypto/public-key.js';
import { createFrameWriter } from '../dist/io/crypto/rlpx-frame.js';
import { makeAuth, readAck } from '../dist/io/crypto/rlpx-handshake.js';
import { HELLO } from '../dist/io/wire/base-message.js';
import { encodeHello } from '../dist/io/wire/hello.js';
import { fastPrimitives } from '../dist/testing/raw-peer/fast-crypto.js';

/** Where messages of `bench/1` begin. */
export const OFFSET = 0x10;

/** An auth that this server accepts once, made as fast as Node can. */
export async function authFor(enode) {
  const side = { ...sideOf(generateNodeKey()), primitives: fastPrimitives };
  return makeAuth(side, parseEnode(enode).publicKey, 'eip8');
}

/** @throws {Error} It was turned away before it could say Hello. */
export async function join(enode) {
  const { host, tcpPort, publicKey } = parseEnode(enode);
  const us = sideOf(generateNodeKey());
  const socket = connect(tcpPort, host);
  socket.on('error', () => {});
  await opened(socket);
  const sent = await makeAuth(us, publicKey, 'eip8');
  socket.write(sent.packet);
  const session = await readAck(us, sent, await packetFrom(socket));
  const writer = createFrameWriter(session, noblePrimitives);
  const seal = (code, payload) => writer.seal(code, payload);
  const hello = {
    version: 5,
    client: 'raw',
    capabilities: [{ name: 'bench', version: 1 }],
    listenPort: 0,
    publicKey: publicKeyHex(us.key.publicKey),
  };
  socket.write(seal(HELLO, encodeHello(hello)));
  socket.resume();
  return { socket, seal };
}

const sideOf = (key) => ({ key, random: systemRandom, primitives: noblePrimitives });

async function opened(socket) {
  const [event] = await Promise.race([
    once(socket, 'connect').then(() => ['connect']),
    once(socket, 'close').then(() => ['close']),
  ]);
  if (event === 'close') throw new Error('turned away');
}

function packetFrom(socket) {
  const packets = createPacketReader('ack', { legacy: false });
  return new Promise((resolve, reject) => {
    const onData = (chunk) => {
      const { packet } = packets.read(chunk, 0);
      if (!packet) return;
      socket.off('data', onData);
      resolve(packet.bytes);
    };
    socket.on('data', onData).on('close', () => reject(new Error('turned away')));
  });
}
