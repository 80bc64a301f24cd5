/**
 * A discovery node of v5 that gets one datagram while a session is established: whatever comes, nothing is thrown, and the
 * session answers a ping after it. The first byte says what the rest is: a datagram of a stranger or of the node of the
 * session, or the content of a message of the session. The second says which requests of ours wait meanwhile.
 */
import { concatBytes } from '@noble/hashes/utils.js';

import { readDiscv5Packet } from '../../src/io/crypto/discv5-packet.ts';
import { Discv5Error } from '../../src/io/wire/discv5-fault.ts';
import {
  DISCV5_TYPES,
  type Discv5Message,
  decodeDiscv5,
  encodeDiscv5,
} from '../../src/io/wire/discv5-message.ts';
import { MASKING_IV_BYTES, MAX_DISCV5_PACKET_BYTES } from '../../src/io/wire/discv5-packet.ts';
import { chosenPrimitives, hex, loadVectors } from '../support/crypto.ts';
import { keyOf } from '../support/discv4-net.ts';
import { type Discv5TestNode, SessionNet, startV5, V5Sender } from '../support/discv5-net.ts';
import { demand, demandEqual, type Target } from './target.ts';

type Vectors = {
  readonly packets: readonly {
    readonly packet: string;
    readonly decoded: { readonly messageAd: string; readonly message: string };
  }[];
  readonly messages: readonly { readonly message: string }[];
};

const FROM_STRANGER = 0;
const MASKED_HERE = 1;
const FROM_SESSION = 2;
const IN_SESSION = 3;

/** Longest content of a message: longer ones do not fit into a packet. */
const MAX_CONTENT_BYTES = MAX_DISCV5_PACKET_BYTES - 87;

const PING: Discv5Message = { type: 'ping', requestId: '0909090909', recordSeq: 1 };

export const discv5Node: Target = {
  name: 'discv5-node',
  maxBytes: MAX_DISCV5_PACKET_BYTES + 20,
  words: Object.values(DISCV5_TYPES).map((type) => Uint8Array.of(type)),
  seeds: () => {
    const { packets, messages } = loadVectors<Vectors>('discv5-wire.json');
    return [
      ...packets.flatMap(({ packet, decoded: { messageAd, message } }) => [
        concatBytes(Uint8Array.of(FROM_STRANGER, 0), hex(packet)),
        concatBytes(Uint8Array.of(MASKED_HERE, 0), hex(messageAd), hex(message)),
        concatBytes(Uint8Array.of(FROM_SESSION, 7), hex(messageAd), hex(message)),
      ]),
      ...messages
        .filter(({ message }) => message.length <= 2 * MAX_CONTENT_BYTES)
        .map(({ message }, at) => concatBytes(Uint8Array.of(IN_SESSION, at % 8), hex(message))),
    ];
  },
  async run(input, watch) {
    const [kind = 0, waiting = 0] = input;
    const rest = input.subarray(2);
    const net = new SessionNet();
    const us = startV5(net);
    const them = listeningSender(net);
    await beginSession(net, us, them);
    watch.begin();
    if ((waiting & 1) !== 0) us.discv5.ping(them.node, () => {});
    if ((waiting & 2) !== 0) us.discv5.findNode(them.node, [0, 256], () => {});
    if ((waiting & 4) !== 0) us.discv5.talk(them.node, 'fuzz', new Uint8Array(), () => {});
    if (kind === IN_SESSION) them.sendSealed(us, rest.subarray(0, MAX_CONTENT_BYTES));
    else if (kind === FROM_SESSION) them.sendBytes(us, masked(rest));
    else
      new V5Sender(net, { ...STRANGER, listens: false }).sendBytes(
        us,
        kind === MASKED_HERE ? masked(rest) : rest,
      );
    await net.advance(100);
    watch.end();
    them.received.length = 0;
    them.send(us, PING);
    await net.advance(100);
    const answers = them.received
      .filter((packet) => packet.kind === 'message')
      .map(() => them.takeMessage());
    demand(
      answers.some(({ type, requestId }) => type === 'pong' && requestId === PING.requestId),
      'a ping of the session is answered after it',
    );
    for (const answer of answers)
      demandEqual(decodeDiscv5(encodeDiscv5(answer)), answer, 'what we send can be read');
    await net.advance(6_000);
    demandEqual(us.faults, [], 'no mistake of ours');
    demandEqual(us.discv5.stats().requests, 0, 'no request waits for longer than its time');
    us.discv5.close();
    demandEqual(us.sessions.running, 0, 'no session outlives its socket');
    return null;
  },
};

const STRANGER = { at: { host: '46.0.0.2', port: 30303 }, number: 3 };

/** It leaves out what is not for it: the input may name another node as its sender. */
function listeningSender(net: SessionNet): V5Sender {
  const sender = new V5Sender(net, { listens: false });
  net.bind(sender.at, ({ bytes }) => {
    try {
      sender.received.push(readDiscv5Packet(bytes, sender.key.id, chosenPrimitives));
    } catch (error) {
      if (!(error instanceof Discv5Error)) throw error;
    }
  });
  return sender;
}

async function beginSession(net: SessionNet, us: Discv5TestNode, them: V5Sender): Promise<void> {
  them.sendRandom(us);
  await net.advance(50);
  await them.answer(us, them.takeWhoareyou(), PING);
  await net.advance(50);
}

/** Masking IV, header and message, all masked after the IV: the header is read as it is here. */
function masked(bytes: Uint8Array): Uint8Array {
  if (bytes.length < MASKING_IV_BYTES) return bytes;
  const iv = bytes.subarray(0, MASKING_IV_BYTES);
  const key = hex(keyOf(1).id).subarray(0, MASKING_IV_BYTES);
  return concatBytes(iv, chosenPrimitives.aes128Ctr(key, iv, bytes.subarray(MASKING_IV_BYTES)));
}
