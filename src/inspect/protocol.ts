/**
 * What a viewer is sent, live or out of a file: types only, shared with the page. Text of strangers is escaped and cut
 * before it gets here. Times are ms since the recorder began, by the clock of the server.
 */
import type { Explanation } from '../api/explanation.ts';

/** Of this shape; a page of another one says so instead of guessing. */
export const PROTOCOL = 2;

/** Never used twice by one recorder. */
export type ActorNumber = number;
/** Place in the dictionary of names, which frames continue. */
export type Name = number;
/** Place in the dictionary of ways, which frames continue. */
export type TransitionNumber = number;

/** What changed since the last frame of this viewer. Whatever is left out did not change. */
export type Frame = {
  readonly t: number;
  /** In the first frame of a viewer only: everything before it is to be forgotten. */
  readonly about?: About;
  readonly names?: readonly string[];
  readonly transitions?: readonly TransitionEntry[];
  /** Actors the viewer has not seen; parents before children. */
  readonly actors?: readonly ActorEntry[];
  /** Actors that went on: only where they are now. */
  readonly moved?: readonly Moved[];
  readonly rows?: readonly RowEntry[];
  readonly actorsEnded?: readonly ActorEnd[];
  /** Ended actors that the recorder has forgotten. */
  readonly forgotten?: readonly ActorNumber[];
  /** How often each way was taken since the last frame. */
  readonly transitionCounts?: readonly (readonly [TransitionNumber, number])[];
  /** A sample of the steps of all actors, evenly taken. */
  readonly log?: readonly Step[];
  /** How many steps the sample is taken from. */
  readonly logTotal?: number;
  /** Steps of the actors in focus, all that are kept. */
  readonly focusedSteps?: readonly Step[];
  /** All that are kept in the first frame, after that the latest of the new ones. */
  readonly endings?: readonly Ending[];
  /** How often something ended in each state since the last frame: all of it, listed or not. */
  readonly endingCounts?: readonly (readonly [state: Name, count: number])[];
  /** Events that no state handled, since the recorder began. */
  readonly ignoredEvents?: number;
  /** Actors that the recorder had no room for, since it began. */
  readonly unrecordedActors?: number;
  /** At most once a second. */
  readonly views?: Views;
  /** Frames this viewer was not sent, because it read too slowly. */
  readonly skippedFrames?: number;
  /** How many frames a second there are at most now. */
  readonly hz: number;
};

export type About = {
  readonly protocol: number;
  readonly peerchart: string;
  /** Wall clock at t = 0, ISO 8601. */
  readonly startedAt: string;
  /** What this node is called: its enode URL, or the name of a simulated one. */
  readonly node: string;
  readonly source: 'live' | 'file';
  /** Whether this viewer may dial, disconnect, and so on. */
  readonly actions: boolean;
  /** Whether addresses and ids are replaced. */
  readonly masked: boolean;
};

/** Of one chart: machine, source state, event as the chart prints it, target state (empty: stays where it is). */
export type TransitionEntry = readonly [machine: Name, source: Name, event: Name, target: Name];

export type Status = 'active' | 'done' | 'stopped' | 'error';

export type ActorEntry = readonly [
  actor: ActorNumber,
  machine: Name,
  /** Its id, such as `connection-setup:12` or `peer:12`: the same number is the same connection. */
  id: string,
  /** -1 for roots. */
  parent: ActorNumber,
  bornAt: number,
  state: Name,
  /** When it came to this state. */
  at: number,
  /** Steps so far. */
  steps: number,
  status: Status,
  row: Row | null,
];

export type Moved = readonly [actor: ActorNumber, state: Name, at: number, steps: number];
export type RowEntry = readonly [actor: ActorNumber, row: Row];
export type ActorEnd = readonly [actor: ActorNumber, at: number, status: Status];

/** One event that an actor took: where it is afterwards, and the transitions on the way there. */
export type Step = readonly [
  /** Of all steps of the recorder: a hole says that some are not kept. */
  sequence: number,
  actor: ActorNumber,
  at: number,
  event: Name,
  state: Name,
  ...ways: readonly TransitionNumber[],
];

/** What is shown of an actor besides its state, by machine. Nothing else leaves its context. */
export type Row = SetupRow | DialRow | PeerRow | Readonly<Record<string, never>>;

export type SetupRow = {
  readonly direction: 'inbound' | 'static' | 'dynamic';
  /** `host:port`. */
  readonly remote: string;
  /** Of the listener; null for dials. */
  readonly slot: number | null;
  /** Node id in hex, empty until it is proven. */
  readonly id: string;
  /** Their name in Hello; empty until it came. */
  readonly client: string;
  /** Such as `eth/69`. */
  readonly capabilities: readonly string[];
};

export type DialRow = {
  readonly direction: 'static' | 'dynamic';
  readonly id: string;
  /** `host:port` as it is dialled now. */
  readonly remote: string;
};

/** Who it is, its setup said: same connection number. */
export type PeerRow = { readonly protocols: readonly string[] };

/** How something ended, and why: `drop` a peer, `ended` a connection before it was one, `dialFailed` a dial. */
export type Ending = {
  readonly at: number;
  readonly type: 'drop' | 'ended' | 'dialFailed';
  /** Number of the connection; null for a dial that got none. */
  readonly connection: string | null;
  /** Id of the actor that said it, such as `dial-task:0123abcd`. */
  readonly actor: string;
  readonly direction: 'inbound' | 'static' | 'dynamic' | null;
  readonly remote: string;
  readonly id: string;
  readonly client: string;
  /** Where it ended, such as `rejected.tooManyPeers`. */
  readonly state: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  readonly ms: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly explanation: Explanation;
};

/** Tables of this moment. Long ones are cut, and say of how many. */
export type Views = {
  readonly server: ServerView;
  readonly listener: ListenerView | null;
  readonly dials: DialsView | null;
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
  /** p99 of the delay of the event loop in the last second, in ms. */
  readonly loopDelay: number;
};

export type ListenerView = {
  readonly state: string;
  readonly address: string;
  /** Who holds each slot: number of the connection, null for a free one. The longest held come first. */
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
  /** Dialled lately: not again for so long. */
  readonly history: readonly { readonly id: string; readonly msLeft: number }[];
  readonly historyTotal: number;
  readonly statics: readonly {
    readonly id: string;
    readonly status: 'connected' | 'dialling' | 'queued' | 'waiting' | 'ready';
    /** Until it may be dialled again; null when nothing is waited for. */
    readonly msLeft: number | null;
  }[];
  readonly staticsTotal: number;
};

export type DialEntry = { readonly id: string; readonly direction: 'static' | 'dynamic' };

export type PeerView = {
  readonly connection: string;
  readonly id: string;
  readonly client: string;
  readonly remote: string;
  readonly direction: 'inbound' | 'static' | 'dynamic';
  readonly trusted: boolean;
  readonly protocols: readonly string[];
  readonly capabilities: readonly string[];
  /** ms as a peer. */
  readonly age: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
};

/** Somebody who is sent frames: a cursor, nothing is queued for it. */
export type Viewer = {
  /** Which actors it wants every step of; the steps kept so far come with the next frame. At most 4. */
  focus(actors: readonly ActorNumber[]): void;
  /** What changed since the last call; null when nothing did. @param hz What the frame says of the rate. */
  next(hz: number): Frame | null;
  close(): void;
};

/** What a stream needs of a recorder. */
export type FrameSource = { open(options: { readonly actions: boolean }): Viewer };

/** What `GET /api/session` answers. `token` goes into the header `x-peerchart-token` of each action. */
export type SessionInfo = {
  readonly token: string;
  readonly actions: boolean;
  readonly source: About['source'];
};

/** `POST /api/actions/<name>`. Answers `{ ok: true }`, or a status of 400 and up with `{ error }`. */
export type ActionName =
  | 'addPeer'
  | 'removePeer'
  | 'addTrustedPeer'
  | 'removeTrustedPeer'
  | 'disconnect';

/** JSON: an enode URL, for `disconnect` the id of a peer. */
export type ActionBody = { readonly enode: string } | { readonly id: string };
