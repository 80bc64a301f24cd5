/**
 * The server: start in steps, the run loop, stop in steps. It alone owns the set of peers.
 * It decides and reports; `src/server.ts` does what the reports ask for. Longer than 400 lines: a chart is one table.
 * Chart: docs/statecharts/server.md
 */
import {
  assign,
  type ErrorActorEvent,
  type EventObject,
  emit,
  enqueueActions,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate';

import type { Endpoint } from '../../io/wire/endpoint.ts';
import { judgePeer, judgeRoom, mustWait, type Situation } from '../connection/admission.ts';
import type { CheckpointRequest, PeerSet } from '../connection/connection.ts';
import { CROSSED_DIAL_HOLD_MS, type PendingSet } from '../connection/crossed-dials.ts';
import { type DialSchedulerEvent, dialSchedulerMachine } from '../dialing/dial-scheduler.ts';
import { type ListenerEvent, listenerMachine } from '../listening/listener.ts';
import type { AskableReason } from '../peer/peer-endings.ts';
import { unprovided } from '../unprovided-actor.ts';
import type {
  AddPeerRequest,
  DroppedPeer,
  LostPart,
  Part,
  ServerEmitted,
  ServerMachineEvent,
  ServerMachineInput,
} from './server-events.ts';

/** Longest preparation of the local node, in ms. */
export const LOCAL_NODE_TIMEOUT_MS = 10_000;

/** Backstop for binding, in ms: more than the listener's own. */
export const LISTENING_TIMEOUT_MS = 6_000;

/** Time peers, handshakes and dials get to end by themselves, in ms; then their sockets are destroyed. */
export const STOP_TIMEOUT_MS = 4_500;

/** After this, in ms, `stop()` is over whatever happens: it promises 5 s. */
export const GIVE_UP_TIMEOUT_MS = 4_900;

/** Trusted nodes at once. Ours, as many as static ones may be; go-ethereum has no limit. */
export const MAX_TRUSTED_NODES = 1_000;

export type ServerMachineContext = {
  readonly input: ServerMachineInput;
  /** By node id; at most `maxPeers` and the trusted ones. */
  readonly peers: PeerSet;
  /** Past the first checkpoint and still in setup; bounded by the slots of listener and dial scheduler. */
  readonly pending: PendingSet;
  /** Questions at the second checkpoint that wait for the end of a crossed connection; a part of `pending`. */
  readonly held: ReadonlyMap<string, AddPeerRequest>;
  /** Node ids; at most `MAX_TRUSTED_NODES`, or those it was started with. */
  readonly trusted: ReadonlySet<string>;
  /** Where we listen; null while we do not. */
  readonly address: Endpoint | null;
  /** What runs and must be undone or stopped. */
  readonly begun: readonly Part[];
  readonly fault: { readonly step: string; readonly message: string };
};

/** Stands in where the chart never listens. */
const NOWHERE: Endpoint = { host: '', port: 0 };

const TIMED_OUT = {
  localNode: { step: 'localNode', message: 'the local node was not ready in time' },
  listening: { step: 'listening', message: 'the address was not bound in time' },
} as const;

export const serverMachine = setup({
  types: {
    input: {} as ServerMachineInput,
    context: {} as ServerMachineContext,
    events: {} as ServerMachineEvent,
    emitted: {} as ServerEmitted,
    children: {} as {
      localNode: 'localNode';
      listener: 'listener';
      dialScheduler: 'dialScheduler';
    },
  },
  actors: {
    localNode: unprovided<EventObject>('localNode'),
    listener: listenerMachine,
    dialScheduler: dialSchedulerMachine,
  },
  delays: {
    localNodeTimeout: LOCAL_NODE_TIMEOUT_MS,
    listeningTimeout: LISTENING_TIMEOUT_MS,
    stopTimeout: STOP_TIMEOUT_MS,
    giveUpTimeout: GIVE_UP_TIMEOUT_MS,
    crossedDialHold: CROSSED_DIAL_HOLD_MS,
  },
  guards: {
    isDeaf: ({ context }) => context.input.listen === null,
    hasNot: ({ context }, part: Part) => !hasBegun(context, part),
    canTrust: ({ context }, id: string) =>
      context.trusted.has(id) || context.trusted.size < MAX_TRUSTED_NODES,
    mustWait: ({ context }, { candidate, capabilities }: AddPeerRequest) =>
      mustWait(candidate, capabilities, situationOf(context)),
    hasNoPeers: ({ context }) => context.peers.size === 0,
  },
  actions: {
    noteFault: assign({ fault: (_, fault: ServerMachineContext['fault']) => fault }),
    noteAddress: assign({ address: (_, address: Endpoint) => address }),
    begin: assign({ begun: ({ context }, part: Part) => [...context.begun, part] }),
    forgetAddress: assign({ address: null }),
    loseAddress: assign({
      begun: ({ context }) => context.begun.filter((part) => part !== 'listener'),
      address: null,
    }),
    lose: assign({ begun: ({ context }, part: Part) => context.begun.filter((p) => p !== part) }),
    startLocalNode: spawnChild('localNode', { id: 'localNode' }),
    startListener: spawnChild('listener', {
      id: 'listener',
      input: ({ context: { input } }) => ({ address: input.listen ?? NOWHERE, slots: input.slots }),
    }),
    startDialScheduler: spawnChild('dialScheduler', {
      id: 'dialScheduler',
      input: ({ context }) => context.input.dial,
    }),
    forgetListener: stopChild('listener'),
    forgetLocalNode: stopChild('localNode'),
    reportAborted: emit({ type: 'pending.aborted' }),
    destroyConnections: emit({ type: 'connections.destroyed' }),
    reportStarted: emit(({ context }) => ({ type: 'started', address: context.address })),
    reportStartFailed: emit(({ context }) => ({ type: 'start.failed', ...context.fault })),
    reportStopped: emit({ type: 'stopped' }),
    reportLost: emit((_, lost: LostPart) => ({ type: 'part.lost' as const, ...lost })),
    pass: emit((_, report: ServerEmitted) => report),
    tellDialScheduler: enqueueActions(({ context, enqueue }, event: DialSchedulerEvent) => {
      if (hasBegun(context, 'dialScheduler')) enqueue.sendTo('dialScheduler', event);
    }),
    askRoom: enqueueActions(({ context, enqueue }, { candidate, replyTo }: CheckpointRequest) => {
      const verdict = judgeRoom(candidate, situationOf(context));
      if (verdict.type === 'accept') {
        const { connectionId, direction, id } = candidate;
        enqueue.assign({ pending: new Map(context.pending).set(connectionId, candidate) });
        if (direction === 'inbound' && hasBegun(context, 'dialScheduler'))
          enqueue.sendTo('dialScheduler', { type: 'inbound.pending', id });
      }
      enqueue.sendTo(replyTo, verdict);
    }),
    decide: enqueueActions(({ context, enqueue }, { candidate, ...request }: AddPeerRequest) => {
      const verdict = judgePeer(candidate, request.capabilities, situationOf(context));
      if (verdict.type === 'accept') {
        const { id, direction } = candidate;
        const entry = { ...candidate, trusted: context.trusted.has(id) };
        enqueue.assign({ peers: new Map(context.peers).set(id, entry) });
        if (hasBegun(context, 'dialScheduler'))
          enqueue.sendTo('dialScheduler', { type: 'peer.added', id, direction });
      }
      enqueue.sendTo(request.replyTo, verdict); // last: the asker may act on it at once
    }),
    hold: enqueueActions(({ context, enqueue }, request: AddPeerRequest) => {
      const { connectionId } = request.candidate;
      enqueue.assign({ held: new Map(context.held).set(connectionId, request) });
      enqueue.raise(
        { type: 'hold.over', request },
        { id: holdTimer(connectionId), delay: 'crossedDialHold' },
      );
      enqueue.sendTo(request.replyTo, { type: 'hold' });
    }),
    /** A connection is over: those that were held because of it need not wait any longer. */
    release: enqueueActions(({ context, enqueue }) => {
      for (const request of context.held.values())
        if (!mustWait(request.candidate, request.capabilities, situationOf(context)))
          enqueue.raise({ type: 'hold.over', request });
    }),
    endHold: enqueueActions(({ context, enqueue }, connectionId: string) => {
      enqueue.cancel(holdTimer(connectionId));
      enqueue.assign({ held: without(context.held, connectionId) });
    }),
    endPending: enqueueActions(({ context, enqueue }, connectionId: string) => {
      const candidate = context.pending.get(connectionId);
      if (!candidate) return; // it never got past the first checkpoint
      enqueue.assign({ pending: without(context.pending, connectionId) });
      if (candidate.direction === 'inbound' && hasBegun(context, 'dialScheduler'))
        enqueue.sendTo('dialScheduler', { type: 'inbound.completed', id: candidate.id });
    }),
    refuse: sendTo((_, request: CheckpointRequest) => request.replyTo, {
      type: 'reject.serverStopped',
      facts: {},
    }),
    removePeer: enqueueActions(
      ({ context, enqueue }, { connectionId, id, ending }: DroppedPeer) => {
        const entry = context.peers.get(id);
        if (entry?.connectionId !== connectionId) return; // another connection has the place now
        const peers = new Map(context.peers);
        peers.delete(id);
        enqueue.assign({ peers });
        if (hasBegun(context, 'dialScheduler'))
          enqueue.sendTo('dialScheduler', { type: 'peer.removed', id });
        enqueue.emit({ type: 'peer.removed', entry, ending });
      },
    ),
    dismissPeer: enqueueActions(({ context, enqueue }, { id, reason }: Dismissal) => {
      const entry = context.peers.get(id);
      if (entry) enqueue.emit({ type: 'peer.dismissed', connectionId: entry.connectionId, reason });
    }),
    trust: assign(({ context }, id: string) =>
      withTrusted(context.peers, new Set(context.trusted).add(id), id),
    ),
    distrust: assign(({ context }, id: string) => {
      const trusted = new Set(context.trusted);
      trusted.delete(id);
      return withTrusted(context.peers, trusted, id);
    }),
    tellPeers: emit(({ context }, askId: number) => ({
      type: 'peers.told',
      askId,
      peers: context.peers,
    })),
    withholdPeers: emit((_, askId: number) => ({ type: 'peers.withheld', askId })),
    dismissEverybody: enqueueActions(({ context, enqueue }) => {
      for (const { connectionId } of context.peers.values())
        enqueue.emit({ type: 'peer.dismissed', connectionId, reason: 'clientQuitting' });
    }),
    tellListener: enqueueActions(({ context, enqueue }, event: ListenerEvent) => {
      if (hasBegun(context, 'listener')) enqueue.sendTo('listener', event);
    }),
    returnSlot: enqueueActions(({ context, enqueue }, slot: number | null) => {
      if (slot !== null && hasBegun(context, 'listener'))
        enqueue.sendTo('listener', { type: 'slot.returned', slot });
    }),
  },
}).createMachine({
  id: 'server',
  context: ({ input }) => ({
    input,
    peers: new Map(),
    pending: new Map(),
    held: new Map(),
    trusted: new Set(input.trusted),
    address: null,
    begun: [],
    fault: { step: '', message: '' },
  }),
  initial: 'idle',
  states: {
    idle: {
      description: 'Not started, or a start failed and everything was undone.',
      tags: 'unbounded',
      on: { start: 'starting', stop: {} },
    },
    starting: {
      description: 'One step after the other; a stop or a failure ends it early.',
      initial: 'localNode',
      on: { start: {}, stop: 'stopping' },
      states: {
        localNode: {
          description: 'Our key, our Hello, the tables of the curve.',
          entry: ['startLocalNode', { type: 'begin', params: 'localNode' }],
          on: {
            'localNode.ready': [{ guard: 'isDeaf', target: 'dialing' }, { target: 'listening' }],
            'localNode.failed': {
              target: '#server.rollingBack.localNode',
              actions: { type: 'noteFault', params: failedAt('localNode') },
            },
            'xstate.error.actor.localNode': {
              target: '#server.rollingBack.localNode',
              actions: { type: 'noteFault', params: brokenAt('localNode') },
            },
          },
          after: {
            localNodeTimeout: {
              target: '#server.rollingBack.localNode',
              actions: { type: 'noteFault', params: TIMED_OUT.localNode },
            },
          },
        },
        listening: {
          description: 'The TCP address is being bound.',
          entry: ['startListener', { type: 'begin', params: 'listener' }],
          on: {
            'listener.bound': {
              target: 'dialing',
              actions: { type: 'noteAddress', params: ({ event }) => event.address },
            },
            'listener.failed': {
              target: '#server.rollingBack.localNode',
              actions: { type: 'noteFault', params: failedAt('listening') },
            },
            'xstate.error.actor.listener': {
              target: '#server.rollingBack.localNode',
              actions: { type: 'noteFault', params: brokenAt('listening') },
            },
          },
          after: {
            listeningTimeout: {
              target: '#server.rollingBack.listening',
              actions: { type: 'noteFault', params: TIMED_OUT.listening },
            },
          },
        },
        dialing: {
          description: 'The dial scheduler begins with the static nodes.',
          entry: ['startDialScheduler', { type: 'begin', params: 'dialScheduler' }],
          always: '#server.running',
        },
      },
    },
    running: {
      description: 'The run loop: admissions, departures and wishes, one at a time.',
      tags: 'unbounded',
      entry: 'reportStarted',
      on: {
        start: {},
        'checkpoint.postHandshake': { actions: { type: 'askRoom', params: ({ event }) => event } },
        'checkpoint.addPeer': [
          {
            guard: { type: 'mustWait', params: ({ event }) => event },
            actions: { type: 'hold', params: ({ event }) => event },
          },
          { actions: { type: 'decide', params: ({ event }) => event } },
        ],
        'hold.over': {
          actions: [
            { type: 'endHold', params: ({ event }) => event.request.candidate.connectionId },
            { type: 'decide', params: ({ event }) => event.request },
          ],
        },
        'static.add': { actions: { type: 'tellDialScheduler', params: ({ event }) => event } },
        'peer.remove': {
          actions: [
            {
              type: 'tellDialScheduler',
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
          actions: { type: 'trust', params: ({ event }) => event.id },
        },
        'trusted.remove': { actions: { type: 'distrust', params: ({ event }) => event.id } },
        'peers.ask': { actions: { type: 'tellPeers', params: ({ event }) => event.askId } },
        'listener.lost': {
          actions: [
            'forgetAddress',
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
            { type: 'noteAddress', params: ({ event }) => event.address },
            {
              type: 'pass',
              params: ({ event }) => ({ type: 'listener.restored', address: event.address }),
            },
          ],
        },
        stop: 'stopping',
      },
    },
    stopping: {
      description: 'Nobody new is admitted; everybody else is told, then waited for.',
      type: 'parallel',
      // the scheduler first: what ends from here on must not make it dial again
      entry: [{ type: 'tellDialScheduler', params: { type: 'stop' } }, 'reportAborted'],
      states: {
        connections: {
          description: 'Goodbye to everybody: first peers, then dials.',
          initial: 'peers',
          states: {
            peers: {
              description: 'Every peer hears "client quitting" and is waited for.',
              entry: 'dismissEverybody',
              always: { guard: 'hasNoPeers', target: 'dialScheduler' },
            },
            dialScheduler: {
              description: 'Running dials are cancelled and waited for.',
              always: { guard: { type: 'hasNot', params: 'dialScheduler' }, target: 'ended' },
            },
            ended: { type: 'final', description: 'Nothing is left here.' },
          },
        },
        listener: {
          description: 'No newcomers; what they hold is waited for.',
          initial: 'draining',
          states: {
            draining: {
              description: 'Not listening any more; inbound handshakes give their slots back.',
              entry: { type: 'tellListener', params: { type: 'close' } },
              always: { guard: { type: 'hasNot', params: 'listener' }, target: 'ended' },
            },
            ended: { type: 'final', description: 'Nothing is left here.' },
          },
        },
      },
      on: { start: {}, stop: {} },
      onDone: 'stopped',
      after: { stopTimeout: { actions: 'destroyConnections' }, giveUpTimeout: 'stopped' },
    },
    rollingBack: {
      description: 'A step of the start failed: what was begun is undone in reverse order.',
      initial: 'listening',
      on: { start: {}, stop: {} },
      states: {
        listening: {
          description: 'Closing the address again.',
          entry: { type: 'tellListener', params: { type: 'close' } },
          always: { guard: { type: 'hasNot', params: 'listener' }, target: 'localNode' },
          after: { listeningTimeout: 'localNode' },
        },
        localNode: {
          description: 'Forgetting the listener and the local node.',
          entry: [
            'forgetListener',
            'loseAddress',
            'forgetLocalNode',
            { type: 'lose', params: 'localNode' },
            'reportAborted',
          ],
          always: { target: '#server.idle', actions: 'reportStartFailed' },
        },
      },
    },
    stopped: {
      type: 'final',
      description:
        'Over for good: a new server is needed to start again. Nobody has waited for what a lost part would have.',
      entry: ['destroyConnections', 'reportStopped'],
    },
  },
  on: {
    // Whoever asks outside of `running` hears that this server is stopped.
    'checkpoint.postHandshake': { actions: { type: 'refuse', params: ({ event }) => event } },
    'checkpoint.addPeer': { actions: { type: 'refuse', params: ({ event }) => event } },
    'peers.ask': { actions: { type: 'withholdPeers', params: ({ event }) => event.askId } },
    'connection.accepted': { actions: { type: 'pass', params: ({ event }) => event } },
    'connection.replaced': { actions: { type: 'pass', params: ({ event }) => event } },
    'callers.turnedAway': { actions: { type: 'pass', params: ({ event }) => event } },
    'connection.ended': {
      actions: [
        { type: 'returnSlot', params: ({ event }) => event.slot },
        { type: 'endHold', params: ({ event }) => event.connectionId },
        { type: 'endPending', params: ({ event }) => event.connectionId },
        'release',
      ],
    },
    'caller.proven': { actions: { type: 'tellListener', params: ({ event }) => event } },
    'peer.dropped': {
      actions: [{ type: 'removePeer', params: ({ event }) => event }, 'release'],
    },
    'dial.wanted': { actions: { type: 'pass', params: ({ event }) => event } },
    'dial.unwanted': { actions: { type: 'pass', params: ({ event }) => event } },
    'static.blocked': { actions: { type: 'pass', params: ({ event }) => event } },
    'candidates.failed': { actions: { type: 'pass', params: ({ event }) => event } },
    'dial.ended': { actions: { type: 'tellDialScheduler', params: ({ event }) => event } },
    'xstate.done.actor.listener': { actions: 'loseAddress' },
    'xstate.done.actor.dialScheduler': { actions: { type: 'lose', params: 'dialScheduler' } },
    'xstate.error.actor.localNode': broken('localNode'),
    'xstate.error.actor.listener': { actions: [...broken('listener').actions, 'loseAddress'] },
    'xstate.error.actor.dialScheduler': broken('dialScheduler'),
    'hold.over': {}, // whoever is still held is told to stop, like everybody in setup
    // Wishes outside of `running` or beyond a bound, and reports that come after nobody waits for them.
    'static.add': {},
    'peer.remove': {},
    'trusted.add': {},
    'trusted.remove': {},
    'localNode.ready': {},
    'localNode.failed': {},
    'listener.bound': {},
    'listener.lost': {},
    'listener.failed': {},
  },
});

type Dismissal = { readonly id: string; readonly reason: AskableReason };

const situationOf = (context: ServerMachineContext): Situation => ({
  ...context,
  rules: context.input.rules,
});

const holdTimer = (connectionId: string): string => `hold:${connectionId}`;

function without<Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}

/** The connected peer of this id, if there is one, is marked by the new set. */
function withTrusted(peers: PeerSet, trusted: ReadonlySet<string>, id: string) {
  const entry = peers.get(id);
  if (!entry) return { trusted };
  return { trusted, peers: new Map(peers).set(id, { ...entry, trusted: trusted.has(id) }) };
}

const hasBegun = ({ begun }: ServerMachineContext, part: Part): boolean => begun.includes(part);

function failedAt(step: string) {
  return ({ event }: { event: { readonly message: string } }) => ({ step, message: event.message });
}

function brokenAt(step: string) {
  return ({ event }: { event: { readonly error: unknown } }) => ({
    step,
    message: String(event.error),
  });
}

function broken<P extends Part>(part: P) {
  const params = ({ event }: { event: ErrorActorEvent<unknown, P> }) => ({
    part,
    message: String(event.error),
    retryInMs: null,
  });
  return {
    actions: [
      { type: 'lose' as const, params: part },
      { type: 'reportLost' as const, params },
    ],
  };
}
