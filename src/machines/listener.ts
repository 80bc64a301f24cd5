/**
 * Accepting connections as long as there are slots for handshakes. Nothing is spent on whoever may not come in.
 * A slot is held from admission to the end of connection setup, whatever its outcome.
 * Chart: docs/statecharts/listener.md
 */
import { assign, enqueueActions, sendParent, sendTo, setup } from 'xstate';

import type { ByteStream, Endpoint } from '../io/actors/byte-stream.ts';
import type { Caller, DoormanCommand, DoormanEvent } from '../io/actors/doorman.ts';
import type { SocketServerCommand, SocketServerEvent } from '../io/actors/tcp-listener.ts';
import {
  checkInbound,
  type InboundHistory,
  type InboundVerdict,
  remember,
} from './inbound-check.ts';
import { missing } from './missing.ts';

/** Pause after an accept error that may pass, in ms. Source: go-ethereum p2p/server.go. */
export const ACCEPT_PAUSE_MS = 200;

/** Longest wait for the system to bind, in ms. */
export const BIND_TIMEOUT_MS = 5_000;

/** Longest wait for handshakes to give their slots back, in ms; they have been told to stop. */
export const DRAIN_TIMEOUT_MS = 4_000;

/** From the first newcomer who is turned away to the report of it, in ms: one report is for all in between. */
export const TURNED_AWAY_REPORT_MS = 1_000;

/** Why a newcomer is destroyed without a byte: by a rule, for want of a slot, or at a time when nobody is let in. */
export type TurnAwayReason = Exclude<InboundVerdict, 'accept'> | 'noSlot' | 'notAccepting';

export type TurnedAway = {
  /** Since the last report. */
  readonly counts: Readonly<Record<TurnAwayReason, number>>;
  /** The last one of them. */
  readonly latest: { readonly remote: Endpoint; readonly why: TurnAwayReason };
};

export type ListenerInput = {
  readonly address: Endpoint;
  /** Handshakes at once. */
  readonly slots: number;
};

export type ListenerEvent =
  | SocketServerEvent
  | DoormanEvent
  | { readonly type: 'slot.returned' }
  /** Time to tell who was turned away. */
  | { readonly type: 'report.due' }
  | { readonly type: 'close' };

/** To the server that invoked this machine. */
export type ListenerReport =
  | { readonly type: 'listener.bound'; readonly address: Endpoint }
  | { readonly type: 'listener.failed'; readonly message: string }
  | { readonly type: 'connection.accepted'; readonly stream: ByteStream }
  | ({ readonly type: 'callers.turnedAway' } & TurnedAway);

const NOBODY: TurnedAway['counts'] = { netRestrict: 0, throttled: 0, noSlot: 0, notAccepting: 0 };

export const listenerMachine = setup({
  types: {
    input: {} as ListenerInput,
    context: {} as ListenerInput & {
      readonly used: number;
      readonly history: InboundHistory;
      /** Not reported yet; null when everybody is. */
      readonly turnedAway: TurnedAway | null;
      readonly fault: string;
    },
    events: {} as ListenerEvent,
  },
  actors: {
    socketServer: missing<SocketServerCommand, Endpoint>('socketServer'),
    doorman: missing<DoormanCommand>('doorman'),
  },
  delays: {
    acceptPause: ACCEPT_PAUSE_MS,
    bindTimeout: BIND_TIMEOUT_MS,
    drainTimeout: DRAIN_TIMEOUT_MS,
    turnedAwayReport: TURNED_AWAY_REPORT_MS,
  },
  guards: {
    isFull: ({ context }) => context.used >= context.slots,
    hasRoom: ({ context }) => context.used < context.slots,
    isEmpty: ({ context }) => context.used === 0,
    isTemporary: (_, temporary: boolean) => temporary,
    isOutsideNetRestrict: ({ context }, caller: Caller) =>
      checkInbound(context.history, caller) === 'netRestrict',
    isThrottled: ({ context }, caller: Caller) =>
      checkInbound(context.history, caller) === 'throttled',
  },
  actions: {
    takeSlot: assign({ used: ({ context }) => context.used + 1 }),
    returnSlot: assign({ used: ({ context }) => Math.max(0, context.used - 1) }),
    tellServer: sendParent((_, report: ListenerReport) => report),
    lookAt: sendTo('doorman', (_, stream: ByteStream) => ({ type: 'look.at' as const, stream })),
    remember: assign({
      history: ({ context }, caller: Caller) => remember(context.history, caller),
    }),
    turnAway: enqueueActions(({ context: { turnedAway }, enqueue }, { stream, why }: Refusal) => {
      const counts = turnedAway?.counts ?? NOBODY;
      enqueue.assign({
        turnedAway: {
          counts: { ...counts, [why]: counts[why] + 1 },
          latest: { remote: stream.remote, why },
        },
      });
      if (!turnedAway) enqueue.raise({ type: 'report.due' }, { delay: 'turnedAwayReport' });
      enqueue.sendTo('socketServer', { type: 'turn.away', stream });
    }),
    reportTurnedAway: enqueueActions(({ context: { turnedAway }, enqueue }) => {
      if (!turnedAway) return;
      enqueue.sendParent({ type: 'callers.turnedAway', ...turnedAway });
      enqueue.assign({ turnedAway: null });
    }),
    noteFault: assign({ fault: (_, fault: string) => fault }),
    tellFault: sendParent(({ context }) => ({ type: 'listener.failed', message: context.fault })),
    closeSocket: sendTo('socketServer', { type: 'close' }),
  },
}).createMachine({
  id: 'listener',
  context: ({ input }) => ({ ...input, used: 0, history: [], turnedAway: null, fault: '' }),
  initial: 'open',
  states: {
    open: {
      description: 'The listening socket exists, or is about to.',
      initial: 'binding',
      invoke: [
        {
          id: 'doorman',
          src: 'doorman',
          onError: {
            target: 'failed',
            actions: { type: 'noteFault', params: 'the doorman broke' },
          },
        },
        {
          id: 'socketServer',
          src: 'socketServer',
          input: ({ context }) => context.address,
          onError: {
            target: 'failed',
            actions: { type: 'noteFault', params: 'the listening adapter broke' },
          },
        },
      ],
      exit: 'reportTurnedAway',
      on: {
        'socket.accepted': { actions: turningAway('notAccepting') },
        'caller.seen': { actions: turningAway('notAccepting') },
        'report.due': { actions: 'reportTurnedAway' },
        'socket.closed': {
          target: 'failed',
          actions: { type: 'noteFault', params: 'the listening socket closed by itself' },
        },
        'bind.failed': {
          target: 'failed',
          actions: { type: 'noteFault', params: ({ event }) => event.message },
        },
        'accept.failed': [
          { guard: { type: 'isTemporary', params: ({ event }) => event.temporary } },
          {
            target: 'failed',
            actions: { type: 'noteFault', params: ({ event }) => event.message },
          },
        ],
      },
      states: {
        binding: {
          description: 'The system was asked for the address.',
          on: {
            'socket.bound': {
              target: 'accepting',
              actions: {
                type: 'tellServer',
                params: ({ event }) => ({ type: 'listener.bound', address: event.address }),
              },
            },
            close: '#listener.closed',
          },
          after: {
            bindTimeout: {
              target: '#listener.failed',
              actions: { type: 'noteFault', params: 'binding took too long' },
            },
          },
        },
        accepting: {
          description: 'There is a free slot: whoever connects next and may come in gets it.',
          tags: 'unbounded',
          always: { guard: 'isFull', target: 'full' },
          on: {
            'socket.accepted': {
              actions: { type: 'lookAt', params: ({ event }) => event.stream },
            },
            'caller.seen': [
              {
                guard: { type: 'isOutsideNetRestrict', params: ({ event }) => event.caller },
                actions: turningAway('netRestrict'),
              },
              {
                guard: { type: 'isThrottled', params: ({ event }) => event.caller },
                actions: turningAway('throttled'),
              },
              {
                actions: [
                  'takeSlot',
                  { type: 'remember', params: ({ event }) => event.caller },
                  {
                    type: 'tellServer',
                    params: ({ event }) => ({ type: 'connection.accepted', stream: event.stream }),
                  },
                ],
              },
            ],
            'accept.failed': [
              {
                guard: { type: 'isTemporary', params: ({ event }) => event.temporary },
                target: 'pausing',
              },
              {
                target: '#listener.failed',
                actions: { type: 'noteFault', params: ({ event }) => event.message },
              },
            ],
            close: 'draining',
          },
        },
        full: {
          description: 'Every slot is in a handshake: newcomers are destroyed without a byte.',
          tags: 'unbounded',
          always: { guard: 'hasRoom', target: 'accepting' },
          on: {
            'socket.accepted': { actions: turningAway('noSlot') },
            'caller.seen': { actions: turningAway('noSlot') },
            close: 'draining',
          },
        },
        pausing: {
          description: 'An accept failed in a way that may pass.',
          on: { close: 'draining' },
          after: { acceptPause: 'accepting' },
        },
        draining: {
          description: 'Not listening any more; handshakes give their slots back.',
          entry: 'closeSocket',
          always: { guard: 'isEmpty', target: 'closing' },
          on: { 'socket.closed': 'emptying', close: {} },
          after: { drainTimeout: '#listener.closed' },
        },
        emptying: {
          description:
            'The address is given back; the last handshakes have yet to hear that they are over.',
          always: { guard: 'isEmpty', target: '#listener.closed' },
          on: { close: {} },
          after: { drainTimeout: '#listener.closed' },
        },
        closing: {
          description: 'The system gives the address back once the last accepted socket is gone.',
          on: { 'socket.closed': '#listener.closed', close: {} },
          after: { drainTimeout: '#listener.closed' },
        },
      },
    },
    closed: {
      type: 'final',
      description: 'Every slot is back, or was given up on.',
    },
    failed: {
      type: 'final',
      description: 'The address is lost; the server is told.',
      entry: 'tellFault',
    },
  },
  on: { 'slot.returned': { actions: 'returnSlot' } },
});

type Refusal = { readonly stream: ByteStream; readonly why: TurnAwayReason };

function turningAway(why: TurnAwayReason) {
  const params = ({ event }: { event: { readonly stream: ByteStream } }): Refusal => ({
    stream: event.stream,
    why,
  });
  return { type: 'turnAway', params } as const;
}
