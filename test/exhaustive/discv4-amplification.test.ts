/**
 * A meter for what strangers can make a node send: random packets of forged sources against one node, with others that
 * have proven their endpoints among them. It counts bytes in and out for each source, and prints the worst factor.
 */
import { expect, test } from 'vitest';

import { readPacket, sealPacket } from '../../src/io/crypto/discv4-packet.ts';
import { createNodeKey, type NodeKey } from '../../src/io/crypto/node-key.ts';
import type { Primitives } from '../../src/io/crypto/primitives.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import { SOURCE_LIMITS } from '../../src/io/discovery/source-budgets.ts';
import type { Discv4Message } from '../../src/io/wire/discv4-message.ts';
import { type Endpoint, formatEndpoint } from '../../src/io/wire/endpoint.ts';
import { fastPrimitives } from '../../src/testing/raw-peer/fast-crypto.ts';
import { SeededRandom } from '../../src/testing/world/seeded-random.ts';
import { chosenPrimitives } from '../support/crypto.ts';
import { MemoryNet, nodeOf, startNode } from '../support/discv4-net.ts';

const PACKETS = 100_000;

/** Real signatures of guessable keys, which cost little. */
const primitives: Primitives = {
  ...chosenPrimitives,
  sign: fastPrimitives.sign,
  recover: fastPrimitives.recover,
  publicKeyOf: fastPrimitives.publicKeyOf,
};

const NOWHERE = { host: '', udpPort: 0, tcpPort: 0 };
const keys = Array.from({ length: 200 }, (_, index) => {
  const secret = new Uint8Array(32).fill(1);
  new DataView(secret.buffer).setUint32(28, index + 1);
  return createNodeKey(secret, primitives);
});

test('K2: strangers get a pong and at most one ping for each ping, and not a byte for anything else', () => {
  const random = new SeededRandom(7);
  const net = new MemoryNet();
  const closest = () =>
    keys.slice(0, 16).map((key, index) => nodeOf(key, { host: `47.0.${index}.1`, port: 30303 }));
  const us = startNode(net, { closest, primitives });
  const honest = keys.slice(0, 10).map((key, index) => new Honest(net, key, index));
  const ledger = new Ledger(net, us.discv4.local);

  for (let packet = 0; packet < PACKETS; packet += 1) {
    if (random.chance(0.02)) random.pick(honest).act(random);
    else strike(random);
    net.clock.advance(random.chance(0.01) ? 200 : random.between(0, 8));
    ledger.take();
  }
  net.clock.advance(1_000);
  ledger.take();

  expect(us.faults).toEqual([]);
  expect(honest.reduce((sum, { answers }) => sum + answers, 0)).toBeGreaterThan(PACKETS / 500);
  const { worst, sources } = ledger.judge(new Set(honest.map(({ at }) => at.host)));
  process.stdout.write(
    `discv4: ${PACKETS} packets, ${sources} strangers, worst amplification ${worst.toFixed(2)}, in all ${ledger.total().toFixed(2)}\n`,
  );
  expect(worst).toBeLessThan(2.8); // the smallest ping has 113 bytes, pong and ping together 2.6 times as many

  /** One packet of a stranger, or one that is forged in the name of another node. */
  function strike(random: SeededRandom): void {
    const key = random.pick(keys);
    const from = {
      host: `${random.chance(0.5) ? '46.0' : `46.${random.between(1, 200)}`}.${random.between(0, 40)}.1`,
      port: 30_000 + random.between(0, 3),
    };
    const victim = random.pick(honest);
    const valid = expiration(net);
    const last = ledger.lastHash;
    const acts: (() => void)[] = [
      ...Array(4).fill(() => send(net, key, from, ping(valid))),
      () => send(net, key, from, ping(valid - 21)),
      () => send(net, key, from, { type: 'findNode', target: 'ab'.repeat(64), expiration: valid }),
      () => send(net, key, from, { type: 'enrRequest', expiration: valid }),
      // in the name of one who has proven an endpoint: its key from elsewhere, another key from its address
      () => send(net, victim.key, from, { type: 'enrRequest', expiration: valid }),
      () => send(net, victim.key, from, ping(valid)),
      () =>
        send(net, random.pick(keys.slice(10)), victim.at, {
          type: 'enrRequest',
          expiration: valid,
        }),
      () => send(net, key, from, pong(new Uint8Array(32), valid)),
      () => send(net, key, from, pong(last, valid)), // the hash of a ping that we sent to another
      () => send(net, key, from, { type: 'neighbors', nodes: [], expiration: valid }),
      () =>
        send(net, key, from, {
          type: 'enrResponse',
          requestHash: last,
          record: Uint8Array.of(0xc0),
        }),
      () => net.inject(from, us.discv4.local, junk(random)),
    ];
    random.pick(acts)();
  }

  function send(on: MemoryNet, key: NodeKey, from: Endpoint, message: Discv4Message): void {
    on.inject(from, us.discv4.local, sealPacket(message, key, primitives).datagram);
  }
});

const expiration = (net: MemoryNet): number => Math.floor(net.unixTimeMs() / 1_000) + 20;

const ping = (valid: number): Discv4Message => ({
  ...{ type: 'ping', version: 4, from: NOWHERE, to: NOWHERE, expiration: valid, recordSeq: null },
});

const pong = (pingHash: Uint8Array, valid: number): Discv4Message => ({
  ...{ type: 'pong', to: NOWHERE, pingHash, expiration: valid, recordSeq: null },
});

function junk(random: SeededRandom): Uint8Array {
  const bytes = new Uint8Array(random.between(0, 300)).fill(random.between(0, 255));
  if (bytes.length > 98 && random.chance(0.5)) bytes.set(primitives.keccak256(bytes.subarray(32)));
  return bytes;
}

/** One that answers our pings, and asks. */
class Honest {
  readonly key: NodeKey;
  readonly at: Endpoint;
  readonly #net: MemoryNet;
  readonly #socket;
  /** Large answers that came. */
  answers = 0;

  constructor(net: MemoryNet, key: NodeKey, index: number) {
    this.key = key;
    this.at = { host: `45.1.${index}.1`, port: 30303 };
    this.#net = net;
    this.#socket = net.bind(this.at, ({ bytes }) => {
      const { message, hash } = readPacket(bytes, primitives);
      if (message.type === 'ping') this.#send(pong(hash, expiration(net)));
      if (message.type === 'neighbors' || message.type === 'enrResponse') this.answers += 1;
    });
  }

  act(random: SeededRandom): void {
    const valid = expiration(this.#net);
    if (random.chance(0.5)) this.#send(ping(valid));
    else
      this.#send({
        type: 'findNode',
        target: publicKeyHex(random.pick(keys).publicKey),
        expiration: valid,
      });
  }

  #send(message: Discv4Message): void {
    const { datagram } = sealPacket(message, this.key, primitives);
    this.#socket.send(datagram, { host: '45.0.0.1', port: 30303 });
  }
}

type Account = {
  inBytes: number;
  outBytes: number;
  pings: number;
  pongsOut: number;
  pingsOut: number;
  othersOut: number;
};

/** Reads the wire. */
class Ledger {
  readonly #net: MemoryNet;
  readonly #us: string;
  /** By address. */
  readonly #accounts = new Map<string, Account>();
  /** Pongs to each address, by second. */
  readonly #seconds = new Map<string, number>();
  lastHash = new Uint8Array(32);

  constructor(net: MemoryNet, us: Endpoint) {
    this.#net = net;
    this.#us = formatEndpoint(us);
  }

  /** Books what was sent since. */
  take(): void {
    for (const { from, to, bytes } of this.#net.wire.splice(0)) {
      const isOurs = formatEndpoint(from) === this.#us;
      const account = this.#account(isOurs ? to.host : from.host);
      if (!isOurs) {
        account.inBytes += bytes.length;
        if (bytes[97] === 1) account.pings += 1;
        continue;
      }
      account.outBytes += bytes.length;
      if (bytes[97] === 1) {
        account.pingsOut += 1;
        this.lastHash = new Uint8Array(bytes.subarray(0, 32));
      } else if (bytes[97] === 2) {
        account.pongsOut += 1;
        const second = `${to.host} ${Math.floor(this.#net.clock.now() / 1_000)}`;
        this.#seconds.set(second, (this.#seconds.get(second) ?? 0) + 1);
      } else account.othersOut += 1;
    }
  }

  /** Of all strangers. */
  judge(proven: ReadonlySet<string>): { readonly worst: number; readonly sources: number } {
    const strangers = [...this.#accounts].filter(([host]) => !proven.has(host));
    for (const [, { pings, pingsOut, pongsOut, othersOut }] of strangers) {
      expect(othersOut).toBe(0);
      expect(pongsOut).toBeLessThanOrEqual(pings);
      expect(pingsOut).toBeLessThanOrEqual(pings);
    }
    const { size, perSecond } = SOURCE_LIMITS.pongs;
    const perSource = [...this.#seconds].filter(([key]) => !proven.has(key.split(' ')[0]!));
    for (const [, pongs] of perSource) expect(pongs).toBeLessThanOrEqual(size + perSecond);
    const factors = strangers.map(([, { inBytes, outBytes }]) => outBytes / inBytes);
    return { worst: Math.max(...factors), sources: strangers.length };
  }

  /** Bytes out for each byte in. */
  total(): number {
    const all = [...this.#accounts.values()];
    const sum = (of: (account: Account) => number) =>
      all.reduce((total, one) => total + of(one), 0);
    return sum(({ outBytes }) => outBytes) / sum(({ inBytes }) => inBytes);
  }

  #account(host: string): Account {
    const known = this.#accounts.get(host);
    const account = known ?? {
      inBytes: 0,
      outBytes: 0,
      pings: 0,
      pongsOut: 0,
      pingsOut: 0,
      othersOut: 0,
    };
    this.#accounts.set(host, account);
    return account;
  }
}
