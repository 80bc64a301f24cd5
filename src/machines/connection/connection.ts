/** A connection before it is a peer: its types of input, checkpoint, event and output. */
import type { ActorRef, AnyActorRef, ErrorActorEvent, Snapshot } from 'xstate';
import type { Link } from '../../io/link/link.ts';
import type { SetupLinkEvent } from '../../io/link/link-events.ts';
import type { Endpoint } from '../../io/wire/endpoint.ts';
import type { Capability, Hello } from '../../io/wire/hello.ts';
import type { Facts } from '../reason-states.ts';
import type { Failure, Refusal, Rejection } from './connection-endings.ts';

/** `inbound`, or our dial: of a static node, or of any other. */
export type Direction = 'inbound' | 'static' | 'dynamic';

/** The connection that a checkpoint asks about. `id` is proven by the enc handshake. */
export type Candidate = {
  readonly connectionId: string;
  readonly direction: Direction;
  readonly id: string;
  /** The IPv4 /24 or IPv6 /48 it comes from; null in the LAN, and for streams without an IP address. */
  readonly subnet: string | null;
};

/** The question at a checkpoint; exactly one `accept` or `reject.*` goes back to `replyTo`, perhaps after a `hold`. */
export type CheckpointRequest =
  | {
      readonly type: 'checkpoint.postHandshake';
      readonly candidate: Candidate;
      readonly replyTo: CheckpointReplyRef;
    }
  | {
      readonly type: 'checkpoint.addPeer';
      readonly candidate: Candidate;
      readonly capabilities: readonly Capability[];
      readonly replyTo: CheckpointReplyRef;
    };

export type CheckpointReply =
  | { readonly type: 'accept' }
  /** At the second checkpoint: another connection with the same node decides, within `CROSSED_DIAL_HOLD_MS`. */
  | { readonly type: 'hold' }
  | Rejection;

export type CheckpointReplyRef = ActorRef<Snapshot<unknown>, CheckpointReply>;

/** The holder of this slot sent a whole auth, and cannot be replaced any more. */
export type AuthArrived = { readonly type: 'auth.arrived'; readonly slot: number };

export type ConnectionSetupInput = {
  readonly connectionId: string;
  readonly direction: Direction;
  /** The address of the other side, for display only. */
  readonly remote: Endpoint;
  /** The listener's slot that an inbound connection holds until it ends; null for dials. */
  readonly slot: number | null;
  /** Whether the record we dialled has a key to make an auth for. Inbound connections need none. */
  readonly hasDestinationKey: boolean;
  /** See {@link Candidate}. */
  readonly subnet: string | null;
  readonly link: Link;
  /** Gets a {@link AuthArrived}, and a {@link CheckpointRequest} at each checkpoint. */
  readonly runLoop: AnyActorRef;
};

/** What is known of the other side once the second checkpoint has accepted it. */
export type ProvenIdentity = {
  /** 64 bytes in hex, proven by the enc handshake; Hello claims the same. */
  readonly publicKey: string;
  readonly id: string;
  readonly hello: Hello;
};

/** What is known of the other side so far: `publicKey` and `id` after the enc handshake, then `hello`. */
export type RemoteIdentity = Partial<ProvenIdentity>;

export type AdmittedConnection = ProvenIdentity & {
  readonly outcome: 'admitted';
  readonly state: 'admitted';
};

/** A connection that did not become a peer. */
export type EndedSetup = {
  readonly outcome: 'rejected' | 'refused' | 'failed';
  /** The leaf state, such as `rejected.tooManyPeers`. */
  readonly state: string;
  readonly facts: Facts;
  readonly identity: RemoteIdentity;
};

export type ConnectionSetupOutput = AdmittedConnection | EndedSetup;

export type ConnectionSetupEvent =
  | SetupLinkEvent
  | CheckpointReply
  | Refusal
  | Failure
  | ErrorActorEvent<unknown, 'link'>
  /** The server stops. */
  | { readonly type: 'stop' }
  /** The dial task no longer wants the connection. */
  | { readonly type: 'cancel' }
  /** The node became a peer over another connection. */
  | { readonly type: 'supersede' }
  /** Its slot was given to another connection. */
  | { readonly type: 'make.room' };

export type PeerEntry = {
  readonly connectionId: string;
  readonly id: string;
  readonly direction: Direction;
  readonly trusted: boolean;
  /** See {@link Candidate}. */
  readonly subnet: string | null;
};

export type PeerSet = ReadonlyMap<string, PeerEntry>;

/** Time the other side gets to hang up first, in ms. Source: devp2p/rlpx.md, "Disconnect (0x01)". */
export const FAREWELL_MS = 2000;
