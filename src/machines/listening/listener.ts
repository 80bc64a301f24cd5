/**
 * Accepts connections while there are slots for handshakes. A connection that is turned away costs no bytes.
 * A slot is held from admission to the end of connection setup, or until a silent holder is replaced.
 * An address that is lost is bound again.
 * Chart: docs/statecharts/listener.md. Longer than 400 lines: a chart is one table.
 */
import { assign, type ErrorActorEvent, enqueueActions, sendParent, sendTo, setup } from 'xstate';
import type {
  Caller,
  CallerLookupCommand,
  CallerLookupEvent,
} from '../../io/adapters/caller-lookup.ts';
import type { SocketServerCommand, SocketServerEvent } from '../../io/adapters/tcp-listener.ts';
import type { ByteStream } from '../../io/link/byte-stream.ts';
import type { Endpoint } from '../../io/wire/endpoint.ts';
import { mapKeys } from '../reason-states.ts';
import { unprovided } from '../unprovided-actor.ts';
import {
  ALL_FREE,
  type HandshakeSlots,
  isSourceBusy,
  keepSlot,
  replaceableSlot,
  returnSlot,
  takeSlot,
} from './handshake-slots.ts';
import {
  checkInbound,
  type InboundDecision,
  type InboundHistory,
  remember,
} from './inbound-check.ts';

/** Pause after an accept error that may pass, in ms. Source: go-ethereum p2p/server.go. */
export const ACCEPT_PAUSE_MS = 200;

/** Longest wait for the operating system to bind, in ms. */
export const BIND_TIMEOUT_MS = 5_000;

/** Longest wait for handshakes to return their slots, in ms; all of them were told to stop. */
export const DRAIN_TIMEOUT_MS = 4_000;

/** From the first connection that is turned away to its report, in ms; one report counts all in between. */
export const TURNED_AWAY_REPORT_MS = 1_000;

/** From a loss of the address to the next attempt to bind it, in ms, each a state. Starts over once bound. */
export const REBIND_DELAYS_MS = {
  after1s: 1_000,
  after2s: 2_000,
  after4s: 4_000,
  after8s: 8_000,
  after16s: 16_000,
  after32s: 32_000,
  after60s: 60_000,
} as const;

type RebindDelay = keyof typeof REBIND_DELAYS_MS;

/** In order; the last one is used for every later loss. */
const REBIND_DELAYS = Object.keys(REBIND_DELAYS_MS) as readonly RebindDelay[];

/** Why a new connection is destroyed without a byte: by a rule, for lack of a slot, or while none is accepted. */
export type TurnAwayReason =
  | Exclude<InboundDecision, 'accept'>
  /** Its source has the most handshakes that one source may have. */
  | 'sourceBusy'
  | 'noSlot'
  | 'notAccepting';

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
  | CallerLookupEvent
  /** This handshake ended. Ignored when its slot was given to another connection meanwhile. */
  | { readonly type: 'slot.returned'; readonly slot: number }
  /** The holder of this slot sent a whole auth. */
  | { readonly type: 'auth.arrived'; readonly slot: number }
  /** Time to report the connections that were turned away. */
  | { readonly type: 'report.due' }
  | ErrorActorEvent<unknown, 'socketServer'>
  | ErrorActorEvent<unknown, 'callerLookup'>
  | { readonly type: 'close' };

/** To the server that invoked this machine. */
export type ListenerReport =
  | { readonly type: 'listener.bound'; readonly address: Endpoint }
  /** The address could not be bound at the start. */
  | { readonly type: 'listener.failed'; readonly message: string }
  /** The address is lost; the next attempt to bind it is in `retryInMs`. */
  | { readonly type: 'listener.lost'; readonly message: string; readonly retryInMs: number }
  /** Holds this slot until it is returned, once, by its number. */
  | { readonly type: 'connection.accepted'; readonly stream: ByteStream; readonly slot: number }
  /** The handshake that held this slot has to end: it was silent, and its slot was given to another connection. */
  | { readonly type: 'connection.replaced'; readonly slot: number }
  | ({ readonly type: 'callers.turnedAway' } & TurnedAway);

const NO_COUNTS: TurnedAway['counts'] = {
  netRestrict: 0,
  throttled: 0,
  sourceBusy: 0,
  noSlot: 0,
  notAccepting: 0,
};

export const TURN_AWAY_REASONS = Object.keys(NO_COUNTS) as readonly TurnAwayReason[];

/** Checked first for each new connection, whether or not there is a free slot. */
const ADMISSION_CHECKS = [
  { guard: asking('isOutsideNetRestrict'), actions: turningAway('netRestrict') },
  { guard: asking('isThrottled'), actions: turningAway('throttled') },
  { guard: asking('isSourceBusy'), actions: turningAway('sourceBusy') },
] as const;

/** While it closes, no event makes it listen again. */
const IGNORED_WHILE_CLOSING = {
  'socket.closed': '#listener.closed',
  'accept.failed': {},
  'bind.failed': {},
  'xstate.error.actor.socketServer': '#listener.emptying',
  'xstate.error.actor.callerLookup': '#listener.emptying',
  close: {},
} as const;

export const listenerMachine = setup({
  types: {
    input: {} as ListenerInput,
    context: {} as ListenerInput & {
      readonly held: HandshakeSlots;
      readonly history: InboundHistory;
      /** Not reported yet; null when all are. */
      readonly turnedAway: TurnedAway | null;
      /** Times it was bound. From the first one on, `address` is the one it really had. */
      readonly binds: number;
      /** Times the address was lost, or not bound, since it was bound last. */
      readonly losses: number;
      readonly fault: string;
    },
    events: {} as ListenerEvent,
  },
  actors: {
    socketServer: unprovided<SocketServerCommand, Endpoint>('socketServer'),
    callerLookup: unprovided<CallerLookupCommand>('callerLookup'),
  },
  delays: {
    acceptPause: ACCEPT_PAUSE_MS,
    bindTimeout: BIND_TIMEOUT_MS,
    drainTimeout: DRAIN_TIMEOUT_MS,
    turnedAwayReport: TURNED_AWAY_REPORT_MS,
    ...REBIND_DELAYS_MS,
  },
  guards: {
    isFull: ({ context }) => context.held.used >= context.slots,
    hasRoom: ({ context }) => context.held.used < context.slots,
    isEmpty: ({ context }) => context.held.used === 0,
    hasNeverBound: ({ context }) => context.binds === 0,
    isDue: ({ context }, delay: RebindDelay) => rebindDelay(context.losses) === delay,
    isTemporary: (_, temporary: boolean) => temporary,
    isOutsideNetRestrict: ({ context }, caller: Caller) =>
      checkInbound(context.history, caller) === 'netRestrict',
    isThrottled: ({ context }, caller: Caller) =>
      checkInbound(context.history, caller) === 'throttled',
    isSourceBusy: ({ context }, caller: Caller) => isSourceBusy(context.held, caller),
    canReplace: ({ context }, caller: Caller) => replaceableSlot(context.held, caller) !== null,
  },
  actions: {
    noteBound: assign(({ context }, address: Endpoint) => ({
      address,
      binds: context.binds + 1,
      losses: 0,
    })),
    admit: enqueueActions(({ context, enqueue }, { stream, caller }: SeenCaller) => {
      enqueue.assign({
        held: takeSlot(context.held, caller),
        history: remember(context.history, caller),
      });
      enqueue.sendParent({ type: 'connection.accepted', stream, slot: context.held.next });
    }),
    replaceOldest: enqueueActions(({ context, enqueue }, caller: Caller) => {
      const slot = replaceableSlot(context.held, caller);
      if (slot === null) return;
      enqueue.assign({ held: returnSlot(context.held, slot) });
      enqueue.sendParent({ type: 'connection.replaced', slot });
    }),
    returnSlot: assign({ held: ({ context }, slot: number) => returnSlot(context.held, slot) }),
    keepSlot: assign({ held: ({ context }, slot: number) => keepSlot(context.held, slot) }),
    report: sendParent((_, report: ListenerReport) => report),
    lookUp: sendTo('callerLookup', (_, stream: ByteStream) => ({
      type: 'look.up' as const,
      stream,
    })),
    turnAway: enqueueActions(({ context: { turnedAway }, enqueue }, { stream, why }: TurnAway) => {
      const counts = turnedAway?.counts ?? NO_COUNTS;
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
    countLoss: assign({ losses: ({ context }) => context.losses + 1 }),
    reportFault: sendParent(({ context }) => ({ type: 'listener.failed', message: context.fault })),
    reportLoss: sendParent(({ context: { fault, losses } }) => ({
      type: 'listener.lost',
      message: fault,
      retryInMs: REBIND_DELAYS_MS[rebindDelay(losses)],
    })),
    closeSocket: sendTo('socketServer', { type: 'close' }),
  },
}).createMachine({
  id: 'listener',
  context: ({ input }) => ({
    ...input,
    held: ALL_FREE,
    history: [],
    turnedAway: null,
    binds: 0,
    losses: 0,
    fault: '',
  }),
  initial: 'open',
  states: {
    open: {
      description: 'The listening socket exists or is being made.',
      initial: 'binding',
      invoke: [
        {
          id: 'callerLookup',
          src: 'callerLookup',
          onError: {
            target: 'lost',
            actions: { type: 'noteFault', params: 'the caller lookup broke' },
          },
        },
        {
          id: 'socketServer',
          src: 'socketServer',
          input: ({ context }) => context.address,
          onError: {
            target: 'lost',
            actions: { type: 'noteFault', params: 'the listening adapter broke' },
          },
        },
      ],
      on: {
        'socket.accepted': { actions: turningAway('notAccepting') },
        'caller.seen': { actions: turningAway('notAccepting') },
        'socket.closed': {
          target: 'lost',
          actions: { type: 'noteFault', params: 'the listening socket closed by itself' },
        },
        'bind.failed': {
          target: 'lost',
          actions: { type: 'noteFault', params: ({ event }) => event.message },
        },
        'accept.failed': [
          { guard: { type: 'isTemporary', params: ({ event }) => event.temporary } },
          {
            target: 'lost',
            actions: { type: 'noteFault', params: ({ event }) => event.message },
          },
        ],
      },
      states: {
        binding: {
          description: 'The operating system was asked to bind the address.',
          on: {
            'socket.bound': {
              target: 'accepting',
              actions: [
                { type: 'noteBound', params: ({ event }) => event.address },
                {
                  type: 'report',
                  params: ({ event }) => ({ type: 'listener.bound', address: event.address }),
                },
              ],
            },
            close: '#listener.emptying',
          },
          after: {
            bindTimeout: {
              target: '#listener.lost',
              actions: { type: 'noteFault', params: 'binding took too long' },
            },
          },
        },
        accepting: {
          description: 'There is a free slot: the next connection that passes the checks gets it.',
          tags: 'unbounded',
          always: { guard: 'isFull', target: 'full' },
          on: {
            'socket.accepted': {
              actions: { type: 'lookUp', params: ({ event }) => event.stream },
            },
            'caller.seen': [
              ...ADMISSION_CHECKS,
              { actions: { type: 'admit', params: ({ event }) => event } },
            ],
            'accept.failed': {
              guard: { type: 'isTemporary', params: ({ event }) => event.temporary },
              target: 'pausing',
            },
            close: 'draining',
          },
        },
        full: {
          description:
            'Every slot is in use: a new connection replaces the oldest silent one, or is destroyed without a byte.',
          tags: 'unbounded',
          always: { guard: 'hasRoom', target: 'accepting' },
          on: {
            'socket.accepted': {
              actions: { type: 'lookUp', params: ({ event }) => event.stream },
            },
            'caller.seen': [
              ...ADMISSION_CHECKS,
              {
                guard: asking('canReplace'),
                actions: [
                  { type: 'replaceOldest', params: ({ event }) => event.caller },
                  { type: 'admit', params: ({ event }) => event },
                ],
              },
              { actions: turningAway('noSlot') },
            ],
            close: 'draining',
          },
        },
        pausing: {
          description: 'An accept failed with a temporary error.',
          on: { close: 'draining' },
          after: { acceptPause: 'accepting' },
        },
        draining: {
          description: 'Not listening any more; handshakes return their slots.',
          entry: 'closeSocket',
          always: { guard: 'isEmpty', target: 'closing' },
          // the last handshakes may not have reported their end yet
          on: { ...IGNORED_WHILE_CLOSING, 'socket.closed': '#listener.emptying' },
          after: { drainTimeout: '#listener.closed' },
        },
        closing: {
          description:
            'The operating system frees the address once the last accepted socket is closed.',
          on: IGNORED_WHILE_CLOSING,
          after: { drainTimeout: '#listener.closed' },
        },
      },
    },
    lost: {
      description: 'Chooses the pause before the next attempt by the number of losses in a row.',
      entry: 'countLoss',
      always: [
        { guard: 'hasNeverBound', target: 'failed' },
        ...REBIND_DELAYS.slice(0, -1).map((delay) => ({
          guard: { type: 'isDue' as const, params: delay },
          target: `restarting.${delay}` as const,
        })),
        { target: 'restarting.after60s' },
      ],
    },
    restarting: {
      description:
        'The address is lost: it is bound again, after a pause that grows with each attempt.',
      initial: 'after1s',
      entry: 'reportLoss',
      states: mapKeys(REBIND_DELAYS_MS, (delay) => ({
        description: `The next attempt is in ${REBIND_DELAYS_MS[delay] / 1_000} s.`,
        after: { [delay]: '#listener.open' },
      })),
      on: { close: 'emptying' },
    },
    emptying: {
      description: 'There is no listening socket to close; handshakes return their slots.',
      always: { guard: 'isEmpty', target: 'closed' },
      on: { close: {} },
      after: { drainTimeout: 'closed' },
    },
    closed: {
      type: 'final',
      description: 'Every slot was returned, or the wait for it timed out.',
      entry: 'reportTurnedAway',
    },
    failed: {
      type: 'final',
      description: 'The address could not be bound at the start; the server gets a report.',
      entry: ['reportTurnedAway', 'reportFault'],
    },
  },
  on: {
    'slot.returned': { actions: { type: 'returnSlot', params: ({ event }) => event.slot } },
    'auth.arrived': { actions: { type: 'keepSlot', params: ({ event }) => event.slot } },
    'report.due': { actions: 'reportTurnedAway' },
  },
});

type SeenCaller = Pick<CallerLookupEvent, 'stream' | 'caller'>;

type TurnAway = { readonly stream: ByteStream; readonly why: TurnAwayReason };

/** The pause after this many losses in a row. */
function rebindDelay(losses: number): RebindDelay {
  return REBIND_DELAYS[Math.min(losses, REBIND_DELAYS.length) - 1] ?? 'after1s';
}

function asking<Guard extends string>(type: Guard) {
  const params = ({ event }: { event: { readonly caller: Caller } }): Caller => event.caller;
  return { type, params } as const;
}

function turningAway(why: TurnAwayReason) {
  const params = ({ event }: { event: { readonly stream: ByteStream } }): TurnAway => ({
    stream: event.stream,
    why,
  });
  return { type: 'turnAway', params } as const;
}
