/** A node on loopback with three real peers, and connections that ended for different reasons. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import type { AnyActorRef, StateValue } from 'xstate';
import { statePath } from '../../src/actors/state-path.ts';
import type { ServerOptions } from '../../src/api/options.ts';
import { generateNodeKey, type NodeKey } from '../../src/io/crypto/node-key.ts';
import { systemRandom } from '../../src/io/crypto/primitives.ts';
import { byteStream } from '../../src/io/link/byte-stream.ts';
import { DISCONNECT } from '../../src/io/wire/base-message.ts';
import { echo } from '../../src/protocols/echo.ts';
import { Server } from '../../src/server.ts';
import { type RawPeer, rawPeer } from '../../src/testing/raw-peer/raw-peer.ts';
import { helloOf } from '../support/links.ts';

const LOOPBACK = '127.0.0.1';

/** Markup, a script, a change of text direction, a line break and a bell. */
export const HOSTILE_TEXT =
  '<img src=x onerror=alert(1)></script><script>alert(2)</script>\u202egpj.exe\n\u0007';

/** Connections that did not become peers, with their last states, in order. */
export const TURNED_AWAY = {
  'shares no protocol, and has a hostile name': 'rejected.uselessPeer',
  'has the key of a peer': 'rejected.alreadyConnected',
  'sends an auth whose key is no point': 'failed.invalidPublicKey',
  'sends a Disconnect that is none': 'refused.unrecognised',
  'comes when all places are taken': 'rejected.tooManyPeers',
} as const;

type End = (typeof TURNED_AWAY)[keyof typeof TURNED_AWAY];

export class LivelyNode implements AsyncDisposable {
  readonly #key = generateNodeKey();
  readonly #actors = new Set<AnyActorRef>();
  readonly server = new Server({
    nodeKey: this.#key,
    listen: { host: LOOPBACK, port: 0 },
    protocols: [echo()],
    maxPeers: 3,
    dialRatio: 3, // one of them is dialled
    inspect: ({ type, actorRef }) => {
      if (type === '@xstate.actor') this.#actors.add(actorRef as AnyActorRef);
    },
  });
  readonly #others: Server[] = [];
  readonly #sockets: Socket[] = [];

  /** States of all running actors, by actor id, read from the actors. */
  actualStates(): Readonly<Record<string, string>> {
    const living = [...this.#actors].flatMap((actor) => {
      const { status, value } = actor.getSnapshot() as Snapshot;
      return status === 'active' && value !== undefined ? [[actor.id, statePath(value)]] : [];
    });
    return Object.fromEntries(living);
  }

  /** Makes all connections, one after the other. */
  async live(): Promise<void> {
    const key = generateNodeKey();
    const calm = await this.#other({ nodeKey: key, name: 'calm/v1.0.0' });
    await this.#join(() => calm.addPeer(this.server.self.enode));
    await this.#turnedAway('rejected.uselessPeer', async () => {
      const stranger = generateNodeKey();
      const raw = await this.#raw(stranger);
      const capabilities = [{ name: 'other', version: 1 }];
      raw.sendHello({ ...helloOf(stranger), client: HOSTILE_TEXT, capabilities });
    });
    const twin = await this.#other({ nodeKey: key });
    await this.#turnedAway('rejected.alreadyConnected', () => twin.addPeer(this.server.self.enode));
    await twin.stop(); // or it comes again
    await this.#turnedAway('failed.invalidPublicKey', async () => {
      const socket = await this.#call();
      socket.write(Buffer.concat([Uint8Array.of(1, 200), Buffer.alloc(456, 7)]));
    });
    await this.#turnedAway('refused.unrecognised', async () => {
      const raw = await this.#raw(generateNodeKey());
      raw.send(DISCONNECT, new TextEncoder().encode(HOSTILE_TEXT));
    });
    const hostile = await this.#other({ name: HOSTILE_TEXT });
    await this.#join(() => hostile.addPeer(this.server.self.enode));
    const dialled = await this.#other({ name: 'dialled/v3.0.0' });
    await this.#join(() => this.server.addPeer(dialled.self.enode));
    const late = await this.#other();
    await this.#turnedAway('rejected.tooManyPeers', () => late.addPeer(this.server.self.enode));
    await late.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([this.server, ...this.#others].map((server) => server.stop()));
  }

  async #other(options: Partial<ServerOptions> = {}): Promise<Server> {
    const server = new Server({
      nodeKey: generateNodeKey(),
      listen: { host: LOOPBACK, port: 0 },
      protocols: [echo()],
      ...options,
    });
    this.#others.push(server);
    await server.start();
    return server;
  }

  async #join(come: () => void): Promise<void> {
    const added = new Promise<void>((resolve) => this.server.on('add', () => resolve()));
    come();
    await added;
  }

  async #turnedAway(state: End, come: () => unknown): Promise<void> {
    const ended = new Promise<void>((resolve) =>
      this.server.on('ended', (event) => event.state === state && resolve()),
    );
    await come();
    await ended;
  }

  async #call(): Promise<Socket> {
    const socket = connect(this.server.self.address!.port, LOOPBACK).on('error', () => {});
    this.#sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  /** A raw connection after the enc handshake. */
  async #raw(key: NodeKey): Promise<RawPeer> {
    const socket = await this.#call();
    const place = { host: LOOPBACK, port: 0 };
    const raw = rawPeer({
      stream: byteStream(socket, place, place),
      key,
      random: systemRandom,
    });
    await raw.dial(this.#key.publicKey);
    return raw;
  }
}

/** Snapshots of machines have a value. */
type Snapshot = { readonly status: string; readonly value?: StateValue };
