/**
 * Checks the invariants of one server from its inspection events. It keeps its own records, and after each event checks
 * what that event can have changed.
 */
import type { AnyActorRef, EventObject, InspectionEvent, SnapshotFrom } from 'xstate';
import { statePath } from '../../actors/state-path.ts';
import type { Peer } from '../../api/peer.ts';
import type { ServerEvent } from '../../api/server-events.ts';
import type {
  Candidate,
  Direction,
  PeerEntry,
  PeerSet,
} from '../../machines/connection/connection.ts';
import type { DialRequest } from '../../machines/dialing/dial-generator.ts';
import {
  type dialSchedulerMachine,
  REDIAL_DELAY_MS,
} from '../../machines/dialing/dial-scheduler.ts';
import type { listenerMachine } from '../../machines/listening/listener.ts';
import type { serverMachine } from '../../machines/server/server.ts';
import { DiscoveryInvariants } from './discovery-invariants.ts';
import type { InvariantNumber, Violation } from './invariants.ts';

export type NodeInvariantsHooks = {
  /** Time on the node's clock, in ms. */
  readonly now: () => number;
  readonly onViolated: (violation: Omit<Violation, 'node' | 'at'>) => void;
};

/** Most events of one actor in a violation. */
const MAX_TRAIL = 12;

/** Most events of all actors that are kept. */
const MAX_REMEMBERED = 400;

type ServerSnapshot = SnapshotFrom<typeof serverMachine>;
type SchedulerSnapshot = SnapshotFrom<typeof dialSchedulerMachine>;
type ListenerSnapshot = SnapshotFrom<typeof listenerMachine>;
type Microstep = Extract<InspectionEvent, { type: '@xstate.microstep' }>;

export class NodeInvariants {
  readonly #hooks: NodeInvariantsHooks;
  #server: AnyActorRef | null = null;
  /** The server is processing an event and its consequences. */
  #isServerProcessing = false;
  #peers: PeerSet = new Map();
  /** Peers with an add event and no drop event yet. By connection: the next peer with the same id may be in the set first. */
  readonly #added = new Map<Peer, string | undefined>();
  /** Connections that wait for the answer of the second checkpoint. */
  readonly #awaitingAnswer = new Map<AnyActorRef, Candidate>();
  /** Peers that were reported to the scheduler. */
  readonly #reportedPeers = new Map<string, Direction>();
  /** Reports that the scheduler has not processed yet. */
  readonly #pendingReports = new Set<EventObject>();
  #compared: readonly unknown[] = [];
  /** Ids with a running dial, and the time of the last dial of each id. */
  readonly #dials = new Set<string>();
  readonly #dialledAt = new Map<string, number>();
  /** Slots that are not returned yet; false after another connection replaced the holder. */
  readonly #slots = new Map<number, boolean>();
  #listener: AnyActorRef | null = null;
  #nextSlot = 1;
  /** Connections that were sent a Disconnect or are closed. */
  readonly #closedConnections = new Set<string>();
  readonly #discovery = new DiscoveryInvariants((...violation) => this.#violated(...violation));
  readonly #steps: { readonly actor: string; readonly step: Microstep }[] = [];

  constructor(hooks: NodeInvariantsHooks) {
    this.#hooks = hooks;
  }

  /** For the `inspect` option of the node. */
  readonly inspect = (inspected: InspectionEvent): void => {
    const actor = inspected.actorRef as AnyActorRef;
    switch (inspected.type) {
      case '@xstate.event':
        return this.#onSent(inspected.sourceRef as AnyActorRef | undefined, actor, inspected.event);
      case '@xstate.microstep':
        this.#remember(actor.id, inspected);
        return this.#onProcessed(actor, inspected.event, inspected.snapshot);
      case '@xstate.snapshot':
        return this.#onSettled(actor, inspected.event, inspected.snapshot);
    }
  };

  /** Invariant 3, from the events that users get. */
  onServerEvent(event: ServerEvent): void {
    if (event.type !== 'add' && event.type !== 'drop') return;
    const { peer } = event;
    const entry = this.#peers.get(peer.id);
    if (event.type === 'add') {
      if (!entry)
        this.#violated(
          3,
          'server',
          `${shortId(peer.id)} has an add event and is not in the peer set`,
        );
      if (this.#added.has(peer))
        this.#violated(3, 'server', `${shortId(peer.id)} has two add events`);
      this.#added.set(peer, entry?.connectionId);
    } else {
      if (entry && entry.connectionId === this.#added.get(peer))
        this.#violated(3, 'server', `${shortId(peer.id)} has a drop event and is in the peer set`);
      if (!this.#added.delete(peer))
        this.#violated(3, 'server', `${shortId(peer.id)} has two drop events, or no add event`);
    }
  }

  /** An actor sent an event; it may send more before it is done. */
  #onSent(source: AnyActorRef | undefined, target: AnyActorRef, event: EventObject): void {
    this.#discovery.onSent(source, target, event);
    if (target.id === 'link' && source) this.#onCommand(source.id, event.type);
    else if (target.id === 'dialScheduler') this.#onPeerReport(event as PeerReport);
    else if (target.id === 'server') this.#onRequest(source, event as ServerRequest);
    else if (source === this.#server && source) this.#onAnswer(target, event.type);
  }

  /** Invariant 9. */
  #onCommand(actor: string, command: string): void {
    const connection = connectionOf(actor);
    if (this.#closedConnections.has(connection) && command.startsWith('send.'))
      this.#violated(9, actor, `${command} after the connection ended`);
    if (command === 'send.disconnect' || command === 'hang.up')
      this.#closedConnections.add(connection);
  }

  #onPeerReport(event: PeerReport): void {
    if (event.type !== 'peer.added' && event.type !== 'peer.removed') return;
    this.#pendingReports.add(event);
    if (event.type === 'peer.added') this.#reportedPeers.set(event.id, event.direction);
    else this.#reportedPeers.delete(event.id);
  }

  #onRequest(source: AnyActorRef | undefined, event: ServerRequest): void {
    if (event.type === 'checkpoint.addPeer' && source)
      this.#awaitingAnswer.set(source, event.candidate);
    if (event.type === 'peer.dropped') this.#closedConnections.delete(event.connectionId);
    if (event.type === 'connection.replaced') this.#slots.set(event.slot, false);
    if (event.type === 'dial.wanted' && source) this.#onDial(source, event);
  }

  /** Invariant 2. */
  #onAnswer(target: AnyActorRef, answer: string): void {
    const candidate = this.#awaitingAnswer.get(target);
    if (!candidate || answer === 'hold') return;
    this.#awaitingAnswer.delete(target);
    if (answer !== 'accept') return;
    const { id, connectionId } = candidate;
    if (this.#peers.get(id)?.connectionId !== connectionId)
      this.#violated(2, 'server', `${shortId(id)} was accepted and is not in the peer set`);
    if (this.#scheduler()?.status === 'active' && !this.#reportedPeers.has(id))
      this.#violated(2, 'server', `${shortId(id)} was accepted and not reported to the scheduler`);
  }

  /** Invariants 5 and 6. */
  #onDial(scheduler: AnyActorRef, { target: { id }, direction }: DialRequest): void {
    const now = this.#hooks.now();
    const last = this.#dialledAt.get(id) ?? Number.NEGATIVE_INFINITY;
    const since = Math.round(now - last); // times are fractions with rounding errors
    if (this.#dials.has(id))
      this.#violated(5, scheduler.id, `${shortId(id)} has two dials at once`);
    if (since < REDIAL_DELAY_MS)
      this.#violated(5, scheduler.id, `${shortId(id)} is dialled again after ${since} ms`);
    this.#dialledAt.set(id, now);
    this.#dials.add(id);
    const { facts, rules } = (scheduler.getSnapshot() as SchedulerSnapshot).context;
    const takesShare = (direction: Direction): boolean =>
      direction === 'dynamic' || (direction === 'static' && !rules.isStaticExempt);
    const count = (directions: ReadonlyMap<string, Direction>): number =>
      [...directions.values()].filter(takesShare).length;
    const places = 2 * (rules.maxDialed - count(facts.peers));
    if (this.#dials.size > rules.maxActive)
      this.#violated(6, scheduler.id, `${this.#dials.size} dials, limit ${rules.maxActive}`);
    if (takesShare(direction) && count(facts.dialing) > places)
      this.#violated(6, scheduler.id, `${count(facts.dialing)} dials, ${places} dial slots`);
  }

  /** A machine processed an event; its context is new, and its actions have not run yet. */
  #onProcessed(actor: AnyActorRef, event: EventObject, snapshot: unknown): void {
    this.#discovery.onProcessed(actor, event, snapshot);
    if (actor.id === 'server') {
      this.#server = actor;
      this.#isServerProcessing = true;
      this.#onPeers(snapshot as ServerSnapshot);
    } else if (actor.id === 'dialScheduler') {
      this.#pendingReports.delete(event);
      if (event.type === 'dial.ended') this.#dials.delete((event as WithId).id);
      if (event.type === 'static.add') this.#dialledAt.delete((event as StaticAdded).target.id);
      if (event.type === 'static.remove') this.#dialledAt.delete((event as WithId).id);
    } else if (event.type === 'link.closed') this.#closedConnections.add(connectionOf(actor.id));
  }

  /** Invariant 1. */
  #onPeers({ context }: ServerSnapshot): void {
    const { peers } = context;
    if (peers === this.#peers) return;
    const before = this.#peers;
    this.#peers = peers;
    for (const [id, entry] of peers) {
      const known = before.get(id);
      if (known?.connectionId === entry.connectionId) continue;
      if (known) this.#violated(1, 'server', `${shortId(id)} is a peer twice`);
      this.#onNewPeer(id, entry, context);
    }
  }

  #onNewPeer(id: string, entry: PeerEntry, { input, peers, trusted }: ServerContext): void {
    const { rules } = input;
    if (id !== entry.id)
      this.#violated(1, 'server', `${shortId(entry.id)} is stored under ${shortId(id)}`);
    if (id === rules.self) this.#violated(1, 'server', 'the node is its own peer');
    if (trusted.has(id) || (rules.isStaticExempt && entry.direction === 'static')) return;
    const inbound = [...peers.values()].filter(({ direction }) => direction === 'inbound').length;
    if (peers.size > rules.maxPeers)
      this.#violated(
        1,
        'server',
        `${shortId(id)} makes ${peers.size} peers, limit ${rules.maxPeers}`,
      );
    if (entry.direction === 'inbound' && inbound > rules.maxInbound)
      this.#violated(
        1,
        'server',
        `${shortId(id)} makes ${inbound} inbound, limit ${rules.maxInbound}`,
      );
  }

  /** An actor has processed an event, including its actions. */
  #onSettled(actor: AnyActorRef, event: EventObject, snapshot: unknown): void {
    if (actor.id === 'listener') return this.#onSlots(actor, event, snapshot as ListenerSnapshot);
    if (actor.id !== 'server' && actor.id !== 'dialScheduler') return;
    if (actor.id === 'server') {
      this.#isServerProcessing = false;
      this.#onIdleOrDone(snapshot as ServerSnapshot);
    }
    this.#compareScheduler();
  }

  /** Invariant 12, and the final check of 3. */
  #onIdleOrDone({ value, status, context, children }: ServerSnapshot): void {
    if (status === 'done' && this.#added.size > 0)
      this.#violated(3, 'server', `${this.#added.size} peers have an add event and no drop event`);
    if (value !== 'idle') return;
    const running = Object.entries(children).flatMap(([id, child]) => (child ? [id] : []));
    const left = [...running, ...(context.address ? ['address'] : [])];
    if (left.length > 0) this.#violated(12, 'server', `not started, but has ${left.join(' and ')}`);
  }

  /** Invariant 11. */
  #compareScheduler(): void {
    if (this.#isServerProcessing || this.#pendingReports.size > 0) return;
    const scheduler = this.#scheduler();
    if (scheduler?.status !== 'active' || !scheduler.matches('scheduling')) return;
    const known = scheduler.context.facts.peers;
    if (this.#compared[0] === known && this.#compared[1] === this.#peers) return;
    this.#compared = [known, this.#peers];
    const isSame = [...this.#peers].every(([id, { direction }]) => known.get(id) === direction);
    if (!isSame || known.size !== this.#peers.size)
      this.#violated(
        11,
        'dialScheduler',
        `it has ${shortIds(known)}, the peer set has ${shortIds(this.#peers)}`,
      );
  }

  /** Invariant 4. */
  #onSlots(actor: AnyActorRef, event: EventObject, { context }: ListenerSnapshot): void {
    if (actor !== this.#listener) {
      this.#listener = actor;
      this.#slots.clear();
      this.#nextSlot = 1;
    }
    const { held, slots } = context;
    for (; this.#nextSlot < held.next; this.#nextSlot += 1) this.#slots.set(this.#nextSlot, true);
    if (event.type === 'slot.returned' && !this.#slots.delete((event as SlotReturned).slot))
      this.#violated(4, 'listener', `slot ${(event as SlotReturned).slot} is returned twice`);
    const used = [...this.#slots.values()].filter((isHeld) => isHeld).length;
    if (held.used !== used)
      this.#violated(4, 'listener', `${held.used} slots counted, ${used} in use`);
    if (used > slots) this.#violated(4, 'listener', `${used} slots in use, limit ${slots}`);
  }

  #scheduler(): SchedulerSnapshot | undefined {
    return (
      this.#server?.getSnapshot() as ServerSnapshot | undefined
    )?.children.dialScheduler?.getSnapshot();
  }

  #remember(actor: string, step: Microstep): void {
    this.#steps.push({ actor, step });
    if (this.#steps.length > 2 * MAX_REMEMBERED) this.#steps.splice(0, MAX_REMEMBERED);
  }

  #violated(invariant: InvariantNumber, actor: string, detail: string): void {
    const trail = this.#steps
      .filter((each) => each.actor === actor)
      .slice(-MAX_TRAIL)
      .map(({ step: { event, snapshot } }) => {
        const { value } = snapshot as unknown as ServerSnapshot;
        return `${event.type} → ${statePath(value)}`;
      });
    this.#hooks.onViolated({ invariant, actor, detail, trail });
  }
}

type ServerContext = ServerSnapshot['context'];
type WithId = EventObject & { readonly id: string };
type StaticAdded = EventObject & { readonly target: { readonly id: string } };
type SlotReturned = EventObject & { readonly slot: number };
type PeerReport = { readonly type: 'peer.added' | 'peer.removed' } & Pick<
  PeerEntry,
  'id' | 'direction'
>;
type ServerRequest =
  | { readonly type: 'checkpoint.addPeer'; readonly candidate: Candidate }
  | { readonly type: 'peer.dropped'; readonly connectionId: string }
  | { readonly type: 'connection.replaced'; readonly slot: number }
  | ({ readonly type: 'dial.wanted' } & DialRequest);

/** The number in `peer:7`; a setup and its later peer have the same one. */
const connectionOf = (actor: string): string => actor.slice(actor.indexOf(':') + 1);

const shortId = (id: string): string => id.slice(0, 8);

const shortIds = (ids: ReadonlyMap<string, unknown>): string =>
  [...ids.keys()].map(shortId).join(' ') || 'no peers';
