/**
 * The tables of this moment, out of what the server and its charts show anyway. Long ones are cut: nobody reads
 * ten thousand lines, and they are sent every second.
 */
import type { ContextFrom, Subscription } from 'xstate';
import { statePath } from '../../actors/state-path.ts';
import type { ConnectionStats } from '../../api/endings.ts';
import type { Peer } from '../../api/peer.ts';
import type { Clock } from '../../io/process/clock.ts';
import type { PeerSet } from '../../machines/connection/connection.ts';
import type { dialSchedulerMachine } from '../../machines/dialing/dial-scheduler.ts';
import type { listenerMachine } from '../../machines/listening/listener.ts';
import { phasePath } from '../../machines/server/server-phase.ts';
import type { ObservedServer } from '../../server/observation.ts';
import type {
  DialEntry,
  DialsView,
  ListenerView,
  PeerView,
  ServerView,
  Views,
} from '../protocol.ts';
import { DialHistory } from './dial-history.ts';
import { capabilitiesOf, clientOf, remoteOf } from './projection.ts';

/** Lines of one table. */
export const MAX_LINES = 100;

/** Slots of the listener that are shown: cells of a strip, not lines. */
export const MAX_SLOTS = 1_000;

/** Whose tables they are. */
export type Viewed = {
  readonly server: Pick<ObservedServer, 'actor' | 'self' | 'peers' | 'on'>;
  readonly clock: Clock;
  /** What came of a peer up to now, by connection. */
  readonly statsOf: (connectionId: string) => ConnectionStats;
  /** Who holds which slot of the listener: connections by slot. */
  readonly slotHolders: () => ReadonlyMap<number, string>;
  /** p99 of the delay of the event loop in the last second, in ms. */
  readonly loopDelay: () => number;
};

/** Looks on from its making until `close()`: some of what tables say is only known to whoever was there. */
export class ServerViews {
  readonly #viewed: Viewed;
  readonly #history: DialHistory;
  readonly #subscription: Subscription;
  readonly #forget: () => void;
  /** The scheduler that is listened to. */
  #scheduler: Scheduler | undefined;
  #schedule: Subscription | undefined;
  #turnedAway = 0;

  constructor(viewed: Viewed) {
    const { server, clock } = viewed;
    this.#viewed = viewed;
    this.#history = new DialHistory(clock);
    this.#subscription = server.actor.subscribe({
      next: () => this.#follow(),
      error: () => {}, // unheard, it would be thrown at the process
    });
    this.#forget = server.on('turnedAway', ({ counts }) => {
      for (const count of Object.values(counts)) this.#turnedAway += count;
    });
    this.#follow();
  }

  read(): Views {
    const { server, statsOf, loopDelay } = this.#viewed;
    const { value, context, children } = server.actor.getSnapshot();
    const listener = children.listener?.getSnapshot();
    const scheduler = children.dialScheduler?.getSnapshot();
    const { peers } = server;
    return {
      server: {
        state: phasePath(statePath(value)),
        enode: server.self.enode,
        ...counts(peers),
        maxPeers: context.input.rules.maxPeers,
        maxInbound: context.input.rules.maxInbound,
        trusted: context.trusted.size,
        loopDelay: loopDelay(),
      },
      listener: listener ? this.#listenerView(statePath(listener.value), listener.context) : null,
      dials: scheduler
        ? dialsView(statePath(scheduler.value), scheduler.context, this.#history)
        : null,
      peers: peers.slice(0, MAX_LINES).map((peer) => peerView(peer, context.peers, statsOf)),
    };
  }

  close(): void {
    this.#subscription.unsubscribe();
    this.#schedule?.unsubscribe();
    this.#forget();
  }

  /** The scheduler comes and goes with the server. */
  #follow(): void {
    const scheduler = this.#viewed.server.actor.getSnapshot().children.dialScheduler;
    if (scheduler === this.#scheduler) return;
    this.#scheduler = scheduler;
    this.#schedule?.unsubscribe();
    const note = (): void => {
      if (scheduler) this.#history.note(scheduler.getSnapshot().context.facts.recent);
    };
    note();
    this.#schedule = scheduler?.subscribe({ next: note, error: () => {} });
  }

  #listenerView(
    state: string,
    { address, slots, held }: ContextFrom<typeof listenerMachine>,
  ): ListenerView {
    const holders = [...this.#viewed.slotHolders()].sort(([a], [b]) => a - b);
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

function dialsView(
  state: string,
  { facts, rules, queued, statics }: ContextFrom<typeof dialSchedulerMachine>,
  history: DialHistory,
): DialsView {
  const { dialing, peers, recent } = facts;
  const waiting = new Set(queued.map(({ target }) => target.id));
  const statusOf = (id: string): DialsView['statics'][number]['status'] => {
    if (peers.has(id)) return 'connected';
    if (dialing.has(id)) return 'dialling';
    if (waiting.has(id)) return 'queued';
    return recent.has(id) ? 'waiting' : 'ready';
  };
  return {
    state,
    running: cut([...dialing]).map(([id, direction]): DialEntry => ({ id, direction })),
    maxRunning: rules.maxActive,
    dialled: [...peers.values()].filter((direction) => direction !== 'inbound').length,
    maxDialled: rules.maxDialed,
    queued: cut(queued).map(({ target, direction }): DialEntry => ({ id: target.id, direction })),
    queuedTotal: queued.length,
    history: cut([...recent]).map((id) => ({ id, msLeft: history.msLeft(id) ?? 0 })),
    historyTotal: recent.size,
    statics: cut([...statics]).map((id) => {
      const status = statusOf(id);
      return { id, status, msLeft: status === 'waiting' ? history.msLeft(id) : null };
    }),
    staticsTotal: statics.size,
  };
}

function peerView(peer: Peer, entries: PeerSet, statsOf: Viewed['statsOf']): PeerView {
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

const cut = <Line>(lines: readonly Line[]): readonly Line[] => lines.slice(0, MAX_LINES);
