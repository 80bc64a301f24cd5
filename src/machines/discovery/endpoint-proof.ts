/**
 * One endpoint proof: we ping a node and it answers, then it pings us and we answer, so that each side knows that the
 * other is reached at its address. Only then a node answers questions for nodes. When a proof is needed is left to others.
 * Chart: docs/statecharts/endpoint-proof.md
 */
import { assign, type EventObject, setup } from 'xstate';

import type { EndpointProberEvent, ProofTarget } from '../../io/adapters/endpoint-prober.ts';
import type { RequestRefusal } from '../../io/discovery/request-results.ts';
import { describeReason, mapKeys, type ReasonText } from '../reason-states.ts';
import { unprovided } from '../unprovided-actor.ts';

/** Backstop for each step of our ping, in ms: more than the time limit of the request itself. */
export const PONG_TIMEOUT_MS = 2_000;

/** Longest wait for their ping, in ms. Source: go-ethereum p2p/discover/v4_udp.go, `ensureBond`. */
export const THEIR_PING_TIMEOUT_MS = 500;

/** The request was not sent. */
const UNSENT = {
  noUdpEndpoint: {
    confidence: 'certain',
    sentence: 'The node announces no IP address, or no UDP port.',
    remedy: 'Give an enode with both: enode://<key>@<address>:<port>.',
  },
  notInNetRestrict: {
    confidence: 'certain',
    sentence: 'The address is outside the networks in netRestrict.',
    remedy: 'Add the network of the node to netRestrict, or take the node out of your lists.',
  },
  ownNode: {
    confidence: 'certain',
    sentence: 'The node has our own key.',
    remedy: 'Nothing: a node does not ask itself.',
  },
  tooManyRequests: {
    confidence: 'certain',
    sentence: 'Too many requests of ours wait for an answer.',
    remedy: 'Nothing, if it is seldom; otherwise run fewer lookups at once.',
  },
} as const satisfies Record<Exclude<RequestRefusal, 'closed'>, ReasonText>;

/** Why a proof ended without one. Each key is a final state. */
export const PROOF_FAILURES = {
  ...UNSENT,
  closed: {
    confidence: 'certain',
    sentence: 'Discovery was closed.',
    remedy: 'Nothing: it is what you asked for.',
  },
  noPong: {
    confidence: 'unknown',
    sentence: 'The node did not answer our ping in time.',
    remedy: 'Nothing, if it is one node: it is down, or a firewall or NAT drops what we send.',
  },
  cancelled: {
    confidence: 'certain',
    sentence: 'The answer is no longer wanted.',
    remedy: 'Nothing: it is what you asked for.',
  },
  internalError: {
    confidence: 'certain',
    sentence: 'Internal error (a peerchart bug); see the log.',
    remedy: 'Report it with the stack from the log.',
  },
} as const satisfies Record<string, ReasonText>;

export type ProofFailure = keyof typeof PROOF_FAILURES;

export type EndpointProofInput = { readonly target: ProofTarget };

export type EndpointProofEvent = EndpointProberEvent | { readonly type: 'stop' };

type Pong = {
  /** From ping to pong. */
  readonly rttMs: number;
  /** Sequence number of their record; null when they have none. */
  readonly seq: number | null;
};

export type EndpointProofOutput =
  | ({ readonly outcome: 'proven' } & Pong)
  | { readonly outcome: ProofFailure };

type EndpointProofContext = EndpointProofInput & {
  /** Null until it came. */
  readonly pong: Pong | null;
};

const machine = setup({
  types: {
    input: {} as EndpointProofInput,
    context: {} as EndpointProofContext,
    events: {} as EndpointProofEvent,
    output: {} as EndpointProofOutput,
  },
  actors: { prober: unprovided<EventObject, ProofTarget>('prober') },
  delays: { pongTimeout: PONG_TIMEOUT_MS, theirPingTimeout: THEIR_PING_TIMEOUT_MS },
  guards: {
    isBecause: (_, { why, reason }: Readonly<Record<'why' | 'reason', RequestRefusal>>) =>
      why === reason,
  },
  actions: {
    notePong: assign({ pong: (_, { rttMs, seq }: Pong) => ({ rttMs, seq }) }),
  },
});

const withPong = <Target extends string>(target: Target) =>
  ({
    target,
    actions: { type: 'notePong', params: ({ event }: { readonly event: Pong }): Pong => event },
  }) as const;

type Refused = Extract<EndpointProberEvent, { readonly type: 'ping.refused' }>;

const refusedAs = <Reason extends keyof typeof UNSENT>(reason: Reason) =>
  ({
    guard: {
      type: 'isBecause',
      params: ({ event }: { readonly event: Refused }) => ({ why: event.why, reason }),
    },
    target: `.${reason}`,
  }) as const;

export const endpointProofMachine = machine.createMachine({
  id: 'endpoint-proof',
  context: ({ input }) => ({ ...input, pong: null }),
  invoke: {
    id: 'prober',
    src: 'prober',
    input: ({ context }) => context.target,
    onError: '.internalError',
  },
  initial: 'pinging',
  states: {
    pinging: {
      description: 'Our ping is on its way to the socket.',
      on: { 'ping.sent': 'awaitingPong' },
      after: { pongTimeout: 'internalError' },
    },
    awaitingPong: {
      description: 'Their pong proves their endpoint to us. Their ping may come before it.',
      initial: 'beforeTheirPing',
      states: {
        beforeTheirPing: {
          description: 'Neither their pong nor their ping has come.',
          on: {
            'pong.received': withPong('#endpoint-proof.awaitingTheirPing'),
            'theirPing.received': 'afterTheirPing',
          },
        },
        afterTheirPing: {
          description: 'They have pinged us, so they have our proof; their pong has not come.',
          on: { 'pong.received': withPong('#endpoint-proof.proven') },
        },
      },
      on: { 'ping.timedOut': 'noPong' },
      after: { pongTimeout: 'noPong' },
    },
    awaitingTheirPing: {
      description:
        'Our pong to their ping proves our endpoint to them. A node that has our proof already does not ping.',
      on: { 'theirPing.received': 'proven' },
      after: { theirPingTimeout: 'proven' },
    },
    proven: {
      type: 'final',
      description: 'They have proven their endpoint, and most probably have our proof.',
      output: { outcome: 'proven' },
    },
    ...mapKeys(PROOF_FAILURES, (outcome) => ({
      type: 'final' as const,
      ...describeReason(PROOF_FAILURES[outcome]),
      output: { outcome },
    })),
  },
  on: {
    'ping.refused': [...Object.values(mapKeys(UNSENT, refusedAs)), { target: '.closed' }],
    stop: '.cancelled',
  },
  output: ({ context: { pong }, event }): EndpointProofOutput => {
    const { outcome } = event.output as { readonly outcome: 'proven' | ProofFailure };
    if (outcome !== 'proven') return { outcome };
    return { outcome, rttMs: pong?.rttMs ?? 0, seq: pong?.seq ?? null };
  },
});
