/** How a dial, a connection and a peer ended: the facts that events carry. */
import type { Endpoint } from '../io/wire/endpoint.ts';
import type { Direction, EndedSetup } from '../machines/connection/connection.ts';
import type { DialTarget, FailedDialTask } from '../machines/dialing/dial-task.ts';
import type { PeerOutput } from '../machines/peer/peer.ts';
import type { Peer } from './peer.ts';

/** How much came of a connection. */
export type ConnectionStats = {
  /** How long it lasted, in ms: a connection until its setup ended, a peer from its announcement on. */
  readonly ms: number;
  /** Bytes of the stream since it was connected, handshakes and frames included. */
  readonly bytesIn: number;
  readonly bytesOut: number;
};

/** A peer that is one no more. */
export type DroppedPeer = { readonly peer: Peer; readonly connectionId: string } & PeerOutput &
  ConnectionStats;

/** A connection that did not become a peer. */
export type EndedConnection = EndedSetup &
  ConnectionStats & {
    readonly connectionId: string;
    readonly direction: Direction;
    readonly remote: Endpoint;
    /** Every state it rested in, in order. */
    readonly trail: readonly string[];
    /** When it came to each of them, in ms since the start of the connection. */
    readonly trailMs: readonly number[];
  };

/** A dial that came to nothing. When it got as far as a connection, that one is reported as well. */
export type FailedDial = Pick<FailedDialTask, 'address' | 'detail'> & {
  readonly state: FailedDialTask['outcome'];
  readonly target: DialTarget;
};
