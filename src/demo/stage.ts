/**
 * Where scenes are played: strangers meet the observed node, by wire, and everything is put away afterwards. What
 * they do there is told by the scenes.
 */

import type { NodeKey } from '../io/crypto/node-key.ts';
import { publicKeyHex } from '../io/crypto/public-key.ts';
import type { ByteStream } from '../io/link/byte-stream.ts';
import { BASE_PROTOCOL_LENGTH, BASE_PROTOCOL_VERSION } from '../io/wire/base-message.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import type { Hello } from '../io/wire/hello.ts';
import { encodeRlp } from '../io/wire/rlp.ts';
import { fastPrimitives } from '../testing/raw-peer/fast-crypto.ts';
import { type RawPeer, rawPeer } from '../testing/raw-peer/raw-peer.ts';
import { RawPeerError } from '../testing/raw-peer/raw-peer-error.ts';
import type { SeededRandom } from '../testing/world/seeded-random.ts';
import type { World } from '../testing/world/world.ts';
import { DEFAULT_PORT } from '../testing/world/world-node.ts';
import { type DemoNode, MAX_PEERS, peerOf } from './demo-node.ts';
import type { RemoteNode, RemoteNodes } from './remote-nodes.ts';

/** Who makes the connection: they, or the node. */
export type Role = 'inbound' | 'dialled';

/** A stranger who has a connection with the node. */
export type Guest = {
  readonly stranger: RemoteNode;
  readonly role: Role;
  readonly wire: RawPeer;
};

export type Script = (stage: Stage) => Promise<void>;

/** What a stranger may have of somebody else. */
export type Disguise = { readonly key?: NodeKey; readonly address?: string };

/** Longest wait of a stranger for its part of a handshake, or to be dialled, in ms. */
const PATIENCE_MS = 20_000;

/** Longest time until a connection is over once a scene has done its part, in ms. */
const PARTING_MS = 40_000;

/** What is on its way needs so long to arrive and to be acted upon, in ms. */
const ARRIVAL_MS = 400;

/** Nothing goes on here any more. */
export class StageClosed extends Error {
  override readonly name = 'StageClosed';
}

export type StageParts = {
  readonly world: World;
  readonly observed: DemoNode;
  readonly strangers: RemoteNodes;
  readonly random: SeededRandom;
};

export class Stage {
  readonly world: World;
  readonly observed: DemoNode;
  readonly random: SeededRandom;
  readonly #strangers: RemoteNodes;
  /** Each calls one wait off. */
  readonly #waiting = new Set<(why: Error) => void>();
  #isClosed = false;

  constructor({ world, observed, strangers, random }: StageParts) {
    this.world = world;
    this.observed = observed;
    this.random = random;
    this.#strangers = strangers;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get server(): DemoNode['node']['server'] {
    return this.observed.node.server;
  }

  /** Every wait is over, and so is every scene that would begin another one. */
  close(): void {
    this.#isClosed = true;
    for (const callOff of [...this.#waiting]) callOff(new StageClosed('the demo is over'));
  }

  /** @param ms On the clock of the world. @throws {StageClosed} */
  wait(ms: number): Promise<void> {
    return this.#within(ms, (done) => done);
  }

  /** A stranger without any connection; what befalls it ends with `play`. */
  async withStranger(play: (stranger: RemoteNode) => Promise<void>): Promise<void> {
    const stranger = this.#strangers.take();
    const { key, host, enode } = stranger;
    try {
      await play(stranger);
    } finally {
      this.observed.manners.delete(key.id);
      this.observed.mishaps.forget(key.id, host.address);
      this.forget(enode);
      this.#strangers.giveBack(stranger);
    }
  }

  /** A connection before its first byte, and its end after `play`. @throws {RawPeerError} There is none. */
  withGuest(
    role: Role,
    play: (guest: Guest) => unknown,
    disguise: Disguise = {},
    before: (stranger: RemoteNode) => void = () => {},
  ): Promise<void> {
    return this.withStranger(async (stranger) => {
      before(stranger);
      const stream = await (role === 'inbound'
        ? this.#call({ ...stranger.host, ...pick(disguise.address) })
        : this.#beDialled(stranger));
      const guest: Guest = {
        stranger,
        role,
        wire: this.#wire(stream, disguise.key ?? stranger.key),
      };
      try {
        await play(guest);
        await this.parting(guest);
      } finally {
        guest.wire.close();
      }
    });
  }

  /** The one that surely leads to a peer; any, when both do. */
  get openRole(): Role {
    const inbound = this.server.peers.filter(({ direction }) => direction === 'inbound').length;
    const isCrowded = this.server.peerCount >= MAX_PEERS - 1 || inbound >= MAX_PEERS / 2;
    return isCrowded || this.random.chance(0.5) ? 'dialled' : 'inbound';
  }

  get anyRole(): Role {
    return this.random.pick(['inbound', 'dialled']);
  }

  /** Up to the session. @throws {RawPeerError} The node does not want one. */
  async agree({ role, wire }: Guest): Promise<void> {
    const patience = { withinMs: PATIENCE_MS };
    if (role === 'inbound') await wire.dial(this.observed.node.key.publicKey, patience);
    else await wire.answer(patience);
  }

  /** Up to a peer. @throws {RawPeerError} The node does not want one. */
  async join(guest: Guest): Promise<void> {
    await this.agree(guest);
    guest.wire.sendHello(this.helloOf(guest.stranger));
    await this.wait(ARRIVAL_MS);
    if (!peerOf(this.observed, guest.stranger.key.id))
      throw new RawPeerError('closed', 'the node did not take them');
  }

  /** What echo/1 sends back. */
  say({ wire }: Guest, text: string): void {
    wire.sendCompressed(BASE_PROTOCOL_LENGTH, encodeRlp(new TextEncoder().encode(text)));
  }

  helloOf({ key, client }: RemoteNode, changes: Partial<Hello> = {}): Hello {
    return {
      version: BASE_PROTOCOL_VERSION,
      client,
      capabilities: [{ name: 'echo', version: 1 }],
      listenPort: 0,
      publicKey: publicKeyHex(key.publicKey),
      ...changes,
    };
  }

  /** The connection is closed, and the node has heard of it; or it was waited for long enough. */
  async parting({ wire }: Guest): Promise<void> {
    const { duplex } = wire.stream;
    if (!duplex.destroyed) await this.#within(PARTING_MS, (done) => duplex.once('close', done));
    await this.wait(ARRIVAL_MS);
  }

  /** Not one of those any more that the node keeps connected. */
  forget(enode: string): void {
    this.server.removePeer(enode).catch(() => {}); // it may have stopped
  }

  /** Nobody special any more. */
  distrust(enode: string): void {
    if (!this.#isClosed) this.server.removeTrustedPeer(enode);
  }

  #wire(stream: ByteStream, key: NodeKey): RawPeer {
    const { clock } = this.world;
    return rawPeer({ stream, key, clock, random: this.random.bytes, primitives: fastPrimitives });
  }

  #call(from: RemoteNode['host']): Promise<ByteStream> {
    const { address } = this.observed.node.host;
    const place: Endpoint = { host: address, port: DEFAULT_PORT };
    return new Promise((resolve, reject) => {
      this.world.tcp.dial(from, place, (event) => {
        if (event.type === 'socket.connected') resolve(event.stream);
        else reject(new RawPeerError('closed', `the node cannot be reached: ${event.type}`));
      });
    });
  }

  async #beDialled({ host, enode }: RemoteNode): Promise<ByteStream> {
    let stream: ByteStream | null = null;
    let shut = (): void => {};
    try {
      await this.#within(PATIENCE_MS, (done) => {
        shut = this.world.tcp.listen(host, DEFAULT_PORT, (accepted) => {
          stream = accepted;
          done();
        });
        this.server.addPeer(enode);
      });
    } finally {
      shut();
    }
    return stream ?? gone('nobody dialled');
  }

  /** Until `begin` calls what it is given, and no longer than `ms`. @throws {StageClosed} */
  #within(ms: number, begin: (done: () => void) => unknown): Promise<void> {
    if (this.#isClosed) return Promise.reject(new StageClosed('the demo is over'));
    return new Promise((resolve, reject) => {
      const over = (): void => {
        this.world.clock.clearTimeout(timer);
        this.#waiting.delete(callOff);
      };
      const done = (): void => {
        over();
        resolve();
      };
      const callOff = (why: Error): void => {
        over();
        reject(why);
      };
      const timer = this.world.clock.setTimeout(done, ms);
      this.#waiting.add(callOff);
      begin(done);
    });
  }
}

const pick = (address: string | undefined) => (address === undefined ? {} : { address });

function gone(message: string): never {
  throw new RawPeerError('closed', message);
}
