/**
 * Looks on at the actors of one server, and says as soon as an invariant does not hold. It keeps books of its own, and
 * after each event checks what that event can have changed.
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
import type { InvariantNumber, Violation } from './invariants.ts';

export type NodeInvariantsHooks = {
  /** In ms, of the clock of this node. */
  readonly now: () => number;
  readonly onBroken: (violation: Omit<Violation, 'node' | 'at'>) => void;
};

/** Events of one actor that a violation shows. */
const TRAIL = 12;

/** Events of all actors of the node that are remembered. */
const MAX_REMEMBERED = 400;

type ServerSnapshot = SnapshotFrom<typeof serverMachine>;
type SchedulerSnapshot = SnapshotFrom<typeof dialSchedulerMachine>;
type ListenerSnapshot = SnapshotFrom<typeof listenerMachine>;
type Microstep = Extract<InspectionEvent, { type: '@xstate.microstep' }>;

export class NodeInvariants {
  readonly #hooks: NodeInvariantsHooks;
  #server: AnyActorRef | null = null;
  /** It took an event, and has not done yet all that came of it. */
  #isServerBusy = false;
  #peers: PeerSet = new Map();
  /** Added and not dropped, with their connections: the next one of the same id may be in the set before the drop is heard. */
  readonly #added = new Map<Peer, string | undefined>();
  /** Who waits for an answer at the second checkpoint. */
  readonly #asking = new Map<AnyActorRef, Candidate>();
  /** Ids of peers that the scheduler was told. */
  readonly #told = new Map<string, Direction>();
  /** Told, and still on the way. */
  readonly #mail = new Set<EventObject>();
  #compared: readonly unknown[] = [];
  /** Ids that are dialled now, and when each id was dialled last. */
  readonly #dials = new Set<string>();
  readonly #dialledAt = new Map<string, number>();
  /** Slots that were given out and not given back; false once somebody else was given the place. */
  readonly #slots = new Map<number, boolean>();
  #listener: AnyActorRef | null = null;
  #nextSlot = 1;
  /** Connections that were said goodbye to, or are closed. */
  readonly #over = new Set<string>();
  readonly #remembered: { readonly actor: string; readonly step: Microstep }[] = [];

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
        return this.#onTaken(actor, inspected.event, inspected.snapshot);
      case '@xstate.snapshot':
        return this.#onDone(actor, inspected.event, inspected.snapshot);
    }
  };

  /** 3, which is about what users hear. */
  hear(event: ServerEvent): void {
    if (event.type !== 'add' && event.type !== 'drop') return;
    const { peer } = event;
    const entry = this.#peers.get(peer.id);
    if (event.type === 'add') {
      if (!entry) this.#broken(3, 'server', `${nick(peer.id)} is added, and is not in the set`);
      if (this.#added.has(peer)) this.#broken(3, 'server', `${nick(peer.id)} is added twice`);
      this.#added.set(peer, entry?.connectionId);
    } else {
      if (entry && entry.connectionId === this.#added.get(peer))
        this.#broken(3, 'server', `${nick(peer.id)} is dropped, and is in the set`);
      if (!this.#added.delete(peer))
        this.#broken(3, 'server', `${nick(peer.id)} is dropped twice, or was never added`);
    }
  }

  /** An event leaves its sender, who may have more to do. */
  #onSent(source: AnyActorRef | undefined, target: AnyActorRef, event: EventObject): void {
    if (target.id === 'link' && source) this.#onCommand(source.id, event.type);
    else if (target.id === 'dialScheduler') this.#onTold(event as Told);
    else if (target.id === 'server') this.#onAsked(source, event as Asked);
    else if (source === this.#server && source) this.#onAnswered(target, event.type);
  }

  /** 9 */
  #onCommand(actor: string, command: string): void {
    const connection = connectionOf(actor);
    if (this.#over.has(connection) && command.startsWith('send.'))
      this.#broken(9, actor, `${command} after the end`);
    if (command === 'send.disconnect' || command === 'hang.up') this.#over.add(connection);
  }

  #onTold(event: Told): void {
    if (event.type !== 'peer.added' && event.type !== 'peer.removed') return;
    this.#mail.add(event);
    if (event.type === 'peer.added') this.#told.set(event.id, event.direction);
    else this.#told.delete(event.id);
  }

  #onAsked(source: AnyActorRef | undefined, event: Asked): void {
    if (event.type === 'checkpoint.addPeer' && source) this.#asking.set(source, event.candidate);
    if (event.type === 'peer.dropped') this.#over.delete(event.connectionId);
    if (event.type === 'connection.replaced') this.#slots.set(event.slot, false);
    if (event.type === 'dial.wanted' && source) this.#onDial(source, event);
  }

  /** 2 */
  #onAnswered(target: AnyActorRef, answer: string): void {
    const candidate = this.#asking.get(target);
    if (!candidate || answer === 'hold') return;
    this.#asking.delete(target);
    if (answer !== 'accept') return;
    const { id, connectionId } = candidate;
    if (this.#peers.get(id)?.connectionId !== connectionId)
      this.#broken(2, 'server', `${nick(id)} hears that it is a peer, and is not in the set`);
    if (this.#scheduler()?.status === 'active' && !this.#told.has(id))
      this.#broken(2, 'server', `${nick(id)} hears that it is a peer, and the scheduler does not`);
  }

  /** 5 and 6 */
  #onDial(scheduler: AnyActorRef, { target: { id }, direction }: DialRequest): void {
    const now = this.#hooks.now();
    const last = this.#dialledAt.get(id) ?? Number.NEGATIVE_INFINITY;
    const since = Math.round(now - last); // times are fractions, whose sums are not exact
    if (this.#dials.has(id)) this.#broken(5, scheduler.id, `${nick(id)} is dialled twice at once`);
    if (since < REDIAL_DELAY_MS)
      this.#broken(5, scheduler.id, `${nick(id)} is dialled again after ${since} ms`);
    this.#dialledAt.set(id, now);
    this.#dials.add(id);
    const { facts, rules } = (scheduler.getSnapshot() as SchedulerSnapshot).context;
    const takesShare = (way: Direction): boolean =>
      way === 'dynamic' || (way === 'static' && !rules.isStaticExempt);
    const count = (ways: ReadonlyMap<string, Direction>): number =>
      [...ways.values()].filter(takesShare).length;
    const places = 2 * (rules.maxDialed - count(facts.peers));
    if (this.#dials.size > rules.maxActive)
      this.#broken(6, scheduler.id, `${this.#dials.size} dials, of ${rules.maxActive}`);
    if (takesShare(direction) && count(facts.dialing) > places)
      this.#broken(6, scheduler.id, `${count(facts.dialing)} dials for ${places} slots`);
  }

  /** An actor of a chart took an event: its context is new, and nobody has heard of it. */
  #onTaken(actor: AnyActorRef, event: EventObject, snapshot: unknown): void {
    if (actor.id === 'server') {
      this.#server = actor;
      this.#isServerBusy = true;
      this.#onPeers(snapshot as ServerSnapshot);
    } else if (actor.id === 'dialScheduler') {
      this.#mail.delete(event);
      if (event.type === 'dial.ended') this.#dials.delete((event as Known).id);
      if (event.type === 'static.add') this.#dialledAt.delete((event as StaticAdded).target.id);
      if (event.type === 'static.remove') this.#dialledAt.delete((event as Known).id);
    } else if (event.type === 'link.closed') this.#over.add(connectionOf(actor.id));
  }

  /** 1 */
  #onPeers({ context }: ServerSnapshot): void {
    const { peers } = context;
    if (peers === this.#peers) return;
    const before = this.#peers;
    this.#peers = peers;
    for (const [id, entry] of peers) {
      const known = before.get(id);
      if (known?.connectionId === entry.connectionId) continue;
      if (known) this.#broken(1, 'server', `${nick(id)} is a peer a second time`);
      this.#onArrival(id, entry, context);
    }
  }

  #onArrival(id: string, entry: PeerEntry, { input, peers, trusted }: ServerContext): void {
    const { rules } = input;
    if (id !== entry.id) this.#broken(1, 'server', `${nick(entry.id)} stands as ${nick(id)}`);
    if (id === rules.self) this.#broken(1, 'server', 'the node is a peer of its own');
    if (trusted.has(id) || (rules.isStaticExempt && entry.direction === 'static')) return;
    const inbound = [...peers.values()].filter(({ direction }) => direction === 'inbound').length;
    if (peers.size > rules.maxPeers)
      this.#broken(1, 'server', `${nick(id)} makes ${peers.size} peers, of ${rules.maxPeers}`);
    if (entry.direction === 'inbound' && inbound > rules.maxInbound)
      this.#broken(1, 'server', `${nick(id)} makes ${inbound} inbound, of ${rules.maxInbound}`);
  }

  /** An event, and all that was sent because of it, is done with. */
  #onDone(actor: AnyActorRef, event: EventObject, snapshot: unknown): void {
    if (actor.id === 'listener') return this.#onSlots(actor, event, snapshot as ListenerSnapshot);
    if (actor.id !== 'server' && actor.id !== 'dialScheduler') return;
    if (actor.id === 'server') {
      this.#isServerBusy = false;
      this.#onRest(snapshot as ServerSnapshot);
    }
    this.#compare();
  }

  /** 12, and the end of 3 */
  #onRest({ value, status, context, children }: ServerSnapshot): void {
    if (status === 'done' && this.#added.size > 0)
      this.#broken(3, 'server', `${this.#added.size} peers were added and never dropped`);
    if (value !== 'idle') return;
    const running = Object.entries(children).flatMap(([id, child]) => (child ? [id] : []));
    const left = [...running, ...(context.address ? ['address'] : [])];
    if (left.length > 0) this.#broken(12, 'server', `not started, with ${left.join(' and ')}`);
  }

  /** 11 */
  #compare(): void {
    if (this.#isServerBusy || this.#mail.size > 0) return;
    const scheduler = this.#scheduler();
    if (scheduler?.status !== 'active' || !scheduler.matches('scheduling')) return;
    const known = scheduler.context.facts.peers;
    if (this.#compared[0] === known && this.#compared[1] === this.#peers) return;
    this.#compared = [known, this.#peers];
    const isSame = [...this.#peers].every(([id, { direction }]) => known.get(id) === direction);
    if (!isSame || known.size !== this.#peers.size)
      this.#broken(
        11,
        'dialScheduler',
        `it knows ${named(known)}, there are ${named(this.#peers)}`,
      );
  }

  /** 4 */
  #onSlots(actor: AnyActorRef, event: EventObject, { context }: ListenerSnapshot): void {
    if (actor !== this.#listener) {
      this.#listener = actor;
      this.#slots.clear();
      this.#nextSlot = 1;
    }
    const { held, slots } = context;
    for (; this.#nextSlot < held.next; this.#nextSlot += 1) this.#slots.set(this.#nextSlot, true);
    if (event.type === 'slot.returned' && !this.#slots.delete((event as SlotReturned).slot))
      this.#broken(4, 'listener', `slot ${(event as SlotReturned).slot} comes back twice`);
    const used = [...this.#slots.values()].filter((isHeld) => isHeld).length;
    if (held.used !== used) this.#broken(4, 'listener', `${held.used} slots in use, not ${used}`);
    if (used > slots) this.#broken(4, 'listener', `${used} slots in use, of ${slots}`);
  }

  #scheduler(): SchedulerSnapshot | undefined {
    return (
      this.#server?.getSnapshot() as ServerSnapshot | undefined
    )?.children.dialScheduler?.getSnapshot();
  }

  #remember(actor: string, step: Microstep): void {
    this.#remembered.push({ actor, step });
    if (this.#remembered.length > 2 * MAX_REMEMBERED) this.#remembered.splice(0, MAX_REMEMBERED);
  }

  #broken(invariant: InvariantNumber, actor: string, detail: string): void {
    const trail = this.#remembered
      .filter((each) => each.actor === actor)
      .slice(-TRAIL)
      .map(({ step: { event, snapshot } }) => {
        const { value } = snapshot as unknown as ServerSnapshot;
        return `${event.type} → ${statePath(value)}`;
      });
    this.#hooks.onBroken({ invariant, actor, detail, trail });
  }
}

type ServerContext = ServerSnapshot['context'];
type Known = EventObject & { readonly id: string };
type StaticAdded = EventObject & { readonly target: { readonly id: string } };
type SlotReturned = EventObject & { readonly slot: number };
type Told = { readonly type: 'peer.added' | 'peer.removed' } & Pick<PeerEntry, 'id' | 'direction'>;
type Asked =
  | { readonly type: 'checkpoint.addPeer'; readonly candidate: Candidate }
  | { readonly type: 'peer.dropped'; readonly connectionId: string }
  | { readonly type: 'connection.replaced'; readonly slot: number }
  | ({ readonly type: 'dial.wanted' } & DialRequest);

/** The number behind the colon in `peer:7`: the same for a connection in setup and the peer it becomes. */
const connectionOf = (actor: string): string => actor.slice(actor.indexOf(':') + 1);

const nick = (id: string): string => id.slice(0, 8);

const named = (ids: ReadonlyMap<string, unknown>): string =>
  [...ids.keys()].map(nick).join(' ') || 'nobody';
