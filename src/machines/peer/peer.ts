/**
 * One admitted connection, from its announcement to the end of its protocol handlers.
 * Payloads go from the link to the ports without passing here.
 * Chart: docs/statecharts/peer.md
 */
import { assign, emit, enqueueActions, raise, sendTo, setup } from 'xstate';
import type { ProtocolRun } from '../../io/adapters/protocol-handler.ts';
import type { Link } from '../../io/link/link.ts';
import type {
  Closed,
  Disconnected,
  Garbled,
  LinkCommand,
  PeerLinkEvent,
} from '../../io/link/link-events.ts';
import { FAREWELL_MS } from '../connection/connection.ts';
import { judgeClose, judgeStall } from '../connection/link-failures.ts';
import { describeReason, type Facts, mapEvents, mapKeys } from '../reason-states.ts';
import { unprovided } from '../unprovided-actor.ts';
import {
  type DismissalReason,
  judgePeerDisconnect,
  judgePeerFault,
  PEER_FAILURES,
  PEER_REFUSALS,
  PEER_REJECTIONS,
  type PeerFailure,
  type PeerFailureReason,
  type PeerRefusal,
  type PeerRejection,
  type PeerRejectionReason,
} from './peer-endings.ts';
import { type ProtocolEnded, protocolMachine } from './protocol.ts';

/** From one ping to the next, in ms. Source: go-ethereum p2p/peer.go. */
export const PING_INTERVAL_MS = 15_000;

/** Longest wait for the link's report about our ping, in ms: within 20 s, or 40 s when this process was blocked. */
export const PONG_BACKSTOP_MS = 60_000;

/** Time for handlers to return after the end of their peer, in ms. go-ethereum waits without limit. */
export const PROTOCOL_GRACE_MS = 2_000;

export type PeerInput = {
  readonly connectionId: string;
  readonly link: Link;
  /** One for each shared protocol, by its name and version. */
  readonly runs: readonly { readonly protocol: string; readonly run: ProtocolRun }[];
};

/** How it ended. */
export type PeerEnding = {
  /** Rejected by us, refused by them, or failed: the link or their bytes broke. */
  readonly outcome: 'rejected' | 'refused' | 'failed';
  /** The leaf state, such as `ending.refused.tooManyPeers`. */
  readonly state: string;
  readonly facts: Facts;
};

export type PeerOutput = PeerEnding & {
  /** Handlers that had not returned when we stopped waiting. */
  readonly abandoned: readonly string[];
};

export type PeerEvent =
  | PeerLinkEvent
  | PeerRejection
  | PeerRefusal
  | PeerFailure
  | ProtocolEnded
  | { readonly type: 'disconnect'; readonly reason: DismissalReason }
  | { readonly type: 'announcement.delivered' };

export type PeerEmitted =
  /** Delivered before any handler starts. */
  | { readonly type: 'peer.announced' }
  /** Handlers are told to stop; their messages are no longer sent. */
  | { readonly type: 'peer.ending'; readonly ending: PeerEnding };

type PeerContext = PeerInput & {
  readonly ending: PeerEnding;
  readonly unfinished: readonly string[];
};

/** The first ending counts; link events that come later are judged at the root, and the result is ignored. */
const IGNORED_AFTER_END = { 'reject.*': {}, 'refuse.*': {}, 'fail.*': {} } as const;

export const peerMachine = setup({
  types: {
    input: {} as PeerInput,
    context: {} as PeerContext,
    events: {} as PeerEvent,
    emitted: {} as PeerEmitted,
    output: {} as PeerOutput,
  },
  actors: { link: unprovided<LinkCommand, Link>('link'), protocol: protocolMachine },
  delays: {
    /** From ping to ping: a remote behind a slow line may hear nothing else from us, and waits for 20 s at most. */
    pingInterval: ({ event }) =>
      event.type === 'pong.received'
        ? Math.max(1, PING_INTERVAL_MS - (event.afterMs ?? 0))
        : PING_INTERVAL_MS,
    pongBackstop: PONG_BACKSTOP_MS,
    farewell: FAREWELL_MS,
    protocolGrace: PROTOCOL_GRACE_MS,
  },
  guards: { isFinished: ({ context }) => context.unfinished.length === 0 },
  actions: {
    tellLink: sendTo('link', (_, command: LinkCommand) => command),
    announce: emit({ type: 'peer.announced' }),
    /** As an event: children spawned in the first step would start before anything is emitted. */
    proceed: sendTo(({ self }) => self, { type: 'announcement.delivered' }),
    startProtocols: enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ unfinished: context.runs.map(({ protocol }) => protocol) });
      for (const input of context.runs)
        enqueue.spawnChild('protocol', { id: `protocol:${input.protocol}`, input });
    }),
    noteFinished: assign({
      unfinished: ({ context }, protocol: string) =>
        context.unfinished.filter((other) => other !== protocol),
    }),
    noteEnding: assign({ ending: (_, ending: PeerEnding) => ending }),
    announceEnding: emit(({ context }) => ({ type: 'peer.ending', ending: context.ending })),
    judgeFault: raise((_, { fault, detail }: Garbled) => judgePeerFault(fault, detail)),
    judgeDisconnect: raise((_, { reason, code }: Disconnected) =>
      judgePeerDisconnect(reason, code),
    ),
    judgeClose: raise((_, { how, detail }: Closed) => judgeClose(how, detail)),
    reject: raise((_, rejection: PeerRejection) => rejection),
    fail: raise((_, failure: PeerFailure) => failure),
  },
}).createMachine({
  id: 'peer',
  context: ({ input }) => ({
    ...input,
    ending: { outcome: 'failed', state: 'ending.failed.internalError', facts: {} },
    unfinished: [],
  }),
  invoke: {
    id: 'link',
    src: 'link',
    input: ({ context }) => context.link,
    onError: {
      actions: { type: 'fail', params: failure('internalError', { at: 'link' }) },
    },
  },
  initial: 'announcing',
  states: {
    announcing: {
      description: 'Subscribers get the peer before any of its handlers starts.',
      entry: ['announce', 'proceed'],
      tags: 'unbounded',
      on: { 'announcement.delivered': 'running' },
    },
    running: {
      description:
        'Handlers run, and pings check that the link works. Messages do not pass this chart.',
      entry: ['startProtocols', { type: 'tellLink', params: { type: 'start.routing' } }],
      initial: 'resting',
      states: {
        resting: {
          description: 'Their pong came. The next ping follows 15 s after the last one.',
          after: { pingInterval: 'awaitingPong' },
        },
        awaitingPong: {
          description:
            'Our ping was sent; the link reports the pong, that it is deferred, or that it is overdue.',
          entry: { type: 'tellLink', params: { type: 'send.ping' } },
          on: {
            'pong.received': 'resting',
            'pong.deferred': { target: 'awaitingPong', reenter: true }, // and pings again: the remote needs our bytes too
          },
          after: {
            pongBackstop: { actions: { type: 'reject', params: rejection('pongTimeout') } },
          },
        },
      },
    },
    ending: {
      description:
        'Why it ends. Handlers are told, our Disconnect is flushed, the other side may close first.',
      initial: 'failed',
      entry: 'announceEnding',
      states: {
        rejected: {
          description: 'Rejected by us: our Disconnect says why.',
          initial: 'requested',
          states: mapKeys(PEER_REJECTIONS, (reason) => ({
            ...describeReason(PEER_REJECTIONS[reason]),
            entry: {
              type: 'tellLink' as const,
              params: {
                type: 'send.disconnect' as const,
                reason: PEER_REJECTIONS[reason].wireReason,
              },
            },
          })),
        },
        refused: {
          description: 'Refused by them: their Disconnect is not answered.',
          initial: 'requested',
          entry: { type: 'tellLink', params: { type: 'hang.up' } },
          states: mapKeys(PEER_REFUSALS, (reason) => describeReason(PEER_REFUSALS[reason])),
        },
        failed: {
          description: 'The link or their bytes broke.',
          initial: 'internalError',
          states: mapKeys(PEER_FAILURES, (reason) => describeReason(PEER_FAILURES[reason])),
          always: '#awaitingProtocols',
        },
      },
      on: {
        ...IGNORED_AFTER_END,
        'announcement.delivered': {}, // it ended before its handlers began
        'link.stalled': 'awaitingProtocols',
        'link.faulted': 'awaitingProtocols',
        'link.closed': 'awaitingProtocols',
      },
      after: { farewell: 'awaitingProtocols' },
    },
    awaitingProtocols: {
      id: 'awaitingProtocols',
      description: 'The link has ended; waiting for the handlers to return.',
      always: { guard: 'isFinished', target: 'closed' },
      on: IGNORED_AFTER_END,
      after: { protocolGrace: 'closed' },
    },
    closed: { type: 'final', description: 'Outcome, reason and facts are the output.' },
  },
  on: {
    ...mapEvents('reject', PEER_REJECTIONS, (reason) => ending('rejected', reason)),
    ...mapEvents('refuse', PEER_REFUSALS, (reason) => ending('refused', reason)),
    ...mapEvents('fail', PEER_FAILURES, (reason) => ending('failed', reason)),
    disconnect: { actions: { type: 'reject', params: ({ event }) => rejection(event.reason) } },
    'xstate.done.actor.*': {
      actions: [
        { type: 'noteFinished', params: finished },
        {
          type: 'reject',
          params: ({ event: { output } }) =>
            output.how === 'returned'
              ? rejection('protocolReturned', { protocol: output.protocol })
              : rejection('protocolFailed', { protocol: output.protocol, error: output.message }),
        },
      ],
    },
    'disconnect.received': { actions: { type: 'judgeDisconnect', params: ({ event }) => event } },
    'pong.received': {}, // late by a whole interval: no state waits for it
    'pong.deferred': {}, // the peer is ending: no state waits for a pong
    'pong.overdue': {
      actions: {
        type: 'reject',
        params: ({ event }) => rejection('pongTimeout', silenceIn(event)),
      },
    },
    'link.silent': {
      actions: { type: 'reject', params: ({ event }) => rejection('silence', silenceIn(event)) },
    },
    'ping.flooded': { actions: { type: 'reject', params: rejection('pingFlood') } },
    'hello.repeated': { actions: { type: 'reject', params: rejection('secondHello') } },
    'message.unroutable': {
      actions: {
        type: 'reject',
        params: ({ event }) => rejection('unroutableMessage', { code: event.code }),
      },
    },
    'handler.stalled': {
      actions: {
        type: 'reject',
        params: ({ event }) => rejection('handlerStalled', { protocol: event.protocol }),
      },
    },
    'link.garbled': { actions: { type: 'judgeFault', params: ({ event }) => event } },
    'link.closed': { actions: { type: 'judgeClose', params: ({ event }) => event } },
    'link.stalled': { actions: { type: 'fail', params: ({ event }) => judgeStall(event) } },
    'link.faulted': {
      actions: {
        type: 'fail',
        params: ({ event }) => failure('internalError', { message: event.message }),
      },
    },
  },
  output: ({ context }) => ({ ...context.ending, abandoned: context.unfinished }),
});

function rejection(reason: PeerRejectionReason, facts: Facts = {}): PeerRejection {
  return { type: `reject.${reason}`, facts };
}

const silenceIn = ({ silentMs }: { readonly silentMs?: number }): Facts =>
  silentMs === undefined ? {} : { silentMs };

function failure(reason: PeerFailureReason, facts: Facts): PeerFailure {
  return { type: `fail.${reason}`, facts };
}

function finished({ event }: { event: ProtocolEnded }): string {
  return event.output.protocol;
}

function ending(outcome: PeerEnding['outcome'], reason: string) {
  const params = ({ event }: { event: { readonly facts: Facts } }): PeerEnding => ({
    outcome,
    state: `ending.${outcome}.${reason}`,
    facts: event.facts,
  });
  return {
    target: `.ending.${outcome}.${reason}` as const,
    actions: { type: 'noteEnding' as const, params },
  };
}
