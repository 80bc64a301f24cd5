/** A server machine with parts that only record, or with the real listener and dial scheduler, and the ways to its states. */

import { createActor, type DoneActorEvent, type EventObject } from 'xstate';
import type { SocketServerCommand, SocketServerEvent } from '../../src/io/adapters/tcp-listener.ts';
import type { Endpoint } from '../../src/io/wire/endpoint.ts';
import type { Capability } from '../../src/io/wire/hello.ts';
import type {
  Candidate,
  CheckpointReply,
  Direction,
} from '../../src/machines/connection/connection.ts';
import {
  type DialSchedulerEvent,
  type DialSchedulerInput,
  type DialSchedulerReport,
  dialSchedulerMachine,
} from '../../src/machines/dialing/dial-scheduler.ts';
import type {
  LocalNodeEvent,
  LocalNodeInput,
  LocalNodeReport,
  localNodeMachine,
} from '../../src/machines/discovery/local-node.ts';
import type {
  PortMapperEvent,
  PortMapperInput,
  PortMapperReport,
  portMapperMachine,
} from '../../src/machines/discovery/port-mapper.ts';
import type {
  TableMaintenanceEvent,
  TableMaintenanceInput,
  TableMaintenanceReport,
  tableMaintenanceMachine,
} from '../../src/machines/discovery/table-maintenance.ts';
import {
  type ListenerEvent,
  type ListenerInput,
  type ListenerReport,
  listenerMachine,
} from '../../src/machines/listening/listener.ts';
import type { PeerOutput } from '../../src/machines/peer/peer.ts';
import { serverMachine } from '../../src/machines/server/server.ts';
import type {
  Part,
  ServerEmitted,
  ServerMachineEvent,
  ServerMachineInput,
} from '../../src/machines/server/server-events.ts';
import { phasePath } from '../../src/machines/server/server-phase.ts';
import { FakeActor } from '../../src/testing/machine/fake-actor.ts';
import { fakeCallerLookup } from '../../src/testing/machine/fake-adapters.ts';
import { dialInput } from './dial-input.ts';
import { localNodeInput } from './local-node-run.ts';
import { type Run, runMachine } from './run-machine.ts';

export { target } from './dial-input.ts';

export const asked: Endpoint = { host: '127.0.0.1', port: 0 };
export const address: Endpoint = { host: '127.0.0.1', port: 40404 };
export const eth: Capability = { name: 'eth', version: 69 };

export const ready: LocalNodeReport = { type: 'localNode.ready' };
export const discoveryAsked: TableMaintenanceInput = {
  version: 'v4',
  rules: { selfId: 'us', isInNetRestrict: () => true, networksOf: () => null },
  publicKey: '',
  bootnodes: [],
  seed: 1,
};
export const discoveryV5Asked: TableMaintenanceInput = { ...discoveryAsked, version: 'v5' };
export const discoveryReady = { type: 'discovery.ready', version: 'v4', address } as const;
export const discoveryV5Ready = { ...discoveryReady, version: 'v5' } as const;
export const bound = { type: 'listener.bound', address } as const;

/** The events by which parts report their end. */
export const listenerDone: DoneActorEvent<undefined, 'listener'> = {
  type: 'xstate.done.actor.listener',
  output: undefined,
  actorId: 'listener',
};
export const localNodeDone: DoneActorEvent<undefined, 'localNode'> = {
  type: 'xstate.done.actor.localNode',
  output: undefined,
  actorId: 'localNode',
};
export const discoveryDone: DoneActorEvent<undefined, 'discovery'> = {
  type: 'xstate.done.actor.discovery',
  output: undefined,
  actorId: 'discovery',
};
export const discoveryV5Done: DoneActorEvent<undefined, 'discoveryV5'> = {
  type: 'xstate.done.actor.discoveryV5',
  output: undefined,
  actorId: 'discoveryV5',
};
export const portMappingDone: DoneActorEvent<undefined, 'portMapping'> = {
  type: 'xstate.done.actor.portMapping',
  output: undefined,
  actorId: 'portMapping',
};
export const dialSchedulerDone: DoneActorEvent<undefined, 'dialScheduler'> = {
  type: 'xstate.done.actor.dialScheduler',
  output: undefined,
  actorId: 'dialScheduler',
};

const oops = { error: new Error('oops') };

/** The events by which XState reports an error of a part. */
export const partBroke = {
  localNode: { type: 'xstate.error.actor.localNode', actorId: 'localNode', ...oops },
  listener: { type: 'xstate.error.actor.listener', actorId: 'listener', ...oops },
  discovery: { type: 'xstate.error.actor.discovery', actorId: 'discovery', ...oops },
  portMapping: { type: 'xstate.error.actor.portMapping', actorId: 'portMapping', ...oops },
  discoveryV5: { type: 'xstate.error.actor.discoveryV5', actorId: 'discoveryV5', ...oops },
  dialScheduler: { type: 'xstate.error.actor.dialScheduler', actorId: 'dialScheduler', ...oops },
} as const satisfies Record<Part, ServerMachineEvent>;

/** Three peers, two of them inbound; two handshakes at once. */
export const serverInput = (overrides: Partial<ServerMachineInput> = {}): ServerMachineInput => ({
  rules: {
    self: 'us',
    maxPeers: 3,
    maxInbound: 2,
    maxPerSubnet: 3,
    isStaticExempt: false,
    capabilities: [eth],
  },
  localNode: localNodeInput(),
  listen: asked,
  slots: 2,
  discovery: null,
  discoveryV5: null,
  portMapping: null,
  dial: dialInput({ rules: { maxDialed: 1, maxActive: 2 } }),
  trusted: ['friend'],
  ...overrides,
});

/** One that closes at once when it has to, or when the test reports that it is done. */
export function fakeLocalNode(
  onCommand?: (command: LocalNodeEvent) => void,
  onEnd?: () => void,
  onStart?: () => void,
  closesAtOnce: () => boolean = () => true,
) {
  const localNode: FakeActor<
    LocalNodeEvent,
    LocalNodeReport | typeof localNodeDone,
    LocalNodeInput
  > = new FakeActor(
    (command) => {
      onCommand?.(command);
      if (command.type === 'close' && closesAtOnce()) localNode.report(localNodeDone);
    },
    onEnd,
    onStart,
  );
  return localNode;
}

export type ServerRun = ReturnType<typeof runServer>;

/** `journal` is, in order: commands to parts, emitted events, and parts that ended. */
export function runServer(overrides?: Partial<ServerMachineInput>) {
  const journal: string[] = [];
  const noting = (part: string): [(command: EventObject) => void, () => void] => [
    ({ type }) => journal.push(`${part} < ${type}`),
    () => journal.push(`${part} ended`),
  ];
  const [onCommand, onEnd] = noting('localNode');
  const closing = { isSlow: false };
  const localNode = fakeLocalNode(onCommand, onEnd, undefined, () => !closing.isSlow);
  const listener = new FakeActor<
    ListenerEvent,
    ListenerReport | typeof listenerDone,
    ListenerInput
  >(...noting('listener'));
  const discovery = new FakeActor<
    TableMaintenanceEvent,
    TableMaintenanceReport | typeof discoveryDone,
    TableMaintenanceInput
  >(...noting('discovery'));
  const discoveryV5 = new FakeActor<
    TableMaintenanceEvent,
    TableMaintenanceReport | typeof discoveryV5Done,
    TableMaintenanceInput
  >(...noting('discoveryV5'));
  const portMapping = new FakeActor<
    PortMapperEvent,
    PortMapperReport | typeof portMappingDone,
    PortMapperInput
  >(...noting('portMapping'));
  const dialScheduler = new FakeActor<
    DialSchedulerEvent,
    DialSchedulerReport | typeof dialSchedulerDone,
    DialSchedulerInput
  >(...noting('dialScheduler'));
  const machine = serverMachine.provide({
    actors: {
      localNode: localNode.logic as unknown as typeof localNodeMachine,
      listener: listener.logic as unknown as typeof listenerMachine,
      discovery: discovery.logic as unknown as typeof tableMaintenanceMachine,
      discoveryV5: discoveryV5.logic as unknown as typeof tableMaintenanceMachine,
      portMapping: portMapping.logic as unknown as typeof portMapperMachine,
      dialScheduler: dialScheduler.logic as unknown as typeof dialSchedulerMachine,
    },
  });
  const run = runMachine(machine, serverInput(overrides), ({ type }) => journal.push(type));
  return {
    ...run,
    ...phasesOf(run),
    localNode,
    closing,
    listener,
    discovery,
    discoveryV5,
    portMapping,
    dialScheduler,
    journal,
  };
}

export type WholeServerRun = ReturnType<typeof runWholeServer>;

/** With the real listener over a recording socket, and the real dial scheduler. */
export function runWholeServer(overrides?: Partial<ServerMachineInput>) {
  const localNode = fakeLocalNode();
  const socket = new FakeActor<SocketServerCommand, SocketServerEvent, Endpoint>();
  const machine = serverMachine.provide({
    actors: {
      localNode: localNode.logic as unknown as typeof localNodeMachine,
      listener: listenerMachine.provide({
        actors: { socketServer: socket.logic, callerLookup: fakeCallerLookup().logic },
      }),
      dialScheduler: dialSchedulerMachine,
    },
  });
  const run = runMachine(machine, serverInput(overrides));
  return { ...run, ...phasesOf(run), localNode, socket };
}

type PartStates = Readonly<Record<Part, 'absent' | 'live' | 'gone'>>;

/** The phase with its step in place of the whole state, and the states of the parts apart. */
const phasesOf = (run: Run<typeof serverMachine>) => ({
  state: (): string => phasePath(run.state()),
  phases: (): readonly string[] =>
    run.trail.map(phasePath).filter((phase, index, all) => phase !== all[index - 1]),
  /** Null while the server is not active: there are none. */
  parts: (): PartStates | null => {
    const { value } = run.actor.getSnapshot();
    if (typeof value === 'string') return null;
    const { phase, ...parts } = value.active as PartStates & { readonly phase: unknown };
    return parts;
  },
});

export type ServerState = (typeof SERVER_STATES)[number];
export const SERVER_STATES = [
  'idle',
  'starting.localNode',
  'starting.listening',
  'rollingBack.listening',
  'starting.discovery',
  'rollingBack.discovery',
  'starting.discoveryV5',
  'rollingBack.discoveryV5',
  'running',
  'stopping',
] as const;

/** Runs until it rests in `state`; `stopping` waits for the listener. */
export function runServerTo(
  state: ServerState,
  overrides?: Partial<ServerMachineInput>,
): ServerRun {
  const run = runServer({
    ...(/\.discovery(V5)?$/.test(state) && { discovery: discoveryAsked }),
    ...(state.endsWith('.discoveryV5') && { discoveryV5: discoveryV5Asked }),
    ...overrides,
  });
  if (state === 'idle') return run;
  run.send({ type: 'start' });
  if (state === 'starting.localNode') return run;
  run.localNode.report(ready);
  if (state === 'starting.listening') return run;
  if (state === 'rollingBack.listening') {
    run.clock.advance(6_000);
    return run;
  }
  run.listener.report(bound);
  if (state === 'starting.discovery') return run;
  if (state === 'rollingBack.discovery') {
    run.clock.advance(6_000);
    return run;
  }
  if (run.discovery.live > 0) run.discovery.report(discoveryReady);
  if (state === 'starting.discoveryV5') return run;
  if (state === 'rollingBack.discoveryV5') {
    run.clock.advance(6_000);
    return run;
  }
  if (run.discoveryV5.live > 0) run.discoveryV5.report(discoveryV5Ready);
  if (state === 'stopping') run.send({ type: 'stop' });
  return run;
}

export const candidate = (
  id: string,
  direction: Direction = 'inbound',
  connectionId = `to ${id}`,
): Candidate => ({ connectionId, direction, id, subnet: null });

type Server = Pick<Run<typeof serverMachine>, 'actor'>;

/** Asks at the first checkpoint and returns the one answer. */
export function askRoom(server: Server, who: Candidate): CheckpointReply | undefined {
  return ask(server, (replyTo) => ({
    type: 'checkpoint.postHandshake',
    candidate: who,
    replyTo,
  }));
}

/** Asks at the second one; `onReply` is called when the answer arrives. */
export function askIn(
  server: Server,
  who: Candidate,
  onReply?: () => void,
): CheckpointReply | undefined {
  return ask(
    server,
    (replyTo) => ({
      type: 'checkpoint.addPeer',
      candidate: who,
      capabilities: [eth],
      replyTo,
    }),
    onReply,
  );
}

type ReplyTo = Extract<ServerMachineEvent, { type: 'checkpoint.addPeer' }>['replyTo'];

function ask(
  { actor }: Server,
  question: (replyTo: ReplyTo) => ServerMachineEvent,
  onReply?: () => void,
): CheckpointReply | undefined {
  const asker = new FakeActor<CheckpointReply, never, undefined>(onReply);
  const replyTo = createActor(asker.logic, { input: undefined }).start();
  actor.send(question(replyTo as unknown as ReplyTo));
  if (asker.commands.length > 1) throw new Error('a checkpoint was answered twice');
  return asker.commands[0];
}

export const ending: PeerOutput = {
  outcome: 'refused',
  state: 'ending.refused.requested',
  facts: {},
  abandoned: [],
};

export const dropped = (id: string, connectionId = `to ${id}`): ServerMachineEvent => ({
  type: 'peer.dropped',
  connectionId,
  id,
  ending,
});

/** Types of what was emitted, in order. */
export const emittedTypes = ({
  emitted,
}: {
  readonly emitted: readonly ServerEmitted[];
}): string[] => emitted.map(({ type }) => type);
