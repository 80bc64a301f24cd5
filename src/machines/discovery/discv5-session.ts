/**
 * One handshake of Node Discovery v5 with a node at an endpoint, and the keys that come of it. Either we asked first and
 * answer the node's challenge, or the node sent what we cannot read and we challenge it. A node and we may do both at
 * once; each is an actor of its own, and the keys of an earlier handshake stay in use until a later one is valid.
 * Chart: docs/statecharts/discv5-session.md
 */
import { sendTo, setup } from 'xstate';

import type { HandshakeCommand, HandshakeEvent } from '../../io/adapters/discv5-handshake.ts';
import type {
  HandshakeFault,
  SessionCause,
  SessionStart,
  SessionTarget,
} from '../../io/discovery/discv5-sessions.ts';
import { describeReason, mapKeys, type ReasonText } from '../reason-states.ts';
import { unprovided } from '../unprovided-actor.ts';

/** Backstop for the steps of the initiator, in ms: more than the time limit of the request itself. */
export const ANSWER_TIMEOUT_MS = 5_000;

/** How long a challenge of ours may be answered, in ms. Source: go-ethereum p2p/discover/v5wire, `handshakeTimeout`. */
export const CHALLENGE_TIMEOUT_MS = 1_000;

/** Longest computation of keys, in ms. Ours. */
export const KEYS_TIMEOUT_MS = 5_000;

/** How long keys are in use, in ms. Source: sigp discv5, `session_timeout`; go-ethereum has no limit. */
export const SESSION_LIFETIME_MS = 24 * 60 * 60 * 1_000;

/** What the node sent in answer to our challenge proves nothing. */
const INVALID_HANDSHAKES = {
  recordMissing: {
    confidence: 'certain',
    sentence: 'The handshake has no record, and we know none of this node.',
    remedy: 'Nothing: the node has to send its record, as our challenge said.',
  },
  badRecord: {
    confidence: 'certain',
    sentence: 'The record in the handshake cannot be read, or is not signed by its key.',
    remedy: 'Nothing: the node has to send a valid record.',
  },
  recordOfOtherNode: {
    confidence: 'certain',
    sentence: 'The record in the handshake is of another node.',
    remedy: 'Nothing: the node has to send its own record.',
  },
  badIdSignature: {
    confidence: 'certain',
    sentence: 'The handshake is not signed with the key of the node.',
    remedy: 'Nothing: it is most probably not the node that it claims to be.',
  },
  invalidEphemeralKey: {
    confidence: 'certain',
    sentence: 'The key in the handshake is no point of the curve.',
    remedy: 'Nothing: no keys can be made with it.',
  },
  undecryptable: {
    confidence: 'certain',
    sentence: 'The keys of the handshake do not open the message in it.',
    remedy: 'Nothing, if it is one node: it made other keys than we did.',
  },
} as const satisfies Record<Exclude<HandshakeFault, 'malformedMessage'>, ReasonText>;

/** Why a session ended. Each key is a final state. */
export const SESSION_ENDINGS = {
  ...INVALID_HANDSHAKES,
  malformedMessage: {
    confidence: 'certain',
    sentence: 'The message in the handshake cannot be read.',
    remedy:
      'Nothing, if it is one node: its client breaks the protocol, or speaks a later version.',
  },
  noWhoareyou: {
    confidence: 'unknown',
    sentence: 'The node did not answer our first packet with a challenge in time.',
    remedy: 'Nothing, if it is one node: it is down, or a firewall or NAT drops what we send.',
  },
  noReply: {
    confidence: 'unknown',
    sentence: 'The node did not answer our handshake in time.',
    remedy: 'Nothing, if it is one node: a packet was lost, or the node did not accept it.',
  },
  noHandshake: {
    confidence: 'unknown',
    sentence: 'The node did not answer our challenge in time.',
    remedy:
      'Nothing: a packet was lost, or the packet that we challenged had a forged source address.',
  },
  tooSlow: {
    confidence: 'likely',
    sentence: 'Our own computation of keys took too long.',
    remedy: 'Give this process more processor time.',
  },
  unneeded: {
    confidence: 'certain',
    sentence: 'The node began a handshake at the same time, which made keys first.',
    remedy: 'Nothing: its keys are as good.',
  },
  cancelled: {
    confidence: 'certain',
    sentence: 'The request that began the handshake is no longer wanted.',
    remedy: 'Nothing: it is what you asked for.',
  },
  expired: {
    confidence: 'certain',
    sentence: 'The keys were in use for as long as they may be.',
    remedy: 'Nothing: the next message makes new ones.',
  },
  replaced: {
    confidence: 'certain',
    sentence: 'A later handshake with the same node at the same endpoint took its place.',
    remedy: 'Nothing.',
  },
  evicted: {
    confidence: 'certain',
    sentence: 'Too many sessions are in use; this one was used longest ago.',
    remedy: 'Nothing: the next message makes new keys.',
  },
  closed: {
    confidence: 'certain',
    sentence: 'Discovery was closed.',
    remedy: 'Nothing: it is what you asked for.',
  },
  internalError: {
    confidence: 'certain',
    sentence: 'Internal error (a peerchart bug); see the log.',
    remedy: 'Report it with the stack from the log.',
  },
} as const satisfies Record<string, ReasonText>;

export type SessionEnding = keyof typeof SESSION_ENDINGS;

export type Discv5SessionInput = SessionStart;

export type Discv5SessionEvent = HandshakeEvent | { readonly type: 'stop' };

export type Discv5SessionOutput = { readonly outcome: SessionEnding };

const machine = setup({
  types: {
    input: {} as Discv5SessionInput,
    context: {} as Discv5SessionInput,
    events: {} as Discv5SessionEvent,
    output: {} as Discv5SessionOutput,
  },
  actors: { handshake: unprovided<HandshakeCommand, SessionTarget>('handshake') },
  delays: {
    answerTimeout: ANSWER_TIMEOUT_MS,
    challengeTimeout: CHALLENGE_TIMEOUT_MS,
    keysTimeout: KEYS_TIMEOUT_MS,
    sessionLifetime: SESSION_LIFETIME_MS,
  },
  guards: {
    isCausedBy: ({ context }, cause: SessionCause) => context.cause === cause,
    isFault: (_, { fault, reason }: Readonly<Record<'fault' | 'reason', HandshakeFault>>) =>
      fault === reason,
  },
  actions: {
    contact: sendTo('handshake', { type: 'contact' }),
    answer: sendTo('handshake', { type: 'answer' }),
    challenge: sendTo('handshake', { type: 'challenge' }),
    verify: sendTo('handshake', { type: 'verify' }),
    keep: sendTo('handshake', { type: 'keep' }),
  },
});

type Invalid = Extract<HandshakeEvent, { readonly type: 'handshake.invalid' }>;

const invalidAs = <Reason extends keyof typeof INVALID_HANDSHAKES>(reason: Reason) =>
  ({
    guard: {
      type: 'isFault',
      params: ({ event }: { readonly event: Invalid }) => ({ fault: event.fault, reason }),
    },
    target: `#discv5-session.${reason}`,
  }) as const;

export const discv5SessionMachine = machine.createMachine({
  id: 'discv5-session',
  context: ({ input }) => input,
  invoke: {
    id: 'handshake',
    src: 'handshake',
    input: ({ context }) => context.target,
    onError: '.internalError',
  },
  initial: 'idle',
  states: {
    idle: {
      always: [
        { guard: { type: 'isCausedBy', params: 'request' }, target: 'contacting' },
        { guard: { type: 'isCausedBy', params: 'challenge' }, target: 'challenged' },
        { target: 'challenging' },
      ],
    },
    contacting: {
      description:
        'A packet that the node cannot read is on its way: the node has to challenge us.',
      entry: 'contact',
      on: {
        'whoareyou.received': 'challenged',
        'request.timedOut': 'noWhoareyou',
        'request.cancelled': 'cancelled',
        'session.unneeded': 'unneeded',
      },
      after: { answerTimeout: 'noWhoareyou' },
    },
    challenged: {
      description: 'The node challenged us; the keys and the answer are being made.',
      entry: 'answer',
      on: {
        'handshake.sent': 'handshaking',
        'request.timedOut': 'tooSlow',
        'request.cancelled': 'cancelled',
      },
      after: { keysTimeout: 'tooSlow' },
    },
    handshaking: {
      description:
        'Our handshake is on its way, with our request. The first message that its keys open shows that the node accepted it.',
      on: {
        'message.opened': 'established',
        'request.timedOut': 'noReply',
        // the node has the keys by now, so that its reply is still worth something
        'request.cancelled': {},
      },
      after: { answerTimeout: 'noReply' },
    },
    challenging: {
      description:
        'The node sent what we cannot read, and was challenged. The same challenge is sent again for other such packets.',
      entry: 'challenge',
      on: { 'handshake.received': 'verifying' },
      after: { challengeTimeout: 'noHandshake' },
    },
    verifying: {
      description: 'A handshake came. Valid or not, the challenge is spent.',
      entry: 'verify',
      on: {
        'handshake.valid': 'established',
        'handshake.invalid': [
          ...Object.values(mapKeys(INVALID_HANDSHAKES, invalidAs)),
          { target: 'malformedMessage' },
        ],
      },
      after: { keysTimeout: 'tooSlow' },
    },
    established: {
      description: 'Both sides have the same keys, and use them for all messages.',
      entry: 'keep',
      after: { sessionLifetime: 'expired' },
    },
    ...mapKeys(SESSION_ENDINGS, (outcome) => ({
      type: 'final' as const,
      ...describeReason(SESSION_ENDINGS[outcome]),
      output: { outcome },
    })),
  },
  on: {
    'session.replaced': '.replaced',
    'session.faulted': '.internalError',
    'session.evicted': '.evicted',
    'session.gone': '.closed',
    stop: '.closed',
  },
  output: ({ event }) => event.output as Discv5SessionOutput,
});
