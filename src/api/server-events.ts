/** What a server reports to whoever listens. */

import type { Endpoint } from '../io/wire/endpoint.ts';
import type { TurnedAway } from '../machines/listening/listener.ts';
import type { LostPart } from '../machines/server/server-events.ts';
import type { DroppedPeer, EndedConnection, FailedDial } from './endings.ts';
import type { FeedEvent } from './event-feed.ts';
import type { Explanation } from './explanation.ts';
import type { Peer } from './peer.ts';

/** What subscribers hear, by type. */
export type ServerEvents = {
  /** A peer was admitted; its handlers start after this is delivered. */
  add: { readonly peer: Peer };
  /** A peer is gone: who ended it, in which state, and why. Exactly one for each `add`. */
  drop: DroppedPeer & Explained;
  /** A connection ended before it was a peer. */
  ended: EndedConnection & Explained;
  /** Newcomers were destroyed without a byte, and without any other event: at most one report in a second. */
  turnedAway: TurnedAway;
  /** A dial came to nothing; or, told once, a static node is never dialled where it is. */
  dialFailed: FailedDial & Explained;
  /** A handler took a message; only with `messageEvents`. */
  msgrecv: MessageEvent;
  /** A message of a handler was written; only with `messageEvents`. */
  msgsend: MessageEvent;
  /** A part of the server broke; the rest goes on. A listener is tried again. */
  lost: LostPart;
  /** The listener that was lost is there again. */
  restored: { readonly part: 'listener'; readonly address: Endpoint };
};

export type ServerEvent = FeedEvent<ServerEvents>;

/** One message of a subprotocol. Those of the base protocol are not told. */
export type MessageEvent = {
  readonly peer: Peer;
  /** Name and version, such as `eth/69`. */
  readonly protocol: string;
  /** The protocol's own, from 0. */
  readonly code: number;
  /** Bytes of the payload, not compressed. */
  readonly size: number;
};

/** What `explain` makes of the event that carries it. */
export type Explained = { readonly explanation: Explanation };
