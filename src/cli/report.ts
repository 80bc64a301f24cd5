/**
 * What `run` and `ping` report, as plain objects: with `--json` each is one line, and this file is its documentation.
 * Addresses are `host:port` with brackets around IPv6, ids are 64 hex digits, durations are ms. Text of remotes is
 * escaped and shortened (`printable`). Each line also has `time`, when it was written, in ISO 8601. `state` is the leaf state in which something ended, `reason` its last word and
 * `why` its sentence; `explanation` is the result of `explain`. Fields may be added; none changes its meaning.
 */

import type { DroppedPeer, EndedConnection, FailedDial } from '../api/endings.ts';
import type { Explanation } from '../api/explanation.ts';
import type { Peer } from '../api/peer.ts';
import type { Explained } from '../api/server-events.ts';
import { duringOf } from '../explain/explain.ts';
import { printableFacts } from '../explain/printable-facts.ts';
import type { Node } from '../io/crypto/node.ts';
import { formatEndpoint } from '../io/wire/endpoint.ts';
import type { Capability } from '../io/wire/hello.ts';
import { printable } from '../io/wire/printable.ts';
import type { HeldBackNodes } from '../machines/dialing/dial-scheduler.ts';
import type { Facts } from '../machines/reason-states.ts';
import type { EchoMessage } from '../protocols/echo.ts';
import type { Self } from '../server/node-info.ts';
import { reasonOf, sentenceOf } from './sentences.ts';

/** Longest text of an echo message that is shown, in UTF-16 units. Ours. */
export const MAX_TEXT_CHARS = 1024;

/** Longest fact or detail that is shown, in UTF-16 units. Ours. */
const MAX_FACT_CHARS = 256;

/** Always the first line of `run`; `listening` is null without a listener, `inspect` is there with `--inspect`. */
export type Started = {
  readonly type: 'started';
  readonly id: string;
  readonly enode: string;
  /** Our node record. */
  readonly enr: string | null;
  readonly listening: string | null;
  /** Link to the inspector: single use, expires in 60 s. */
  readonly inspect?: string;
  /** URL of the metrics, with `--metrics-port`. */
  readonly metrics?: string;
  /** The admin API: its socket, and its URLs with `--http-port` and `--ws-port`. */
  readonly ipc?: string;
  readonly http?: string;
  readonly ws?: string;
  /** In the demo only: no real node is contacted. */
  readonly simulated?: true;
};

/** A new link, made because a browser came to the inspector without a valid one. At most 5 a minute. */
type InspectLink = { readonly type: 'inspect.link'; readonly link: string };

/** `enode` is present for peers we dialled; the listening port of an inbound peer is unknown. */
export type PeerAdded = {
  readonly type: 'peer.added';
  readonly id: string;
  readonly enode?: string;
  readonly client: string;
  /** Capabilities in their Hello, such as `eth/69`; `protocols` are the shared ones that run. */
  readonly capabilities: readonly string[];
  readonly protocols: readonly string[];
  readonly direction: Peer['direction'];
  readonly remote: string;
};

/** `abandoned` lists protocols whose handlers had not returned in time. */
export type PeerDropped = Ended & {
  readonly type: 'peer.dropped';
  readonly id: string;
  readonly outcome: DroppedPeer['outcome'];
  readonly abandoned: readonly string[];
};

/** A connection that did not become a peer. `id` is present when the remote has proven it. */
export type ConnectionEnded = Ended & {
  readonly type: 'connection.ended';
  readonly connection: string;
  readonly direction: Peer['direction'];
  readonly remote: string;
  readonly outcome: EndedConnection['outcome'];
  /** The last state before the ending. */
  readonly during: string;
  /** The states it rested in, in order. */
  readonly trail: readonly string[];
  readonly id?: string;
};

/** A dial that did not make a peer. With `setupFailed`, a `connection.ended` was reported just before. */
export type DialFailed = Omit<Ended, 'facts'> & {
  readonly type: 'dial.failed';
  readonly id: string;
  readonly address: string;
  /** Error text of the system; may be empty. */
  readonly detail: string;
  /** See `dialFailed` of the server. */
  readonly backOffMs?: number;
};

/** Static nodes that are not dialled, because the peers that we dialled take every place for them. */
type StaticHeldBack = Explained & {
  readonly type: 'static.heldBack';
  readonly ids: readonly string[];
  readonly dialled: number;
  readonly maxDialed: number;
};

/** Only with `--echo`: a message that they sent (`said`), or our own that they sent back (`echoed`). */
export type MessageShown = {
  readonly type: 'message';
  readonly peer: string;
  readonly kind: EchoMessage['kind'];
  readonly text: string;
};

/** A part of the server failed; the rest continues. `retryInMs` is null when it is not retried. */
type PartLost = {
  readonly type: 'part.lost';
  readonly part: string;
  readonly message: string;
  readonly retryInMs: number | null;
};

/** A lost part works again. */
type PartRestored = {
  readonly type: 'part.restored';
  readonly part: string;
  readonly address: string;
};

/** Reports were dropped here: there were too many, or the reader was too slow. */
type ReportsLost = { readonly type: 'reports.lost'; readonly count: number };

/** Stopping: peers are being disconnected. A second signal ends the process at once. */
type Stopping = { readonly type: 'stopping' };

/** Always the last line of `run`. */
type Stopped = { readonly type: 'stopped' };

export type RunReport =
  | Started
  | InspectLink
  | PeerAdded
  | PeerDropped
  | ConnectionEnded
  | DialFailed
  | StaticHeldBack
  | MessageShown
  | PartLost
  | PartRestored
  | ReportsLost
  | Stopping
  | Stopped;

/** The only line of `ping` when a Hello was received. `ms` is the time from the dial to their Hello. */
export type PingAnswered = {
  readonly type: 'ping.answered';
  readonly id: string;
  readonly address: string;
  readonly client: string;
  readonly capabilities: readonly string[];
  readonly ms: number;
};

/** The only line of `ping` otherwise. `during` is null and `trail` empty when there was no connection. */
export type PingFailed = Ended & {
  readonly type: 'ping.failed';
  readonly id: string;
  readonly address: string;
  readonly during: string | null;
  readonly trail: readonly string[];
  /** The remedy; null after an interrupt. */
  readonly hint: string | null;
  readonly ms: number;
};

export type PingReport = PingAnswered | PingFailed;

type Ended = Explained & {
  readonly reason: string;
  readonly state: string;
  readonly why: string;
  readonly facts: Facts;
};

export function started(
  { id, enode, enr, address }: Omit<Self, 'primitives'>,
  links: Pick<Started, 'inspect' | 'metrics' | 'ipc' | 'http' | 'ws'> = {},
): Started {
  const listening = address && formatEndpoint(address);
  return { type: 'started', id, enode, enr, listening, ...links };
}

export function peerAdded(peer: Peer): PeerAdded {
  const { id, publicKey, client, capabilities, protocols, direction, remote } = peer;
  const address = formatEndpoint(remote);
  return {
    type: 'peer.added',
    id,
    ...(direction === 'inbound' ? {} : { enode: `enode://${publicKey}@${address}` }),
    client: printable(client),
    capabilities: capabilities.map(labelOf),
    protocols,
    direction,
    remote: address,
  };
}

export function peerDropped({
  peer,
  outcome,
  state,
  facts,
  abandoned,
  explanation,
}: DroppedPeer & Explained): PeerDropped {
  return {
    type: 'peer.dropped',
    id: peer.id,
    outcome,
    ...ended(state, facts, explanation),
    abandoned,
  };
}

export function connectionEnded(connection: EndedConnection & Explained): ConnectionEnded {
  const { connectionId, direction, remote, outcome, state, facts, trail, identity } = connection;
  return {
    type: 'connection.ended',
    connection: connectionId,
    direction,
    remote: formatEndpoint(remote),
    outcome,
    ...ended(state, facts, connection.explanation),
    during: duringOf(trail),
    trail,
    ...(identity.id === undefined ? {} : { id: identity.id }),
  };
}

export function dialFailed(dial: FailedDial & Explained): DialFailed {
  const { target, address, state, detail, backOffMs, explanation } = dial;
  return {
    type: 'dial.failed',
    id: target.id,
    address: formatEndpoint(address),
    reason: state,
    state,
    why: sentenceOf(state),
    detail: printable(detail, MAX_FACT_CHARS),
    ...(backOffMs !== undefined && { backOffMs }),
    explanation,
  };
}

export const staticHeldBack = ({
  nodes,
  dialled,
  maxDialed,
  explanation,
}: HeldBackNodes & Explained): StaticHeldBack => ({
  type: 'static.heldBack',
  ids: nodes.map(({ id }) => id),
  dialled,
  maxDialed,
  explanation,
});

export function messageShown({ peer, kind, bytes }: EchoMessage): MessageShown {
  const text = new TextDecoder().decode(bytes.subarray(0, 4 * MAX_TEXT_CHARS));
  return { type: 'message', peer: peer.id, kind, text: printable(text, MAX_TEXT_CHARS) };
}

/** The node that was dialled, and how long it took. */
export type PingAttempt = { readonly node: Node; readonly ms: number };

export function pingAnswered(
  {
    client,
    capabilities,
  }: { readonly client: string; readonly capabilities: readonly Capability[] },
  attempt: PingAttempt,
): PingAnswered {
  return {
    type: 'ping.answered',
    ...askedOf(attempt),
    client: printable(client),
    capabilities: capabilities.map(labelOf),
    ms: attempt.ms,
  };
}

/** A connection that ended before Hello. */
export function pingEnded(
  { state, facts, trail, explanation }: EndedConnection & Explained,
  attempt: PingAttempt,
): PingFailed {
  return {
    type: 'ping.failed',
    ...askedOf(attempt),
    ...ended(state, facts, explanation),
    during: duringOf(trail),
    trail,
    hint: explanation.remedy,
    ms: attempt.ms,
  };
}

/** A dial that did not make a connection. */
export function pingUndialled(
  { state, detail, explanation }: FailedDial & Explained,
  attempt: PingAttempt,
): PingFailed {
  return {
    type: 'ping.failed',
    ...askedOf(attempt),
    ...ended(state, detail === '' ? {} : { detail }, explanation),
    during: null,
    trail: [],
    hint: explanation.remedy,
    ms: attempt.ms,
  };
}

const askedOf = ({ node: { id, host, tcpPort } }: PingAttempt) => ({
  id,
  address: formatEndpoint({ host, port: tcpPort }),
});

const ended = (state: string, facts: Facts, explanation: Explanation): Ended => ({
  reason: reasonOf(state),
  state,
  why: sentenceOf(state),
  facts: printableFacts(facts, MAX_FACT_CHARS),
  explanation,
});

export const labelOf = ({ name, version }: Capability): string => `${name}/${version}`;
