/** The events of a server. */

import type { Endpoint } from '../io/wire/endpoint.ts';
import type { HeldBackNodes } from '../machines/dialing/dial-scheduler.ts';
import type { TurnedAway } from '../machines/listening/listener.ts';
import type { LostPart } from '../machines/server/server-events.ts';
import type { DroppedPeer, EndedConnection, FailedDial } from './endings.ts';
import type { FeedEvent } from './event-feed.ts';
import type { Explanation } from './explanation.ts';
import type { Peer } from './peer.ts';

/** Events by type, for `server.on` and `server.events`. */
export type ServerEvents = {
  /** A peer was admitted; its handlers start after this is delivered. */
  add: { readonly peer: Peer };
  /** A peer ended: by whom, in which state, and why. Exactly one for each `add`. */
  drop: DroppedPeer & Explained;
  /** A connection ended before it became a peer. */
  ended: EndedConnection & Explained;
  /** Inbound sockets were destroyed before any byte was read, without another event. At most one report per second. */
  turnedAway: TurnedAway;
  /** A dial failed; or, once for each, the address of a static node must not be dialled. */
  dialFailed: FailedDial & Explained;
  /**
   * Static nodes are due and not dialled, because the peers that we dialled take the whole share of our dials. Each node
   * is reported once while that lasts.
   */
  heldBack: HeldBackNodes & Explained;
  /** A handler read a message; only with `messageEvents`. */
  msgrecv: MessageEvent;
  /** A message of a handler was written to the socket; only with `messageEvents`. */
  msgsend: MessageEvent;
  /** A part of the server failed; the rest continues. A listener is retried. */
  lost: LostPart;
  /** The lost listener listens again, or a lost socket of discovery is bound again. */
  restored: {
    readonly part: 'listener' | 'discovery' | 'discoveryV5';
    readonly address: Endpoint;
  };
};

export type ServerEvent = FeedEvent<ServerEvents>;

/** One message of a subprotocol; messages of the base protocol are not reported. */
export type MessageEvent = {
  readonly peer: Peer;
  /** Name and version, such as `eth/69`. */
  readonly protocol: string;
  /** Code within the protocol, from 0. */
  readonly code: number;
  /** Bytes of the payload, uncompressed. */
  readonly size: number;
};

/** The result of `explain` for the event that carries it. */
export type Explained = { readonly explanation: Explanation };
