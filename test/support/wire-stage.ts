/** One real server and one remote that is driven by hand, joined in either role on virtual time, and what became of them. */
import { expect } from 'vitest';
import type { AnyMachineSnapshot, EventObject, InspectionEvent } from 'xstate';
import { statePath } from '../../src/actors/state-path.ts';
import type { ServerOptions } from '../../src/api/options.ts';
import { formatEnode, parseEnode } from '../../src/io/crypto/enode.ts';
import type { ByteStream } from '../../src/io/link/byte-stream.ts';
import { DISCONNECT } from '../../src/io/wire/base-message.ts';
import { type DisconnectReason, encodeDisconnect } from '../../src/io/wire/disconnect.ts';
import { compress } from '../../src/io/wire/snappy.ts';
import { echo } from '../../src/protocols/echo.ts';
import type { PayloadEncoding, RawPeer } from '../../src/testing/raw-peer/raw-peer.ts';
import { newRawPeer } from './raw-peer.ts';
import { disconnectOf, helloOf, join } from './raw-peer-in-world.ts';
import { enodeOf, keyOf, type Member, World } from './world.ts';

/** Who made the connection: they, or the server. */
export type WireRole = 'inbound' | 'dialled';
export const WIRE_ROLES: readonly WireRole[] = ['inbound', 'dialled'];

export const SERVER_SEED = 1;

/** The remote, unless it is to have another key. */
export const GUEST_SEED = 9;

export type Setting = {
  readonly options?: Partial<ServerOptions>;
  /** Whose key the remote has. */
  readonly seed?: number;
  /** Where the remote is; in the LAN unless given. */
  readonly host?: string;
  /** It is dialled as a candidate, not as a static node. */
  readonly isFound?: boolean;
};

/** One step of an actor: the event, and the state after it. */
export type Step = { readonly event: string; readonly state: string };

export class WireStage {
  readonly world = new World();
  readonly role: WireRole;
  readonly member: Member;
  readonly seed: number;
  readonly #setting: Setting;
  /** Of each actor, by its id. */
  readonly #steps = new Map<string, Step[]>();
  #guest: RawPeer | null = null;
  /** The setup of the connection with the guest. */
  #setupId = '';

  /** @param given Or what makes it of the world. */
  constructor(role: WireRole, given: Setting | ((world: World) => Setting) = {}) {
    const setting = typeof given === 'function' ? given(this.world) : given;
    const { options = {}, seed = GUEST_SEED, isFound = false } = setting;
    this.role = role;
    this.seed = seed;
    this.#setting = setting;
    const candidates = role === 'dialled' && isFound ? { candidates: only(this.enode) } : {};
    this.member = this.world.add(SERVER_SEED, {
      protocols: [echo()],
      inspect: this.#inspect,
      ...candidates,
      ...options,
    });
  }

  /** Of the guest. */
  get enode(): string {
    const { host = '192.0.2.1' } = this.#setting;
    return formatEnode({ ...parseEnode(enodeOf(this.seed)), host });
  }

  get guest(): RawPeer {
    if (!this.#guest) throw new Error('no remote is connected yet');
    return this.#guest;
  }

  /** The server's end of the connection. */
  get serverEnd(): ByteStream {
    const { a, b } = this.world.network.connections[0]!;
    return this.role === 'inbound' ? b : a;
  }

  /** What the setup of the guest's connection went through so far, its start included. */
  get setupSteps(): readonly Step[] {
    return this.#steps.get(this.#setupId) ?? [];
  }

  /** What the actor of this id went through. */
  stepsOf(id: string): readonly Step[] {
    return this.#steps.get(id) ?? [];
  }

  async start(): Promise<this> {
    await this.world.start(this.member);
    return this;
  }

  /** Up to the connection; neither side has sent a byte. */
  async connect(): Promise<this> {
    const { server } = this.member;
    const { network } = this.world;
    const { host } = this.#setting;
    const key = keyOf(this.seed);
    if (this.role === 'inbound') {
      const from = host === undefined ? undefined : { host, port: 4_444 };
      this.#guest = newRawPeer(network.connect(server.self.address!, from)!.a, key);
    } else {
      const { host: at, tcpPort: port } = parseEnode(this.enode);
      network.attach({ host: at, port }, (stream) => {
        this.#guest ??= newRawPeer(stream, key);
      });
      if (!this.#setting.isFound) server.addPeer(this.enode);
    }
    await this.world.settle();
    this.#setupId = [...this.#steps.keys()].filter((id) => id.startsWith('connection-setup'))[0]!;
    return this;
  }

  /** Up to the session. */
  async agree(): Promise<void> {
    if (this.role === 'inbound') await this.guest.dial(this.member.key.publicKey);
    else await this.guest.answer();
    await this.world.settle();
  }

  /** Up to a peer. */
  async join(): Promise<this> {
    await this.start();
    await this.connect();
    await this.agree();
    this.guest.sendHello(helloOf(this.seed));
    await this.world.settle();
    expect(this.member.log.map(({ type }) => type)).toEqual(['add']);
    return this;
  }

  /** Another remote connects and becomes a peer. */
  befriend(seed: number, host?: string): Promise<RawPeer> {
    return join(
      this.world,
      this.member,
      seed,
      {},
      host === undefined ? undefined : { host, port: 5_555 },
    );
  }

  /** The last message they received was this, in these bytes. */
  expectTold(reason: DisconnectReason, encoding: PayloadEncoding): void {
    const payload = encodeDisconnect(reason);
    expect(disconnectOf(this.guest)).toEqual(
      encoding === 'compressed' ? compress(payload) : payload,
    );
  }

  /** They were not told anything. */
  expectNotTold(): void {
    expect(this.guest.unreadFrames.map(({ code }) => code)).not.toContain(DISCONNECT);
  }

  /** @param faults How many mistakes of ours are part of the scene. */
  async end(faults = 0): Promise<void> {
    expect(this.world.faults.splice(0)).toHaveLength(faults);
    for (const { a, b, to } of this.world.network.connections)
      (to.port === 30_000 + SERVER_SEED ? a : b).destroy(); // the far one: the server looks after its own
    await this.world.settle();
    await this.world.end();
  }

  readonly #inspect = (inspected: InspectionEvent): void => {
    if (inspected.type === '@xstate.actor') return; // one that is never started needs no end
    if (inspected.type === '@xstate.event' && inspected.event.type === 'xstate.init')
      this.world.inspect({ ...inspected, type: '@xstate.actor' });
    this.world.inspect(inspected);
    if (inspected.type !== '@xstate.snapshot') return;
    const { snapshot, event, actorRef } = inspected;
    const { id } = actorRef as unknown as { readonly id: string };
    const { value } = snapshot as AnyMachineSnapshot;
    if (value === undefined) return; // an adapter
    const steps = this.#steps.get(id) ?? [];
    steps.push({ event: (event as EventObject).type, state: statePath(value) });
    this.#steps.set(id, steps);
  };
}

async function* only(url: string): AsyncGenerator<string> {
  yield url;
}
