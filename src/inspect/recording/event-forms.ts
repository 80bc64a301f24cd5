/**
 * The input and the events of each machine as JSON and back: one entry for each machine, one line for each event it
 * takes. An event or a field that is not listed does not compile; a test compares the machines with those of src/machines.
 * Longer than 400 lines: it is one table.
 */
import type { AnyActorRef, AnyStateMachine, EventFrom, EventObject, InputFrom } from 'xstate';
import type { Caller } from '../../io/adapters/caller-lookup.ts';
import type { CrawlFailure } from '../../io/adapters/crawl-visitor.ts';
import type { NodeFault } from '../../io/adapters/node-parts.ts';
import type { AdmissionRules } from '../../machines/connection/admission.ts';
import type { Candidate, CheckpointReplyRef } from '../../machines/connection/connection.ts';
import { FAILURES, REFUSALS, REJECTIONS } from '../../machines/connection/connection-endings.ts';
import { connectionSetupMachine } from '../../machines/connection/connection-setup.ts';
import { type CrawlMachineInput, crawlMachine } from '../../machines/crawl/crawl.ts';
import { type DialGenerator, dialGenerator } from '../../machines/dialing/dial-generator.ts';
import { dialSchedulerMachine } from '../../machines/dialing/dial-scheduler.ts';
import { dialTaskMachine } from '../../machines/dialing/dial-task.ts';
import { bootnodeNameMachine } from '../../machines/discovery/bootnode-name.ts';
import { discv5SessionMachine } from '../../machines/discovery/discv5-session.ts';
import { dnsTreeMachine } from '../../machines/discovery/dns-tree.ts';
import { endpointProofMachine } from '../../machines/discovery/endpoint-proof.ts';
import { localNodeMachine } from '../../machines/discovery/local-node.ts';
import { lookupMachine } from '../../machines/discovery/lookup.ts';
import { portMapperMachine } from '../../machines/discovery/port-mapper.ts';
import { tableMaintenanceMachine } from '../../machines/discovery/table-maintenance.ts';
import {
  ETH_FAILURES,
  ETH_REFUSALS,
  ETH_REJECTIONS,
  type StatusFacts,
} from '../../machines/eth/eth-endings.ts';
import { type EthSessionInput, ethSessionMachine } from '../../machines/eth/eth-session.ts';
import type { TurnedAway } from '../../machines/listening/listener.ts';
import { listenerMachine } from '../../machines/listening/listener.ts';
import { nodeMachine } from '../../machines/node/node.ts';
import { peerMachine } from '../../machines/peer/peer.ts';
import { PEER_FAILURES, PEER_REFUSALS, PEER_REJECTIONS } from '../../machines/peer/peer-endings.ts';
import type { ProtocolInput, ProtocolOutput } from '../../machines/peer/protocol.ts';
import { protocolMachine } from '../../machines/peer/protocol.ts';
import { mapEvents } from '../../machines/reason-states.ts';
import { serverMachine } from '../../machines/server/server.ts';
import type { AddPeerRequest, ServerMachineInput } from '../../machines/server/server-events.ts';
import {
  backOff,
  dialInput,
  generator,
  resolution,
  SCHEDULER,
  TASK,
  target,
  taskInput,
} from './dial-event-forms.ts';
import {
  BOOTNODE_NAME,
  bootnodeNameInput,
  DISCV5_SESSION,
  DNS_TREE,
  discv5SessionInput,
  dnsTreeInput,
  ENDPOINT_PROOF,
  endpointProofInput,
  LOCAL_NODE,
  LOOKUP,
  localNodeInput,
  lookupInput,
  MAPPER_REPORTS,
  PORT_MAPPER,
  passedTableInput,
  portMapperInput,
  STATEMENT,
  TABLE_MAINTENANCE,
  TABLE_REPORTS,
  tableInput,
  VERSIONED_FINDINGS,
} from './discovery-event-forms.ts';
import {
  boolean,
  type Cases,
  endpoint,
  type Fields,
  type Form,
  facts,
  handle,
  list,
  network,
  nodeId,
  nothing,
  nullable,
  number,
  oneOf,
  optional,
  record,
  text,
  word,
} from './form.ts';
import {
  capabilities,
  inert,
  link,
  PEER_LINK,
  peerOutput,
  SETUP_LINK,
  stream,
} from './link-event-forms.ts';

type MachineForm<Input, Event extends EventObject> = {
  readonly input: Form<Input>;
  readonly events: Form<Event>;
  /** Of the output of the actors it invokes; null when it takes none. */
  readonly done: Form<unknown> | null;
};

/** By the id of the machine. */
export const formsOf = (machine: string): AnyMachineForm | null => FORMS.get(machine) ?? null;

/** The machine of that id, with its effects not provided. */
export const machineOf = (id: string): AnyStateMachine | null => MACHINE_BY_ID.get(id) ?? null;

export type AnyMachineForm = MachineForm<unknown, EventObject>;

const MACHINES = {
  bootnodeNameMachine,
  connectionSetupMachine,
  crawlMachine,
  dialSchedulerMachine,
  dialTaskMachine,
  discv5SessionMachine,
  dnsTreeMachine,
  endpointProofMachine,
  ethSessionMachine,
  listenerMachine,
  localNodeMachine,
  lookupMachine,
  nodeMachine,
  peerMachine,
  portMapperMachine,
  protocolMachine,
  serverMachine,
  tableMaintenanceMachine,
} as const;

type Machines = typeof MACHINES;

type DoneOutput<Event> = Event extends {
  readonly type: `xstate.done.actor.${string}`;
  readonly output: infer Output;
}
  ? Output
  : never;

type Table = {
  readonly [Name in keyof Machines]: {
    readonly input: Form<InputFrom<Machines[Name]>>;
    readonly events: Cases<EventFrom<Machines[Name]>>;
    readonly done: [DoneOutput<EventFrom<Machines[Name]>>] extends [never]
      ? null
      : Form<DoneOutput<EventFrom<Machines[Name]>>>;
  };
};

const ending = { facts };

const caller: Form<Caller> = record<Caller>({
  at: number,
  source: nullable(network),
  isLan: boolean,
  isRestricted: boolean,
});

const candidate: Form<Candidate> = record<Candidate>({
  connectionId: word(),
  direction: word(),
  id: nodeId,
  subnet: nullable(network),
});

const replyTo = handle('replyTo', inert('replyTo') as CheckpointReplyRef);

const run = handle<ProtocolInput['run']>('run', async () => {});

const addPeerRequest: Form<AddPeerRequest> = record<AddPeerRequest>({
  type: word(),
  candidate,
  capabilities,
  replyTo,
});

const fault: Form<NodeFault> = record<NodeFault>({ kind: word(), message: text });

const failure: Form<CrawlFailure> = record<CrawlFailure>({ part: word(), message: text });

const counts: Form<TurnedAway['counts']> = record<TurnedAway['counts']>({
  netRestrict: number,
  throttled: number,
  sourceBusy: number,
  noSlot: number,
  notAccepting: number,
});

const latest: Form<TurnedAway['latest']> = record<TurnedAway['latest']>({
  remote: endpoint,
  why: word(),
});

/** Digits, and hashes of chains: they name no node. */
const STATUS_FACTS: Fields<StatusFacts> = {
  version: word(),
  networkId: word(),
  genesis: word(),
  forkHash: word(),
  forkNext: word(),
};

const TABLE: Table = {
  bootnodeNameMachine: { input: bootnodeNameInput, events: BOOTNODE_NAME, done: null },
  connectionSetupMachine: {
    input: record({
      connectionId: word(),
      direction: word(),
      remote: endpoint,
      slot: nullable(number),
      hasDestinationKey: boolean,
      subnet: nullable(network),
      link,
      runLoop: handle('runLoop', inert('runLoop') as AnyActorRef),
    }),
    events: {
      ...SETUP_LINK,
      accept: {},
      hold: {},
      ...mapEvents('reject', REJECTIONS, () => ending),
      ...mapEvents('refuse', REFUSALS, () => ending),
      ...mapEvents('fail', FAILURES, () => ending),
      stop: {},
      cancel: {},
      supersede: {},
      'make.room': {},
    },
    done: null,
  },
  crawlMachine: {
    input: record<CrawlMachineInput>({
      parallel: number,
      visitIntervalMs: number,
      emptyPolls: number,
      maxMs: number,
    }),
    events: {
      seeded: {},
      'task.taken': {},
      'queue.empty': {},
      'node.added': {},
      'search.ended': {},
      'visit.ended': {},
      'crawl.failed': { failure },
      drained: { failure: nullable(failure) },
      stop: {},
    },
    done: null,
  },
  dialSchedulerMachine: {
    input: dialInput(generator),
    events: SCHEDULER,
    done: null,
  },
  dialTaskMachine: {
    input: taskInput,
    events: TASK,
    done: null,
  },
  discv5SessionMachine: { input: discv5SessionInput, events: DISCV5_SESSION, done: null },
  dnsTreeMachine: { input: dnsTreeInput, events: DNS_TREE, done: null },
  endpointProofMachine: { input: endpointProofInput, events: ENDPOINT_PROOF, done: null },
  ethSessionMachine: {
    input: record<EthSessionInput>({ protocol: text, ours: record<StatusFacts>(STATUS_FACTS) }),
    events: {
      'status.received': { ...STATUS_FACTS, forkId: word(), isRangeValid: boolean },
      'status.malformed': { detail: text },
      'status.missing': { code: number },
      'message.received': {},
      'message.wrong': { as: word(), facts },
      'peer.ended': { outcome: word(), state: word() },
      'handler.faulted': { message: text },
      accept: {},
      ...mapEvents('reject', ETH_REJECTIONS, () => ending),
      ...mapEvents('refuse', ETH_REFUSALS, () => ending),
      ...mapEvents('fail', ETH_FAILURES, () => ending),
    },
    done: null,
  },
  listenerMachine: {
    input: record({ address: endpoint, slots: number }),
    events: {
      'socket.bound': { address: endpoint },
      'bind.failed': { message: text },
      'socket.accepted': { stream },
      'accept.failed': { temporary: boolean, message: text },
      'socket.closed': {},
      'caller.seen': { stream, caller },
      'slot.returned': { slot: number },
      'auth.arrived': { slot: number },
      'report.due': {},
      close: {},
    },
    done: null,
  },
  localNodeMachine: { input: localNodeInput, events: LOCAL_NODE, done: null },
  lookupMachine: { input: lookupInput, events: LOOKUP, done: null },
  nodeMachine: {
    input: record({ services: number, apis: number }),
    events: {
      'directory.opened': {},
      'directory.failed': { fault },
      'service.created': {},
      'service.started': {},
      'service.failed': { fault },
      'server.created': {},
      'server.started': {},
      'server.failed': { fault },
      'api.opened': {},
      'api.failed': { fault },
      'api.closed': { fault: nullable(fault) },
      'service.stopped': { fault: nullable(fault) },
      'server.stopped': { fault: nullable(fault) },
      'directory.released': { fault: nullable(fault) },
      'server.ended': { fault },
      start: {},
      stop: {},
      close: {},
    },
    done: null,
  },
  peerMachine: {
    input: record({
      connectionId: word(),
      link,
      runs: list(record<ProtocolInput>({ protocol: text, run })),
    }),
    events: {
      ...PEER_LINK,
      ...mapEvents('reject', PEER_REJECTIONS, () => ending),
      ...mapEvents('refuse', PEER_REFUSALS, () => ending),
      ...mapEvents('fail', PEER_FAILURES, () => ending),
      disconnect: { reason: word() },
      'announcement.delivered': {},
    },
    done: record<ProtocolOutput>({ protocol: text, how: word(), message: text }),
  },
  portMapperMachine: { input: portMapperInput, events: PORT_MAPPER, done: null },
  protocolMachine: {
    input: record<ProtocolInput>({ protocol: text, run }),
    events: { 'handler.returned': {}, 'handler.failed': { message: text } },
    done: null,
  },
  serverMachine: {
    input: record<ServerMachineInput>({
      rules: record<AdmissionRules>({
        self: nodeId,
        maxPeers: number,
        maxInbound: number,
        maxPerSubnet: number,
        isStaticExempt: boolean,
        capabilities,
      }),
      localNode: localNodeInput,
      listen: nullable(endpoint),
      slots: number,
      discovery: nullable(passedTableInput),
      discoveryV5: nullable(passedTableInput),
      portMapping: nullable(portMapperInput),
      dial: dialInput(handle<DialGenerator<unknown>>('dialGenerator', dialGenerator)),
      trusted: list(nodeId),
    }),
    events: {
      'checkpoint.postHandshake': { candidate, replyTo },
      'checkpoint.addPeer': { candidate, capabilities, replyTo },
      'localNode.ready': {},
      'localNode.failed': { message: text },
      'store.faulted': { message: text },
      'record.failed': { message: text },
      'endpoint.stated': STATEMENT,
      ...MAPPER_REPORTS,
      'listener.bound': { address: endpoint },
      'listener.failed': { message: text },
      'listener.lost': { message: text, retryInMs: number },
      ...TABLE_REPORTS,
      ...VERSIONED_FINDINGS,
      'connection.accepted': { stream, slot: number },
      'connection.replaced': { slot: number },
      'callers.turnedAway': { counts, latest },
      'dial.wanted': {
        ...{ target, direction: word(), mayResolve: boolean },
        backOffDraw: optional(number),
      },
      'dial.unwanted': { id: nodeId, why: word() },
      'static.blocked': { target, why: word() },
      'static.heldBack': { nodes: list(target), dialled: number, maxDialed: number },
      'static.released': {},
      'peer.churned': { id: nodeId, direction: word() },
      'churn.skipped': {},
      'candidates.failed': { message: text },
      start: {},
      stop: {},
      'static.add': { target },
      'peer.remove': { id: nodeId },
      'trusted.add': { id: nodeId },
      'trusted.remove': { id: nodeId },
      'hold.over': { request: addPeerRequest },
      'peers.request': { requestId: number },
      'auth.arrived': { slot: number },
      'connection.ended': { connectionId: word(), slot: nullable(number) },
      'dial.ended': {
        ...{ id: nodeId, resolution: optional(resolution) },
        backOff: optional(backOff),
      },
      'peer.dropped': { connectionId: word(), id: nodeId, ending: peerOutput },
    },
    done: nothing,
  },
  tableMaintenanceMachine: { input: tableInput, events: TABLE_MAINTENANCE, done: null },
};

const MACHINE_BY_ID: ReadonlyMap<string, AnyStateMachine> = new Map(
  Object.values(MACHINES).map((machine) => [machine.id, machine]),
);

const FORMS: ReadonlyMap<string, AnyMachineForm> = new Map(
  Object.entries(MACHINES).map(([name, { id }]) => {
    const { input, events, done } = TABLE[name as keyof Machines];
    return [id, { input, events: oneOf(events as never), done } as AnyMachineForm];
  }),
);

export const MACHINE_IDS: readonly string[] = [...MACHINE_BY_ID.keys()];
