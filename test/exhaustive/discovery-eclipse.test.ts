/**
 * One attacker with two /24 networks and 4,096 ids against a node of a simulated world, with real packets: each id pings,
 * answers every ping, and names only other ids of the attacker, those that are closest to what is asked for.
 */
import { expect, test } from 'vitest';

import { readPacket, sealPacket } from '../../src/io/crypto/discv4-packet.ts';
import { createNodeKey, type NodeKey } from '../../src/io/crypto/node-key.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import type { Datagram, DatagramSocket } from '../../src/io/discovery/datagram-socket.ts';
import type { Discv4Message } from '../../src/io/wire/discv4-message.ts';
import { type Endpoint, formatEndpoint } from '../../src/io/wire/endpoint.ts';
import { hexOf } from '../../src/io/wire/hex.ts';
import { compareDistance } from '../../src/machines/discovery/distance.ts';
import { createWorld, type World } from '../../src/testing/world/world.ts';
import type { WorldNode, WorldNodeOptions } from '../../src/testing/world/world-node.ts';
import { chosenPrimitives } from '../support/crypto.ts';

const IDS = 4_096;
const HOSTS_PER_NETWORK = 64;
const IDS_PER_HOST = IDS / (2 * HOSTS_PER_NETWORK);
const FIRST_PORT = 30_303;

/** Ten for each of its networks. */
const MAX_ATTACKERS = 20;
const HONEST = 12;

/** Eight of the ids ping, after each of these, in ms of virtual time: each id once in 7 minutes. */
const ROUND_MS = 800;
const PINGS_PER_ROUND = 8;

const NODE: WorldNodeOptions = {
  discovery: 'v4',
  noDial: true,
  ports: { primitives: chosenPrimitives },
};

const isAttacker = (host: string): boolean => /^45\.20[01]\.0\./.test(host);

type Id = { readonly key: NodeKey; readonly id: string; readonly socket: DatagramSocket };

class Attacker {
  readonly #world: World;
  readonly #ids: Id[] = [];
  #next = 0;
  asked = 0;

  constructor(world: World) {
    this.#world = world;
    for (const network of [200, 201])
      for (let host = 1; host <= HOSTS_PER_NETWORK; host += 1) this.#addHost(network, host);
  }

  #addHost(network: number, number: number): void {
    const host = { address: `45.${network}.0.${number}`, nat: null };
    this.#world.internet.join(host);
    for (let port = 0; port < IDS_PER_HOST; port += 1) {
      const secret = new Uint8Array(32).fill(9);
      new DataView(secret.buffer).setUint32(0, this.#ids.length);
      const key = createNodeKey(secret, chosenPrimitives);
      const socket = this.#world.udp.bind(host, FIRST_PORT + port, (datagram) =>
        this.#answer(entry, datagram),
      );
      const entry: Id = { key, id: key.id, socket };
      this.#ids.push(entry);
    }
  }

  /** The next id pings the victim. */
  ping(victim: Endpoint): void {
    const { key, socket } = this.#ids[this.#next % IDS]!;
    this.#next += 1;
    const { host, port } = socket.local;
    this.#send(key, socket, victim, {
      ...{ type: 'ping', version: 4, recordSeq: null },
      from: { host, udpPort: port, tcpPort: port },
      to: { host: victim.host, udpPort: victim.port, tcpPort: 0 },
      expiration: this.#expiration(),
    });
  }

  close(): void {
    for (const { socket } of this.#ids) socket.close();
  }

  #answer({ key, socket }: Id, { bytes, from }: Datagram): void {
    const { message, hash } = readPacket(bytes, chosenPrimitives);
    const expiration = this.#expiration();
    if (message.type === 'ping') {
      const to = { host: from.host, udpPort: from.port, tcpPort: 0 };
      this.#send(key, socket, from, {
        ...{ type: 'pong', to, pingHash: hash, expiration, recordSeq: null },
      });
    }
    if (message.type !== 'findNode') return;
    this.asked += 1;
    const target = hexOf(chosenPrimitives.keccak256(Buffer.from(message.target, 'hex')));
    const nodes = this.#ids
      .toSorted((a, b) => compareDistance(target, a.id, b.id))
      .slice(0, 12)
      .map(({ key: { publicKey }, socket: { local } }) => ({
        ...{ host: local.host, udpPort: local.port, tcpPort: local.port },
        publicKey: publicKeyHex(publicKey),
      }));
    this.#send(key, socket, from, { type: 'neighbors', nodes, expiration });
  }

  #send(key: NodeKey, socket: DatagramSocket, to: Endpoint, message: Discv4Message): void {
    socket.send(sealPacket(message, key, chosenPrimitives).datagram, to);
  }

  /** The nodes of a world read the time of day from a clock of their own, which began with it. */
  #expiration(): number {
    return Math.floor((WORLD_BEGAN_AT_MS + this.#world.clock.now()) / 1_000) + 20;
  }
}

/** As in `testing/world/world.ts`. */
const WORLD_BEGAN_AT_MS = 1_798_761_600_000;

test('an attacker with two networks and 4,096 ids has 20 places of a table at most, before and after a restart', async () => {
  const world = createWorld({ seed: 1, crypto: 'real', invariants: false });
  const boot = world.node(NODE);
  await world.start(boot);
  const honest = Array.from({ length: HONEST }, () =>
    world.node({ ...NODE, bootnodes: [boot.enode] }),
  );
  await world.start(...honest);
  const attacker = new Attacker(world);
  const first = world.node({ ...NODE, bootnodes: [boot.enode], label: 'victim' });
  await world.start(first);
  const before = await besiege(world, attacker, first);

  await world.stop(first);
  const second = world.recreate(first);
  await world.start(second);
  const after = await besiege(world, attacker, second);

  for (const { attackers, others } of [before, after]) {
    expect(attackers, 'the attack had an effect').toBeGreaterThan(0);
    expect(attackers).toBeLessThanOrEqual(MAX_ATTACKERS);
    expect(others, 'honest nodes in the table').toBeGreaterThanOrEqual(HONEST / 2);
  }
  expect(attacker.asked).toBeGreaterThan(0);
  attacker.close();
  await world.end();
});

/** @returns The most nodes of the attacker that were in the table at any time, and the others at the end. */
async function besiege(world: World, attacker: Attacker, victim: WorldNode) {
  const to = { host: victim.host.address, port: FIRST_PORT };
  expect(victim.enode).toContain(formatEndpoint(to));
  const hosts = () => victim.server.discovery?.nodes().map(({ host }) => host) ?? [];
  let attackers = 0;
  for (let pings = 0; pings < IDS; pings += PINGS_PER_ROUND) {
    for (let ping = 0; ping < PINGS_PER_ROUND; ping += 1) attacker.ping(to);
    await world.run(ROUND_MS);
    attackers = Math.max(attackers, hosts().filter(isAttacker).length);
  }
  return { attackers, others: hosts().filter((host) => !isAttacker(host)).length };
}
