/** How a dial, a connection and a peer ended: the facts that events carry. */
import type { Endpoint } from '../io/wire/endpoint.ts';
import type { Direction, EndedSetup } from '../machines/connection/connection.ts';
import type { DialTarget, FailedDialTask } from '../machines/dialing/dial-task.ts';
import type { PeerOutput } from '../machines/peer/peer.ts';
import type { Peer } from './peer.ts';

/** Duration and bytes of a connection. */
export type ConnectionStats = {
  /** In ms: of a connection until its setup ended, of a peer since its announcement. */
  readonly ms: number;
  /** Bytes on the socket since it was connected, handshakes and frames included. */
  readonly bytesIn: number;
  readonly bytesOut: number;
};

/** A peer that was dropped. */
export type DroppedPeer = { readonly peer: Peer; readonly connectionId: string } & PeerOutput &
  ConnectionStats;

/** A connection that did not become a peer. */
export type EndedConnection = EndedSetup &
  ConnectionStats & {
    readonly connectionId: string;
    readonly direction: Direction;
    readonly remote: Endpoint;
    /** The states it rested in, in order. */
    readonly trail: readonly string[];
    /** When it entered each state of `trail`, in ms since the connection was made. */
    readonly trailMs: readonly number[];
  };

/** A dial that did not make a peer. A connection that it made is also reported, as `ended`. */
export type FailedDial = Pick<FailedDialTask, 'address' | 'detail'> & {
  /** Every address of a name that was tried or left out, in order; absent when there was one at most. */
  readonly tried?: FailedDialTask['tried'];
  readonly state: FailedDialTask['outcome'];
  readonly target: DialTarget;
};
