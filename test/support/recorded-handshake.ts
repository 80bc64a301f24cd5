/**
 * A server that gets one connection after another, with a recorded handshake played back at the far end. Our own
 * randomness begins again each time, so that what was recorded fits.
 */
import type { Duplex } from 'node:stream';
import { concatBytes } from '@noble/hashes/utils.js';
import { expect } from 'vitest';
import type { ServerOptions } from '../../src/api/options.ts';
import { RECENT_AUTH_MS } from '../../src/io/link/recent-auths.ts';
import { echo } from '../../src/protocols/echo.ts';
import { seededRandom } from './crypto.ts';
import { type Connection, MemoryNetwork } from './memory-network.ts';
import { memoryPair } from './memory-stream.ts';
import { enodeOf, type Member, slotsInUse, World } from './world.ts';

export type Role = 'initiator' | 'recipient';

/** The servers by their seeds. */
const SEEDS = { initiator: 1, recipient: 2 } as const satisfies Record<Role, number>;

/** What one side sent: its auth or ack, then its Hello in one frame. */
export type RecordedBytes = { readonly packet: Uint8Array; readonly hello: Uint8Array };

export const lengthOf = ({ packet, hello }: RecordedBytes): number => packet.length + hello.length;

/** One real handshake, up to two peers. */
export async function recordHandshake(): Promise<Record<Role, RecordedBytes>> {
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
  const recorded = {
    initiator: splitPacket(concatBytes(...said.initiator)),
    recipient: splitPacket(concatBytes(...said.recipient)),
  };
  await world.end();
  return recorded;
}

/** What the far end sends, each part after it has received so many bytes of ours. */
export type Script = RecordedBytes & { readonly packetAfter: number; readonly helloAfter: number };

export class Playback {
  readonly world: World;
  readonly member: Member;
  /** Bytes of ours that came to them over the latest connection. */
  heard = 0;
  readonly #role: Role;
  readonly #reseed: () => void;
  readonly #actors: readonly string[];

  static async begin(role: Role): Promise<Playback> {
    const world = new World();
    const { member, reseed } = add(world, role);
    await world.start(member);
    return new Playback(world, member, role, reseed);
  }

  private constructor(world: World, member: Member, role: Role, reseed: () => void) {
    this.world = world;
    this.member = member;
    this.#role = role;
    this.#reseed = reseed;
    this.#actors = world.liveActors();
  }

  /** Makes a connection at whose far end `script` is played. */
  open(script: Script, prepare = (_: Connection): void => {}): void {
    const { network } = this.world;
    const { server } = this.member;
    this.#reseed();
    if (this.#role === 'recipient') {
      const connection = network.connect(server.self.address!)!;
      prepare(connection);
      this.#speak(connection.a.duplex, script);
      return;
    }
    network.attach({ host: '192.0.2.1', port: 30_000 + SEEDS.recipient }, ({ duplex }) => {
      prepare(network.connections.at(-1)!);
      this.#speak(duplex, script);
    });
    server.addPeer(enodeOf(SEEDS.recipient));
  }

  /** Lets every deadline of the latest connection pass, and checks that nothing is left. */
  async close({ isHeard, about }: { isHeard: boolean; about: unknown }): Promise<void> {
    const { clock, network } = this.world;
    const { server, log } = this.member;
    await this.world.settle(SETTLED);
    clock.advance(TIME_ENOUGH_MS);
    await this.world.settle(SETTLED);
    if (this.#role === 'initiator') await server.removePeer(enodeOf(SEEDS.recipient));

    const { a, b } = network.connections.pop()!;
    const [ours, theirs] = this.#role === 'initiator' ? [a.duplex, b.duplex] : [b.duplex, a.duplex];
    if (!isHeard) theirs.destroy(); // they were told nothing
    expect(
      {
        timers: clock.pending,
        slots: slotsInUse(server),
        actors: this.world.liveActors(),
        destroyed: [ours.destroyed, theirs.destroyed],
        listeners: listenersOf(ours),
        peers: server.peers,
      },
      JSON.stringify(about),
    ).toEqual({
      timers: 0,
      slots: 0,
      actors: this.#actors,
      destroyed: [true, true],
      listeners: UNUSED_LISTENERS,
      peers: [],
    });
    log.length = 0;
    clock.advance(RECENT_AUTH_MS); // or the same auth would be a replay
  }

  #speak(duplex: Duplex, { packet, hello, packetAfter, helloAfter }: Script): void {
    const left = [
      { after: packetAfter, bytes: packet },
      { after: helloAfter, bytes: hello },
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
const SETTLED = 20;

/** Longer than every deadline of the handshake together. */
const TIME_ENOUGH_MS = 20_000;

/** Listeners by event, on a fresh stream. */
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
function splitPacket(bytes: Uint8Array): RecordedBytes {
  const end = 2 + ((bytes[0]! << 8) | bytes[1]!);
  return { packet: bytes.subarray(0, end), hello: bytes.subarray(end) };
}
