/**
 * What scenes run with: remote nodes that connect with the demo node over the wire, and the clean-up after each scene.
 * The scenes decide what the remote nodes do.
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

/** `inbound`: the remote dials the demo node; `dialled`: the demo node dials it. */
export type Role = 'inbound' | 'dialled';

/** A connection between a remote node and the demo node, driven from the remote side. */
export type RemoteConnection = {
  readonly remote: RemoteNode;
  readonly role: Role;
  readonly peer: RawPeer;
};

export type SceneScript = (context: SceneContext) => Promise<void>;

/** Key or address that a remote node uses instead of its own. */
export type Impersonation = { readonly key?: NodeKey; readonly address?: string };

/** Longest wait of a remote node for a handshake step or for a dial, in ms. */
const HANDSHAKE_WAIT_MS = 20_000;

/** Longest wait for the end of a connection after the steps of a scene, in ms. */
const CLOSE_WAIT_MS = 40_000;

/** Time in which a message arrives and is processed, in ms. */
const ARRIVAL_MS = 400;

/** Ends every wait of the demo when it stops. */
export class DemoEnded extends Error {
  override readonly name = 'DemoEnded';
}

export type SceneContextParts = {
  readonly world: World;
  readonly demoNode: DemoNode;
  readonly remoteNodes: RemoteNodes;
  readonly random: SeededRandom;
};

export class SceneContext {
  readonly world: World;
  readonly demoNode: DemoNode;
  readonly random: SeededRandom;
  readonly #remoteNodes: RemoteNodes;
  /** Functions that reject the current waits. */
  readonly #cancelWaits = new Set<(error: Error) => void>();
  #isEnded = false;

  constructor({ world, demoNode, remoteNodes, random }: SceneContextParts) {
    this.world = world;
    this.demoNode = demoNode;
    this.random = random;
    this.#remoteNodes = remoteNodes;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get server(): DemoNode['node']['server'] {
    return this.demoNode.node.server;
  }

  /** Rejects every current and later wait, which ends all scenes. */
  end(): void {
    this.#isEnded = true;
    for (const cancel of [...this.#cancelWaits]) cancel(new DemoEnded('the demo is over'));
  }

  /** @param ms Time on the world's clock. @throws {DemoEnded} */
  wait(ms: number): Promise<void> {
    return this.#waitAtMost(ms, (done) => done);
  }

  /** Runs `play` with a remote node without a connection, then removes its faults, handlers and peer entries. */
  async withRemoteNode(play: (remote: RemoteNode) => Promise<void>): Promise<void> {
    const remote = this.#remoteNodes.take();
    const { key, host, enode } = remote;
    try {
      await play(remote);
    } finally {
      this.demoNode.handlers.delete(key.id);
      this.demoNode.faults.clear(key.id, host.address);
      this.removePeer(enode);
      this.#remoteNodes.release(remote);
    }
  }

  /** Opens a connection, runs `play`, waits for its end and closes it. @throws {RawPeerError} It cannot be opened. */
  withConnection(
    role: Role,
    play: (connection: RemoteConnection) => unknown,
    impersonation: Impersonation = {},
    before: (remote: RemoteNode) => void = () => {},
  ): Promise<void> {
    return this.withRemoteNode(async (remote) => {
      before(remote);
      const stream = await (role === 'inbound'
        ? this.#dialNode({ ...remote.host, ...addressOverride(impersonation.address) })
        : this.#awaitDial(remote));
      const connection: RemoteConnection = {
        remote,
        role,
        peer: this.#rawPeer(stream, impersonation.key ?? remote.key),
      };
      try {
        await play(connection);
        await this.awaitClose(connection);
      } finally {
        connection.peer.close();
      }
    });
  }

  /** A role in which the demo node accepts a peer; random when both are possible. */
  get roleWithRoom(): Role {
    const inbound = this.server.peers.filter(({ direction }) => direction === 'inbound').length;
    const isCrowded = this.server.peerCount >= MAX_PEERS - 1 || inbound >= MAX_PEERS / 2;
    return isCrowded || this.random.chance(0.5) ? 'dialled' : 'inbound';
  }

  get randomRole(): Role {
    return this.random.pick(['inbound', 'dialled']);
  }

  /** Completes the enc handshake. @throws {RawPeerError} The demo node ended it. */
  async handshake({ role, peer }: RemoteConnection): Promise<void> {
    const limit = { withinMs: HANDSHAKE_WAIT_MS };
    if (role === 'inbound') await peer.dial(this.demoNode.node.key.publicKey, limit);
    else await peer.answer(limit);
  }

  /** Completes both handshakes. @throws {RawPeerError} The demo node did not accept the peer. */
  async becomePeer(connection: RemoteConnection): Promise<void> {
    await this.handshake(connection);
    connection.peer.sendHello(this.helloOf(connection.remote));
    await this.wait(ARRIVAL_MS);
    if (!peerOf(this.demoNode, connection.remote.key.id))
      throw new RawPeerError('closed', 'the demo node did not accept the peer');
  }

  /** Sends a message that echo/1 answers. */
  sendEcho({ peer }: RemoteConnection, text: string): void {
    peer.sendCompressed(BASE_PROTOCOL_LENGTH, encodeRlp(new TextEncoder().encode(text)));
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

  /** Waits until the connection is closed and the demo node has processed that, or until the limit. */
  async awaitClose({ peer }: RemoteConnection): Promise<void> {
    const { duplex } = peer.stream;
    if (!duplex.destroyed)
      await this.#waitAtMost(CLOSE_WAIT_MS, (done) => duplex.once('close', done));
    await this.wait(ARRIVAL_MS);
  }

  /** Removes a static node of the demo node. */
  removePeer(enode: string): void {
    this.server.removePeer(enode).catch(() => {}); // it may have stopped
  }

  /** Removes a trusted node of the demo node. */
  removeTrusted(enode: string): void {
    if (!this.#isEnded) this.server.removeTrustedPeer(enode);
  }

  #rawPeer(stream: ByteStream, key: NodeKey): RawPeer {
    const { clock } = this.world;
    return rawPeer({ stream, key, clock, random: this.random.bytes, primitives: fastPrimitives });
  }

  #dialNode(from: RemoteNode['host']): Promise<ByteStream> {
    const { address } = this.demoNode.node.host;
    const endpoint: Endpoint = { host: address, port: DEFAULT_PORT };
    return new Promise((resolve, reject) => {
      this.world.tcp.dial(from, endpoint, (event) => {
        if (event.type === 'socket.connected') resolve(event.stream);
        else reject(new RawPeerError('closed', `the demo node is not reachable: ${event.type}`));
      });
    });
  }

  async #awaitDial({ host, enode }: RemoteNode): Promise<ByteStream> {
    let stream: ByteStream | null = null;
    let stopListening = (): void => {};
    try {
      await this.#waitAtMost(HANDSHAKE_WAIT_MS, (done) => {
        stopListening = this.world.tcp.listen(host, DEFAULT_PORT, (accepted) => {
          stream = accepted;
          done();
        });
        this.server.addPeer(enode);
      });
    } finally {
      stopListening();
    }
    return stream ?? closed('the demo node did not dial');
  }

  /** Resolves when `begin` calls `done`, or after `ms`. @throws {DemoEnded} */
  #waitAtMost(ms: number, begin: (done: () => void) => unknown): Promise<void> {
    if (this.#isEnded) return Promise.reject(new DemoEnded('the demo is over'));
    return new Promise((resolve, reject) => {
      const clear = (): void => {
        this.world.clock.clearTimeout(timer);
        this.#cancelWaits.delete(cancel);
      };
      const done = (): void => {
        clear();
        resolve();
      };
      const cancel = (error: Error): void => {
        clear();
        reject(error);
      };
      const timer = this.world.clock.setTimeout(done, ms);
      this.#cancelWaits.add(cancel);
      begin(done);
    });
  }
}

const addressOverride = (address: string | undefined) => (address === undefined ? {} : { address });

function closed(message: string): never {
  throw new RawPeerError('closed', message);
}
