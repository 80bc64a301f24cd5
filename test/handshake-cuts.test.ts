/**
 * A connection that breaks at any byte of its handshake ends in a named state, in time, and leaves nothing behind.
 * One real handshake is recorded; then its far end is played back to a server, cut at every byte in each direction.
 */
import type { Duplex } from 'node:stream';
import { concatBytes } from '@noble/hashes/utils.js';
import { beforeAll, describe, expect, test } from 'vitest';

import {
  ENC_HANDSHAKE_TIMEOUT_MS,
  FAREWELL_MS,
  HELLO_TIMEOUT_MS,
} from '../src/machines/connection-setup.ts';
import type { ServerOptions } from '../src/options.ts';
import { echo } from '../src/protocols/echo.ts';
import { seededRandom } from './support/crypto.ts';
import { type Connection, MemoryNetwork } from './support/memory-network.ts';
import { type CutKind, memoryPair } from './support/memory-stream.ts';
import { enodeOf, type Member, slotsInUse, World } from './support/world.ts';

type Role = 'initiator' | 'recipient';

/** The servers by their seeds. */
const SEEDS = { initiator: 1, recipient: 2 } as const satisfies Record<Role, number>;

/** What one side sent: its auth or ack, then its Hello in one frame. */
type Said = { readonly packet: Uint8Array; readonly hello: Uint8Array };

let recorded: Record<Role, Said>;

beforeAll(async () => {
  const said: Record<Role, Uint8Array[]> = { initiator: [], recipient: [] };
  const tap = (duplex: Duplex, by: Role) =>
    duplex.on('data', (chunk: Uint8Array) => said[by].push(chunk)).pause();
  const world = new World(
    new MemoryNetwork(({ a, b }) => {
      tap(a.duplex, 'recipient');
      tap(b.duplex, 'initiator');
    }),
  );
  const { member: initiator } = add(world, 'initiator');
  const { member: recipient } = add(world, 'recipient');
  await world.start(initiator, recipient);
  initiator.server.addPeer(recipient.enode);
  await world.settle();
  expect([initiator.server.peers.length, recipient.server.peers.length]).toEqual([1, 1]);
  recorded = {
    initiator: splitPacket(concatBytes(...said.initiator)),
    recipient: splitPacket(concatBytes(...said.recipient)),
  };
  await world.end();
});

test('the deadlines are those that are promised', () => {
  expect([ENC_HANDSHAKE_TIMEOUT_MS, HELLO_TIMEOUT_MS, FAREWELL_MS]).toEqual([5_000, 5_000, 2_000]);
});

describe.for(['initiator', 'recipient'] as const)('as %s', (role) => {
  const theirRole = role === 'initiator' ? 'recipient' : 'initiator';

  test('the handshake, played back whole, makes a peer of the recorded one', async () => {
    const stage = await Stage.begin(role, recorded[theirRole]);
    stage.open({ helloAfter: recorded[role].packet.length });
    await stage.world.settle();
    expect(stage.heard).toEqual(lengthOf(recorded[role])); // ours is the same again, byte for byte
    expect(stage.member.server.peers).toHaveLength(1);
    await stage.world.end();
  });

  describe.for(['reset', 'fin', 'stall'] as const)('%s', (kind) => {
    test('at every byte of what they send', async () => {
      const stage = await Stage.begin(role, recorded[theirRole]);
      const helloAfter = recorded[role].packet.length;
      const length = lengthOf(recorded[theirRole]);
      const keysAt = recorded[theirRole].packet.length;
      for (let at = 0; at < length; at += 1)
        await stage.cut({ kind, at, direction: 'theirs', helloAfter }, at < keysAt);
      expect(stage.tally).toEqual(tallyOf(kind, keysAt, length - keysAt));
      await stage.world.end();
    });

    test('at every byte of what we send', async () => {
      const stage = await Stage.begin(role, recorded[theirRole]);
      const length = lengthOf(recorded[role]);
      // both directions stall: an initiator gets no ack, but a recipient is through once an auth has come
      const keysAt = role === 'initiator' ? recorded[role].packet.length + 1 : 1;
      for (let at = 0; at < length; at += 1)
        await stage.cut({ kind, at, direction: 'ours', helloAfter: length }, at < keysAt);
      expect(stage.tally).toEqual(tallyOf(kind, keysAt, length - keysAt));
      await stage.world.end();
    });
  });
});

/** How many cuts end where: before both sides have keys, and after it. */
function tallyOf(kind: CutKind, beforeKeys: number, afterKeys: number): Record<string, number> {
  if (kind === 'reset') return { 'failed.connectionReset': beforeKeys + afterKeys };
  if (kind === 'fin') return { 'failed.connectionClosed': beforeKeys + afterKeys };
  return { 'failed.encHandshakeTimeout': beforeKeys, 'rejected.helloTimeout': afterKeys };
}

type Cut = {
  readonly kind: CutKind;
  readonly at: number;
  readonly direction: 'ours' | 'theirs';
  /** Bytes of ours after which they say Hello. */
  readonly helloAfter: number;
};

/** One server, to which one connection after another is made. */
class Stage {
  /** By the state in which a connection ended. */
  readonly tally: Record<string, number> = {};
  readonly world: World;
  readonly member: Member;
  /** Bytes of ours that came to them over the latest connection. */
  heard = 0;
  readonly #role: Role;
  readonly #script: Said;
  readonly #reseed: () => void;
  readonly #actors: readonly string[];

  static async begin(role: Role, script: Said): Promise<Stage> {
    const world = new World();
    const { member, reseed } = add(world, role);
    await world.start(member);
    return new Stage(world, member, role, script, reseed);
  }

  private constructor(world: World, member: Member, role: Role, script: Said, reseed: () => void) {
    this.world = world;
    this.member = member;
    this.#role = role;
    this.#script = script;
    this.#reseed = reseed;
    this.#actors = world.liveActors();
  }

  /** Makes a connection at whose far end the recorded side speaks. */
  open({ helloAfter }: Pick<Cut, 'helloAfter'>, prepare = (_: Connection): void => {}): void {
    const { network } = this.world;
    const { server } = this.member;
    this.#reseed();
    if (this.#role === 'recipient') {
      const connection = network.connect(server.self.address!)!;
      prepare(connection);
      this.#speak(connection.a.duplex, 0, helloAfter);
      return;
    }
    network.attach({ host: '192.0.2.1', port: 30_000 + SEEDS.recipient }, ({ duplex }) => {
      prepare(network.connections.at(-1)!);
      this.#speak(duplex, recorded.initiator.packet.length, helloAfter);
    });
    server.addPeer(enodeOf(SEEDS.recipient));
  }

  /** One connection, cut: where it ended, when, and that nothing is left. */
  async cut(cut: Cut, isBeforeKeys: boolean): Promise<void> {
    const { clock, network } = this.world;
    const { server, log } = this.member;
    const begun = clock.now();
    const ended: { state: string; after: number }[] = [];
    const off = server.on('ended', ({ state }) =>
      ended.push({ state, after: clock.now() - begun }),
    );
    this.open(cut, (connection) => {
      const fromA = (this.#role === 'initiator') === (cut.direction === 'ours');
      connection.cut(cut.kind, cut.at, fromA ? 'aToB' : 'bToA');
    });
    await this.world.settle(SETTLED);
    clock.advance(TIME_ENOUGH_MS);
    await this.world.settle(SETTLED);
    off();
    if (this.#role === 'initiator') await server.removePeer(enodeOf(SEEDS.recipient));

    const { a, b } = network.connections.pop()!;
    const [ours, theirs] = this.#role === 'initiator' ? [a.duplex, b.duplex] : [b.duplex, a.duplex];
    if (cut.kind === 'stall') theirs.destroy(); // they were told nothing
    const after = cut.kind !== 'stall' ? 0 : isBeforeKeys ? ENC_HANDSHAKE_TIMEOUT_MS : HELLO_MS;
    expect(
      {
        ended: ended.map((one) => one.after),
        timers: clock.pending,
        slots: slotsInUse(server),
        actors: this.world.liveActors(),
        destroyed: [ours.destroyed, theirs.destroyed],
        listeners: listenersOf(ours),
        peers: server.peers,
      },
      JSON.stringify(cut),
    ).toEqual({
      ended: [after],
      timers: 0,
      slots: 0,
      actors: this.#actors,
      destroyed: [true, true],
      listeners: UNUSED_LISTENERS,
      peers: [],
    });
    const state = ended[0]?.state ?? 'none';
    this.tally[state] = (this.tally[state] ?? 0) + 1;
    log.length = 0;
  }

  /** Says its packet and its Hello, each after it heard as much. */
  #speak(duplex: Duplex, packetAfter: number, helloAfter: number): void {
    const left = [
      { after: packetAfter, bytes: this.#script.packet },
      { after: helloAfter, bytes: this.#script.hello },
    ];
    const say = (): void => {
      for (let [next] = left; next && next.after <= this.heard; [next] = left) {
        duplex.write(next.bytes);
        left.shift();
      }
    };
    this.heard = 0;
    duplex.on('data', (chunk: Uint8Array) => {
      this.heard += chunk.length;
      say();
    });
    say();
  }
}

/** Turns of the event loop that are more than a handshake takes. */
const SETTLED = 12;

/** Longer than every deadline of the handshake together. */
const TIME_ENOUGH_MS = 20_000;

/** A Hello that does not come: the wait for it, and for them to hang up. */
const HELLO_MS = HELLO_TIMEOUT_MS + FAREWELL_MS;

/** By event, on a stream that nobody has touched yet. */
const UNUSED_LISTENERS = listenersOf(memoryPair().a.duplex);

function listenersOf(duplex: Duplex): Record<string, number> {
  const watched = ['data', 'drain', 'end', 'error', 'close', 'readable', 'finish'];
  return Object.fromEntries(watched.map((event) => [event, duplex.listenerCount(event)]));
}

/** A server whose randomness begins again when told to. */
function add(world: World, role: Role): { member: Member; reseed: () => void } {
  let random = seededRandom(role);
  const options: Partial<ServerOptions> = {
    protocols: [echo()],
    ports: { random: (bytes) => random(bytes) },
    ...(role === 'initiator' ? { listen: null } : {}),
  };
  const reseed = (): void => {
    random = seededRandom(role);
  };
  const member = world.add(SEEDS[role], options);
  reseed(); // what its construction drew is not part of the handshake
  return { member, reseed };
}

/** EIP-8: two bytes of size before the rest of the packet. */
function splitPacket(bytes: Uint8Array): Said {
  const end = 2 + ((bytes[0]! << 8) | bytes[1]!);
  return { packet: bytes.subarray(0, end), hello: bytes.subarray(end) };
}

const lengthOf = ({ packet, hello }: Said): number => packet.length + hello.length;
