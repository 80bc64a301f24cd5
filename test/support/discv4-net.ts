/** Discovery nodes on a network in memory whose time only moves when a test says so, and a sender whose packets a test makes. */

import { readPacket, sealPacket, senderOf } from '../../src/io/crypto/discv4-packet.ts';
import { type Node, nodeAt } from '../../src/io/crypto/node.ts';
import { createNodeKey, type NodeKey } from '../../src/io/crypto/node-key.ts';
import { type NodeRecord, recordValue, signRecord } from '../../src/io/crypto/node-record.ts';
import { nodeId, publicKeyHex } from '../../src/io/crypto/public-key.ts';
import type { Datagram, DatagramSocket } from '../../src/io/discovery/datagram-socket.ts';
import { Discv4 } from '../../src/io/discovery/discv4.ts';
import type { Discv4Hooks, Discv4Options } from '../../src/io/discovery/discv4-options.ts';
import type { Discv4Message } from '../../src/io/wire/discv4-message.ts';
import { type Endpoint, formatEndpoint } from '../../src/io/wire/endpoint.ts';
import { bytesOfHost } from '../../src/io/wire/ip-address.ts';
import { chosenPrimitives } from './crypto.ts';
import { StepClock } from './step-clock.ts';

/** The time of day when a test begins, in ms. */
export const START_MS = 1_800_000_000_000;

export const LATENCY_MS = 10;

const keys = new Map<number, NodeKey>();
const records = new Map<string, NodeRecord>();

/** The same number, the same key. Made once. */
export function keyOf(number: number): NodeKey {
  const known = keys.get(number);
  if (known) return known;
  const secret = new Uint8Array(32).fill(1);
  new DataView(secret.buffer).setUint32(0, number);
  const key = createNodeKey(secret, chosenPrimitives);
  keys.set(number, key);
  return key;
}

/** Signed once. */
export function recordOf(key: NodeKey, { host, port }: Endpoint, seq = 1): NodeRecord {
  const name = `${key.id} ${host} ${port} ${seq}`;
  const known = records.get(name);
  if (known) return known;
  const address = recordValue(bytesOfHost(host));
  const entries = host.includes(':')
    ? { ip6: address, udp6: recordValue(port), tcp6: recordValue(port) }
    : { ip: address, udp: recordValue(port), tcp: recordValue(port) };
  const record = signRecord({ seq, entries: new Map(Object.entries(entries)) }, key);
  records.set(name, record);
  return record;
}

export const nodeOf = ({ publicKey, id }: NodeKey, { host, port }: Endpoint): Node =>
  nodeAt({ publicKey, id, host, udpPort: port, tcpPort: port });

export class MemoryNet {
  readonly clock = new StepClock();
  /** Every datagram that was sent, in order. */
  readonly wire: { readonly from: Endpoint; readonly to: Endpoint; readonly bytes: Uint8Array }[] =
    [];
  readonly #places = new Map<string, (datagram: Datagram) => void>();
  /** Added to the time of day, in ms. */
  clockErrorMs = 0;
  /** Numbers of the datagrams that get lost, in the order of `wire`. */
  readonly lost = new Set<number>();

  unixTimeMs = (): number => START_MS + this.clock.now() + this.clockErrorMs;

  /** @param onDatagram Called `LATENCY_MS` after the sender sent it. */
  bind(local: Endpoint, onDatagram: (datagram: Datagram) => void): DatagramSocket {
    this.#places.set(formatEndpoint(local), onDatagram);
    return {
      local,
      send: (bytes, to) => this.inject(local, to, bytes),
      close: () => this.#places.delete(formatEndpoint(local)),
    };
  }

  /** Sends from any address, forged ones included. */
  inject(from: Endpoint, to: Endpoint, bytes: Uint8Array): void {
    this.wire.push({ from, to, bytes });
    if (this.lost.has(this.wire.length - 1)) return;
    this.clock.setTimeout(
      () => this.#places.get(formatEndpoint(to))?.({ bytes, from }),
      LATENCY_MS,
    );
  }
}

export type TestNode = {
  readonly discv4: Discv4;
  readonly key: NodeKey;
  readonly node: Node;
  readonly record: NodeRecord;
  /** Calls of the hooks, in order. */
  readonly heard: readonly (readonly [name: string, what: unknown])[];
  readonly faults: readonly unknown[];
};

type NodeSettings = Partial<
  Pick<Discv4Options, 'closest' | 'isAllowed' | 'primitives' | 'proofs'>
> & {
  readonly at?: Endpoint;
  readonly number?: number;
};

/** A node on the network. */
export function startNode(
  net: MemoryNet,
  { at = { host: '45.0.0.1', port: 30303 }, number = 1, ...settings }: NodeSettings = {},
): TestNode {
  const key = keyOf(number);
  const record = recordOf(key, at);
  const heard: [string, unknown][] = [];
  const faults: unknown[] = [];
  const hear = (name: string) => (what: unknown) => void heard.push([name, what]);
  const hooks: Discv4Hooks = {
    onPing: hear('ping'),
    onProven: hear('proven'),
    onStatement: hear('statement'),
    onContact: hear('contact'),
    onPonged: hear('ponged'),
    onPinged: hear('pinged'),
    onFindEnded: hear('findEnded'),
    onClockDrift: hear('clockDrift'),
    onFault: (error) => void faults.push(error),
  };
  const socket = net.bind(at, (datagram) => discv4.receive(datagram));
  const discv4: Discv4 = new Discv4(socket, {
    key,
    primitives: chosenPrimitives,
    clock: net.clock,
    unixTimeMs: net.unixTimeMs,
    record: () => record,
    isAllowed: () => true,
    closest: () => [],
    hooks,
    ...settings,
  });
  return { discv4, key, node: nodeOf(key, at), record, heard, faults };
}

/** What a sender got: a message of the node, and the hash of its packet. */
export type Received = {
  readonly message: Discv4Message;
  readonly hash: Uint8Array;
  readonly id: string;
};

/** A key and an address that do nothing by themselves. */
export class Sender {
  readonly key: NodeKey;
  readonly at: Endpoint;
  readonly received: Received[] = [];
  readonly #net: MemoryNet;

  /** @param listens False for one that only sends from the address of another. */
  constructor(
    net: MemoryNet,
    { at = { host: '46.0.0.1', port: 30303 }, number = 2, listens = true } = {},
  ) {
    this.key = keyOf(number);
    this.at = at;
    this.#net = net;
    if (!listens) return;
    net.bind(at, ({ bytes }) => {
      const packet = readPacket(bytes, chosenPrimitives);
      const id = nodeId(senderOf(packet, chosenPrimitives));
      this.received.push({ message: packet.message, hash: packet.hash, id });
    });
  }

  get node(): Node {
    return nodeOf(this.key, this.at);
  }

  get publicKey(): string {
    return publicKeyHex(this.key.publicKey);
  }

  /** In seconds; valid for 20 s. */
  expiration(): number {
    return Math.floor(this.#net.unixTimeMs() / 1_000) + 20;
  }

  /** @returns Hash of the packet. */
  send(message: Discv4Message, to: TestNode): Uint8Array {
    const { datagram, hash } = sealPacket(message, this.key, chosenPrimitives);
    this.#net.inject(this.at, to.discv4.local, datagram);
    return hash;
  }

  ping(to: TestNode, seq: number | null = null): Uint8Array {
    const from = { host: this.at.host, udpPort: this.at.port, tcpPort: 30_301 };
    const { host, port } = to.discv4.local;
    return this.send(
      {
        type: 'ping',
        version: 4,
        from,
        to: { host, udpPort: port, tcpPort: 0 },
        expiration: this.expiration(),
        recordSeq: seq,
      },
      to,
    );
  }

  pong(to: TestNode, pingHash: Uint8Array, stated = to.discv4.local): void {
    this.send(
      {
        type: 'pong',
        to: { host: stated.host, udpPort: stated.port, tcpPort: 0 },
        pingHash,
        expiration: this.expiration(),
        recordSeq: 7,
      },
      to,
    );
  }

  findNode(to: TestNode, target = 'ab'.repeat(64)): void {
    this.send({ type: 'findNode', target, expiration: this.expiration() }, to);
  }

  /** Proves this endpoint to the node, and takes what came. */
  bond(to: TestNode): void {
    this.ping(to);
    this.#net.clock.advance(2 * LATENCY_MS);
    this.pong(to, this.take('ping').hash);
    this.#net.clock.advance(2 * LATENCY_MS);
    this.received.length = 0;
  }

  /** Takes the oldest packet of that type. */
  take(type: Discv4Message['type']): Received {
    const index = this.received.findIndex(({ message }) => message.type === type);
    if (index < 0) throw new Error(`no ${type} among ${this.types().join(', ') || 'no packets'}`);
    return this.received.splice(index, 1)[0]!;
  }

  types(): readonly string[] {
    return this.received.map(({ message }) => message.type);
  }
}
