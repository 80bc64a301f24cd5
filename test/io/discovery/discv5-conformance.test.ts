/**
 * The discv5 cases of go-ethereum's `devp2p discv5 test`, by their names, against one node on loopback. Where the suite
 * waits 300 ms for silence, a packet of a third socket is answered first: what the node had to say was sent before. Which
 * nodes are live is decided by a table that pings each new node once.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { beforeEach, expect, onTestFinished, test } from 'vitest';

import { sealHandshake } from '../../../src/io/crypto/discv5-handshake.ts';
import { messageNonce, type SessionKeys } from '../../../src/io/crypto/discv5-keys.ts';
import {
  type Discv5Packet,
  openMessage,
  readDiscv5Packet,
  sealMessage,
  sealRandom,
  type WhoareyouPacket,
} from '../../../src/io/crypto/discv5-packet.ts';
import { nodeOfRecord } from '../../../src/io/crypto/node.ts';
import { generateNodeKey, type NodeKey } from '../../../src/io/crypto/node-key.ts';
import { type NodeRecord, readRecord, signRecord } from '../../../src/io/crypto/node-record.ts';
import { systemRandom } from '../../../src/io/crypto/primitives.ts';
import { Discv5 } from '../../../src/io/discovery/discv5.ts';
import { udpBinder } from '../../../src/io/discovery/udp-socket.ts';
import { systemClock } from '../../../src/io/process/clock.ts';
import type { Discv5Message } from '../../../src/io/wire/discv5-message.ts';
import { logDistance } from '../../../src/machines/discovery/distance.ts';
import { chosenPrimitives } from '../../support/crypto.ts';
import { recordOf } from '../../support/discv4-net.ts';
import { sessionRunner } from '../../support/discv5-net.ts';

type Message<Type extends Discv5Message['type']> = Extract<Discv5Message, { readonly type: Type }>;

let node: { readonly discv5: Discv5; readonly key: NodeKey; readonly live: Set<NodeRecord> };

beforeEach(async () => {
  const key = generateNodeKey();
  const live = new Set<NodeRecord>();
  const sessions = sessionRunner(systemClock, () => discv5);
  const discv5 = await Discv5.bind(
    { host: '127.0.0.1', port: 0 },
    udpBinder({ clock: systemClock }),
    { onLost: () => {}, onRestored: () => {} },
    {
      ...{ key, primitives: chosenPrimitives, clock: systemClock, random: systemRandom },
      record: () => recordOf(key, { host: '127.0.0.1', port: discv5.local.port }, 5),
      isAllowed: () => true,
      nodesAt: (distance) =>
        [...live].filter(({ id }) => logDistance(key.id, id) === distance).map(nodeOfRecord),
      recordOf: () => null,
      startSession: sessions.start,
      hooks: {
        onNode: ({ node: found }) =>
          void discv5.ping(found, ({ type }) => {
            if (type === 'pong' && found.record) live.add(found.record);
          }),
        onFault: (error) => {
          throw error;
        },
      },
    },
  );
  node = { discv5, key, live };
  return () => {
    discv5.close();
    expect(sessions.log.running).toBe(0);
  };
});

test('Ping', async () => {
  const tester = await start();
  const socket = await tester.listen();
  expect(await socket.reqresp(ping())).toEqual(pongTo(socket));
});

test('PingLargeRequestID', async () => {
  const tester = await start();
  const socket = await tester.listen();
  // a ping whose request id has nine bytes
  const content = Uint8Array.of(1, 0xcb, 0x89, ...new Uint8Array(9), 0x80);
  await socket.answerChallenge(await socket.provoke(), content);
  expect(await socket.silence()).toEqual([]);
  expect(node.discv5.stats().refused).toEqual({ requestIdTooLong: 1 });
});

test('PingMultiIP', async () => {
  const tester = await start();
  const [first, second] = [await tester.listen(), await tester.listen()];
  expect(await first.reqresp(ping())).toEqual(pongTo(first));
  const challenge = await second.exchange(ping('02'));
  expect(challenge).toMatchObject({ kind: 'whoareyou' });
  await second.answerChallenge(challenge as WhoareyouPacket, ping('02'));
  expect(await second.message()).toEqual(pongTo(second, '02'));
  expect(await first.exchange(ping('03'))).toMatchObject({ kind: 'whoareyou' });
  expect(await first.silence()).toEqual([]);
});

test('HandshakeResend', async () => {
  const tester = await start();
  const socket = await tester.listen();
  const nonce = socket.sendUnreadable();
  const first = await socket.next();
  socket.sendUnreadable();
  const second = await socket.next();
  expect(first).toMatchObject({ kind: 'whoareyou', nonce });
  expect(second).toEqual(first);
});

test('TalkRequest', async () => {
  const tester = await start();
  const socket = await tester.listen();
  const request = (requestId: string): Message<'talkRequest'> => ({
    ...{ type: 'talkRequest', requestId, protocol: 'test-protocol' },
    payload: new Uint8Array(),
  });
  const response = (requestId: string): Message<'talkResponse'> => ({
    ...{ type: 'talkResponse', requestId, payload: new Uint8Array() },
  });
  expect(await socket.reqresp(request('00000001'))).toEqual(response('00000001'));
  expect(await socket.reqresp(request(''))).toEqual(response(''));
});

test('FindnodeZeroDistance', async () => {
  const tester = await start();
  const socket = await tester.listen();
  expect(await socket.findNode([0])).toEqual([node.key.id]);
});

test('FindnodeResults', async () => {
  const bystanders = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const bystander = await start();
      const socket = await bystander.listen();
      bystander.announce(socket);
      return { id: bystander.key.id, socket };
    }),
  );
  const pinged = await Promise.all(
    bystanders.map(async ({ socket }) => {
      await socket.reqresp(ping());
      return socket.answerPing();
    }),
  );
  expect(pinged).toEqual(bystanders.map(() => true));
  const tester = await start();
  const ids = bystanders.map(({ id }) => id).sort();
  const distances = [...new Set(ids.map((id) => logDistance(node.key.id, id)))];
  const socket = await tester.listen();
  await expect.poll(() => node.live.size).toBe(5);
  expect([...(await socket.findNode(distances))].sort()).toEqual(ids);
});

const ping = (requestId = '00000001'): Message<'ping'> => ({
  ...{ type: 'ping', requestId, recordSeq: 0 },
});

const pongTo = ({ port }: TesterSocket, requestId = '00000001'): Message<'pong'> => ({
  ...{ type: 'pong', requestId, recordSeq: 5 },
  ...{ host: '127.0.0.1', udpPort: port },
});

/** A node of the suite: one key, one set of keys for all its sockets, and a record without an endpoint. */
class Tester {
  readonly key = generateNodeKey();
  record = signRecord({ seq: 1, entries: new Map() }, this.key);
  keys: SessionKeys | null = null;
  sealed = 1;

  async listen(): Promise<TesterSocket> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    onTestFinished(() => void socket.close());
    return new TesterSocket(this, socket);
  }

  /** From now on its record has the endpoint of this socket. */
  announce({ port }: TesterSocket): void {
    this.record = recordOf(this.key, { host: '127.0.0.1', port }, 2);
  }
}

class TesterSocket {
  readonly #tester: Tester;
  readonly #socket: Socket;
  /** In the order in which they came. */
  readonly #packets: Discv5Packet[] = [];

  constructor(tester: Tester, socket: Socket) {
    this.#tester = tester;
    this.#socket = socket;
    socket.on('message', (bytes) => {
      this.#packets.push(readDiscv5Packet(bytes, tester.key.id, chosenPrimitives));
      socket.emit('packet');
    });
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async next(): Promise<Discv5Packet> {
    while (this.#packets.length === 0) await once(this.#socket, 'packet');
    return this.#packets.shift()!;
  }

  async message(): Promise<Discv5Message> {
    return this.#open(await this.next());
  }

  /** A packet that the node cannot read. @returns Its nonce. */
  sendUnreadable(): Uint8Array {
    const sides = { sourceId: this.#tester.key.id, recipientId: node.key.id };
    const { datagram, nonce } = sealRandom(sides, systemRandom, chosenPrimitives);
    this.#send(datagram);
    return nonce;
  }

  /** The challenge of a packet that the node cannot read. */
  async provoke(): Promise<WhoareyouPacket> {
    const nonce = this.sendUnreadable();
    const packet = await this.next();
    expect(packet).toMatchObject({ kind: 'whoareyou', nonce });
    return packet as WhoareyouPacket;
  }

  /** @param message As bytes: its content is sent as it is. */
  async answerChallenge(
    challenge: WhoareyouPacket,
    message: Discv5Message | Uint8Array,
  ): Promise<void> {
    const { key, record } = this.#tester;
    const given = message instanceof Uint8Array ? message : null;
    const { keys, datagram } = await sealHandshake(
      {
        ...{ challenge, key, record, recipient: node.key.publicKey },
        message: given ? ping() : (message as Discv5Message),
      },
      systemRandom,
      given ? { ...chosenPrimitives, aes128GcmSeal: sealing(given) } : chosenPrimitives,
    );
    this.#tester.keys = keys;
    this.#tester.sealed = 1;
    this.#send(datagram);
  }

  /** Sends a message with the keys of its node, and takes what comes next. */
  exchange(message: Discv5Message): Promise<Discv5Packet> {
    this.#sealAndSend(message);
    return this.next();
  }

  /** The answer to a message, after a handshake if there are no keys. */
  async reqresp(message: Discv5Message): Promise<Discv5Message> {
    if (!this.#tester.keys) await this.answerChallenge(await this.provoke(), message);
    else this.#sealAndSend(message);
    return this.message();
  }

  /** Ids of the records that the node names, in all packets of its answer. */
  async findNode(distances: readonly number[]): Promise<readonly string[]> {
    const requestId = '00000009';
    let answer = await this.reqresp({ type: 'findNode', requestId, distances });
    const ids: string[] = [];
    for (let packets = 1; ; packets += 1) {
      if (answer.type !== 'nodes') throw new Error(`${answer.type} came`);
      expect([answer.requestId, answer.total]).toEqual([requestId, answer.total]);
      ids.push(...answer.records.map((bytes) => readRecord(bytes, chosenPrimitives).id));
      if (packets >= answer.total) return ids;
      answer = await this.message();
    }
  }

  /** Waits for a ping of the node, and answers it. */
  async answerPing(): Promise<boolean> {
    const message = await this.message();
    if (message.type !== 'ping') return false;
    const { requestId } = message;
    const { seq: recordSeq } = this.#tester.record;
    const { host, port: udpPort } = node.discv5.local;
    this.#sealAndSend({ type: 'pong', requestId, recordSeq, host, udpPort });
    return true;
  }

  /** What came until the node answered another. */
  async silence(): Promise<readonly Discv5Packet[]> {
    const third = await (await start()).listen();
    await third.reqresp(ping());
    return this.#packets;
  }

  #open(packet: Discv5Packet): Discv5Message {
    const { keys } = this.#tester;
    if (packet.kind !== 'message' || !keys) throw new Error(`a ${packet.kind} came`);
    return openMessage(packet, keys.readKey, chosenPrimitives);
  }

  #sealAndSend(message: Discv5Message): void {
    const { keys, key } = this.#tester;
    if (!keys) throw new Error('there are no keys');
    const nonce = messageNonce(this.#tester.sealed, systemRandom);
    this.#tester.sealed += 1;
    const sides = { sourceId: key.id, recipientId: node.key.id };
    const { writeKey } = keys;
    this.#send(
      sealMessage({ message, writeKey, nonce, ...sides }, systemRandom, chosenPrimitives).datagram,
    );
  }

  #send(datagram: Uint8Array): void {
    this.#socket.send(datagram, node.discv5.local.port, '127.0.0.1');
  }
}

/** Encrypts this content, whatever was given. */
const sealing =
  (content: Uint8Array): typeof chosenPrimitives.aes128GcmSeal =>
  (key, nonce, _, covered) =>
    chosenPrimitives.aes128GcmSeal(key, nonce, content, covered);

const start = async (): Promise<Tester> => new Tester();
