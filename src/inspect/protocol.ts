/**
 * The frames a viewer receives, from a running server or a recording: types only, shared with the page. Foreign text has
 * been escaped and cut. Times are ms since the recorder began, by the clock of the server.
 */
import type { Explanation } from '../api/explanation.ts';
import type { Diagnosis, PastResult } from '../explain/diagnosis.ts';
import type {
  DiscoveryRow,
  DiscoveryView,
  DnsTreeRow,
  LocalNodeRow,
  LookupRow,
  MapperRow,
  ProofRow,
  ServerRow,
} from './discovery-protocol.ts';

/** Version of the frames. A page of another version says so and reads nothing. */
export const PROTOCOL = 4;

/** Unique within one recorder. */
export type ActorNumber = number;
/** Index in the dictionary of names; each frame adds the new ones. */
export type Name = number;
/** Index in the list of transitions; each frame adds the new ones. */
type TransitionNumber = number;

/** What changed since the last frame of this viewer. A field is absent when nothing of it changed. */
export type Frame = {
  readonly t: number;
  /** In a first frame only: the viewer discards everything it had. */
  readonly about?: About;
  readonly names?: readonly string[];
  readonly transitions?: readonly TransitionEntry[];
  /** Actors the viewer has not seen; parents before children. */
  readonly actors?: readonly ActorEntry[];
  /** Actors that took steps: their present state only. */
  readonly moved?: readonly Moved[];
  readonly rows?: readonly RowEntry[];
  readonly actorsEnded?: readonly ActorEnd[];
  /** Ended actors that the recorder no longer keeps. */
  readonly forgotten?: readonly ActorNumber[];
  /** How often each transition was taken since the last frame. */
  readonly transitionCounts?: readonly (readonly [TransitionNumber, number])[];
  /** An even sample of the steps of all actors. */
  readonly log?: readonly Step[];
  /** Number of steps that the sample is taken from. */
  readonly logTotal?: number;
  /** Steps of the actors in focus: all that are kept. */
  readonly focusedSteps?: readonly Step[];
  /** In a first frame all that are kept, later the latest of the new ones. */
  readonly endings?: readonly Ending[];
  /** Endings in each state since the last frame: all of them, listed in `endings` or not. */
  readonly endingCounts?: readonly (readonly [state: Name, count: number])[];
  /** Events that no state handled, since the recorder began. */
  readonly ignoredEvents?: number;
  /** Actors that the recorder had no room for, since it began. */
  readonly unrecordedActors?: number;
  /** At most once a second, and when the phase of the server changes. */
  readonly views?: Views;
  /** As of this frame, when it has changed. */
  readonly diagnosis?: Diagnosis;
  /** Frames left out before this one because the viewer read too slowly. */
  readonly skippedFrames?: number;
  /** Most frames a second at present. */
  readonly hz: number;
};

export type About = {
  readonly protocol: number;
  readonly peerchart: string;
  /** Wall clock at t = 0, ISO 8601. */
  readonly startedAt: string;
  /** The enode URL of the node, or the name of a simulated one. */
  readonly node: string;
  readonly source: 'live' | 'file';
  /** Shown beside the name of the node, such as `simulated network`. */
  readonly label?: string;
  /** Whether this viewer may add, remove and disconnect peers. */
  readonly actions: boolean;
  /** Whether addresses and ids are replaced by pseudonyms. */
  readonly masked: boolean;
  /** Who does the cryptography, such as `libsecp256k1, webassembly`; unknown for a recording. */
  readonly primitives?: string;
};

/** One line of a chart: machine, source state, event as the chart prints it, target state (empty: same state). */
export type TransitionEntry = readonly [machine: Name, source: Name, event: Name, target: Name];

export type Status = 'active' | 'done' | 'stopped' | 'error';

export type ActorEntry = readonly [
  actor: ActorNumber,
  machine: Name,
  /** Its id, such as `connection-setup:12` or `peer:12`: the same number is the same connection. */
  id: string,
  /** -1 for roots. */
  parent: ActorNumber,
  startedAt: number,
  state: Name,
  /** When it entered this state. */
  at: number,
  /** Steps so far. */
  steps: number,
  status: Status,
  row: Row | null,
];

export type Moved = readonly [actor: ActorNumber, state: Name, at: number, steps: number];
export type RowEntry = readonly [actor: ActorNumber, row: Row];
export type ActorEnd = readonly [actor: ActorNumber, at: number, status: Status];

/** One event an actor handled: its state afterwards and the transitions it took. */
export type Step = readonly [
  /** Counts all steps of the recorder; a gap means that steps are not kept. */
  sequence: number,
  actor: ActorNumber,
  at: number,
  event: Name,
  state: Name,
  ...transitions: readonly TransitionNumber[],
];

/** What is shown of an actor besides its state, by machine. No other field of its context is sent. */
export type Row =
  | SetupRow
  | DialRow
  | PeerRow
  | ServerRow
  | DiscoveryRow
  | ProofRow
  | DnsTreeRow
  | LookupRow
  | LocalNodeRow
  | MapperRow
  | Readonly<Record<string, never>>;

export type SetupRow = {
  readonly direction: 'inbound' | 'static' | 'dynamic';
  /** `host:port`. */
  readonly remote: string;
  /** Slot of the listener; null for dials. */
  readonly slot: number | null;
  /** Node id in hex, empty until it is proven. */
  readonly id: string;
  /** Their client name in Hello; empty before it arrives. */
  readonly client: string;
  /** Such as `eth/69`. */
  readonly capabilities: readonly string[];
};

export type DialRow = {
  readonly direction: 'static' | 'dynamic';
  readonly id: string;
  /** `host:port` that is being dialled. */
  readonly remote: string;
};

/** Remote, id and client are in the row of the connection setup with the same number. */
export type PeerRow = { readonly protocols: readonly string[] };

/** How and why something ended: a peer (`drop`), a connection before it was a peer (`ended`), a dial (`dialFailed`). */
export type Ending = {
  readonly at: number;
  readonly type: 'drop' | 'ended' | 'dialFailed';
  /** Number of the connection; null for a dial that never connected. */
  readonly connection: string | null;
  /** Id of the actor that ended, such as `dial-task:0123abcd`. */
  readonly actor: string;
  readonly direction: 'inbound' | 'static' | 'dynamic' | null;
  readonly remote: string;
  readonly id: string;
  readonly client: string;
  /** End state, such as `rejected.tooManyPeers`. */
  readonly state: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  readonly ms: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly explanation: Explanation;
};

/** Tables as of now. Long ones are cut; `…Total` has the number of lines. */
export type Views = {
  readonly server: ServerView;
  readonly listener: ListenerView | null;
  readonly dials: DialsView | null;
  /** Of v4 and of v5; null while that one does not run. */
  readonly discovery: DiscoveryView | null;
  readonly discoveryV5: DiscoveryView | null;
  /** Of `server.peers`. */
  readonly peers: readonly PeerView[];
};

export type ServerView = {
  readonly state: string;
  readonly enode: string;
  readonly peers: number;
  readonly maxPeers: number;
  readonly inbound: number;
  readonly maxInbound: number;
  readonly trusted: number;
  /** p99 of the event loop delay in the last second, in ms. */
  readonly loopDelay: number;
};

export type ListenerView = {
  readonly state: string;
  readonly address: string;
  /** The connection number in each slot, null for a free one. The longest held come first. */
  readonly slots: readonly (string | null)[];
  readonly slotsTotal: number;
  readonly used: number;
  /** Since the start. */
  readonly turnedAway: number;
};

export type DialsView = {
  readonly state: string;
  readonly running: readonly DialEntry[];
  readonly maxRunning: number;
  /** Peers we dialled, and how many of them the rules allow. */
  readonly dialled: number;
  readonly maxDialled: number;
  readonly queued: readonly DialEntry[];
  readonly queuedTotal: number;
  /** Nodes that wait, with the time until they may be dialled again. */
  readonly history: readonly WaitingNode[];
  readonly historyTotal: number;
  readonly statics: readonly (DialledNode & {
    readonly status: 'connected' | 'dialling' | 'queued' | 'waiting' | 'heldBack' | 'ready';
    /** ms until it may be dialled again; null unless `waiting`. */
    readonly msLeft: number | null;
  })[];
  readonly staticsTotal: number;
  /** Static nodes that are not dialled because the peers that we dialled take every place; null without one. */
  readonly heldBack: Pick<Explanation, 'verdict' | 'remedy'> | null;
};

type WaitingNode = DialledNode & {
  readonly msLeft: number;
  /** How it ended, in a few words, when it waits for that; null when it was dialled a moment ago. */
  readonly because: string | null;
};

/** A node that may be dialled again. */
export type DialledNode = {
  readonly id: string;
  /** `host:port`; empty if unknown. */
  readonly remote: string;
  /** Result of its latest dial; null before the first. */
  readonly last: PastResult | null;
};

export type DialEntry = {
  readonly id: string;
  /** `host:port`; empty if unknown. */
  readonly remote: string;
  readonly direction: 'static' | 'dynamic';
};

export type PeerView = {
  readonly connection: string;
  readonly id: string;
  readonly client: string;
  readonly remote: string;
  readonly direction: 'inbound' | 'static' | 'dynamic';
  readonly trusted: boolean;
  readonly protocols: readonly string[];
  readonly capabilities: readonly string[];
  /** How long it has been a peer, in ms. */
  readonly age: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
};

/** Receives frames by asking for them; nothing is queued. */
export type Viewer = {
  /** Actors to send every step of, at most 4. Their kept steps come with the next frame. */
  focus(actors: readonly ActorNumber[]): void;
  /** What changed since the last call; null when nothing did. @param hz Copied into the frame. */
  next(hz: number): Frame | null;
  close(): void;
};

/** Opens viewers; a recorder, or one behind a mask. */
export type FrameSource = { open(options: { readonly actions: boolean }): Viewer };

/** Answer of `GET /api/session`. */
export type SessionInfo = {
  readonly actions: boolean;
  readonly source: About['source'];
};

/** Body of `POST /api/session`: the code of a link. Without a valid one the answer is 401 and `{ error }`. */
export type SignInBody = { readonly code?: string };

/** Its answer. `token` goes into the header `x-peerchart-token` of every other request under `/api/`. */
export type SignedIn = SessionInfo & { readonly token: string };

/** For `POST /api/actions/<name>`, which answers `{ ok: true }`, or `{ error }` with a status of 400 or more. */
export type ActionName =
  | 'addPeer'
  | 'removePeer'
  | 'addTrustedPeer'
  | 'removeTrustedPeer'
  | 'disconnect';

/** As JSON: an enode URL, or for `disconnect` the id of a peer. */
export type ActionBody = { readonly enode: string } | { readonly id: string };
