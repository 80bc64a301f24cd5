/**
 * Handshakes that are under way and the keys that came of them, by node and endpoint. When each begins and ends is decided
 * by the chart `discv5-session`; keys never leave this folder.
 */
import type { Endpoint } from '../wire/endpoint.ts';

/** `initiator`: we asked first, and answer the challenge of the node. */
export type SessionRole = 'initiator' | 'recipient';

/** One handshake with a node at an endpoint, and its keys. */
export type SessionTarget = {
  readonly id: string;
  readonly endpoint: Endpoint;
  readonly role: SessionRole;
  /** Never given twice. */
  readonly number: number;
};

/**
 * Why a handshake begins. `request`: a request of ours has no keys. `challenge`: the node challenged us although we have keys;
 * it lost them. `unreadable`: the node sent what we cannot read.
 */
export type SessionCause = 'request' | 'challenge' | 'unreadable';

export type SessionStart = { readonly target: SessionTarget; readonly cause: SessionCause };

/** What the chart orders. */
export type SessionStep =
  /** Sends a packet without content, which the node has to challenge. */
  | 'contact'
  /** Answers the challenge of the node, with our request. */
  | 'answer'
  /** Sends our challenge. */
  | 'challenge'
  /** Checks the handshake that came. */
  | 'verify'
  /** Takes the keys into use. */
  | 'keep';

/** Why a handshake of theirs is none. */
export type HandshakeFault =
  | 'recordMissing'
  | 'badRecord'
  | 'recordOfOtherNode'
  | 'badIdSignature'
  | 'invalidEphemeralKey'
  | 'undecryptable'
  | 'malformedMessage';

export type SessionReport =
  | { readonly type: 'whoareyou.received' }
  | { readonly type: 'handshake.sent' }
  /** The keys that our handshake made opened a message of the node. */
  | { readonly type: 'message.opened' }
  /** The request that began it ended without an answer. */
  | { readonly type: 'request.timedOut' }
  | { readonly type: 'request.cancelled' }
  | { readonly type: 'handshake.received' }
  | { readonly type: 'handshake.valid' }
  | { readonly type: 'handshake.invalid'; readonly fault: HandshakeFault }
  /** A later handshake of the same role has made keys. */
  | { readonly type: 'session.replaced' }
  /** Too many others are in use. */
  | { readonly type: 'session.evicted' }
  /** The socket is closed, or closed before this began. */
  | { readonly type: 'session.gone' };
