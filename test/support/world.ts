/**
 * Servers in one process on one virtual time: joined in memory, started and stopped by hand, and watched for
 * anything they leave behind.
 */
import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import { expect } from 'vitest';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { ServerOptions } from '../../src/api/options.ts';
import type { ServerEvent } from '../../src/api/server-events.ts';
import { formatEnode } from '../../src/io/crypto/enode.ts';
import { createNodeKey, type NodeKey } from '../../src/io/crypto/node-key.ts';
import { echo } from '../../src/protocols/echo.ts';
import { Server } from '../../src/server.ts';
import { rememberingPrimitives, seededRandom } from './crypto.ts';
import { MemoryNetwork } from './memory-network.ts';
import { StepClock } from './step-clock.ts';

/** Shared by all worlds of a file: what one has computed the next one remembers. */
const primitives = rememberingPrimitives();

/** Turns of the event loop in which everything that can happen at one moment of virtual time has happened. */
const TURNS = 40;

export type Member = {
  readonly server: Server;
  readonly key: NodeKey;
  /** What it reported, in order. */
  readonly log: ServerEvent[];
  /** Where others dial it. */
  readonly enode: string;
};

export class World {
  readonly clock = new StepClock();
  readonly network: MemoryNetwork;
  /** Mistakes that a server logged, and events that a chart ignored. A test that expects some takes them out. */
  readonly faults: string[] = [];
  readonly #actors = new Set<AnyActorRef>();
  readonly #members: Member[] = [];

  constructor(network = new MemoryNetwork()) {
    this.network = network;
  }

  /** A server that is not started; `seed` is its key and its randomness. */
  add(seed: number, options: Partial<ServerOptions> = {}): Member {
    const key = keyOf(seed);
    const { ports, ...rest } = options;
    const listen = { host: '192.0.2.1', port: 30_000 + seed };
    const server = new Server({
      nodeKey: key,
      listen,
      logger: pino({ level: 'error' }, { write: (line) => this.#note(line) }),
      inspect: this.inspect,
      ports: {
        clock: this.clock,
        random: seededRandom(`server ${seed}`),
        primitives,
        listener: this.network.listener,
        dialer: this.network.dialer,
        openFiles: () => Number.POSITIVE_INFINITY,
        ...ports,
      },
      ...rest,
    });
    const log: ServerEvent[] = [];
    for (const type of ['add', 'drop', 'ended', 'dialFailed', 'lost', 'restored'] as const)
      server.on(type, (event) => log.push(event as ServerEvent));
    const member: Member = { server, key, log, enode: enodeOf(seed) };
    this.#members.push(member);
    return member;
  }

  async start(...members: readonly Member[]): Promise<void> {
    for (const { server } of members) await server.start();
  }

  /** Lets everything happen that needs no time to pass. */
  async settle(turns = TURNS): Promise<void> {
    for (let turn = 0; turn < turns; turn += 1) await setImmediate();
  }

  /** Moves on by `ms`, and lets everything happen before that and at each step of the way. */
  async advance(ms: number, stepMs = 1_000): Promise<void> {
    await this.settle();
    for (let left = ms; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(left, stepMs));
      await this.settle();
    }
  }

  /** Stops every server on virtual time. @returns how long it took, in ms. */
  async stop(...members: readonly Member[]): Promise<number> {
    const begun = this.clock.now();
    const stopped = Promise.all(members.map(({ server }) => server.stop())).then(() => true);
    while (!(await Promise.race([stopped, this.settle().then(() => false)])))
      this.clock.advance(100);
    return this.clock.now() - begun;
  }

  /** Stops all servers and checks that nothing failed or is left: no timer, actor, stream, slot or peer. */
  async end(): Promise<void> {
    await this.stop(...this.#members);
    await this.settle();
    expect(this.faults).toEqual([]);
    expect(this.clock.pending).toBe(0);
    expect(this.liveActors().filter((id) => id !== 'server')).toEqual([]);
    for (const { a, b } of this.network.connections)
      expect([a.duplex.destroyed, b.duplex.destroyed]).toEqual([true, true]);
    for (const { server } of this.#members) {
      expect(server.peers).toEqual([]);
      expect(slotsInUse(server)).toBe(0);
    }
  }

  /** Ids of the actors that have not ended; a server that was never started is one of them. */
  liveActors(): string[] {
    for (const actor of this.#actors)
      if (actor.getSnapshot()?.status !== 'active') this.#actors.delete(actor);
    return [...this.#actors].map(({ id }) => id);
  }

  /** Only records: an inspector that throws is switched off. */
  readonly inspect = (inspected: InspectionEvent): void => {
    if (inspected.type === '@xstate.actor') this.#actors.add(inspected.actorRef as AnyActorRef);
    if (inspected.type !== '@xstate.microstep') return;
    const { actorRef, event, _transitions: transitions } = inspected;
    if (transitions.length === 0 && !event.type.startsWith('xstate.'))
      this.faults.push(`no state of ${(actorRef as AnyActorRef).id} handles ${event.type}`);
  };

  #note(line: string): void {
    const { msg, error, where } = JSON.parse(line);
    if (msg === 'internal error') this.faults.push(`${where}: ${error}`);
  }
}

export const keyOf = (seed: number): NodeKey =>
  createNodeKey(new Uint8Array(32).fill(seed), primitives);

export function enodeOf(seed: number): string {
  const { publicKey, id } = keyOf(seed);
  const port = 30_000 + seed;
  return formatEnode({
    publicKey,
    id,
    host: '192.0.2.1',
    hostKind: 'ipv4',
    tcpPort: port,
    udpPort: port,
  });
}

/** Inbound handshakes that hold a slot; null before the server listens. */
export function slotsInUse(server: Server): number | null {
  const listener = server.actor.getSnapshot().children.listener;
  return listener ? listener.getSnapshot().context.held.used : 0;
}

/** Two servers that speak echo/1 and are each other's peer; `a` dialled. */
export async function meet(
  options: { readonly a?: Partial<ServerOptions>; readonly b?: Partial<ServerOptions> } = {},
): Promise<{ world: World; a: Member; b: Member }> {
  const world = new World();
  const a = world.add(1, { protocols: [echo()], ...options.a });
  const b = world.add(2, { protocols: [echo()], ...options.b });
  await world.start(a, b);
  a.server.addPeer(b.enode);
  await world.settle();
  return { world, a, b };
}

/** What a server reported, such as `drop ending.rejected.requested`. */
export const storyOf = ({ log }: Member): string[] =>
  log.map((event) => ('state' in event ? `${event.type} ${event.state}` : event.type));
