/** The input of the server machine, the events it handles, and the events it emits to `src/server.ts`. */
import type { DoneActorEvent, ErrorActorEvent } from 'xstate';
import type { ByteStream } from '../../io/link/byte-stream.ts';
import type { Endpoint } from '../../io/wire/endpoint.ts';
import type { AdmissionRules } from '../connection/admission.ts';
import type {
  AuthArrived,
  CheckpointRequest,
  PeerEntry,
  PeerSet,
} from '../connection/connection.ts';
import type {
  DialSchedulerInput,
  DialSchedulerReport,
  EndedDial,
} from '../dialing/dial-scheduler.ts';
import type { DialTarget } from '../dialing/dial-task.ts';
import type { LocalNodeEvent, LocalNodeInput, LocalNodeReport } from '../discovery/local-node.ts';
import type { PortMapperInput, PortMapperReport } from '../discovery/port-mapper.ts';
import type {
  DiscoveryVersionName,
  TableMaintenanceEvent,
  TableMaintenanceInput,
  TableMaintenanceReport,
} from '../discovery/table-maintenance.ts';
import type { ListenerReport, TurnedAway } from '../listening/listener.ts';
import type { PeerOutput } from '../peer/peer.ts';
import type { DismissalReason } from '../peer/peer-endings.ts';

export type ServerMachineInput = {
  readonly rules: AdmissionRules;
  readonly localNode: LocalNodeInput;
  /** Null: do not listen. */
  readonly listen: Endpoint | null;
  /** Inbound handshakes at once. */
  readonly slots: number;
  readonly dial: DialSchedulerInput;
  /** Null: find no nodes with Node Discovery v4. */
  readonly discovery: TableMaintenanceInput | null;
  /** Null: find no nodes with Node Discovery v5. */
  readonly discoveryV5: TableMaintenanceInput | null;
  /** Null: map no ports. */
  readonly portMapping: PortMapperInput | null;
  /** Node ids. */
  readonly trusted: readonly string[];
};

/** For the table of this version of discovery. */
export type LookupFinding = { readonly version: DiscoveryVersionName } & Extract<
  TableMaintenanceEvent,
  { type: 'lookup.ended' | 'nodes.found' | 'bootnodes.found' | 'refresh.wanted' }
>;

export type AddPeerRequest = Extract<CheckpointRequest, { type: 'checkpoint.addPeer' }>;

export type ServerMachineEvent =
  | CheckpointRequest
  | LocalNodeReport
  /** What another node sees as our endpoint; ignored while the server does not run. */
  | Extract<LocalNodeEvent, { type: 'endpoint.stated' }>
  | ListenerReport
  | PortMapperReport
  | TableMaintenanceReport
  | LookupFinding
  | DialSchedulerReport
  | DoneActorEvent<unknown, 'localNode'>
  | DoneActorEvent<unknown, 'listener'>
  | DoneActorEvent<unknown, 'discovery'>
  | DoneActorEvent<unknown, 'discoveryV5'>
  | DoneActorEvent<unknown, 'portMapping'>
  | DoneActorEvent<unknown, 'dialScheduler'>
  | ErrorActorEvent<unknown, 'localNode'>
  | ErrorActorEvent<unknown, 'listener'>
  | ErrorActorEvent<unknown, 'discovery'>
  | ErrorActorEvent<unknown, 'discoveryV5'>
  | ErrorActorEvent<unknown, 'portMapping'>
  | ErrorActorEvent<unknown, 'dialScheduler'>
  | { readonly type: 'start' }
  | { readonly type: 'stop' }
  | { readonly type: 'static.add'; readonly target: DialTarget }
  /** The node is no longer static, and is disconnected. */
  | { readonly type: 'peer.remove'; readonly id: string }
  /** Marks the peer that the node may already be; the checkpoints use it from now on. */
  | { readonly type: 'trusted.add'; readonly id: string }
  /** Unmarks the peer and does not disconnect it. */
  | { readonly type: 'trusted.remove'; readonly id: string }
  /** A held add-peer request is answered now, even if the crossed connection has not ended. */
  | { readonly type: 'hold.over'; readonly request: AddPeerRequest }
  /** Answered in every state, with the same number: by `peers.snapshot` or `peers.unavailable`. */
  | { readonly type: 'peers.request'; readonly requestId: number }
  | AuthArrived
  /** A connection left setup, admitted or not; an inbound one returns its slot. */
  | {
      readonly type: 'connection.ended';
      readonly connectionId: string;
      readonly slot: number | null;
    }
  | ({ readonly type: 'dial.ended' } & EndedDial)
  /** The peer of this connection has ended; ignored when another connection of this node is the peer. */
  | ({ readonly type: 'peer.dropped' } & DroppedPeer);

export type ServerEmitted =
  | { readonly type: 'started'; readonly address: Endpoint | null }
  | { readonly type: 'start.failed'; readonly step: string; readonly message: string }
  | { readonly type: 'stopped' }
  /** The server runs on without this part. */
  | ({ readonly type: 'part.lost' } & LostPart)
  /** The address is bound again. */
  | { readonly type: 'listener.restored'; readonly address: Endpoint }
  /** The datagrams of discovery arrive again. */
  | Extract<TableMaintenanceReport, { type: 'discovery.restored' | 'lookup.wanted' }>
  | { readonly type: 'connection.accepted'; readonly stream: ByteStream; readonly slot: number }
  /** Close the handshake that held this slot. */
  | { readonly type: 'connection.replaced'; readonly slot: number }
  /** At most one per second. */
  | ({ readonly type: 'callers.turnedAway' } & TurnedAway)
  | DialSchedulerReport
  | Extract<LocalNodeReport, { type: 'store.faulted' | 'record.failed' }>
  | Extract<PortMapperReport, { type: 'gateway.faulted' }>
  /** Disconnect the peer of this connection, for this reason. */
  | {
      readonly type: 'peer.dismissed';
      readonly connectionId: string;
      readonly reason: DismissalReason;
    }
  /** The id has left the set: the drop may be reported to users now. */
  | { readonly type: 'peer.removed'; readonly entry: PeerEntry; readonly ending: PeerOutput }
  /** Answers `peers.request` while `running`. */
  | { readonly type: 'peers.snapshot'; readonly requestId: number; readonly peers: PeerSet }
  /** Answers `peers.request` in every other phase. */
  | { readonly type: 'peers.unavailable'; readonly requestId: number }
  /** End the connections in setup and the dials. */
  | { readonly type: 'pending.aborted' }
  /** Destroy all sockets that are left. */
  | { readonly type: 'connections.destroyed' };

export type DroppedPeer = {
  readonly connectionId: string;
  readonly id: string;
  readonly ending: PeerOutput;
};

export type LostPart = {
  readonly part: Part;
  readonly message: string;
  /** Ms until the next attempt to restore it; null when there is none. */
  readonly retryInMs: number | null;
};

/** What the start begins, in this order; each has a region in the chart. */
export type Part =
  | 'localNode'
  | 'portMapping'
  | 'listener'
  | 'discovery'
  | 'discoveryV5'
  | 'dialScheduler';
