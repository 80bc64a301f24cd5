/** What the run loop can be told, and what it asks the outside to do. */
import type { DoneActorEvent, ErrorActorEvent } from 'xstate';
import type { LocalNodeEvent } from '../../io/adapters/local-node.ts';
import type { ByteStream } from '../../io/link/byte-stream.ts';
import type { Endpoint } from '../../io/wire/endpoint.ts';
import type { AdmissionRules } from '../connection/admission.ts';
import type {
  CallerProven,
  CheckpointRequest,
  PeerEntry,
  PeerSet,
} from '../connection/connection.ts';
import type { DialEnd } from '../dialing/dial-generator.ts';
import type { DialSchedulerInput, DialSchedulerReport } from '../dialing/dial-scheduler.ts';
import type { DialTarget } from '../dialing/dial-task.ts';
import type { ListenerReport, TurnedAway } from '../listening/listener.ts';
import type { PeerOutput } from '../peer/peer.ts';
import type { AskableReason } from '../peer/peer-endings.ts';

export type ServerMachineInput = {
  readonly rules: AdmissionRules;
  /** Null: do not listen. */
  readonly listen: Endpoint | null;
  /** Inbound handshakes at once. */
  readonly slots: number;
  readonly dial: DialSchedulerInput;
  /** Node ids. */
  readonly trusted: readonly string[];
};

export type AddPeerRequest = Extract<CheckpointRequest, { type: 'checkpoint.addPeer' }>;

export type ServerMachineEvent =
  | CheckpointRequest
  | LocalNodeEvent
  | ListenerReport
  | DialSchedulerReport
  | DoneActorEvent<unknown, 'listener'>
  | DoneActorEvent<unknown, 'dialScheduler'>
  | ErrorActorEvent<unknown, 'localNode'>
  | ErrorActorEvent<unknown, 'listener'>
  | ErrorActorEvent<unknown, 'dialScheduler'>
  | { readonly type: 'start' }
  | { readonly type: 'stop' }
  | { readonly type: 'static.add'; readonly target: DialTarget }
  /** Forgets the static node and disconnects it. */
  | { readonly type: 'peer.remove'; readonly id: string }
  /** Marks a connected peer, disconnects nobody, and counts from the next checkpoint on. */
  | { readonly type: 'trusted.add'; readonly id: string }
  | { readonly type: 'trusted.remove'; readonly id: string }
  /** A question at the second checkpoint is answered now, whatever else is on its way. */
  | { readonly type: 'hold.over'; readonly request: AddPeerRequest }
  /** Who is a peer when this question has its turn? Answered in every state, with the same number. */
  | { readonly type: 'peers.ask'; readonly askId: number }
  | CallerProven
  /** A connection left setup, admitted or not; an inbound one gives its slot back. */
  | {
      readonly type: 'connection.ended';
      readonly connectionId: string;
      readonly slot: number | null;
    }
  | ({ readonly type: 'dial.ended' } & DialEnd)
  /** The peer of this connection is over; ids of other connections are left alone. */
  | ({ readonly type: 'peer.dropped' } & DroppedPeer);

export type ServerEmitted =
  | { readonly type: 'started'; readonly address: Endpoint | null }
  | { readonly type: 'start.failed'; readonly step: string; readonly message: string }
  | { readonly type: 'stopped' }
  /** The server goes on without it; the part is tried again in so many ms, or never. */
  | ({ readonly type: 'part.lost' } & LostPart)
  /** The address is bound again. */
  | { readonly type: 'listener.restored'; readonly address: Endpoint }
  | { readonly type: 'connection.accepted'; readonly stream: ByteStream; readonly slot: number }
  /** Whoever holds this slot is to end. */
  | { readonly type: 'connection.replaced'; readonly slot: number }
  /** At most one in a second, however many knock. */
  | ({ readonly type: 'callers.turnedAway' } & TurnedAway)
  | DialSchedulerReport
  /** Somebody is to leave, for this reason. */
  | {
      readonly type: 'peer.dismissed';
      readonly connectionId: string;
      readonly reason: AskableReason;
    }
  /** The id left the set: only now may anybody hear of the drop. */
  | { readonly type: 'peer.removed'; readonly entry: PeerEntry; readonly ending: PeerOutput }
  /** The answer to `peers.ask`. */
  | { readonly type: 'peers.told'; readonly askId: number; readonly peers: PeerSet }
  /** The answer outside of `running`. */
  | { readonly type: 'peers.withheld'; readonly askId: number }
  /** Connections still in setup and dials are to end. */
  | { readonly type: 'pending.aborted' }
  /** Whatever socket is left is to be destroyed. */
  | { readonly type: 'connections.destroyed' };

export type DroppedPeer = {
  readonly connectionId: string;
  readonly id: string;
  readonly ending: PeerOutput;
};

export type LostPart = {
  readonly part: Part;
  readonly message: string;
  /** Ms until it is tried again; null when it is gone for good. */
  readonly retryInMs: number | null;
};

/** Singletons that the start sequence begins, in this order. */
export type Part = 'localNode' | 'listener' | 'dialScheduler';
