/**
 * What the chart of the server is made of: its context, its time limits, its guards and its actions.
 * When each of them applies is in server.ts.
 */
import {
  and,
  assign,
  emit,
  enqueueActions,
  type GuardPredicate,
  not,
  sendTo,
  setup,
  stateIn,
} from 'xstate';

import type { Endpoint } from '../../io/wire/endpoint.ts';
import {
  type AdmissionSituation,
  judgePeer,
  judgeRoom,
  mustWait,
} from '../connection/admission.ts';
import type { CheckpointRequest, PeerSet } from '../connection/connection.ts';
import { CROSSED_DIAL_HOLD_MS, type PendingSet } from '../connection/crossed-dials.ts';
import { type DialSchedulerEvent, dialSchedulerMachine } from '../dialing/dial-scheduler.ts';
import { type LocalNodeEvent, localNodeMachine } from '../discovery/local-node.ts';
import {
  type PortMapperEvent,
  type PortMapperInput,
  portMapperMachine,
} from '../discovery/port-mapper.ts';
import {
  type DiscoveryVersionName,
  type TableMaintenanceEvent,
  type TableMaintenanceInput,
  tableMaintenanceMachine,
} from '../discovery/table-maintenance.ts';
import { type ListenerEvent, listenerMachine } from '../listening/listener.ts';
import type { DismissalReason } from '../peer/peer-endings.ts';
import { withEntry, withoutEntry, withTrust } from './peer-set.ts';
import type {
  AddPeerRequest,
  DroppedPeer,
  LookupFinding,
  LostPart,
  ServerEmitted,
  ServerMachineEvent,
  ServerMachineInput,
} from './server-events.ts';

/** Backstop for the local node, in ms, at the start and when a start is undone: more than its own limits for the key. */
export const LOCAL_NODE_TIMEOUT_MS = 10_000;

/** Backstop for binding, in ms: more than the listener's own. */
export const LISTENING_TIMEOUT_MS = 6_000;

/** Backstop for the socket of discovery, in ms, at the start and when a start is undone. */
const DISCOVERY_TIMEOUT_MS = 6_000;

/** Backstop for the deletion of mappings when a start is undone, in ms: more than the port mapper's own. */
export const PORT_MAPPING_TIMEOUT_MS = 3_000;

/** Time peers, handshakes and dials get to end by themselves, in ms; then their sockets are destroyed. */
export const STOP_TIMEOUT_MS = 4_500;

/** After this, in ms, the server stops without waiting for anything else: `stop()` promises 5 s. */
export const GIVE_UP_TIMEOUT_MS = 4_900;

/** Trusted nodes at once. Ours, as many as static ones may be; go-ethereum has no limit. */
export const MAX_TRUSTED_NODES = 1_000;

export type ServerMachineContext = {
  readonly input: ServerMachineInput;
  /** By node id; at most `maxPeers` and the trusted ones. */
  readonly peers: PeerSet;
  /** Past the first checkpoint and still in setup; bounded by the slots of listener and dial scheduler. */
  readonly pending: PendingSet;
  /** Add-peer requests that wait for the end of a crossed connection, by connection; a subset of `pending`. */
  readonly held: ReadonlyMap<string, AddPeerRequest>;
  /** Node ids; at most `MAX_TRUSTED_NODES`, or those it was started with. */
  readonly trusted: ReadonlySet<string>;
  /** The bound address; null while there is none. */
  readonly address: Endpoint | null;
  /** Why the latest start failed; empty when none has. */
  readonly fault: { readonly step: string; readonly message: string };
};

/** Input of a listener that is never started: without an address to listen on, its step is skipped. */
const NO_ADDRESS: Endpoint = { host: '', port: 0 };

const LOCAL_NODE_LIVE = { active: { localNode: 'live' } };
/** Input of a discovery that is never begun. */
const NO_DISCOVERY: TableMaintenanceInput = {
  version: 'v4',
  rules: { selfId: '', isInNetRestrict: () => false, networksOf: () => null },
  publicKey: '',
  bootnodes: [],
  seed: 0,
};

const LISTENER_LIVE = { active: { listener: 'live' } };
const DISCOVERY_LIVE = { active: { discovery: 'live' } };
const PORT_MAPPING_LIVE = { active: { portMapping: 'live' } };
const DISCOVERY_V5_LIVE = { active: { discoveryV5: 'live' } };
const DIAL_SCHEDULER_LIVE = { active: { dialScheduler: 'live' } };

export const serverSetup = setup({
  types: {
    input: {} as ServerMachineInput,
    context: {} as ServerMachineContext,
    events: {} as ServerMachineEvent,
    emitted: {} as ServerEmitted,
    children: {} as {
      localNode: 'localNode';
      listener: 'listener';
      discovery: 'discovery';
      discoveryV5: 'discoveryV5';
      portMapping: 'portMapping';
      dialScheduler: 'dialScheduler';
    },
  },
  actors: {
    localNode: localNodeMachine,
    listener: listenerMachine,
    discovery: tableMaintenanceMachine,
    discoveryV5: tableMaintenanceMachine,
    portMapping: portMapperMachine,
    dialScheduler: dialSchedulerMachine,
  },
  delays: {
    localNodeTimeout: LOCAL_NODE_TIMEOUT_MS,
    listeningTimeout: LISTENING_TIMEOUT_MS,
    discoveryTimeout: DISCOVERY_TIMEOUT_MS,
    portMappingTimeout: PORT_MAPPING_TIMEOUT_MS,
    stopTimeout: STOP_TIMEOUT_MS,
    giveUpTimeout: GIVE_UP_TIMEOUT_MS,
    crossedDialHold: CROSSED_DIAL_HOLD_MS,
  },
  guards: {
    listens: ({ context }) => context.input.listen !== null,
    discovers: ({ context }) => context.input.discovery !== null,
    mapsPorts: ({ context }) => context.input.portMapping !== null,
    discoversV5: ({ context }) => context.input.discoveryV5 !== null,
    isV5: (_, version: DiscoveryVersionName) => version === 'v5',
    // a part is due when the start has come to its step
    isListenerDue: stateIn({ active: { phase: { starting: 'listening' } } }),
    isDiscoveryDue: stateIn({ active: { phase: { starting: 'discovery' } } }),
    isDiscoveryV5Due: stateIn({ active: { phase: { starting: 'discoveryV5' } } }),
    isDialSchedulerDue: stateIn({ active: { phase: { starting: 'dialing' } } }),
    hasLocalNode: stateIn(LOCAL_NODE_LIVE),
    hasListener: stateIn(LISTENER_LIVE),
    hasDiscovery: stateIn(DISCOVERY_LIVE),
    isPortMappingDue: and([
      'mapsPorts',
      stateIn({ active: { phase: { starting: 'portMapping' } } }),
    ]),
    hasPortMapping: stateIn(PORT_MAPPING_LIVE),
    hasNoPortMapping: not('hasPortMapping'),
    hasDiscoveryV5: stateIn(DISCOVERY_V5_LIVE),
    hasDialScheduler: stateIn(DIAL_SCHEDULER_LIVE),
    hasNoDialScheduler: not('hasDialScheduler'),
    hasNoDiscovery: not('hasDiscovery'),
    hasNoDiscoveryV5: not('hasDiscoveryV5'),
    hasNoListener: not('hasListener'),
    hasNoLocalNode: not('hasLocalNode'),
    canTrust: ({ context }, id: string) =>
      context.trusted.has(id) || context.trusted.size < MAX_TRUSTED_NODES,
    mustWait: ({ context }, { candidate, capabilities }: AddPeerRequest) =>
      mustWait(candidate, capabilities, situationOf(context)),
    hasNoPeers: ({ context }) => context.peers.size === 0,
  },
}).extend({
  actions: {
    setFault: assign({ fault: (_, fault: ServerMachineContext['fault']) => fault }),
    setAddress: assign({ address: (_, address: Endpoint) => address }),
    clearAddress: assign({ address: null }),
    reportAborted: emit({ type: 'pending.aborted' }),
    destroyConnections: emit({ type: 'connections.destroyed' }),
    reportStarted: emit(({ context }) => ({ type: 'started', address: context.address })),
    reportStartFailed: emit(({ context }) => ({ type: 'start.failed', ...context.fault })),
    reportStopped: emit({ type: 'stopped' }),
    reportLost: emit((_, lost: LostPart) => ({ type: 'part.lost' as const, ...lost })),
    forward: emit((_, report: ServerEmitted) => report),
    answerPostHandshake: enqueueActions(
      ({ context, enqueue, check }, { candidate, replyTo }: CheckpointRequest) => {
        const verdict = judgeRoom(candidate, situationOf(context));
        if (verdict.type === 'accept') {
          const { connectionId, direction, id } = candidate;
          enqueue.assign({ pending: withEntry(context.pending, connectionId, candidate) });
          if (direction === 'inbound' && check(hasDialScheduler))
            enqueue.sendTo('dialScheduler', { type: 'inbound.pending', id });
        }
        enqueue.sendTo(replyTo, verdict);
      },
    ),
    answerAddPeer: enqueueActions(
      ({ context, enqueue, check }, { candidate, ...request }: AddPeerRequest) => {
        const verdict = judgePeer(candidate, request.capabilities, situationOf(context));
        if (verdict.type === 'accept') {
          const { id, direction } = candidate;
          const entry = { ...candidate, trusted: context.trusted.has(id) };
          enqueue.assign({ peers: withEntry(context.peers, id, entry) });
          if (check(hasDialScheduler))
            enqueue.sendTo('dialScheduler', { type: 'peer.added', id, direction });
        }
        enqueue.sendTo(request.replyTo, verdict); // last: the connection may act on it at once
      },
    ),
    holdAddPeer: enqueueActions(({ context, enqueue }, request: AddPeerRequest) => {
      const { connectionId } = request.candidate;
      enqueue.assign({ held: withEntry(context.held, connectionId, request) });
      enqueue.raise(
        { type: 'hold.over', request },
        { id: holdTimer(connectionId), delay: 'crossedDialHold' },
      );
      enqueue.sendTo(request.replyTo, { type: 'hold' });
    }),
    /** After a connection has ended: requests that were held because of it are answered now. */
    releaseHeld: enqueueActions(({ context, enqueue }) => {
      for (const request of context.held.values())
        if (!mustWait(request.candidate, request.capabilities, situationOf(context)))
          enqueue.raise({ type: 'hold.over', request });
    }),
    endHold: enqueueActions(({ context, enqueue }, connectionId: string) => {
      enqueue.cancel(holdTimer(connectionId));
      enqueue.assign({ held: withoutEntry(context.held, connectionId) });
    }),
    endPending: enqueueActions(({ context, enqueue, check }, connectionId: string) => {
      const candidate = context.pending.get(connectionId);
      if (!candidate) return; // it never passed the first checkpoint
      enqueue.assign({ pending: withoutEntry(context.pending, connectionId) });
      if (candidate.direction === 'inbound' && check(hasDialScheduler))
        enqueue.sendTo('dialScheduler', { type: 'inbound.completed', id: candidate.id });
    }),
    rejectStopped: sendTo((_, request: CheckpointRequest) => request.replyTo, {
      type: 'reject.serverStopped',
      facts: {},
    }),
    removePeer: enqueueActions(
      ({ context, enqueue, check }, { connectionId, id, ending }: DroppedPeer) => {
        const entry = context.peers.get(id);
        if (entry?.connectionId !== connectionId) return; // another connection of this node is the peer
        enqueue.assign({ peers: withoutEntry(context.peers, id) });
        const { state } = ending;
        if (check(hasDialScheduler))
          enqueue.sendTo('dialScheduler', { type: 'peer.removed', id, state });
        enqueue.emit({ type: 'peer.removed', entry, ending });
      },
    ),
    dismissPeer: enqueueActions(({ context, enqueue }, { id, reason }: Dismissal) => {
      const entry = context.peers.get(id);
      if (entry) enqueue.emit({ type: 'peer.dismissed', connectionId: entry.connectionId, reason });
    }),
    dismissAllPeers: enqueueActions(({ context, enqueue }) => {
      for (const { connectionId } of context.peers.values())
        enqueue.emit({ type: 'peer.dismissed', connectionId, reason: 'clientQuitting' });
    }),
    trust: assign(({ context }, id: string) =>
      withTrust(context.peers, new Set(context.trusted).add(id), id),
    ),
    distrust: assign(({ context }, id: string) => {
      const trusted = new Set(context.trusted);
      trusted.delete(id);
      return withTrust(context.peers, trusted, id);
    }),
    reportPeers: emit(({ context }, requestId: number) => ({
      type: 'peers.snapshot',
      requestId,
      peers: context.peers,
    })),
    reportPeersUnavailable: emit((_, requestId: number) => ({
      type: 'peers.unavailable',
      requestId,
    })),
    /** Nothing is sent to a part that is not live. */
    sendToLocalNode: enqueueActions(({ enqueue, check }, event: LocalNodeEvent) => {
      if (check(hasLocalNode)) enqueue.sendTo('localNode', event);
    }),
    sendToListener: enqueueActions(({ enqueue, check }, event: ListenerEvent) => {
      if (check(hasListener)) enqueue.sendTo('listener', event);
    }),
    sendToDiscovery: enqueueActions(({ enqueue, check }, event: TableMaintenanceEvent) => {
      if (check(hasDiscovery)) enqueue.sendTo('discovery', event);
    }),
    /** Our record names one port: that of v4 if there is one. */
    passUdpPort: enqueueActions(
      ({ context, enqueue, check }, { version, address }: DiscoveryReady) => {
        if (version === 'v5' && context.input.discovery) return;
        if (check(hasLocalNode))
          enqueue.sendTo('localNode', { type: 'udp.bound', port: address.port });
        if (check(hasPortMapping))
          enqueue.sendTo('portMapping', { type: 'port.bound', protocol: 'udp', address });
      },
    ),
    sendToPortMapping: enqueueActions(({ enqueue, check }, event: PortMapperEvent) => {
      if (check(hasPortMapping)) enqueue.sendTo('portMapping', event);
    }),
    sendToDiscoveryV5: enqueueActions(({ enqueue, check }, event: TableMaintenanceEvent) => {
      if (check(hasDiscoveryV5)) enqueue.sendTo('discoveryV5', event);
    }),
    passFinding: enqueueActions(({ enqueue, check }, { version, ...finding }: LookupFinding) => {
      const isV5 = version === 'v5';
      if (check(isV5 ? hasDiscoveryV5 : hasDiscovery))
        enqueue.sendTo(isV5 ? 'discoveryV5' : 'discovery', finding);
    }),
    sendToDialScheduler: enqueueActions(({ enqueue, check }, event: DialSchedulerEvent) => {
      if (check(hasDialScheduler)) enqueue.sendTo('dialScheduler', event);
    }),
    returnSlot: enqueueActions(({ enqueue, check }, slot: number | null) => {
      if (slot !== null && check(hasListener))
        enqueue.sendTo('listener', { type: 'slot.returned', slot });
    }),
  },
});

/** @returns Input of the listener. */
export const listenerInput = ({
  context: { input },
}: {
  readonly context: ServerMachineContext;
}) => ({
  address: input.listen ?? NO_ADDRESS,
  slots: input.slots,
});

/** @returns Input of discovery. */
export const discoveryInput = ({
  context: { input },
}: {
  readonly context: ServerMachineContext;
}): TableMaintenanceInput => input.discovery ?? NO_DISCOVERY;

/** @returns Input of Node Discovery v5. */
export const discoveryV5Input = ({
  context: { input },
}: {
  readonly context: ServerMachineContext;
}): TableMaintenanceInput => input.discoveryV5 ?? NO_DISCOVERY;

/** @returns Input of the port mapper. */
export const portMappingInput = ({
  context: { input },
}: {
  readonly context: ServerMachineContext;
}): PortMapperInput => input.portMapping ?? { mechanism: 'none' };

/** In actions. XState's own type of a state check does not fit where an action is declared. */
type StateCheck = GuardPredicate<ServerMachineContext, ServerMachineEvent, undefined, never>;
const hasLocalNode = stateIn(LOCAL_NODE_LIVE) as StateCheck;
const hasListener = stateIn(LISTENER_LIVE) as StateCheck;
const hasDiscovery = stateIn(DISCOVERY_LIVE) as StateCheck;
const hasPortMapping = stateIn(PORT_MAPPING_LIVE) as StateCheck;
const hasDiscoveryV5 = stateIn(DISCOVERY_V5_LIVE) as StateCheck;
const hasDialScheduler = stateIn(DIAL_SCHEDULER_LIVE) as StateCheck;

type DiscoveryReady = Extract<ServerMachineEvent, { type: 'discovery.ready' }>;

type Dismissal = { readonly id: string; readonly reason: DismissalReason };

const situationOf = (context: ServerMachineContext): AdmissionSituation => ({
  ...context,
  rules: context.input.rules,
});

const holdTimer = (connectionId: string): string => `hold:${connectionId}`;
