/** A peer that finishes a real handshake and then sends what a program of bytes encodes, with right MACs. */
import type { Duplex } from 'node:stream';
import { concatBytes } from '@noble/hashes/utils.js';

import { createPacketReader, type HandshakePacket } from '../../src/io/crypto/handshake-packet.ts';
import type { NodeKey } from '../../src/io/crypto/node-key.ts';
import type { PublicKey } from '../../src/io/crypto/primitives.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import {
  makeAck,
  makeAuth,
  readAck,
  readAuth,
  type Session,
} from '../../src/io/crypto/rlpx-handshake.ts';
import { encodeMessageId } from '../../src/io/wire/frame-header.ts';
import { encodeHello, type Hello } from '../../src/io/wire/hello.ts';
import { encodeRlp } from '../../src/io/wire/rlp.ts';
import { compress } from '../../src/io/wire/snappy.ts';
import { seededRandom } from '../support/crypto.ts';
import { local } from '../support/handshake.ts';
import type { ByteSource } from './byte-source.ts';
import { padded, plainHeader, type RawSealer } from './raw-sealer.ts';

/** Source: the fuzz goals, "stateful sessions of 3–50 mutated frames". */
const MIN_FRAMES = 3;
const MAX_FRAMES = 50;

/** As initiator: the session, and nothing said yet. */
export async function dialed(duplex: Duplex, key: NodeKey, remote: PublicKey): Promise<Session> {
  const us = local(key, seededRandom(key.id));
  const sent = await makeAuth(us, remote, 'eip8');
  duplex.write(sent.packet);
  const { bytes } = await packetFrom(duplex, 'ack');
  return readAck(us, sent, bytes);
}

/** As recipient. */
export async function answered(duplex: Duplex, key: NodeKey): Promise<Session> {
  const us = local(key, seededRandom(key.id));
  const { bytes, format } = await packetFrom(duplex, 'auth');
  const { packet, session } = await makeAck(us, await readAuth(us, bytes, format));
  duplex.write(packet);
  return session;
}

/** Everything behind the packet is read and dropped. */
function packetFrom(duplex: Duplex, kind: 'auth' | 'ack'): Promise<HandshakePacket> {
  const reader = createPacketReader(kind, { legacy: false });
  return new Promise((resolve) => {
    const onData = (chunk: Uint8Array): void => {
      const { packet } = reader.read(chunk, 0);
      if (!packet) return;
      duplex.off('data', onData).resume();
      resolve(packet);
    };
    duplex.on('data', onData);
  });
}

export function honestHello(key: NodeKey): Hello {
  return {
    version: 5,
    client: 'fuzz',
    capabilities: [{ name: 'echo', version: 1 }],
    listenPort: 0,
    publicKey: publicKeyHex(key.publicKey),
  };
}

/** A Hello as an honest peer frames it. */
export function sealHello(seal: RawSealer, hello: Hello): Uint8Array {
  const body = concatBytes(encodeMessageId(0), encodeHello(hello));
  return seal(plainHeader(body.length), padded(body));
}

/** What is done between two turns of the event loop. */
export type Step =
  | { readonly type: 'write'; readonly bytes: Uint8Array }
  | { readonly type: 'wait'; readonly ms: number };

/** Sends Hello, usually a valid one, then 3 to 50 frames, and waits in between. */
export function* stepsOf(source: ByteSource, seal: RawSealer, key: NodeKey): Generator<Step> {
  const opening = source.byte();
  if ((opening & 7) !== 7) yield { type: 'write', bytes: sealHello(seal, helloBy(opening, key)) };
  const isCompressed = (opening & 7) !== 1;
  const count = MIN_FRAMES + source.below(MAX_FRAMES - MIN_FRAMES + 1);
  const held: Uint8Array[] = [];
  for (let left = count; left > 0; left -= 1) {
    const manner = source.byte();
    held.push(frameBy(source, seal, isCompressed, key));
    const isHeld = (manner & 3) === 1 && left > 1; // comes in one segment with the next
    if (isHeld) continue;
    const bytes = concatBytes(...held.splice(0));
    const cutAt = (manner & 3) === 2 ? source.below(bytes.length) : 0;
    if (cutAt > 0) {
      yield { type: 'write', bytes: bytes.subarray(0, cutAt) };
      yield { type: 'wait', ms: 0 };
    }
    yield { type: 'write', bytes: bytes.subarray(cutAt) };
    if (manner & 4) yield { type: 'wait', ms: manner & 8 ? 16_000 : (manner >>> 4) * 100 };
  }
}

/** Bits 0 to 2 say what is wrong with it; mostly nothing is. */
function helloBy(opening: number, key: NodeKey): Hello {
  const good = honestHello(key);
  switch (opening & 7) {
    case 1:
      return { ...good, version: 4 };
    case 2:
      return { ...good, capabilities: [{ name: 'nobody', version: 9 }] };
    case 3:
      return { ...good, publicKey: 'ab'.repeat(64) };
    case 4:
      return { ...good, client: '\u{202e}\u{1b}[2J'.repeat(20), listenPort: 1 };
    default:
      return good;
  }
}

/** The base protocol, what is kept for it, the echo protocol at 16 and 17, and codes of no protocol. */
const CODES = [0, 1, 2, 3, 4, 0x0f, 0x10, 0x11, 0x10, 0x11, 2, 3, 0x12, 0x80, 0x100, 0xffff_ffff];

/** Nothing, a list, a reason, a string, and what does not fit. */
const PAYLOADS = ['', 'c0', 'c104', '83616263', '00', 'c18180', 'ff', 'bfffffffffffffffff'].map(
  (digits) => Uint8Array.from(Buffer.from(digits, 'hex')),
);

const ZEROS = new Uint8Array(40_000);

function frameBy(source: ByteSource, seal: RawSealer, isCompressed: boolean, key: NodeKey) {
  const lie = source.byte();
  const payload = payloadBy(source, key);
  const packed = (lie & 8) !== 0 ? !isCompressed : isCompressed;
  const carried = packed ? compress(payload) : payload;
  if (lie & 0x10 && carried.length > 0)
    carried[source.below(carried.length)]! ^= 1 << source.below(8);
  const id = lie & 0x20 ? source.bytes(1 + source.below(6)) : encodeMessageId(source.pick(CODES));
  const body = concatBytes(id, carried);
  const header = plainHeader(sizeBy(lie, body.length));
  if (lie & 0x40) header.set(source.bytes(13), 3);
  return seal(header, (lie & 7) === 4 ? body : padded(body));
}

function payloadBy(source: ByteSource, key: NodeKey): Uint8Array {
  const kind = source.byte();
  switch (kind & 7) {
    case 0:
      return new Uint8Array(source.bytes(source.below(100)));
    case 1:
      return encodeHello(honestHello(key));
    case 2:
      return encodeRlp(ZEROS.subarray(0, source.below(ZEROS.length)));
    case 3:
      return encodeRlp(new Uint8Array(source.bytes(source.below(60))));
    default:
      return new Uint8Array(PAYLOADS[kind >>> 5]!);
  }
}

/** Mostly the truth. */
function sizeBy(lie: number, bytes: number): number {
  if ((lie & 7) === 1) return bytes + 1;
  if ((lie & 7) === 2) return Math.max(0, bytes - 1);
  if ((lie & 7) === 3) return 0xffffff;
  return bytes;
}
