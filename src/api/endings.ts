/** How a dial, a connection and a peer ended: the facts that events carry. */
import type { Pause } from '../io/process/pause-watch.ts';
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

/** What this side knew besides. A field is absent when there is nothing to say. */
export type EndingCircumstances = {
  /** Time since the node was a peer before, in ms; for 10 min. */
  readonly sincePeerMs?: number;
  /** This process stood still, blocked or suspended, until some seconds before at most. */
  readonly ourPause?: Pause;
  /** Our Hello names no protocol. */
  readonly offersNothing?: true;
};

/** A peer that was dropped. */
export type DroppedPeer = { readonly peer: Peer; readonly connectionId: string } & PeerOutput &
  ConnectionStats &
  EndingCircumstances;

/** A connection that did not become a peer. */
export type EndedConnection = EndedSetup &
  ConnectionStats &
  EndingCircumstances & {
    readonly connectionId: string;
    readonly direction: Direction;
    readonly remote: Endpoint;
    /** The states it rested in, in order. */
    readonly trail: readonly string[];
    /** When it entered each state of `trail`, in ms since the connection was made. */
    readonly trailMs: readonly number[];
  };

/** A dial that did not make a peer. A connection that it made is also reported, as `ended`. */
export type FailedDial = Pick<FailedDialTask, 'address' | 'detail'> &
  EndingCircumstances & {
    /** Every address of a name that was tried or left out, in order; absent when there was one at most. */
    readonly tried?: FailedDialTask['tried'];
    /**
     * How long the node is left alone from now on, in ms, because of this end; absent when only the redial delay of 35 s from the
     * start of the dial applies, as for static and trusted nodes. Adding or trusting the node ends it.
     */
    readonly backOffMs?: number;
    readonly state: FailedDialTask['outcome'];
    readonly target: DialTarget;
  };
