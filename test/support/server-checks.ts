/**
 * An independent record of a server, compared with it: connections in setup, dials, peers, live parts.
 * The numbers are those of the invariants in the specification; each link checks 7 to 9, see `scripted-link.ts`.
 */
import type { EventObject, SnapshotFrom } from 'xstate';
import type { Peer } from '../../src/api/peer.ts';
import type { Direction } from '../../src/machines/connection/connection.ts';
import { REDIAL_DELAY_MS } from '../../src/machines/dialing/dial-scheduler.ts';
import type { serverMachine } from '../../src/machines/server/server.ts';
import type { ServerMachineEvent } from '../../src/machines/server/server-events.ts';
import type { ScriptedLink } from './scripted-link.ts';

/** Limits of the tested server: so small that each is reached. */
export const LIMITS = { maxPeers: 3, maxInbound: 2, slots: 3, maxDialed: 2, maxActive: 3 } as const;

export type ExpectedPeer = {
  readonly id: string;
  readonly direction: Direction;
  /** It was trusted when it was admitted. */
  readonly exempt: boolean;
};

type Snapshot = SnapshotFrom<typeof serverMachine>;

type Delivery = { readonly isByServer: boolean; readonly targetId: string; readonly now: number };

/** Events about peers that are sent to the dial scheduler. */
type PeerChange =
  | { readonly type: 'peer.added'; readonly id: string; readonly direction: Direction }
  | { readonly type: 'peer.removed'; readonly id: string };

const SETUP = 'connection-setup:';

export class ServerChecks {
  /** Every link that was made, by connection. */
  readonly links = new Map<string, ScriptedLink>();
  /** Node ids. */
  readonly dials = new Map<string, Direction>();
  readonly trusted = new Set(['friend']);
  /** By connection. */
  readonly peers = new Map<string, ExpectedPeer>();
  /** Counts, so that a test can check that each case occurred. */
  readonly seen = {
    lostDatagrams: 0,
    admitted: 0,
    held: 0,
    replaced: 0,
    dialled: 0,
    cancelled: 0,
    lost: 0,
    disconnects: 0,
    hangUps: 0,
    pinged: 0,
    rolledBack: 0,
    restarted: 0,
    stoppedEarly: 0,
    partsLost: 0,
  };
  readonly #dialledAt = new Map<string, number>();
  /** Peers that were reported to users. */
  readonly #added = new Set<Peer>();
  /** Peers that the dial scheduler knows. */
  readonly #told = new Map<string, Direction>();
  /** Connections that wait for an answer of a checkpoint. */
  readonly #asking = new Set<string>();
  readonly #wrong: string[] = [];

  fail(sentence: string): void {
    this.#wrong.push(sentence);
  }

  /** @throws When any check has failed. */
  throwFailures(when: string): void {
    if (this.#wrong.length > 0) throw new Error(`${when}: ${this.#wrong.join('; ')}`);
  }

  get alive(): readonly ScriptedLink[] {
    return [...this.links.values()].filter(({ isAlive }) => isAlive);
  }

  /** An event between two actors, when it is sent. */
  onSent(event: EventObject, { isByServer, targetId, now }: Delivery): void {
    const isToServer = targetId === 'server';
    const sent = event as ServerMachineEvent | PeerChange;
    switch (sent.type) {
      case 'dial.wanted':
        return this.#launch(sent.target.id, sent.direction, now);
      case 'dial.ended':
        if (isToServer) this.dials.delete(sent.id);
        return;
      case 'checkpoint.postHandshake':
      case 'checkpoint.addPeer':
        if (isToServer) this.#asking.add(sent.candidate.connectionId);
        return;
      case 'peer.added':
        this.#told.set(sent.id, sent.direction);
        return;
      case 'peer.removed':
        this.#told.delete(sent.id);
        return;
      default:
    }
    if (!isByServer || !targetId.startsWith(SETUP)) return;
    if (event.type === 'hold') this.seen.held += 1;
    else if (!this.#asking.delete(targetId.slice(SETUP.length)))
      this.fail(`2: ${targetId} got an answer without a request`);
  }

  /** 2: when a connection is admitted, it is in the set, and the dial scheduler knows it. */
  admit({ connectionId, id, direction }: ScriptedLink, { context, children }: Snapshot): void {
    if (context.peers.get(id)?.connectionId !== connectionId)
      this.fail(`2: ${id} was admitted, and is not in the set`);
    if (children.dialScheduler?.getSnapshot().status === 'active' && !this.#told.has(id))
      this.fail(`2: ${id} was admitted, and the dial scheduler does not know it`);
    this.seen.admitted += 1;
    this.peers.set(connectionId, { id, direction, exempt: this.trusted.has(id) });
  }

  /** 3: each peer is reported to users once. */
  add(peer: Peer): void {
    if (this.#added.has(peer)) this.fail(`3: ${peer.id} is added twice`);
    this.#added.add(peer);
  }

  /** 3: a peer leaves the set before its drop is reported, once. */
  remove(connectionId: string, id: string, peer: Peer | undefined, { context }: Snapshot): void {
    if (context.peers.get(id)?.connectionId === connectionId)
      this.fail(`3: ${id} is reported as removed, and is in the set`);
    if (!this.peers.delete(connectionId)) this.fail(`3: ${id} is removed twice`);
    if (peer && !this.#added.delete(peer)) this.fail(`3: ${id} is dropped, and was never added`);
  }

  /** 5 and 6. */
  #launch(id: string, direction: Direction, now: number): void {
    this.seen.dialled += 1;
    const last = this.#dialledAt.get(id);
    if (this.dials.has(id)) this.fail(`5: ${id} is dialled twice at once`);
    if (last !== undefined && now - last < REDIAL_DELAY_MS)
      this.fail(`5: ${id} is dialled again after ${now - last} ms`);
    this.#dialledAt.set(id, now);
    this.dials.set(id, direction);
    const dialled = [...this.#told.values()].filter((way) => way !== 'inbound').length;
    const places = Math.min(2 * (LIMITS.maxDialed - dialled), LIMITS.maxActive);
    this.atMost(this.dials.size, places, '6: dials');
  }

  /** The user asked for this node: it may be dialled at once. */
  forgetDial(id: string): void {
    this.#dialledAt.delete(id);
  }

  /** 1, 4, 7, 8, 9 and 11, and the other counts of the machine. */
  compare({ context, children }: Snapshot): void {
    const alive = this.alive;
    for (const link of alive) link.check();
    const ours = [...this.peers.values()];
    const inbound = ours.filter(({ direction }) => direction === 'inbound');
    const strangers = (peers: readonly ExpectedPeer[]) =>
      peers.filter(({ exempt }) => !exempt).length;
    this.expect(context.peers.size, ours.length, '1: peers');
    this.expect(new Set(ours.map(({ id }) => id)).size, ours.length, '1: ids of peers');
    this.atMost(strangers(ours), LIMITS.maxPeers, '1: untrusted peers');
    this.atMost(strangers(inbound), LIMITS.maxInbound, '1: untrusted inbound peers');
    this.expect(context.peers.has('us'), false, '1: being a peer of our own');
    const setups = alive.filter(({ isInSetup }) => isInSetup);
    this.expect(alive.length - setups.length, ours.length, '3: connections of peers');
    const past = setups.filter(({ saidHello }) => saidHello);
    this.expect(context.pending.size, past.length, '4: candidates past the first checkpoint');
    const listener = children.listener?.getSnapshot();
    if (listener?.status === 'active') {
      const holding = setups.filter(({ direction }) => direction === 'inbound').length;
      this.expect(listener.context.held.used, holding, '4: slots');
      this.atMost(holding, LIMITS.slots, '4: slots');
    }
    const scheduler = children.dialScheduler?.getSnapshot();
    if (scheduler?.status !== 'active' || !scheduler.matches('scheduling')) return;
    const { peers, dialing } = scheduler.context.facts;
    this.expect(dialing.size, this.dials.size, '11: running dials');
    this.expect(peers.size, ours.length, '11: peers in the scheduler');
    for (const { id, direction } of ours)
      this.expect(peers.get(id), direction, `11: the scheduler about ${id}`);
  }

  /** 12: a server that is not started holds nothing. */
  checkIdle({ context, children }: Snapshot, held: Readonly<Record<string, number>>): void {
    const running = Object.values(children).filter((child) => child !== undefined).length;
    const left = {
      ...held,
      running,
      addresses: context.address ? 1 : 0,
      pending: context.pending.size + context.held.size,
      links: this.alive.length,
    };
    for (const [what, count] of Object.entries(left))
      this.expect(count, 0, `12: idle with ${what}`);
  }

  /** 10: when the stop is reported to users, no connection is left. */
  checkStopped(attempts: number): void {
    this.expect(this.alive.length, 0, '10: connections when it is stopped');
    this.expect(attempts, 0, '10: dials when it is stopped');
  }

  /** 10 and 3: after the stop nothing is left, and every peer was dropped. */
  checkOver({ status }: Snapshot, held: Readonly<Record<string, number>>): void {
    this.expect(status, 'done', '10: the server');
    for (const { lastCommand, isPinged } of this.links.values()) {
      if (lastCommand === 'hang.up') this.seen.hangUps += 1;
      else if (lastCommand) this.seen.disconnects += 1;
      if (isPinged) this.seen.pinged += 1;
    }
    const streams = [...this.links.values()].filter(({ stream }) => !stream.duplex.destroyed);
    const left = {
      ...held,
      links: this.alive.length,
      streams: streams.length,
      peers: this.peers.size,
      dials: this.dials.size,
      adds: this.#added.size,
    };
    for (const [what, count] of Object.entries(left))
      this.expect(count, 0, `10: over with ${what}`);
  }

  expect(actual: unknown, expected: unknown, what: string): void {
    if (actual !== expected) this.fail(`${what}: ${actual}, not ${expected}`);
  }

  atMost(actual: number, limit: number, what: string): void {
    if (actual > limit) this.fail(`${what}: ${actual}, more than ${limit}`);
  }
}
