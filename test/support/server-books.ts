/**
 * What should be true of a server, kept apart from it: who is in setup, who is dialled, who is a peer. After every step it
 * is compared with what the machine says; the numbers are those of the invariants in the specification.
 */
import type { SnapshotFrom } from 'xstate';

import type { Candidate, Direction } from '../../src/machines/connection.ts';
import { REDIAL_DELAY_MS } from '../../src/machines/dial-scheduler.ts';
import type { serverMachine } from '../../src/machines/server.ts';

/** Of the server that is played with: so small that every limit is reached. */
export const LIMITS = { maxPeers: 4, maxInbound: 3, slots: 3, maxDialed: 2, maxActive: 3 } as const;

export type Setup = Candidate & {
  /** Null for dials. */
  readonly slot: number | null;
  stage: 'silent' | 'proven' | 'hello' | 'asked';
};

export type Dial = { readonly direction: Direction; connectionId: string | null };

export type BookedPeer = {
  readonly id: string;
  readonly direction: Direction;
  /** It was trusted when it came. */
  readonly exempt: boolean;
};

type Snapshot = SnapshotFrom<typeof serverMachine>;

export class ServerBooks {
  /** Setups and peers by connection, dials by node id. */
  readonly setups = new Map<string, Setup>();
  readonly dials = new Map<string, Dial>();
  readonly peers = new Map<string, BookedPeer>();
  /** So that a test can say that something happened. */
  readonly seen = { admitted: 0, held: 0, replaced: 0, dialled: 0, cancelled: 0, lost: 0 };
  readonly #dialledAt = new Map<string, number>();
  readonly #wrong: string[] = [];

  complain(sentence: string): void {
    this.#wrong.push(sentence);
  }

  /** @throws When anything was wrong up to now. */
  settle(when: string): void {
    if (this.#wrong.length > 0) throw new Error(`${when}: ${this.#wrong.join('; ')}`);
  }

  /** 2: whoever is told that it is a peer is in the set. */
  admit({ connectionId, id, direction }: Setup, exempt: boolean, { context }: Snapshot): void {
    if (context.peers.get(id)?.connectionId !== connectionId)
      this.complain(`${id} was told that it is a peer, and is not in the set`);
    this.seen.admitted += 1;
    this.setups.delete(connectionId);
    this.peers.set(connectionId, { id, direction, exempt });
  }

  /** 3: it has left the set before anybody hears of it, and this happens once. */
  remove(connectionId: string, id: string, { context }: Snapshot): void {
    if (context.peers.get(id)?.connectionId === connectionId)
      this.complain(`${id} is reported as removed, and is in the set`);
    if (!this.peers.delete(connectionId)) this.complain(`${id} is removed twice`);
  }

  /** 5 and 6. */
  launch(id: string, direction: Direction, now: number): void {
    this.seen.dialled += 1;
    const last = this.#dialledAt.get(id);
    if (this.dials.has(id)) this.complain(`${id} is dialled twice at once`);
    if (last !== undefined && now - last < REDIAL_DELAY_MS)
      this.complain(`${id} is dialled again after ${now - last} ms`);
    this.#dialledAt.set(id, now);
    this.dials.set(id, { direction, connectionId: null });
    const dialled = [...this.peers.values()].filter((peer) => peer.direction !== 'inbound').length;
    this.atMost(
      this.dials.size,
      Math.min(2 * (LIMITS.maxDialed - dialled), LIMITS.maxActive),
      'dials',
    );
  }

  /** The user asked for it: it may be dialled at once. */
  forgetDial(id: string): void {
    this.#dialledAt.delete(id);
  }

  /** 1, 4 and 11, and whatever else the machine keeps count of. */
  compare({ context, children }: Snapshot): void {
    const ours = [...this.peers.values()];
    const inbound = ours.filter(({ direction }) => direction === 'inbound');
    const strangers = (peers: readonly BookedPeer[]) =>
      peers.filter(({ exempt }) => !exempt).length;
    this.expect(context.peers.size, ours.length, 'peers');
    this.expect(new Set(ours.map(({ id }) => id)).size, ours.length, 'ids of peers');
    this.atMost(strangers(ours), LIMITS.maxPeers, 'untrusted peers');
    this.atMost(strangers(inbound), LIMITS.maxInbound, 'untrusted inbound peers');
    this.expect(context.peers.has('us'), false, 'being a peer of our own');
    const setups = [...this.setups.values()];
    const past = setups.filter(({ stage }) => stage === 'hello' || stage === 'asked');
    this.expect(context.pending.size, past.length, 'candidates past the first checkpoint');
    const listener = children.listener?.getSnapshot();
    if (listener?.status === 'active') {
      const holding = setups.filter(({ slot }) => slot !== null).length;
      this.expect(listener.context.held.used, holding, 'slots');
      this.atMost(holding, LIMITS.slots, 'slots');
    }
    const scheduler = children.dialScheduler?.getSnapshot();
    if (scheduler?.status === 'active' && scheduler.matches('scheduling')) {
      this.expect(scheduler.context.facts.peers.size, ours.length, 'peers in the scheduler');
      this.expect(scheduler.context.facts.dialing.size, this.dials.size, 'running dials');
    }
  }

  expect(actual: unknown, expected: unknown, what: string): void {
    if (actual !== expected) this.complain(`${what}: ${actual}, not ${expected}`);
  }

  atMost(actual: number, limit: number, what: string): void {
    if (actual > limit) this.complain(`${what}: ${actual}, more than ${limit}`);
  }
}
