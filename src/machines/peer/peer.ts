/**
 * One admitted connection, from its announcement to the last word of its handlers.
 * Payloads go from the link to the ports without passing here.
 * Longer than 400 lines: a chart is one table. Drawn in docs/statecharts/peer.md
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
import { describeReason, type Facts, mapEvents, mapKeys } from '../reason-states.ts';
import { unprovided } from '../unprovided-actor.ts';
import {
  type AskableReason,
  BROKEN_ENDINGS,
  judgeLeaving,
  judgePeerClose,
  judgePeerFault,
  OUR_ENDINGS,
  type PeerEndingEvent,
  THEIR_ENDINGS,
} from './peer-endings.ts';
import { type ProtocolEnded, protocolMachine } from './protocol.ts';

/** Quiet time before we ping, in ms. Source: go-ethereum p2p/peer.go. */
export const PING_INTERVAL_MS = 15_000;

/** Longest wait for a word of the link about our ping, in ms: its own 15 s, twice if we paused for up to 20 s. */
export const PONG_BACKSTOP_MS = 60_000;

/** Time handlers get to notice that their peer is gone, in ms. go-ethereum waits for ever. */
export const PROTOCOL_GRACE_MS = 2_000;

export type PeerInput = {
  readonly connectionId: string;
  readonly link: Link;
  /** One for each shared protocol, by its name and version. */
  readonly runs: readonly { readonly protocol: string; readonly run: ProtocolRun }[];
};

/** How it ended. */
export type PeerEnding = {
  readonly by: 'us' | 'them' | 'link';
  /** The leaf state, such as `ending.theirs.tooManyPeers`. */
  readonly state: string;
  readonly facts: Facts;
};

export type PeerOutput = PeerEnding & {
  /** Handlers that had not returned when we stopped waiting. */
  readonly abandoned: readonly string[];
};

export type PeerEvent =
  | PeerLinkEvent
  | PeerEndingEvent
  | ProtocolEnded
  | { readonly type: 'disconnect'; readonly reason: AskableReason }
  | { readonly type: 'peer.heard' };

export type PeerEmitted =
  /** Delivered before any handler starts. */
  | { readonly type: 'peer.announced' }
  /** Handlers are told to stop; nothing of theirs is sent any more. */
  | { readonly type: 'peer.ending'; readonly ending: PeerEnding };

type PeerContext = PeerInput & {
  readonly ending: PeerEnding;
  readonly unfinished: readonly string[];
};

/** The first ending counts: what follows is judged at the root as ever, and what comes of that is no news. */
const STAY_ENDED = { 'leave.*': {}, 'left.*': {}, 'broke.*': {} } as const;

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
    pingInterval: PING_INTERVAL_MS,
    pongBackstop: PONG_BACKSTOP_MS,
    farewell: FAREWELL_MS,
    protocolGrace: PROTOCOL_GRACE_MS,
  },
  guards: { isFinished: ({ context }) => context.unfinished.length === 0 },
  actions: {
    tellLink: sendTo('link', (_, command: LinkCommand) => command),
    announce: emit({ type: 'peer.announced' }),
    /** By mail: children that are spawned in the very first step would start before anything is emitted. */
    proceed: sendTo(({ self }) => self, { type: 'peer.heard' }),
    startProtocols: enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ unfinished: context.runs.map(({ protocol }) => protocol) });
      for (const input of context.runs)
        enqueue.spawnChild('protocol', { id: `protocol:${input.protocol}`, input });
    }),
    noteFinished: assign({
      unfinished: ({ context }, protocol: string) =>
        context.unfinished.filter((other) => other !== protocol),
    }),
    note: assign({ ending: (_, ending: PeerEnding) => ending }),
    announceEnding: emit(({ context }) => ({ type: 'peer.ending', ending: context.ending })),
    judgeFault: raise((_, { fault, detail }: Garbled) => judgePeerFault(fault, detail)),
    judgeLeaving: raise((_, { reason, code }: Disconnected) => judgeLeaving(reason, code)),
    judgeClose: raise((_, { how, detail }: Closed) => judgePeerClose(how, detail)),
    end: raise((_, ending: PeerEndingEvent) => ending),
  },
}).createMachine({
  id: 'peer',
  context: ({ input }) => ({
    ...input,
    ending: { by: 'link', state: 'ending.failed.internalError', facts: {} },
    unfinished: [],
  }),
  invoke: {
    id: 'link',
    src: 'link',
    input: ({ context }) => context.link,
    onError: {
      actions: { type: 'end', params: { type: 'broke.internalError', facts: { at: 'link' } } },
    },
  },
  initial: 'announcing',
  states: {
    announcing: {
      description: 'Subscribers hear of the peer before any handler of it starts.',
      entry: ['announce', 'proceed'],
      tags: 'unbounded',
      on: { 'peer.heard': 'running' },
    },
    running: {
      description: 'Handlers run, messages flow past this chart, and pings keep the link honest.',
      entry: ['startProtocols', { type: 'tellLink', params: { type: 'start.routing' } }],
      initial: 'resting',
      states: {
        resting: {
          description: 'Their last pong is less than an interval old.',
          after: { pingInterval: 'awaitingPong' },
        },
        awaitingPong: {
          description:
            'A ping of ours is on its way; the link reports its pong, or that it is late.',
          entry: { type: 'tellLink', params: { type: 'send.ping' } },
          on: { 'pong.received': 'resting' },
          after: {
            pongBackstop: { actions: { type: 'end', params: leave('pongTimeout') } },
          },
        },
      },
    },
    ending: {
      description: 'Why it ends. Handlers are told, our Disconnect is flushed, they may hang up.',
      initial: 'failed',
      entry: 'announceEnding',
      states: {
        ours: {
          description: 'We end it and say why.',
          initial: 'requested',
          states: mapKeys(OUR_ENDINGS, (reason) => ({
            ...describeReason(OUR_ENDINGS[reason]),
            entry: {
              type: 'tellLink' as const,
              params: { type: 'send.disconnect' as const, reason: OUR_ENDINGS[reason].spoken },
            },
          })),
        },
        theirs: {
          description: 'They said Disconnect, which is not answered.',
          initial: 'requested',
          entry: { type: 'tellLink', params: { type: 'hang.up' } },
          states: mapKeys(THEIR_ENDINGS, (reason) => describeReason(THEIR_ENDINGS[reason])),
        },
        failed: {
          description: 'The link broke.',
          initial: 'internalError',
          states: mapKeys(BROKEN_ENDINGS, (reason) => describeReason(BROKEN_ENDINGS[reason])),
          always: '#awaitingProtocols',
        },
      },
      on: {
        ...STAY_ENDED,
        'peer.heard': {}, // it ended before its handlers began
        'link.stalled': 'awaitingProtocols',
        'link.faulted': 'awaitingProtocols',
        'link.closed': 'awaitingProtocols',
      },
      after: { farewell: 'awaitingProtocols' },
    },
    awaitingProtocols: {
      id: 'awaitingProtocols',
      description: 'The link is done; handlers get a moment to return.',
      always: { guard: 'isFinished', target: 'closed' },
      on: STAY_ENDED,
      after: { protocolGrace: 'closed' },
    },
    closed: { type: 'final', description: 'Over; how and why are the output.' },
  },
  on: {
    ...mapEvents('leave', OUR_ENDINGS, (reason) => ending('us', 'ours', reason)),
    ...mapEvents('left', THEIR_ENDINGS, (reason) => ending('them', 'theirs', reason)),
    ...mapEvents('broke', BROKEN_ENDINGS, (reason) => ending('link', 'failed', reason)),
    disconnect: { actions: { type: 'end', params: ({ event }) => leave(event.reason) } },
    'xstate.done.actor.*': {
      actions: [
        { type: 'noteFinished', params: finished },
        {
          type: 'end',
          params: ({ event: { output } }) =>
            output.how === 'returned'
              ? leave('protocolReturned', { protocol: output.protocol })
              : leave('protocolFailed', { protocol: output.protocol, error: output.message }),
        },
      ],
    },
    'disconnect.received': { actions: { type: 'judgeLeaving', params: ({ event }) => event } },
    'pong.received': {}, // late by a whole interval: nothing waits for it any more
    'pong.overdue': { actions: { type: 'end', params: leave('pongTimeout') } },
    'link.silent': { actions: { type: 'end', params: leave('silence') } },
    'ping.flooded': { actions: { type: 'end', params: leave('pingFlood') } },
    'hello.repeated': { actions: { type: 'end', params: leave('secondHello') } },
    'message.unroutable': {
      actions: {
        type: 'end',
        params: ({ event }) => leave('unroutableMessage', { code: event.code }),
      },
    },
    'handler.stalled': {
      actions: {
        type: 'end',
        params: ({ event }) => leave('handlerStalled', { protocol: event.protocol }),
      },
    },
    'link.garbled': { actions: { type: 'judgeFault', params: ({ event }) => event } },
    'link.closed': { actions: { type: 'judgeClose', params: ({ event }) => event } },
    'link.stalled': {
      actions: {
        type: 'end',
        params: ({ event }) => ({
          type: 'broke.writeStalled',
          facts: { unsentBytes: event.unsentBytes },
        }),
      },
    },
    'link.faulted': {
      actions: {
        type: 'end',
        params: ({ event }) => ({
          type: 'broke.internalError',
          facts: { message: event.message },
        }),
      },
    },
  },
  output: ({ context }) => ({ ...context.ending, abandoned: context.unfinished }),
});

function leave(reason: keyof typeof OUR_ENDINGS, facts: Facts = {}): PeerEndingEvent {
  return { type: `leave.${reason}`, facts };
}

function finished({ event }: { event: ProtocolEnded }): string {
  return event.output.protocol;
}

function ending(by: PeerEnding['by'], group: 'ours' | 'theirs' | 'failed', reason: string) {
  const params = ({ event }: { event: { readonly facts: Facts } }): PeerEnding => ({
    by,
    state: `ending.${group}.${reason}`,
    facts: event.facts,
  });
  return {
    target: `.ending.${group}.${reason}` as const,
    actions: { type: 'note' as const, params },
  };
}
