/**
 * The discv4 cases of go-ethereum's `devp2p discv4 test`, by their names, against one node on loopback. Where the suite
 * waits 300 ms for silence, a ping of a third socket is answered first: what the node had to say was sent before.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { readPacket, sealPacket, senderOf } from '../../../src/io/crypto/discv4-packet.ts';
import { generateNodeKey, type NodeKey } from '../../../src/io/crypto/node-key.ts';
import { readRecord } from '../../../src/io/crypto/node-record.ts';
import { nodeId, publicKeyHex } from '../../../src/io/crypto/public-key.ts';
import { Discv4 } from '../../../src/io/discovery/discv4.ts';
import { udpBinder } from '../../../src/io/discovery/udp-socket.ts';
import { systemClock } from '../../../src/io/process/clock.ts';
import { unixTimeMs } from '../../../src/io/process/wall-time.ts';
import type { DiscoveryEndpoint, Discv4Message } from '../../../src/io/wire/discv4-message.ts';
import type { Endpoint } from '../../../src/io/wire/endpoint.ts';
import { chosenPrimitives } from '../../support/crypto.ts';
import { recordOf } from '../../support/discv4-net.ts';

const WRONG: DiscoveryEndpoint = { host: '192.0.2.0', udpPort: 0, tcpPort: 0 };

/** Lists of RLP may have more items than we know: the number 42, and nine bytes. Source: EIP-8. */
const EXTRA = Uint8Array.of(42, 0x89, 9, 8, 7, 6, 5, 4, 3, 2, 1);

let node: { readonly discv4: Discv4; readonly key: NodeKey; readonly statements: unknown[] };

beforeEach(async () => {
  const key = generateNodeKey();
  const statements: unknown[] = [];
  const discv4 = await Discv4.bind(
    { host: '0.0.0.0', port: 0 },
    udpBinder({ clock: systemClock }),
    { onLost: () => {}, onRestored: () => {} },
    {
      ...{ key, primitives: chosenPrimitives, clock: systemClock, unixTimeMs },
      record: () => recordOf(key, { host: '127.0.0.1', port: discv4.local.port }, 5),
      isAllowed: () => true,
      closest: () => [],
      hooks: {
        onStatement: (statement) => statements.push(statement),
        onFault: (error) => {
          throw error;
        },
      },
    },
  );
  node = { discv4, key, statements };
  return () => discv4.close();
});

describe('Ping', () => {
  test('Ping/Basic', async () => {
    const tester = await start();
    await tester.pingPongCheck(tester.ping());
  });

  test('Ping/WrongTo', async () => {
    const tester = await start();
    await tester.pingPongCheck(tester.ping({ to: WRONG }));
    expect(node.statements).toEqual([]);
  });

  test('Ping/WrongFrom', async () => {
    const tester = await start();
    await tester.pingPongCheck(tester.ping({ from: WRONG }));
  });

  test('Ping/ExtraData', async () => {
    const tester = await start();
    await tester.pingPongCheck(tester.ping({}, EXTRA));
  });

  test('Ping/ExtraDataWrongFrom', async () => {
    const tester = await start();
    await tester.pingPongCheck(tester.ping({ from: WRONG }, EXTRA));
  });

  test('Ping/PastExpiration', async () => {
    const tester = await start();
    tester.sendPast(tester.pingMessage());
    expect(await tester.untilQuiet()).toEqual([]);
    expect(node.discv4.stats().refused).toEqual({ expired: 1 });
  });

  test('Ping/WrongPacketType', async () => {
    const tester = await start();
    tester.sendBytes(tester.sealed(tester.pingMessage(), (body) => body.fill(66, 65, 66)));
    expect(await tester.untilQuiet()).toEqual([]);
    expect(node.discv4.stats().refused).toEqual({ unknownPacketType: 1 });
  });

  test('Ping/BondThenPingWithWrongFrom', async () => {
    const tester = await start();
    await tester.bond();
    const hash = tester.ping({ from: WRONG });
    tester.expectPong(await tester.next(), hash);
    expect(await tester.untilQuiet()).toEqual([]);
  });
});

test('ENRRequest', async () => {
  const tester = await start();
  await tester.bond();
  const requestHash = tester.send({ type: 'enrRequest', expiration: expiration() });
  const answer = await tester.next();
  expect(answer).toMatchObject({ type: 'enrResponse', requestHash });
  const { record } = answer as Extract<Discv4Message, { type: 'enrResponse' }>;
  expect(readRecord(record).id).toBe(node.key.id);
});

describe('Findnode', () => {
  test('Findnode/WithoutEndpointProof', async () => {
    const tester = await start();
    tester.findNode();
    const types = (await tester.untilQuiet()).map(({ type }) => type);
    expect(types.filter((type) => type !== 'ping')).toEqual([]);
  });

  test('Findnode/BasicFindnode', async () => {
    const tester = await start();
    await tester.bond();
    tester.findNode();
    expect(await tester.next()).toMatchObject({ type: 'neighbors' });
  });

  test('Findnode/UnsolicitedNeighbors', async () => {
    const tester = await start();
    await tester.bond();
    const publicKey = publicKeyHex(generateNodeKey().publicKey);
    const fake = { host: '1.2.3.4', udpPort: 30303, tcpPort: 30303, publicKey };
    tester.send({ type: 'neighbors', nodes: [fake], expiration: expiration() });
    tester.findNode(publicKey);
    const answer = await tester.next();
    expect(answer.type).toBe('neighbors');
    expect(JSON.stringify(answer)).not.toContain(publicKey);
  });

  test('Findnode/PastExpiration', async () => {
    const tester = await start();
    await tester.bond();
    tester.sendPast({ type: 'findNode', target: 'ab'.repeat(64), expiration: expiration() });
    expect((await tester.untilQuiet()).map(({ type }) => type)).not.toContain('neighbors');
    expect(node.discv4.stats().refused).toEqual({ expired: 1 });
  });
});

describe('Amplification', () => {
  test('Amplification/InvalidPongHash', async () => {
    const tester = await start();
    tester.ping();
    const first = [await tester.next(), await tester.next()];
    expect(first.map(({ type }) => type).sort()).toEqual(['ping', 'pong']);
    tester.pong(new Uint8Array(32));
    tester.findNode();
    expect((await tester.untilQuiet()).map(({ type }) => type)).not.toContain('neighbors');
  });

  test('Amplification/WrongIP', async () => {
    const tester = await start();
    await tester.bond();
    const elsewhere = await start('127.0.0.2', tester.key);
    elsewhere.findNode();
    expect(await elsewhere.untilQuiet()).toEqual([]);
    expect(node.discv4.stats().refused).toEqual({ unprovenEndpoint: 1 });
  });
});

test('15 fresh identities of one address within a moment are all answered', async () => {
  for (let identity = 0; identity < 15; identity += 1) await (await start()).bond();
});

const expiration = (): number => Math.floor(unixTimeMs() / 1_000) + 20;

/** One address and one key that speak the protocol by hand. */
class Tester {
  readonly key: NodeKey;
  readonly at: Endpoint;
  readonly #socket: Socket;
  readonly #unread: Received[] = [];
  #wake: () => void = () => {};

  constructor(socket: Socket, key: NodeKey) {
    this.#socket = socket;
    this.key = key;
    this.at = { host: socket.address().address, port: socket.address().port };
    socket.on('message', (bytes) => {
      const packet = readPacket(bytes, chosenPrimitives);
      expect(nodeId(senderOf(packet, chosenPrimitives))).toBe(node.key.id);
      this.#unread.push({ ...packet.message, hash: packet.hash });
      this.#wake();
    });
  }

  async next(): Promise<Received> {
    while (this.#unread.length === 0)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.#unread.shift()!;
  }

  /** What came before the node answered a ping that was sent after everything else. */
  async untilQuiet(): Promise<readonly Received[]> {
    const other = await start();
    other.ping();
    await other.next();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    return this.#unread.splice(0);
  }

  pingMessage(changes: Partial<Extract<Discv4Message, { type: 'ping' }>> = {}): Discv4Message {
    const { port } = node.discv4.local;
    return {
      ...{ type: 'ping', version: 4, expiration: expiration(), recordSeq: null },
      from: { host: this.at.host, udpPort: this.at.port, tcpPort: 0 },
      to: { host: '127.0.0.1', udpPort: port, tcpPort: 0 },
      ...changes,
    };
  }

  /** @returns Hash of the packet. */
  ping(
    changes: Partial<Extract<Discv4Message, { type: 'ping' }>> = {},
    extra: Uint8Array = new Uint8Array(0),
  ): Uint8Array {
    const bytes = this.sealed(this.pingMessage(changes), (body) => withItems(body, extra));
    return this.sendBytes(bytes);
  }

  pong(pingHash: Uint8Array): void {
    const to = { host: '127.0.0.1', udpPort: node.discv4.local.port, tcpPort: 0 };
    this.send({ type: 'pong', to, pingHash, expiration: expiration(), recordSeq: null });
  }

  findNode(target = publicKeyHex(generateNodeKey().publicKey)): void {
    this.send({ type: 'findNode', target, expiration: expiration() });
  }

  send(message: Discv4Message): Uint8Array {
    return this.sendBytes(sealPacket(message, this.key, chosenPrimitives).datagram);
  }

  /** With an expiration of 2⁶⁴ minus the time in 20 s, which is negative for those who read it with a sign. */
  sendPast(message: Discv4Message): void {
    const past = new DataView(new ArrayBuffer(8));
    past.setBigUint64(0, 2n ** 64n - BigInt(expiration()));
    const number = Uint8Array.of(0x84, ...uint32(expiration()));
    this.sendBytes(
      this.sealed(message, (body) => {
        const at = Buffer.from(body).indexOf(number, 66);
        const bytes = Uint8Array.of(0x88, ...new Uint8Array(past.buffer));
        return withLength(
          Buffer.concat([body.subarray(0, at), bytes, body.subarray(at + number.length)]),
        );
      }),
    );
  }

  sendBytes(bytes: Uint8Array): Uint8Array {
    this.#socket.send(bytes, node.discv4.local.port, '127.0.0.1');
    return new Uint8Array(bytes.subarray(0, 32));
  }

  /** @param change Of signature, type and content; signature and hash are made anew. */
  sealed(message: Discv4Message, change: (body: Uint8Array) => Uint8Array): Uint8Array {
    const { keccak256 } = chosenPrimitives;
    const body = change(sealPacket(message, this.key, chosenPrimitives).datagram.slice(32));
    const signed = body.subarray(65);
    const whole = Buffer.concat([this.key.sign(keccak256(signed)), signed]);
    return Buffer.concat([keccak256(whole), whole]);
  }

  /** Exactly one pong and one ping, in any order. */
  async pingPongCheck(pingHash: Uint8Array): Promise<void> {
    const packets = [await this.next(), await this.next()];
    const pong = packets.find(({ type }) => type === 'pong');
    expect(packets.map(({ type }) => type).sort()).toEqual(['ping', 'pong']);
    this.expectPong(pong!, pingHash);
    expect(await this.untilQuiet()).toEqual([]);
  }

  expectPong(packet: Received, pingHash: Uint8Array): void {
    const to = { host: this.at.host, udpPort: this.at.port };
    expect(packet).toMatchObject({ type: 'pong', pingHash, to });
    expect((packet as { expiration: number }).expiration).toBeGreaterThanOrEqual(expiration() - 20);
  }

  async bond(): Promise<void> {
    const pingHash = this.ping();
    const missing = new Set(['ping', 'pong']);
    while (missing.size > 0) {
      const packet = await this.next();
      missing.delete(packet.type);
      if (packet.type === 'pong') this.expectPong(packet, pingHash);
      if (packet.type === 'ping') this.pong(packet.hash);
    }
  }
}

type Received = Discv4Message & { readonly hash: Uint8Array };

async function start(host = '127.0.0.1', key = generateNodeKey()): Promise<Tester> {
  const socket = createSocket('udp4').bind(0, host);
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return new Tester(socket, key);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** The list of the content, with more items. */
function withItems(body: Uint8Array, items: Uint8Array): Uint8Array {
  return items.length === 0 ? body : withLength(Buffer.concat([body, items]));
}

/** The list of the content, with the length that it has. */
function withLength(body: Uint8Array): Uint8Array {
  const head = body[66]!;
  const isLong = head > 0xf7;
  const content = body.subarray(isLong ? 68 : 67);
  const start = content.length < 56 ? [0xc0 + content.length] : [0xf8, content.length];
  return Buffer.concat([body.subarray(0, 66), Uint8Array.from(start), content]);
}
