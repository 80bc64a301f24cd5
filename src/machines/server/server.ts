/**
 * The server: start in steps, the run loop, stop in steps. It alone owns the set of peers.
 * It decides and reports; `src/server.ts` does what the reports ask for. Actions and guards are in server-setup.ts.
 * Chart: docs/statecharts/server.md. Longer than 400 lines: a chart is one table.
 */
import type { ErrorActorEvent } from 'xstate';

import { peerLabels } from '../connection/admission.ts';
import type { DiscoveryVersionName } from '../discovery/table-maintenance.ts';
import { PersistentMap } from '../persistent-map.ts';
import type { Part, ServerMachineEvent } from './server-events.ts';
import {
  discoveryInput,
  discoveryV5Input,
  listenerInput,
  portMappingInput,
  serverSetup,
} from './server-setup.ts';

const TIMED_OUT = {
  localNode: { step: 'localNode', message: 'the local node was not ready in time' },
  listening: { step: 'listening', message: 'the address was not bound in time' },
  discovery: { step: 'discovery', message: 'discovery did not begin in time' },
  discoveryV5: { step: 'discoveryV5', message: 'discovery v5 did not begin in time' },
} as const;

/** An error of a part, outside of the step of the start that begins it. */
const LOST_PARTS = {
  'xstate.error.actor.localNode': lost('localNode'),
  'xstate.error.actor.portMapping': lost('portMapping'),
  'xstate.error.actor.listener': lost('listener'),
  'xstate.error.actor.discovery': lost('discovery'),
  'xstate.error.actor.discoveryV5': lost('discoveryV5'),
  'xstate.error.actor.dialScheduler': lost('dialScheduler'),
} as const;

/** A start failed, and everything of it is undone. */
const UNDONE = ['reportAborted', 'reportStartFailed'] as const;

type Bound = { event: Extract<ServerMachineEvent, { type: 'listener.bound' }> };

/** The address is for users, its port for our record and for the gateway. */
const BOUND = [
  { type: 'setAddress', params: ({ event }: Bound) => event.address },
  {
    type: 'sendToLocalNode',
    params: ({ event }: Bound) => ({ type: 'tcp.bound' as const, port: event.address.port }),
  },
  {
    type: 'sendToPortMapping',
    params: ({ event: { address } }: Bound) => ({
      ...({ type: 'port.bound', protocol: 'tcp' } as const),
      address,
    }),
  },
] as const;

type Ready = { event: Extract<ServerMachineEvent, { type: 'discovery.ready' }> };
type Lost = { event: Extract<ServerMachineEvent, { type: 'discovery.lost' }> };
type Failed = { event: Extract<ServerMachineEvent, { type: 'discovery.failed' }> };

/** Its port is for our record and for the gateway. */
const UDP_BOUND = {
  type: 'passUdpPort',
  params: ({ event }: Ready) => event,
} as const;

const REPORT_FAILED = {
  type: 'reportLost',
  params: ({ event: { version, message } }: Failed) => ({
    part: partOf(version),
    message,
    retryInMs: null,
  }),
} as const;

/** Reports of discovery once it has begun. */
const DISCOVERY_REPORTS = {
  'discovery.lost': {
    actions: {
      type: 'reportLost',
      params: ({ event: { version, message, retryInMs } }: Lost) => ({
        part: partOf(version),
        message,
        retryInMs,
      }),
    },
  },
  'discovery.restored': { actions: { type: 'forward', params: ({ event }: Restored) => event } },
  'lookup.wanted': { actions: { type: 'forward', params: ({ event }: Wanted) => event } },
} as const;

type Restored = { event: Extract<ServerMachineEvent, { type: 'discovery.restored' }> };
type Wanted = { event: Extract<ServerMachineEvent, { type: 'lookup.wanted' }> };

export const serverMachine = serverSetup.createMachine({
  id: 'server',
  context: ({ input }) => ({
    input,
    peers: PersistentMap.from([], peerLabels),
    pending: PersistentMap.from(),
    held: PersistentMap.from(),
    trusted: new Set(input.trusted),
    address: null,
    fault: { step: '', message: '' },
  }),
  initial: 'idle',
  states: {
    idle: {
      description: 'Not started, or a start failed and everything was undone.',
      tags: 'unbounded',
      on: { start: 'active', stop: 'stopped' },
    },
    active: {
      description:
        'The phase decides when a part begins; leaving this state ends the parts that are live, the last one first.',
      type: 'parallel',
      states: {
        phase: {
          description: 'What the server as a whole is doing.',
          initial: 'starting',
          on: LOST_PARTS,
          states: {
            starting: {
              description: 'One step after the other; a stop or a failure ends it early.',
              initial: 'localNode',
              on: { start: {}, stop: 'stopping' },
              states: {
                localNode: {
                  description:
                    'The tables of the curve are prepared, and the node store is opened.',
                  on: {
                    'localNode.ready': 'portMapping',
                    // it ended by itself, and nothing else has begun
                    'localNode.failed': {
                      target: '#server.idle',
                      actions: [{ type: 'setFault', params: failedAt('localNode') }, ...UNDONE],
                    },
                    'xstate.error.actor.localNode': {
                      target: '#server.idle',
                      actions: [{ type: 'setFault', params: brokenAt('localNode') }, ...UNDONE],
                    },
                  },
                  after: {
                    localNodeTimeout: {
                      target: '#rollingBack.localNode',
                      actions: { type: 'setFault', params: TIMED_OUT.localNode },
                    },
                  },
                },
                portMapping: {
                  description:
                    'The gateway of our network is looked for, if it is wanted. Nothing waits for it.',
                  always: [
                    { guard: 'listens', target: 'listening' },
                    { guard: 'discovers', target: 'discovery' },
                    { guard: 'discoversV5', target: 'discoveryV5' },
                    { target: 'dialing' },
                  ],
                },
                listening: {
                  description: 'The TCP address is being bound.',
                  on: {
                    'listener.bound': [
                      { guard: 'discovers', target: 'discovery', actions: [...BOUND] },
                      { guard: 'discoversV5', target: 'discoveryV5', actions: [...BOUND] },
                      { target: 'dialing', actions: [...BOUND] },
                    ],
                    'listener.failed': {
                      target: '#rollingBack.portMapping',
                      actions: { type: 'setFault', params: failedAt('listening') },
                    },
                    'xstate.error.actor.listener': {
                      target: '#rollingBack.portMapping',
                      actions: { type: 'setFault', params: brokenAt('listening') },
                    },
                  },
                  after: {
                    listeningTimeout: {
                      target: '#rollingBack.listening',
                      actions: { type: 'setFault', params: TIMED_OUT.listening },
                    },
                  },
                },
                discovery: {
                  description:
                    'The address for datagrams is being bound; the table is filled later.',
                  on: {
                    'discovery.ready': [
                      { guard: 'discoversV5', target: 'discoveryV5', actions: UDP_BOUND },
                      { target: 'dialing', actions: UDP_BOUND },
                    ],
                    'discovery.failed': {
                      target: '#rollingBack.discovery',
                      actions: { type: 'setFault', params: failedAt('discovery') },
                    },
                    'xstate.error.actor.discovery': {
                      target: '#rollingBack.listening',
                      actions: { type: 'setFault', params: brokenAt('discovery') },
                    },
                  },
                  after: {
                    discoveryTimeout: {
                      target: '#rollingBack.discovery',
                      actions: { type: 'setFault', params: TIMED_OUT.discovery },
                    },
                  },
                },
                discoveryV5: {
                  description:
                    'Node Discovery v5 begins: on the socket of v4, or on one of its own.',
                  on: {
                    ...DISCOVERY_REPORTS,
                    'discovery.ready': { target: 'dialing', actions: UDP_BOUND },
                    'discovery.failed': [
                      {
                        guard: { type: 'isV5', params: ({ event }) => event.version },
                        target: '#rollingBack.discoveryV5',
                        actions: { type: 'setFault', params: failedAt('discoveryV5') },
                      },
                      { actions: REPORT_FAILED },
                    ],
                    'xstate.error.actor.discoveryV5': {
                      target: '#rollingBack.discovery',
                      actions: { type: 'setFault', params: brokenAt('discoveryV5') },
                    },
                  },
                  after: {
                    discoveryTimeout: {
                      target: '#rollingBack.discoveryV5',
                      actions: { type: 'setFault', params: TIMED_OUT.discoveryV5 },
                    },
                  },
                },
                dialing: {
                  description: 'The dial scheduler begins with the static nodes.',
                  always: '#running',
                },
              },
            },
            running: {
              id: 'running',
              description:
                'The run loop handles admissions, departures and requests one at a time.',
              tags: 'unbounded',
              entry: 'reportStarted',
              on: {
                ...DISCOVERY_REPORTS,
                start: {},
                'checkpoint.postHandshake': {
                  actions: { type: 'answerPostHandshake', params: ({ event }) => event },
                },
                'checkpoint.addPeer': [
                  {
                    guard: { type: 'mustWait', params: ({ event }) => event },
                    actions: { type: 'holdAddPeer', params: ({ event }) => event },
                  },
                  { actions: { type: 'answerAddPeer', params: ({ event }) => event } },
                ],
                'hold.over': {
                  actions: [
                    {
                      type: 'endHold',
                      params: ({ event }) => event.request.candidate.connectionId,
                    },
                    { type: 'answerAddPeer', params: ({ event }) => event.request },
                  ],
                },
                'static.add': {
                  actions: { type: 'sendToDialScheduler', params: ({ event }) => event },
                },
                'peer.remove': {
                  actions: [
                    {
                      type: 'sendToDialScheduler',
                      params: ({ event }) => ({ type: 'static.remove', id: event.id }),
                    },
                    {
                      type: 'dismissPeer',
                      params: ({ event }) => ({ id: event.id, reason: 'requested' }),
                    },
                  ],
                },
                'trusted.add': {
                  guard: { type: 'canTrust', params: ({ event }) => event.id },
                  actions: [
                    { type: 'trust', params: ({ event }) => event.id },
                    { type: 'sendToDialScheduler', params: ({ event }) => event },
                  ],
                },
                'trusted.remove': {
                  actions: [
                    { type: 'distrust', params: ({ event }) => event.id },
                    { type: 'sendToDialScheduler', params: ({ event }) => event },
                  ],
                },
                'peer.churned': {
                  actions: [
                    {
                      type: 'dismissPeer',
                      params: ({ event }) => ({ id: event.id, reason: 'churned' }),
                    },
                    { type: 'forward', params: ({ event }) => event },
                  ],
                },
                'peers.request': {
                  actions: { type: 'reportPeers', params: ({ event }) => event.requestId },
                },
                'listener.lost': {
                  actions: [
                    'clearAddress',
                    {
                      type: 'reportLost',
                      params: ({ event: { message, retryInMs } }) => ({
                        part: 'listener',
                        message,
                        retryInMs,
                      }),
                    },
                  ],
                },
                'listener.bound': {
                  actions: [
                    ...BOUND,
                    {
                      type: 'forward',
                      params: ({ event }) => ({
                        type: 'listener.restored',
                        address: event.address,
                      }),
                    },
                  ],
                },
                'discovery.failed': { actions: REPORT_FAILED },
                stop: 'stopping',
              },
            },
            stopping: {
              description:
                'Nothing new is admitted; peers, dials and handshakes are ended and waited for.',
              initial: 'peers',
              // the scheduler first: what ends from here on must not make it dial again
              entry: [
                { type: 'sendToDialScheduler', params: { type: 'stop' } },
                'reportAborted',
                'dismissAllPeers',
                { type: 'sendToListener', params: { type: 'close' } },
                { type: 'sendToDiscoveryV5', params: { type: 'close' } },
                { type: 'sendToDiscovery', params: { type: 'close' } },
                { type: 'sendToPortMapping', params: { type: 'close' } },
              ],
              on: { start: {}, stop: {} },
              after: {
                stopTimeout: { actions: 'destroyConnections' },
                giveUpTimeout: '#server.stopped',
              },
              states: {
                peers: {
                  description: 'Every peer is sent "client quitting" and waited for.',
                  always: { guard: 'hasNoPeers', target: 'dialing' },
                },
                dialing: {
                  description: 'Running dials are cancelled and waited for.',
                  always: { guard: 'hasNoDialScheduler', target: 'discoveryV5' },
                },
                discoveryV5: {
                  description: 'The nodes of its table are saved.',
                  always: { guard: 'hasNoDiscoveryV5', target: 'discovery' },
                },
                discovery: {
                  description:
                    'The nodes of the table are saved, and the address for datagrams is closed.',
                  always: { guard: 'hasNoDiscovery', target: 'listening' },
                },
                listening: {
                  description:
                    'The address is closed; inbound handshakes give their slots back and are waited for.',
                  always: { guard: 'hasNoListener', target: 'portMapping' },
                },
                portMapping: {
                  description: 'The mappings of our ports are deleted.',
                  always: { guard: 'hasNoPortMapping', target: 'localNode' },
                },
                localNode: {
                  description: 'The node store is written and closed.',
                  entry: { type: 'sendToLocalNode', params: { type: 'close' } },
                  always: { guard: 'hasNoLocalNode', target: '#server.stopped' },
                },
              },
            },
            rollingBack: {
              id: 'rollingBack',
              description: 'A step of the start failed: what was begun is undone in reverse order.',
              initial: 'listening',
              on: { start: {}, stop: 'stopping' },
              states: {
                discoveryV5: {
                  description: 'Node Discovery v5 ends; a socket of its own is closed again.',
                  entry: { type: 'sendToDiscoveryV5', params: { type: 'close' } },
                  always: { guard: 'hasNoDiscoveryV5', target: 'discovery' },
                  after: { discoveryTimeout: 'discovery' },
                },
                discovery: {
                  description: 'Discovery closes its address again.',
                  entry: { type: 'sendToDiscovery', params: { type: 'close' } },
                  always: { guard: 'hasNoDiscovery', target: 'listening' },
                  after: { discoveryTimeout: 'listening' },
                },
                listening: {
                  description: 'The listener closes the address again.',
                  entry: { type: 'sendToListener', params: { type: 'close' } },
                  always: { guard: 'hasNoListener', target: 'portMapping' },
                  // leaving ends the parts that are live, the last one first
                  after: { listeningTimeout: { target: '#server.idle', actions: [...UNDONE] } },
                },
                portMapping: {
                  description: 'The mappings of our ports are deleted.',
                  entry: { type: 'sendToPortMapping', params: { type: 'close' } },
                  always: { guard: 'hasNoPortMapping', target: 'localNode' },
                  after: { portMappingTimeout: 'localNode' },
                },
                localNode: {
                  description: 'The node store is written and closed.',
                  entry: { type: 'sendToLocalNode', params: { type: 'close' } },
                  always: { guard: 'hasNoLocalNode', target: '#server.idle', actions: [...UNDONE] },
                  after: { localNodeTimeout: { target: '#server.idle', actions: [...UNDONE] } },
                },
              },
            },
          },
        },
        localNode: {
          description:
            'Our key, our record and the node store. The first part: it is never absent.',
          initial: 'live',
          states: {
            live: {
              description: 'It prepares what connections need, or has done so, or is closed.',
              tags: 'unbounded',
              invoke: {
                id: 'localNode',
                src: 'localNode',
                input: ({ context }) => context.input.localNode,
                onDone: 'gone',
                onError: 'gone',
              },
            },
            gone: { type: 'final', description: 'It closed, or it broke.' },
          },
        },
        portMapping: {
          description: 'The gateway of our network, if it is to map our ports.',
          initial: 'absent',
          states: {
            absent: {
              description: 'Not begun.',
              tags: 'unbounded',
              always: { guard: 'isPortMappingDue', target: 'live' },
            },
            live: {
              description: 'It looks for the gateway, maps ports, or deletes the mappings.',
              tags: 'unbounded',
              invoke: {
                id: 'portMapping',
                src: 'portMapping',
                input: portMappingInput,
                onDone: 'gone',
                onError: 'gone',
              },
            },
            gone: { type: 'final', description: 'It closed, or it broke.' },
          },
        },
        listener: {
          description: 'The listening address, if there is one, and its handshake slots.',
          initial: 'absent',
          states: {
            absent: {
              description: 'Not begun.',
              tags: 'unbounded',
              always: { guard: 'isListenerDue', target: 'live' },
            },
            live: {
              description: 'It binds, accepts, or waits for its slots before it ends.',
              tags: 'unbounded',
              invoke: {
                id: 'listener',
                src: 'listener',
                input: listenerInput,
                onDone: 'gone',
                onError: 'gone',
              },
              exit: 'clearAddress',
            },
            gone: { type: 'final', description: 'It closed, or it broke.' },
          },
        },
        discovery: {
          description:
            'The table of nodes, and the socket for datagrams, if nodes are to be found.',
          initial: 'absent',
          states: {
            absent: {
              description: 'Not begun.',
              tags: 'unbounded',
              always: { guard: 'isDiscoveryDue', target: 'live' },
            },
            live: {
              description: 'It looks for nodes, or saves them before it ends.',
              tags: 'unbounded',
              invoke: {
                id: 'discovery',
                src: 'discovery',
                input: discoveryInput,
                onDone: 'gone',
                onError: 'gone',
              },
            },
            gone: { type: 'final', description: 'It closed, or it broke.' },
          },
        },
        discoveryV5: {
          description: 'The table of nodes of Node Discovery v5, if nodes are to be found with it.',
          initial: 'absent',
          states: {
            absent: {
              description: 'Not begun.',
              tags: 'unbounded',
              always: { guard: 'isDiscoveryV5Due', target: 'live' },
            },
            live: {
              description: 'It looks for nodes, or saves them before it ends.',
              tags: 'unbounded',
              invoke: {
                id: 'discoveryV5',
                src: 'discoveryV5',
                input: discoveryV5Input,
                onDone: 'gone',
                onError: 'gone',
              },
            },
            gone: { type: 'final', description: 'It closed, or it broke.' },
          },
        },
        dialScheduler: {
          description: 'Whom to dial, and when.',
          initial: 'absent',
          states: {
            absent: {
              description: 'Not begun.',
              tags: 'unbounded',
              always: { guard: 'isDialSchedulerDue', target: 'live' },
            },
            live: {
              description: 'It asks for dials, or waits for the last ones before it ends.',
              tags: 'unbounded',
              invoke: {
                id: 'dialScheduler',
                src: 'dialScheduler',
                input: ({ context }) => context.input.dial,
                onDone: 'gone',
                onError: 'gone',
              },
            },
            gone: { type: 'final', description: 'It stopped, or it broke.' },
          },
        },
      },
    },
    stopped: {
      type: 'final',
      description:
        'For good: a new server is needed to start again. Connections that were not waited for are destroyed.',
      entry: ['destroyConnections', 'reportStopped'],
    },
  },
  on: {
    // outside of `running`, requests are answered with "server stopped"
    'checkpoint.postHandshake': {
      actions: { type: 'rejectStopped', params: ({ event }) => event },
    },
    'checkpoint.addPeer': { actions: { type: 'rejectStopped', params: ({ event }) => event } },
    'peers.request': {
      actions: { type: 'reportPeersUnavailable', params: ({ event }) => event.requestId },
    },
    'connection.accepted': { actions: { type: 'forward', params: ({ event }) => event } },
    'connection.replaced': { actions: { type: 'forward', params: ({ event }) => event } },
    'callers.turnedAway': { actions: { type: 'forward', params: ({ event }) => event } },
    'connection.ended': {
      actions: [
        { type: 'returnSlot', params: ({ event }) => event.slot },
        { type: 'endHold', params: ({ event }) => event.connectionId },
        { type: 'endPending', params: ({ event }) => event.connectionId },
        'releaseHeld',
      ],
    },
    'lookup.ended': { actions: { type: 'passFinding', params: ({ event }) => event } },
    'nodes.found': { actions: { type: 'passFinding', params: ({ event }) => event } },
    'bootnodes.found': { actions: { type: 'passFinding', params: ({ event }) => event } },
    'refresh.wanted': { actions: { type: 'passFinding', params: ({ event }) => event } },
    'auth.arrived': { actions: { type: 'sendToListener', params: ({ event }) => event } },
    'peer.dropped': {
      actions: [{ type: 'removePeer', params: ({ event }) => event }, 'releaseHeld'],
    },
    'dial.wanted': { actions: { type: 'forward', params: ({ event }) => event } },
    'dial.unwanted': { actions: { type: 'forward', params: ({ event }) => event } },
    'static.blocked': { actions: { type: 'forward', params: ({ event }) => event } },
    'static.heldBack': { actions: { type: 'forward', params: ({ event }) => event } },
    'static.released': { actions: { type: 'forward', params: ({ event }) => event } },
    'churn.skipped': { actions: { type: 'forward', params: ({ event }) => event } },
    'candidates.failed': { actions: { type: 'forward', params: ({ event }) => event } },
    'store.faulted': { actions: { type: 'forward', params: ({ event }) => event } },
    'record.failed': { actions: { type: 'forward', params: ({ event }) => event } },
    'endpoint.stated': { actions: { type: 'sendToLocalNode', params: ({ event }) => event } },
    'external.changed': { actions: { type: 'sendToLocalNode', params: ({ event }) => event } },
    'port.mapped': { actions: { type: 'sendToLocalNode', params: ({ event }) => event } },
    'gateway.faulted': { actions: { type: 'forward', params: ({ event }) => event } },
    'dial.ended': { actions: { type: 'sendToDialScheduler', params: ({ event }) => event } },
    ...LOST_PARTS, // reported late, when the server is idle again
    'hold.over': {}, // connections that are still held are aborted like all others in setup
    // requests outside of `running` or beyond a bound, and reports that no state waits for
    'static.add': {},
    'peer.remove': {},
    'trusted.add': {},
    'peer.churned': {},
    'trusted.remove': {},
    'localNode.ready': {},
    'localNode.failed': {},
    'listener.bound': {},
    'listener.lost': {},
    'listener.failed': {},
    'discovery.ready': {},
    'discovery.failed': {},
    'discovery.lost': {},
    'discovery.restored': {},
    'lookup.wanted': {},
  },
});

function partOf(version: DiscoveryVersionName): Part {
  return version === 'v5' ? 'discoveryV5' : 'discovery';
}

function failedAt(step: string) {
  return ({ event }: { event: { readonly message: string } }) => ({ step, message: event.message });
}

function brokenAt(step: string) {
  return ({ event }: { event: { readonly error: unknown } }) => ({
    step,
    message: String(event.error),
  });
}

function lost<P extends Part>(part: P) {
  const params = ({ event }: { event: ErrorActorEvent<unknown, P> }) => ({
    part,
    message: String(event.error),
    retryInMs: null,
  });
  return { actions: { type: 'reportLost' as const, params } };
}
