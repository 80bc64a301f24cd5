/**
 * A node: one server with a data directory, services and APIs. Started in order, and stopped, or undone after a failure,
 * in reverse. How each step is done is left to the actor `parts`.
 * Chart: docs/statecharts/node.md. Longer than 400 lines: it is one chart.
 */
import { assign, emit, enqueueActions, sendTo, setup } from 'xstate';
import type {
  NodeCommand,
  NodeFault,
  NodeFaultKind,
  NodeInterrupt,
  NodeReport,
  ServerEnded,
} from '../../io/adapters/node-parts.ts';
import { unprovided } from '../unprovided-actor.ts';

/** For the data directory to be locked and read, and to be released, in ms each. Ours. */
export const DIRECTORY_TIMEOUT_MS = 10_000;

/** For a service to be made, in ms. Ours. */
export const SERVICE_CREATION_TIMEOUT_MS = 30_000;

/** For the hook `onServer`, in ms. Ours. */
export const SERVER_CREATION_TIMEOUT_MS = 30_000;

/** Backstop for the start of the server, in ms: more than the limits of all its steps. */
export const SERVER_START_TIMEOUT_MS = 60_000;

/** For one service to start, in ms. Ours. */
export const SERVICE_START_TIMEOUT_MS = 60_000;

/** For one API to open, in ms. Ours. */
export const API_OPENING_TIMEOUT_MS = 10_000;

/** For a step of the start to end when the node is stopped meanwhile, in ms. Ours. */
export const INTERRUPT_TIMEOUT_MS = 5_000;

/** For one API to close, in ms. Ours. */
export const API_CLOSING_TIMEOUT_MS = 2_000;

/** For one service to stop, in ms. Ours. */
export const SERVICE_STOP_TIMEOUT_MS = 10_000;

/** Backstop for the stop of the server, in ms: more than its own 5 s, for what is attached to it. */
export const SERVER_STOP_TIMEOUT_MS = 10_000;

export type NodeMachineInput = {
  /** Number of services. */
  readonly services: number;
  /** Number of APIs. */
  readonly apis: number;
};

type NodeMachineContext = NodeMachineInput & {
  /** Services that were made in this run. */
  readonly created: number;
  /** Services that run: the first ones. */
  readonly started: number;
  /** APIs that are open: the first ones. */
  readonly opened: number;
  /** Why the latest start failed; null when it did not. */
  readonly fault: NodeFault | null;
  /** What went wrong in the latest stop, or while a start was undone: one for each step at most. */
  readonly stopFaults: readonly NodeFault[];
};

type NodeMachineEvent =
  | NodeReport
  | ServerEnded
  | { readonly type: 'start' }
  /** Ignored when nothing runs, and while the node stops. */
  | { readonly type: 'stop' }
  /** Nothing will be started again. */
  | { readonly type: 'close' };

export type NodeEmitted =
  | { readonly type: 'started' }
  /** Everything that was started before is stopped. */
  | {
      readonly type: 'start.failed';
      readonly fault: NodeFault;
      readonly stopFaults: readonly NodeFault[];
    }
  | { readonly type: 'stopped'; readonly stopFaults: readonly NodeFault[] };

type Late = (given: { readonly context: NodeMachineContext }) => NodeFault;

const late =
  (kind: NodeFaultKind, ms: number, what: (context: NodeMachineContext) => string): Late =>
  ({ context }) => ({ kind, message: `${what(context)} within ${ms / 1_000} s` });

/** Of a step that lost its time. Services and APIs are named by their place in the options. */
const LATE = {
  reading: late('directoryFailed', DIRECTORY_TIMEOUT_MS, () => 'the data directory was not read'),
  serviceCreation: late(
    'serviceFailed',
    SERVICE_CREATION_TIMEOUT_MS,
    ({ created }) => `services[${created}] was not made`,
  ),
  serverCreation: late('startFailed', SERVER_CREATION_TIMEOUT_MS, () => 'onServer did not end'),
  serverStart: late('startFailed', SERVER_START_TIMEOUT_MS, () => 'the server did not start'),
  serviceStart: late(
    'serviceFailed',
    SERVICE_START_TIMEOUT_MS,
    ({ started }) => `services[${started}] did not start`,
  ),
  apiOpening: late(
    'apiFailed',
    API_OPENING_TIMEOUT_MS,
    ({ opened }) => `apis[${opened}] did not open`,
  ),
  apiClosing: late(
    'apiFailed',
    API_CLOSING_TIMEOUT_MS,
    ({ opened }) => `apis[${opened - 1}] did not close`,
  ),
  serviceStop: late(
    'serviceFailed',
    SERVICE_STOP_TIMEOUT_MS,
    ({ started }) => `services[${started - 1}] did not stop`,
  ),
  serverStop: late('stopFailed', SERVER_STOP_TIMEOUT_MS, () => 'the server did not stop'),
  release: late(
    'directoryFailed',
    DIRECTORY_TIMEOUT_MS,
    () => 'the data directory was not released',
  ),
};

const fault = ({ event }: { readonly event: { readonly fault: NodeFault } }): NodeFault =>
  event.fault;

const stopFault = ({
  event,
}: {
  readonly event: { readonly fault: NodeFault | null };
}): NodeFault | null => event.fault;

const failedTo = (target: string) => ({
  target,
  actions: { type: 'setFault', params: fault } as const,
});

const tooLate = (target: string, params: Late) => ({
  target,
  actions: { type: 'setFault', params } as const,
});

const nodeSetup = setup({
  types: {
    input: {} as NodeMachineInput,
    context: {} as NodeMachineContext,
    events: {} as NodeMachineEvent,
    emitted: {} as NodeEmitted,
    children: {} as { parts: 'parts' },
    tags: {} as 'unbounded',
  },
  actors: { parts: unprovided<NodeCommand | NodeInterrupt>('parts') },
  delays: {
    directoryTimeout: DIRECTORY_TIMEOUT_MS,
    serviceCreationTimeout: SERVICE_CREATION_TIMEOUT_MS,
    serverCreationTimeout: SERVER_CREATION_TIMEOUT_MS,
    serverStartTimeout: SERVER_START_TIMEOUT_MS,
    serviceStartTimeout: SERVICE_START_TIMEOUT_MS,
    apiOpeningTimeout: API_OPENING_TIMEOUT_MS,
    interruptTimeout: INTERRUPT_TIMEOUT_MS,
    apiClosingTimeout: API_CLOSING_TIMEOUT_MS,
    serviceStopTimeout: SERVICE_STOP_TIMEOUT_MS,
    serverStopTimeout: SERVER_STOP_TIMEOUT_MS,
  },
  guards: {
    areAllCreated: ({ context }) => context.created === context.services,
    areAllStarted: ({ context }) => context.started === context.services,
    areAllOpen: ({ context }) => context.opened === context.apis,
    isNoneStarted: ({ context }) => context.started === 0,
    isNoneOpen: ({ context }) => context.opened === 0,
  },
  actions: {
    begin: assign({ created: 0, started: 0, opened: 0, fault: null, stopFaults: [] }),
    openDirectory: sendTo('parts', { type: 'directory.open' }),
    createServer: sendTo('parts', { type: 'server.create' }),
    startServer: sendTo('parts', { type: 'server.start' }),
    stopServer: sendTo('parts', { type: 'server.stop' }),
    releaseDirectory: sendTo('parts', { type: 'directory.release' }),
    interrupt: sendTo('parts', { type: 'interrupt' }),
    // each does nothing when there is no further one
    createService: enqueueActions(({ enqueue, context: { created: index, services } }) => {
      if (index < services) enqueue.sendTo('parts', { type: 'service.create', index });
    }),
    startService: enqueueActions(({ enqueue, context: { started: index, services } }) => {
      if (index < services) enqueue.sendTo('parts', { type: 'service.start', index });
    }),
    openApi: enqueueActions(({ enqueue, context: { opened: index, apis } }) => {
      if (index < apis) enqueue.sendTo('parts', { type: 'api.open', index });
    }),
    closeApi: enqueueActions(({ enqueue, context: { opened } }) => {
      if (opened > 0) enqueue.sendTo('parts', { type: 'api.close', index: opened - 1 });
    }),
    stopService: enqueueActions(({ enqueue, context: { started } }) => {
      if (started > 0) enqueue.sendTo('parts', { type: 'service.stop', index: started - 1 });
    }),
    countCreated: assign({ created: ({ context }) => context.created + 1 }),
    countStarted: assign({ started: ({ context }) => context.started + 1 }),
    countStopped: assign({ started: ({ context }) => context.started - 1 }),
    countOpened: assign({ opened: ({ context }) => context.opened + 1 }),
    countClosed: assign({ opened: ({ context }) => context.opened - 1 }),
    setFault: assign({ fault: (_, reported: NodeFault) => reported }),
    noteStopFault: assign({
      stopFaults: ({ context: { stopFaults } }, reported: NodeFault | null) =>
        reported ? [...stopFaults, reported] : stopFaults,
    }),
    reportStarted: emit({ type: 'started' }),
    reportStartFailed: emit(({ context: { fault: first, stopFaults } }) => ({
      type: 'start.failed',
      fault: first ?? INTERNAL,
      stopFaults,
    })),
    reportStopped: emit(({ context: { stopFaults } }) => ({ type: 'stopped', stopFaults })),
  },
});

const INTERNAL: NodeFault = { kind: 'internal', message: 'the parts of the node broke' };

/** The same steps end a run and undo a start; only what is reported at the end differs. */
const undoing = (report: 'reportStartFailed' | 'reportStopped') =>
  ({
    apis: {
      description: 'The APIs are closed, the last one first.',
      entry: 'closeApi',
      always: { guard: 'isNoneOpen', target: 'services' },
      on: {
        'api.closed': {
          target: 'apis',
          reenter: true,
          actions: ['countClosed', { type: 'noteStopFault', params: stopFault }],
        },
      },
      after: {
        apiClosingTimeout: {
          target: 'apis',
          reenter: true,
          actions: [
            {
              type: 'noteStopFault',
              params: LATE.apiClosing,
            },
            'countClosed',
          ],
        },
      },
    },
    services: {
      description: 'The services are stopped, the last one first.',
      entry: 'stopService',
      always: { guard: 'isNoneStarted', target: 'server' },
      on: {
        'service.stopped': {
          target: 'services',
          reenter: true,
          actions: ['countStopped', { type: 'noteStopFault', params: stopFault }],
        },
      },
      after: {
        serviceStopTimeout: {
          target: 'services',
          reenter: true,
          actions: [
            {
              type: 'noteStopFault',
              params: LATE.serviceStop,
            },
            'countStopped',
          ],
        },
      },
    },
    server: {
      description: 'The server disconnects its peers and releases what it has.',
      entry: 'stopServer',
      on: {
        'server.stopped': {
          target: 'directory',
          actions: { type: 'noteStopFault', params: stopFault },
        },
      },
      after: {
        serverStopTimeout: {
          target: 'directory',
          actions: {
            type: 'noteStopFault',
            params: LATE.serverStop,
          },
        },
      },
    },
    directory: {
      description: 'The data directory is released.',
      entry: 'releaseDirectory',
      on: {
        'directory.released': {
          target: '#node.idle',
          actions: [{ type: 'noteStopFault', params: stopFault }, report],
        },
      },
      after: {
        directoryTimeout: {
          target: '#node.idle',
          actions: [
            {
              type: 'noteStopFault',
              params: LATE.release,
            },
            report,
          ],
        },
      },
    },
  }) as const;

export const nodeMachine = nodeSetup.createMachine({
  id: 'node',
  context: ({ input }) => ({
    ...input,
    created: 0,
    started: 0,
    opened: 0,
    fault: null,
    stopFaults: [],
  }),
  initial: 'idle',
  states: {
    idle: {
      description: 'Nothing runs, and nothing is held.',
      tags: 'unbounded',
      on: {
        start: { target: 'active', actions: 'begin' },
        stop: {},
        close: 'closed',
      },
    },
    active: {
      description: 'One run, from a start to its end.',
      invoke: {
        id: 'parts',
        src: 'parts',
        onError: {
          target: 'idle',
          actions: [{ type: 'noteStopFault', params: INTERNAL }, 'reportStopped'],
        },
      },
      initial: 'starting',
      states: {
        starting: {
          description: 'Each step begins when the one before it is done.',
          initial: 'preparing',
          on: { stop: 'interrupting' },
          states: {
            preparing: {
              description: 'The data directory is locked; the key and the lists of nodes are read.',
              entry: 'openDirectory',
              on: {
                'directory.opened': 'creatingServices',
                'directory.failed': failedTo('#node.active.rollingBack.directory'),
              },
              after: {
                directoryTimeout: tooLate('#node.active.rollingBack.directory', LATE.reading),
              },
            },
            creatingServices: {
              description: 'The services are made, one after the other.',
              entry: 'createService',
              always: { guard: 'areAllCreated', target: 'creatingServer' },
              on: {
                'service.created': {
                  target: 'creatingServices',
                  reenter: true,
                  actions: 'countCreated',
                },
                'service.failed': failedTo('#node.active.rollingBack.directory'),
              },
              after: {
                serviceCreationTimeout: tooLate(
                  '#node.active.rollingBack.directory',
                  LATE.serviceCreation,
                ),
              },
            },
            creatingServer: {
              description:
                'The server is made with the protocols of all services; onlookers are attached.',
              entry: 'createServer',
              on: {
                'server.created': 'startingServer',
                'server.failed': failedTo('#node.active.rollingBack.server'),
              },
              after: {
                serverCreationTimeout: tooLate(
                  '#node.active.rollingBack.server',
                  LATE.serverCreation,
                ),
              },
            },
            startingServer: {
              description: 'The server starts its own parts.',
              entry: 'startServer',
              on: {
                'server.started': 'startingServices',
                'server.failed': failedTo('#node.active.rollingBack.server'),
              },
              after: {
                serverStartTimeout: tooLate('#node.active.rollingBack.server', LATE.serverStart),
              },
            },
            startingServices: {
              description: 'The services are started with the server, one after the other.',
              entry: 'startService',
              always: { guard: 'areAllStarted', target: 'openingApis' },
              on: {
                'service.started': {
                  target: 'startingServices',
                  reenter: true,
                  actions: 'countStarted',
                },
                'service.failed': failedTo('#node.active.rollingBack.services'),
                'server.ended': failedTo('#node.active.rollingBack.services'),
              },
              after: {
                serviceStartTimeout: tooLate(
                  '#node.active.rollingBack.services',
                  LATE.serviceStart,
                ),
              },
            },
            openingApis: {
              description: 'The APIs are opened last, so that they answer only while all runs.',
              entry: 'openApi',
              always: { guard: 'areAllOpen', target: '#node.active.running' },
              on: {
                'api.opened': {
                  target: 'openingApis',
                  reenter: true,
                  actions: 'countOpened',
                },
                'api.failed': failedTo('#node.active.rollingBack.apis'),
                'server.ended': failedTo('#node.active.rollingBack.apis'),
              },
              after: {
                apiOpeningTimeout: tooLate('#node.active.rollingBack.apis', LATE.apiOpening),
              },
            },
          },
        },
        running: {
          description: 'Server, services and APIs run.',
          tags: 'unbounded',
          entry: 'reportStarted',
          on: {
            stop: 'stopping',
            'server.ended': {
              target: 'stopping',
              actions: { type: 'noteStopFault', params: fault },
            },
          },
        },
        interrupting: {
          description: 'A stop came during the start: the step that is being done is waited for.',
          entry: 'interrupt',
          on: {
            'directory.opened': 'stopping',
            'directory.failed': 'stopping',
            'service.created': 'stopping',
            'service.started': { target: 'stopping', actions: 'countStarted' },
            'service.failed': 'stopping',
            'server.created': 'stopping',
            'server.started': 'stopping',
            'server.failed': 'stopping',
            'api.opened': { target: 'stopping', actions: 'countOpened' },
            'api.failed': 'stopping',
            stop: {},
          },
          after: { interruptTimeout: 'stopping' },
        },
        stopping: {
          description: 'Everything is ended in reverse order; each error is kept.',
          initial: 'apis',
          on: { stop: {} },
          states: undoing('reportStopped'),
        },
        rollingBack: {
          description: 'A step of the start failed: what was begun is undone in reverse order.',
          initial: 'apis',
          on: { stop: {} },
          states: undoing('reportStartFailed'),
        },
      },
    },
    closed: { type: 'final', description: 'The node is never started again.' },
  },
  on: {
    start: {},
    close: {},
    'server.ended': {}, // its stop was asked for
  },
});
