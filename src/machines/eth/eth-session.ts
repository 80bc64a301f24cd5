/**
 * One session of eth with a peer: the exchange of Status, then the messages, whose contents do not pass here. The handler
 * of the protocol sends our Status, reads, and reports what changes the session.
 * Chart: docs/statecharts/eth-session.md
 */
import { assign, emit, raise, setup } from 'xstate';
import { FAREWELL_MS } from '../connection/connection.ts';
import { describeReason, type Facts, mapEvents, mapKeys } from '../reason-states.ts';
import {
  ETH_FAILURES,
  ETH_REFUSALS,
  ETH_REJECTIONS,
  type EthFailure,
  type EthFailureReason,
  type EthRefusal,
  type EthRefusalReason,
  type EthRejection,
  type EthRejectionReason,
  type EthWireReason,
  judgeStatus,
  type StatusFacts,
  type StatusSeen,
  type WrongMessage,
} from './eth-endings.ts';

/** Longest wait for their Status, in ms. Source: go-ethereum eth/protocols/eth/handshake.go, `handshakeTimeout`. */
export const STATUS_TIMEOUT_MS = 5_000;

/** After this time without a Disconnect, in ms, they have accepted our Status: they had to judge it within 5 s. */
export const ACCEPTANCE_MS = 5_000;

export type EthSessionInput = {
  /** Such as `eth/69`. */
  readonly protocol: string;
  readonly ours: StatusFacts;
};

export type EthEnding = {
  readonly outcome: 'rejected' | 'refused' | 'failed';
  /** The leaf state, such as `rejected.wrongNetwork`. */
  readonly state: string;
  readonly facts: Facts;
};

export type EthSessionEvent =
  | ({ readonly type: 'status.received' } & StatusSeen)
  | { readonly type: 'status.malformed'; readonly detail: string }
  /** A message other than Status came before it. */
  | { readonly type: 'status.missing'; readonly code: number }
  /** The first message after Status. */
  | { readonly type: 'message.received' }
  | { readonly type: 'message.wrong'; readonly as: WrongMessage; readonly facts: Facts }
  /** The peer has ended: `state` is its ending. */
  | {
      readonly type: 'peer.ended';
      readonly outcome: 'rejected' | 'refused' | 'failed';
      readonly state: string;
    }
  /** A fault of the handler itself. */
  | { readonly type: 'handler.faulted'; readonly message: string }
  | { readonly type: 'accept' }
  | EthRejection
  | EthRefusal
  | EthFailure;

export type EthSessionEmitted =
  /** Both Status are known, and ours accepts theirs. */
  | { readonly type: 'session.accepted' }
  /** They have accepted ours as well. */
  | { readonly type: 'session.confirmed' }
  | {
      readonly type: 'session.ending';
      readonly ending: EthEnding;
      /** The Disconnect to send; null: none. */
      readonly wireReason: EthWireReason;
    };

type EthSessionContext = EthSessionInput & { readonly ending: EthEnding };

/** The first ending counts. */
const IGNORED_AFTER_END = {
  'reject.*': {},
  'refuse.*': {},
  'fail.*': {},
  'status.*': {},
} as const;

type PeerEnded = Extract<EthSessionEvent, { type: 'peer.ended' }>;

export const ethSessionMachine = setup({
  types: {
    input: {} as EthSessionInput,
    context: {} as EthSessionContext,
    events: {} as EthSessionEvent,
    emitted: {} as EthSessionEmitted,
    output: {} as EthEnding,
  },
  delays: {
    statusTimeout: STATUS_TIMEOUT_MS,
    acceptance: ACCEPTANCE_MS,
    farewell: FAREWELL_MS,
  },
  guards: {
    hasPeerEnded: ({ context }) => context.ending.state === 'rejected.closedByUs',
    isRefusal: (_, { outcome }: PeerEnded) => outcome === 'refused',
    isFailure: (_, { outcome }: PeerEnded) => outcome === 'failed',
  },
  actions: {
    judgeStatus: raise(({ context }, theirs: StatusSeen) => judgeStatus(context.ours, theirs)),
    reject: raise((_, rejection: EthRejection) => rejection),
    refuse: raise((_, refusal: EthRefusal) => refusal),
    fail: raise((_, failure: EthFailure) => failure),
    noteEnding: assign({ ending: (_, ending: EthEnding) => ending }),
    reportAccepted: emit({ type: 'session.accepted' }),
    reportConfirmed: emit({ type: 'session.confirmed' }),
    reportEnding: emit(({ context }, wireReason: EthWireReason) => ({
      type: 'session.ending' as const,
      ending: context.ending,
      wireReason,
    })),
  },
}).createMachine({
  id: 'eth-session',
  context: ({ input }) => ({
    ...input,
    ending: { outcome: 'failed', state: 'failed.internalError', facts: {} },
  }),
  initial: 'awaitingStatus',
  states: {
    awaitingStatus: {
      description: 'Our Status is sent without waiting for theirs; theirs is judged here.',
      on: {
        'status.received': {
          actions: { type: 'judgeStatus', params: ({ event }) => event },
        },
        accept: { target: 'active', actions: 'reportAccepted' },
        'status.malformed': {
          actions: {
            type: 'reject',
            params: ({ event }) => rejection('badStatus', { detail: event.detail }),
          },
        },
        'status.missing': {
          actions: {
            type: 'reject',
            params: ({ event }) => rejection('notStatus', { code: event.code }),
          },
        },
        'peer.ended': peerEnded('beforeStatus'),
      },
      after: {
        statusTimeout: { actions: { type: 'reject', params: rejection('statusTimeout') } },
      },
    },
    active: {
      description: 'We accept them. Messages do not pass this chart.',
      initial: 'unconfirmed',
      states: {
        unconfirmed: {
          description: 'Their Status is good; whether they accept ours is not known yet.',
          on: {
            'message.received': 'confirmed',
            'peer.ended': peerEnded('afterStatus'),
          },
          after: { acceptance: 'confirmed' },
        },
        confirmed: {
          description: 'They accept our Status: they sent a message after it, or stayed for 5 s.',
          entry: 'reportConfirmed',
          tags: 'unbounded',
          on: { 'peer.ended': peerEnded('laterOn') },
        },
      },
    },
    rejected: {
      description: 'Rejected by us: the peer is asked to disconnect, and its end is awaited.',
      initial: 'closedByUs',
      states: mapKeys(ETH_REJECTIONS, (reason) => ({
        ...describeReason(ETH_REJECTIONS[reason]),
        entry: {
          type: 'reportEnding' as const,
          params: ETH_REJECTIONS[reason].wireReason as EthWireReason,
        },
      })),
      always: { guard: 'hasPeerEnded', target: 'closed' },
      on: { ...IGNORED_AFTER_END, 'peer.ended': 'closed' },
      after: { farewell: 'closed' },
    },
    refused: {
      description: 'Refused by them.',
      initial: 'beforeStatus',
      states: mapKeys(ETH_REFUSALS, (reason) => ({
        ...describeReason(ETH_REFUSALS[reason]),
        entry: { type: 'reportEnding' as const, params: null },
      })),
      always: 'closed',
    },
    failed: {
      description: 'The connection broke, or this process.',
      initial: 'internalError',
      states: mapKeys(ETH_FAILURES, (reason) => ({
        ...describeReason(ETH_FAILURES[reason]),
        entry: { type: 'reportEnding' as const, params: null },
      })),
      always: 'closed',
    },
    closed: { type: 'final', description: 'Outcome, reason and facts are the output.' },
  },
  on: {
    ...mapEvents('reject', ETH_REJECTIONS, (reason) => ending('rejected', reason)),
    ...mapEvents('refuse', ETH_REFUSALS, (reason) => ending('refused', reason)),
    ...mapEvents('fail', ETH_FAILURES, (reason) => ending('failed', reason)),
    'status.received': { actions: { type: 'reject', params: rejection('extraStatus') } },
    'status.malformed': { actions: { type: 'reject', params: rejection('extraStatus') } },
    'message.received': {}, // counts only while it is not known whether they accept us
    'message.wrong': {
      actions: { type: 'reject', params: ({ event }) => rejection(event.as, event.facts) },
    },
    'handler.faulted': {
      actions: {
        type: 'fail',
        params: ({ event }) => failure('internalError', { message: event.message }),
      },
    },
  },
  output: ({ context }) => context.ending,
});

/** By who ended the peer. */
function peerEnded(refusal: EthRefusalReason) {
  const factsOf = ({ event }: { readonly event: PeerEnded }): Facts => ({ peer: event.state });
  const params = ({ event }: { readonly event: PeerEnded }) => event;
  return [
    {
      guard: { type: 'isRefusal' as const, params },
      actions: {
        type: 'refuse' as const,
        params: (args: { readonly event: PeerEnded }): EthRefusal => ({
          type: `refuse.${refusal}`,
          facts: factsOf(args),
        }),
      },
    },
    {
      guard: { type: 'isFailure' as const, params },
      actions: {
        type: 'fail' as const,
        params: (args: { readonly event: PeerEnded }) => failure('linkBroke', factsOf(args)),
      },
    },
    {
      actions: {
        type: 'reject' as const,
        params: (args: { readonly event: PeerEnded }) => rejection('closedByUs', factsOf(args)),
      },
    },
  ];
}

function rejection(reason: EthRejectionReason, facts: Facts = {}): EthRejection {
  return { type: `reject.${reason}`, facts };
}

function failure(reason: EthFailureReason, facts: Facts): EthFailure {
  return { type: `fail.${reason}`, facts };
}

function ending(outcome: EthEnding['outcome'], reason: string) {
  const params = ({ event }: { readonly event: { readonly facts: Facts } }): EthEnding => ({
    outcome,
    state: `${outcome}.${reason}`,
    facts: event.facts,
  });
  return {
    target: `.${outcome}.${reason}` as const,
    actions: { type: 'noteEnding' as const, params },
  };
}
