/**
 * The tables of the page, read from the server and the snapshots of its charts. Long ones are cut, since they are sent
 * every second.
 */
import type { ContextFrom, Subscription } from 'xstate';
import { statePath } from '../../actors/state-path.ts';
import type { ConnectionStats } from '../../api/endings.ts';
import type { Peer } from '../../api/peer.ts';
import { type Diagnosis, diagnose } from '../../explain/diagnosis.ts';
import { explainDiscovery, type StatusText } from '../../explain/discovery-status.ts';
import type { Clock } from '../../io/process/clock.ts';
import type { PeerSet } from '../../machines/connection/connection.ts';
import { blockOf } from '../../machines/dialing/dial-check.ts';
import type { listenerMachine } from '../../machines/listening/listener.ts';
import { phasePath } from '../../machines/server/server-phase.ts';
import { discoveryFacts, type TableSnapshot } from '../../server/discovery-facts.ts';
import type { DiscoverySource, Observation, ObservedServer } from '../../server/observation.ts';
import type { ListenerView, PeerView, ServerView, Views } from '../protocol.ts';
import { DialHistory } from './dial-history.ts';
import { dialsView, MAX_LINES, staticNodes } from './dials-view.ts';
import { discoveryView } from './discovery-view.ts';
import { NodeHistory } from './node-history.ts';
import { capabilitiesOf, clientOf, remoteOf } from './projection.ts';

/** Listener slots that are shown: cells of a strip, not lines. */
const MAX_SLOTS = 1_000;

/** What the tables are read from. */
export type ViewSource = {
  readonly server: Pick<ObservedServer, 'actor' | 'self' | 'peers' | 'on'>;
  readonly clock: Clock;
  /** Duration and bytes of a peer up to now, by connection id. */
  readonly statsOf: (connectionId: string) => ConnectionStats;
  /** The connection id that holds each used slot, by slot number. */
  readonly slotHolders: () => ReadonlyMap<number, string>;
  readonly discoveryOf: Observation['discoveryOf'];
  /** p99 of the delay of the event loop in the last second, in ms. */
  readonly loopDelay: () => number;
  /** Called when the phase of the server has changed: what was read before is out of date. */
  readonly onPhase: () => void;
};

/** Observes the server from its construction until `close()`: some columns count what happened in between. */
export class ServerViews {
  readonly #source: ViewSource;
  readonly #history: DialHistory;
  readonly #nodes: NodeHistory;
  readonly #subscription: Subscription;
  readonly #unsubscribe: () => void;
  /** The scheduler that is observed now. */
  #scheduler: Scheduler | undefined;
  #schedulerSubscription: Subscription | undefined;
  #turnedAway = 0;
  #phase = '';

  constructor(source: ViewSource) {
    const { server, clock } = source;
    this.#source = source;
    this.#history = new DialHistory(clock);
    this.#nodes = new NodeHistory(source);
    this.#subscription = server.actor.subscribe({
      next: ({ value }) => {
        this.#observeScheduler();
        const phase = phasePath(statePath(value));
        if (phase === this.#phase) return;
        this.#phase = phase;
        source.onPhase();
      },
      error: () => {}, // without a listener, XState throws it as an uncaught exception
    });
    this.#unsubscribe = server.on('turnedAway', ({ counts }) => {
      for (const count of Object.values(counts)) this.#turnedAway += count;
    });
    this.#observeScheduler();
  }

  read(): Views {
    const { server, statsOf, loopDelay } = this.#source;
    const { value, context, children } = server.actor.getSnapshot();
    const listener = children.listener?.getSnapshot();
    const scheduler = children.dialScheduler?.getSnapshot();
    const { peers } = server;
    const state = phasePath(statePath(value));
    const { maxPeers, maxInbound } = context.input.rules;
    return {
      server: {
        state,
        enode: server.self.enode,
        ...counts(peers),
        maxPeers,
        maxInbound,
        trusted: context.trusted.size,
        loopDelay: loopDelay(),
      },
      listener: listener ? this.#listenerView(statePath(listener.value), listener.context) : null,
      dials: scheduler
        ? dialsView(statePath(scheduler.value), scheduler.context, this.#history, this.#nodes)
        : null,
      discovery: this.#table(children.discovery, discoveryView),
      discoveryV5: this.#table(children.discoveryV5, discoveryView),
      peers: peers.slice(0, MAX_LINES).map((peer) => peerView(peer, context.peers, statsOf)),
    };
  }

  diagnosis(): Diagnosis {
    const { server, slotHolders } = this.#source;
    const { value, context, children } = server.actor.getSnapshot();
    const { address, input } = context;
    const { rules, bootnodes, hasCandidates } = input.dial;
    const scheduler = children.dialScheduler?.getSnapshot().context;
    const statuses = [children.discovery, children.discoveryV5].flatMap(
      (table) => this.#table(table, discoveryFacts) ?? [],
    );
    return diagnose({
      ...this.#nodes.facts(),
      state: phasePath(statePath(value)),
      peers: server.peers.length,
      maxPeers: input.rules.maxPeers,
      offersNothing: input.rules.capabilities.length === 0,
      pending: slotHolders().size + (scheduler?.facts.dialing.size ?? 0),
      listening: address?.host ?? null,
      isDialling: rules.maxActive > 0 && scheduler !== undefined,
      statics: scheduler ? staticNodes(scheduler, this.#history, this.#nodes) : [],
      bootnodes: bootnodes.length,
      bootnodesExcluded: bootnodes.filter((target) => blockOf(target, rules) === 'notInNetRestrict')
        .length,
      // discovery is mixed with candidates
      hasCandidates: hasCandidates && !input.discovery && !input.discoveryV5,
      discovery: bestOf(statuses.map(explainDiscovery)),
    });
  }

  /** What is read from a table; null when there is none. */
  #table<Read>(
    table: ServerChildren['discovery'],
    read: (snapshot: TableSnapshot, source: DiscoverySource) => Read,
  ): Read | null {
    const snapshot = table?.getSnapshot();
    return snapshot ? read(snapshot, this.#source.discoveryOf(snapshot.context.version)) : null;
  }

  close(): void {
    this.#subscription.unsubscribe();
    this.#schedulerSubscription?.unsubscribe();
    this.#unsubscribe();
    this.#nodes.close();
  }

  /** The server starts a new scheduler each time it starts. */
  #observeScheduler(): void {
    const scheduler = this.#source.server.actor.getSnapshot().children.dialScheduler;
    if (scheduler === this.#scheduler) return;
    this.#scheduler = scheduler;
    this.#schedulerSubscription?.unsubscribe();
    const update = (): void => {
      if (scheduler) this.#history.update(scheduler.getSnapshot().context.facts);
    };
    update();
    this.#schedulerSubscription = scheduler?.subscribe({ next: update, error: () => {} });
  }

  #listenerView(
    state: string,
    { address, slots, held }: ContextFrom<typeof listenerMachine>,
  ): ListenerView {
    const holders = [...this.#source.slotHolders()].sort(([a], [b]) => a - b);
    const shown = Math.min(slots, MAX_SLOTS);
    return {
      state,
      address: remoteOf(address),
      slots: Array.from({ length: shown }, (_, index) => holders[index]?.[1] ?? null),
      slotsTotal: slots,
      used: held.used,
      turnedAway: this.#turnedAway,
    };
  }
}

type Scheduler = NonNullable<
  ReturnType<ObservedServer['actor']['getSnapshot']>['children']['dialScheduler']
>;

const isInbound = ({ direction }: { readonly direction: string }): boolean =>
  direction === 'inbound';

function counts(peers: readonly Peer[]): Pick<ServerView, 'peers' | 'inbound'> {
  return { peers: peers.length, inbound: peers.filter(isInbound).length };
}

function peerView(peer: Peer, entries: PeerSet, statsOf: ViewSource['statsOf']): PeerView {
  const { id, client, remote, direction, trusted, protocols, capabilities } = peer;
  const connection = entries.get(id)?.connectionId ?? '';
  const { ms, bytesIn, bytesOut } = statsOf(connection);
  return {
    connection,
    id,
    client: clientOf(client),
    remote: remoteOf(remote),
    direction,
    trusted,
    protocols,
    capabilities: capabilitiesOf(capabilities),
    age: ms,
    bytesIn,
    bytesOut,
  };
}

/** One version that finds nodes is enough. */
const bestOf = (statuses: readonly StatusText[]): StatusText | null =>
  statuses.find(({ tone }) => tone === 'good') ?? statuses[0] ?? null;

type ServerChildren = ReturnType<ViewSource['server']['actor']['getSnapshot']>['children'];
