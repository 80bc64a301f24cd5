/**
 * Accepting connections as long as there are slots for handshakes.
 * A slot is held from accept to the end of connection setup, whatever its outcome.
 * Chart: docs/statecharts/listener.md
 */
import { assign, sendParent, sendTo, setup } from 'xstate';

import type { ByteStream, Endpoint } from '../io/actors/byte-stream.ts';
import type { SocketServerCommand, SocketServerEvent } from '../io/actors/tcp-listener.ts';
import { missing } from './missing.ts';

/** Pause after an accept error that may pass, in ms. Source: go-ethereum p2p/server.go. */
export const ACCEPT_PAUSE_MS = 200;

/** Longest wait for the system to bind, in ms. */
export const BIND_TIMEOUT_MS = 5_000;

/** Longest wait for handshakes to give their slots back, in ms; they have been told to stop. */
export const DRAIN_TIMEOUT_MS = 4_000;

export type ListenerInput = {
  readonly address: Endpoint;
  /** Handshakes at once. */
  readonly slots: number;
};

export type ListenerEvent =
  | SocketServerEvent
  | { readonly type: 'slot.returned' }
  | { readonly type: 'close' };

/** To the server that invoked this machine. */
export type ListenerReport =
  | { readonly type: 'listener.bound'; readonly address: Endpoint }
  | { readonly type: 'listener.failed'; readonly message: string }
  | { readonly type: 'connection.accepted'; readonly stream: ByteStream };

export const listenerMachine = setup({
  types: {
    input: {} as ListenerInput,
    context: {} as ListenerInput & {
      readonly used: number;
      /** Newcomers without a slot since the start. */
      readonly turnedAway: number;
      readonly fault: string;
    },
    events: {} as ListenerEvent,
  },
  actors: { socketServer: missing<SocketServerCommand, Endpoint>('socketServer') },
  delays: {
    acceptPause: ACCEPT_PAUSE_MS,
    bindTimeout: BIND_TIMEOUT_MS,
    drainTimeout: DRAIN_TIMEOUT_MS,
  },
  guards: {
    isFull: ({ context }) => context.used >= context.slots,
    hasRoom: ({ context }) => context.used < context.slots,
    isEmpty: ({ context }) => context.used === 0,
    isTemporary: (_, temporary: boolean) => temporary,
  },
  actions: {
    takeSlot: assign({ used: ({ context }) => context.used + 1 }),
    returnSlot: assign({ used: ({ context }) => Math.max(0, context.used - 1) }),
    tellServer: sendParent((_, report: ListenerReport) => report),
    turnAway: sendTo('socketServer', (_, stream: ByteStream) => ({
      type: 'turn.away' as const,
      stream,
    })),
    countTurnedAway: assign({ turnedAway: ({ context }) => context.turnedAway + 1 }),
    noteFault: assign({ fault: (_, fault: string) => fault }),
    tellFault: sendParent(({ context }) => ({ type: 'listener.failed', message: context.fault })),
    closeSocket: sendTo('socketServer', { type: 'close' }),
  },
}).createMachine({
  id: 'listener',
  context: ({ input }) => ({ ...input, used: 0, turnedAway: 0, fault: '' }),
  initial: 'open',
  states: {
    open: {
      description: 'The listening socket exists, or is about to.',
      initial: 'binding',
      invoke: {
        id: 'socketServer',
        src: 'socketServer',
        input: ({ context }) => context.address,
        onError: {
          target: 'failed',
          actions: { type: 'noteFault', params: 'the listening adapter broke' },
        },
      },
      on: {
        'socket.accepted': {
          actions: ['countTurnedAway', { type: 'turnAway', params: ({ event }) => event.stream }],
        },
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
          description: 'There is a free slot: whoever connects next gets it.',
          tags: 'unbounded',
          always: { guard: 'isFull', target: 'full' },
          on: {
            'socket.accepted': {
              actions: [
                'takeSlot',
                {
                  type: 'tellServer',
                  params: ({ event }) => ({ type: 'connection.accepted', stream: event.stream }),
                },
              ],
            },
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
          on: { close: 'draining' },
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
          on: { 'socket.closed': '#listener.closed', close: {} },
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
