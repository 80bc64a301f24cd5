/**
 * Handshakes that are under way and the keys that came of them, by node and endpoint. When each begins and ends is decided
 * by the chart `discv5-session`; keys never leave this folder.
 */
import type { Endpoint } from '../wire/endpoint.ts';

/** Who asked first, and so answers the challenge of the other. */
export type SessionRole = 'initiator' | 'recipient';

/** One handshake of one node at one endpoint. */
export type SessionTarget = {
  readonly id: string;
  readonly endpoint: Endpoint;
  readonly role: SessionRole;
  /** Never given twice. */
  readonly number: number;
};

/**
 * What began it. `request`: a request of ours has no keys. `challenge`: the node no longer has the keys of a session and
 * challenged us. `unreadable`: the node sent what we cannot read.
 */
export type SessionStart = {
  readonly target: SessionTarget;
  readonly cause: 'request' | 'challenge' | 'unreadable';
};
