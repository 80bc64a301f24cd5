/**
 * The data of the tables: sent by the server, or derived from the actors of a recording. Limits, queues and bytes are
 * not in a recording: null here, a dash on the page.
 */
import type { DialEntry, DialsView, ListenerView, PeerView, ServerView } from '../../protocol.ts';
import { type Attempt, identityOf } from './attempts.ts';
import type { Actor } from './entities.ts';
import { serverPhase } from './state-words.ts';
import type { Store } from './store.ts';

export type PeerFacts = Omit<PeerView, 'trusted' | 'bytesIn' | 'bytesOut'> & {
  readonly trusted: boolean | null;
  readonly bytesIn: number | null;
  readonly bytesOut: number | null;
};

type ServerFacts = { readonly [Fact in keyof ServerView]: ServerView[Fact] | null } & {
  readonly state: string;
};

type ListenerFacts = Omit<ListenerView, 'turnedAway' | 'address'> & {
  readonly turnedAway: number | null;
  readonly address: string | null;
};

export type Tables = {
  /** Null in a recording. */
  readonly dials: DialsView | null;
  /** Running dials; of a recording, too. */
  readonly dialling: readonly DialEntry[];
  /** State of the dial scheduler; null when there is none. */
  readonly scheduler: string | null;
  readonly server: ServerFacts | null;
  readonly listener: ListenerFacts | null;
  readonly peers: readonly PeerFacts[];
};

export function tablesOf(store: Store): Tables {
  const { views } = store;
  if (!views) return derivedFrom(store);
  const { dials, server, listener, peers } = views;
  const dialling = dials?.running ?? [];
  return { dials, dialling, scheduler: dials?.state ?? null, server, listener, peers };
}

function derivedFrom(store: Store): Tables {
  const live = [...store.actors.values()].filter(({ status }) => status === 'active');
  const one = (machine: string): Actor | undefined =>
    live.find((actor) => actor.machine === machine);
  const attempts = [...store.attempts.all()];
  const peers = attempts
    .filter(({ peer }) => peer?.status === 'active')
    .map((attempt) => peerFacts(attempt, store.now));
  const inbound = peers.filter(({ direction }) => direction === 'inbound').length;
  const server = one('server');
  const listener = one('listener');
  return {
    dials: null,
    dialling: live.filter(({ machine }) => machine === 'dial-task').flatMap(dialLine),
    scheduler: one('dial-scheduler')?.state ?? null,
    server: server
      ? {
          state: serverPhase(server.state),
          enode: store.about?.node ?? null,
          peers: peers.length,
          inbound,
          maxPeers: null,
          maxInbound: null,
          trusted: null,
          loopDelay: null,
        }
      : null,
    listener: listener ? listenerFacts(listener.state, slotsOf(attempts)) : null,
    peers,
  };
}

const listenerFacts = (state: string, slots: readonly (string | null)[]): ListenerFacts => ({
  state,
  slots,
  slotsTotal: slots.length,
  used: slots.filter((holder) => holder !== null).length,
  address: null,
  turnedAway: null,
});

function peerFacts(attempt: Attempt, now: number): PeerFacts {
  const { direction, remote, id, client, capabilities, protocols } = identityOf(attempt);
  return {
    connection: attempt.key,
    direction: direction ?? 'inbound',
    remote,
    id,
    client,
    capabilities,
    protocols,
    age: now - (attempt.peer?.startedAt ?? now),
    trusted: null,
    bytesIn: null,
    bytesOut: null,
  };
}

/** Largest slot number that is drawn. Ours: recordings are untrusted. */
const MAX_SLOTS = 1_024;

/** Up to the largest slot number seen. */
function slotsOf(attempts: readonly Attempt[]): readonly (string | null)[] {
  const holders = new Map<number, string>();
  let most = -1;
  for (const attempt of attempts) {
    const { slot } = identityOf(attempt);
    if (slot === null || slot < 0 || slot >= MAX_SLOTS) continue;
    most = Math.max(most, slot);
    if (attempt.setup?.status === 'active') holders.set(slot, attempt.key);
  }
  return Array.from({ length: most + 1 }, (_, slot) => holders.get(slot) ?? null);
}

function dialLine({ row }: Actor): readonly DialEntry[] {
  if (!row || !('id' in row) || !('direction' in row)) return [];
  const { id, direction, remote } = row;
  return direction === 'inbound' ? [] : [{ id, direction, remote }];
}

/** The running dial of a node. */
export function dialOf(store: Store, id: string): Attempt | undefined {
  for (const attempt of store.attempts.all()) {
    const { dial } = attempt;
    if (dial?.status === 'active' && identityOf(attempt).id === id) return attempt;
  }
  return undefined;
}

/** Sort order of a table: column and direction. */
export type Order = { readonly by: string; readonly isDown: boolean };

/** Numbers by value, text alphabetically, null last. */
export function inOrder<Line>(
  lines: readonly Line[],
  valueIn: (line: Line) => string | number | null,
  { isDown }: Order,
): readonly Line[] {
  const sign = isDown ? -1 : 1;
  return [...lines].sort((a, b) => {
    const [x, y] = [valueIn(a), valueIn(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    if (typeof x === 'number' && typeof y === 'number') return sign * (x - y);
    return sign * (String(x) < String(y) ? -1 : Number(String(x) > String(y)));
  });
}
