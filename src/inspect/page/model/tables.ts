/**
 * The data of the tables. What the actors show is taken from them, so that all numbers of one frame are of one moment: the
 * server sends its views once a second only. Limits, queues and bytes come from the views; a recording has none, and they
 * are null here, a dash on the page.
 */
import type {
  DialEntry,
  DialsView,
  ListenerView,
  PeerView,
  ServerView,
  Views,
} from '../../protocol.ts';
import { type Attempt, identityOf } from './attempts.ts';
import type { Actor } from './entities.ts';
import { SETTING_UP, stageCounts } from './pipeline.ts';
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

type ListenerFacts = Omit<ListenerView, 'turnedAway' | 'address' | 'slotsTotal'> & {
  readonly slotsTotal: number | null;
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
  const live = [...store.actors.values()].filter(({ status }) => status === 'active');
  const one = (machine: string): Actor | undefined =>
    live.find((actor) => actor.machine === machine);
  // beyond its limit a recorder leaves actors out: then the views are nearer to the truth
  if (views && (store.unseen > 0 || !one('server'))) return sent(views);
  const attempts = [...store.attempts.all()];
  const known = new Map(views?.peers.map((peer) => [peer.connection, peer]));
  const peers = attempts
    .filter(({ peer }) => peer?.status === 'active')
    .map((attempt) => peerFacts(attempt, store.now, known.get(attempt.key)));
  const dialling = live.filter(({ machine }) => machine === 'dial-task').flatMap(dialLine);
  const listener = one('listener');
  return {
    dials: views?.dials ? { ...views.dials, dialled: peers.length - inboundIn(peers) } : null,
    dialling,
    scheduler: one('dial-scheduler')?.state ?? null,
    server: serverFacts(store, one('server'), peers),
    listener: listener ? listenerFacts(listener.state, attempts, views?.listener ?? null) : null,
    peers,
  };
}

function sent({ dials, server, listener, peers }: Views): Tables {
  const dialling = dials?.running ?? [];
  return { dials, dialling, scheduler: dials?.state ?? null, server, listener, peers };
}

/** Connections between their TCP connection and their admission. */
export function settingUpIn(store: Store): number {
  const counts = stageCounts(store);
  return SETTING_UP.reduce((sum, stage) => sum + counts[stage], 0);
}

const inboundIn = (peers: readonly PeerFacts[]): number =>
  peers.filter(({ direction }) => direction === 'inbound').length;

function serverFacts(
  { about, views }: Store,
  actor: Actor | undefined,
  peers: readonly PeerFacts[],
): ServerFacts | null {
  if (!actor) return null;
  return {
    state: serverPhase(actor.state),
    enode: views?.server.enode ?? about?.node ?? null,
    peers: peers.length,
    inbound: inboundIn(peers),
    maxPeers: views?.server.maxPeers ?? null,
    maxInbound: views?.server.maxInbound ?? null,
    trusted: views?.server.trusted ?? null,
    loopDelay: views?.server.loopDelay ?? null,
  };
}

/** Slots that are drawn at most. Ours: recordings are untrusted. */
const MAX_SLOTS = 1_024;

/** The longest held slots first: no slot number is used twice. A recording does not say how many are free. */
function listenerFacts(
  state: string,
  attempts: readonly Attempt[],
  view: ListenerView | null,
): ListenerFacts {
  const holders = attempts
    .filter(({ setup }) => setup?.status === 'active')
    .map((attempt) => ({ key: attempt.key, slot: identityOf(attempt).slot }))
    .filter(({ slot }) => slot !== null)
    .sort((a, b) => a.slot! - b.slot!);
  const length = Math.min(view?.slots.length ?? holders.length, MAX_SLOTS);
  return {
    state,
    slots: Array.from({ length }, (_, place) => holders[place]?.key ?? null),
    slotsTotal: view?.slotsTotal ?? null,
    used: holders.length,
    address: view?.address ?? null,
    turnedAway: view?.turnedAway ?? null,
  };
}

/** @param known What the server sent of it, up to a second ago. */
function peerFacts(attempt: Attempt, now: number, known: PeerView | undefined): PeerFacts {
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
    trusted: known?.trusted ?? null,
    bytesIn: known?.bytesIn ?? null,
    bytesOut: known?.bytesOut ?? null,
  };
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
