/**
 * One connection from its socket to the answer of the second checkpoint, in either role.
 * The run loop decides about room and duplicates; the code that starts this machine owns the socket.
 * Chart: docs/statecharts/connection-setup.md. Longer than 400 lines: a chart is one table.
 */
import { assign, enqueueActions, raise, sendTo, setup } from 'xstate';
import type { Link } from '../../io/link/link.ts';
import type { Closed, Disconnected, Garbled, LinkCommand } from '../../io/link/link-events.ts';
import type { Hello } from '../../io/wire/hello.ts';
import { describeReason, type Facts, mapEvents, mapKeys } from '../reason-states.ts';
import { unprovided } from '../unprovided-actor.ts';
import {
  type AdmittedConnection,
  type AuthArrived,
  type Candidate,
  type CheckpointReplyRef,
  type CheckpointRequest,
  type ConnectionSetupEvent,
  type ConnectionSetupInput,
  type ConnectionSetupOutput,
  type EndedSetup,
  FAREWELL_MS,
  type ProvenIdentity,
  type RemoteIdentity,
} from './connection.ts';
import {
  FAILURES,
  type Failure,
  type FailureReason,
  judgeDisconnect,
  judgeFault,
  REFUSALS,
  REJECTIONS,
  type Rejection,
  type RejectionReason,
} from './connection-endings.ts';
import { judgeClose, judgeStall } from './link-failures.ts';

/** Longest enc handshake, in ms, from its first state to its last. Source: go-ethereum p2p/rlpx, 5 s. */
export const ENC_HANDSHAKE_TIMEOUT_MS = 5_000;

/**
 * Longest wait of an auth for its turn, in ms. Ours: go-ethereum gives a handshake up after 5 s, so what would be answered
 * later is answered in vain.
 */
export const TURN_TIMEOUT_MS = 4_000;

/** Longest wait for Hello, in ms, absolute. go-ethereum re-arms 30 s for it, which lets a silent peer hold a slot. */
export const HELLO_TIMEOUT_MS = 5_000;

/** Longest wait for our own run loop, in ms. It answers at once, or it has ended. */
export const CHECKPOINT_TIMEOUT_MS = 5_000;

/** The output without the identity. */
type SetupEnding = Pick<AdmittedConnection, 'outcome' | 'state'> | Omit<EndedSetup, 'identity'>;

type SetupContext = ConnectionSetupInput & {
  readonly identity: RemoteIdentity;
  /** Until something else ends it: our own failure. */
  readonly ending: SetupEnding;
};

const machine = setup({
  types: {
    input: {} as ConnectionSetupInput,
    context: {} as SetupContext,
    events: {} as ConnectionSetupEvent,
    output: {} as ConnectionSetupOutput,
  },
  actors: { link: unprovided<LinkCommand, Link>('link') },
  delays: {
    encHandshakeTimeout: ENC_HANDSHAKE_TIMEOUT_MS,
    turnTimeout: TURN_TIMEOUT_MS,
    helloTimeout: HELLO_TIMEOUT_MS,
    checkpointTimeout: CHECKPOINT_TIMEOUT_MS,
    farewell: FAREWELL_MS,
  },
  guards: {
    isInbound: ({ context }) => context.direction === 'inbound',
    hasDestinationKey: ({ context }) => context.hasDestinationKey,
    isIdentityProven: ({ context: { identity } }) =>
      identity.hello?.publicKey === identity.publicKey,
  },
  actions: {
    tellLink: sendTo('link', (_, command: LinkCommand) => command),
    noteKey: assign({
      identity: (_, { publicKey, id }: Pick<ProvenIdentity, 'publicKey' | 'id'>) => ({
        publicKey,
        id,
      }),
    }),
    noteHello: assign({
      identity: ({ context }, hello: Hello) => ({ ...context.identity, hello }),
    }),
    reportAuth: enqueueActions(({ context: { runLoop, slot }, enqueue }) => {
      if (slot !== null) enqueue.sendTo(runLoop, { type: 'auth.arrived', slot } as AuthArrived);
    }),
    askPostHandshake: enqueueActions(({ context, self, enqueue }) => {
      const { identity, runLoop } = context;
      const replyTo = self as CheckpointReplyRef;
      if (identity.id === undefined) return; // the enc handshake gave it
      const candidate = candidateOf(context, identity.id);
      const request: CheckpointRequest = { type: 'checkpoint.postHandshake', candidate, replyTo };
      enqueue.sendTo(runLoop, request);
    }),
    askAddPeer: enqueueActions(({ context, self, enqueue }) => {
      const { identity, runLoop } = context;
      if (!isProven(identity)) return; // the identity check let it through
      const request: CheckpointRequest = {
        type: 'checkpoint.addPeer',
        candidate: candidateOf(context, identity.id),
        capabilities: identity.hello.capabilities,
        replyTo: self as CheckpointReplyRef,
      };
      enqueue.sendTo(runLoop, request);
    }),
    noteEnding: assign({ ending: (_, ending: SetupEnding) => ending }),
    judgeFault: raise((_, { fault, detail }: Garbled) => judgeFault(fault, detail)),
    judgeDisconnect: raise((_, { reason, code }: Disconnected) => judgeDisconnect(reason, code)),
    judgeClose: raise((_, { how, detail }: Closed) => judgeClose(how, detail)),
    reject: raise((_, rejection: Rejection) => rejection),
    fail: raise((_, failure: Failure) => failure),
  },
});

/** The first ending counts: one Disconnect is enough, and what they still send is ignored. */
const IGNORED_AFTER_END = {
  'link.closed': '#closed',
  'link.stalled': '#closed',
  'link.faulted': '#closed',
  'xstate.error.actor.link': '#closed',
  'link.garbled': {},
  'reject.*': {},
  'auth.sent': {},
  'auth.queued': {},
  'handshakes.full': {},
  'auth.received': {},
  'ack.sent': {},
  'ack.received': {},
  'hello.received': {},
  'disconnect.received': {},
  accept: {},
  hold: {},
  'make.room': '#closed',
} as const;

/** A step of the handshake that the chart did not ask for can only be our bug. */
const OUT_OF_ORDER = {
  actions: {
    type: 'fail',
    params: ({ event }: { event: { readonly type: string } }) =>
      failure('internalError', { outOfOrder: event.type }),
  },
} as const;

export const connectionSetupMachine = machine.createMachine({
  id: 'connection-setup',
  context: ({ input }) => ({
    ...input,
    identity: {},
    ending: { outcome: 'failed', state: 'failed.internalError', facts: {} },
  }),
  invoke: {
    id: 'link',
    src: 'link',
    input: ({ context }) => context.link,
    onError: { actions: { type: 'fail', params: failure('internalError') } },
  },
  initial: 'encHandshake',
  states: {
    encHandshake: {
      description: 'Agreeing on keys: the initiator sends auth, the recipient answers with ack.',
      initial: 'choosingRole',
      states: {
        choosingRole: {
          description: 'The side that dialled is the initiator.',
          always: [
            { guard: 'isInbound', target: 'awaitingAuth' },
            { guard: 'hasDestinationKey', target: 'sendingAuth' },
            { actions: { type: 'fail', params: failure('destinationKeyMissing') } },
          ],
        },
        sendingAuth: {
          description: 'Initiator: making auth for their key and writing it.',
          entry: { type: 'tellLink', params: { type: 'send.auth' } },
          on: { 'auth.sent': 'awaitingAck' },
        },
        awaitingAck: {
          description: 'Initiator: only the owner of the dialled key can read our auth and answer.',
          entry: { type: 'tellLink', params: { type: 'await.ack' } },
          on: {
            'ack.received': {
              target: '#postHandshakeCheckpoint',
              actions: { type: 'noteKey', params: ({ event }) => event },
            },
          },
        },
        awaitingAuth: {
          description: 'Recipient: waiting for auth; no key is proven yet.',
          entry: { type: 'tellLink', params: { type: 'await.auth' } },
          on: { 'auth.queued': { target: 'awaitingTurn', actions: 'reportAuth' } },
        },
        awaitingTurn: {
          description:
            'Recipient: auth arrived. Keys are computed one at a time, so older handshakes come first.',
          entry: { type: 'tellLink', params: { type: 'process.auth' } },
          on: {
            'auth.received': {
              target: 'sendingAck',
              actions: { type: 'noteKey', params: ({ event }) => event },
            },
            'handshakes.full': {
              actions: {
                type: 'fail',
                params: ({ event }) => failure('serverBusy', { waiting: event.waiting }),
              },
            },
          },
          after: {
            turnTimeout: { actions: { type: 'fail', params: failure('serverBusy') } },
          },
        },
        sendingAck: {
          description: 'Recipient: making ack and writing it.',
          entry: { type: 'tellLink', params: { type: 'send.ack' } },
          on: { 'ack.sent': '#postHandshakeCheckpoint' },
        },
      },
      on: {
        stop: { actions: { type: 'fail', params: failure('aborted') } },
        cancel: { actions: { type: 'fail', params: failure('aborted') } },
        supersede: {
          actions: { type: 'fail', params: failure('aborted', { why: 'alreadyConnected' }) },
        },
      },
      after: {
        encHandshakeTimeout: {
          actions: { type: 'fail', params: failure('encHandshakeTimeout') },
        },
      },
    },
    postHandshakeCheckpoint: {
      id: 'postHandshakeCheckpoint',
      description: 'The run loop says whether there is room for this key, before any Hello.',
      entry: 'askPostHandshake',
      on: { accept: 'protoHandshake' },
      after: {
        checkpointTimeout: { actions: { type: 'fail', params: failure('checkpointTimeout') } },
      },
    },
    protoHandshake: {
      description: 'Our Hello is sent without waiting for theirs; theirs is awaited here.',
      entry: [
        { type: 'tellLink', params: { type: 'send.hello' } },
        { type: 'tellLink', params: { type: 'await.hello' } },
      ],
      on: {
        'hello.received': {
          target: 'identityCheck',
          actions: { type: 'noteHello', params: ({ event }) => event.hello },
        },
      },
      after: {
        helloTimeout: { actions: { type: 'reject', params: rejection('helloTimeout') } },
      },
    },
    identityCheck: {
      description: 'The key in Hello must be the one the enc handshake proved.',
      always: [
        { guard: 'isIdentityProven', target: 'addPeerCheckpoint' },
        { actions: { type: 'reject', params: rejection('unexpectedIdentity') } },
      ],
    },
    addPeerCheckpoint: {
      description: 'The run loop asks again about room, and whether we share a capability.',
      entry: 'askAddPeer',
      initial: 'asking',
      states: {
        asking: {
          description: 'The run loop answers requests in order.',
          on: { hold: 'held' },
        },
        held: {
          description:
            'Crossed dials: waits for the end of the other connection with this node, within a time limit.',
        },
      },
      on: {
        accept: {
          target: 'admitted',
          actions: { type: 'noteEnding', params: { outcome: 'admitted', state: 'admitted' } },
        },
      },
      after: {
        checkpointTimeout: { actions: { type: 'fail', params: failure('checkpointTimeout') } },
      },
    },
    admitted: { type: 'final', description: 'The connection is a peer; its link is handed over.' },
    rejected: {
      description: 'Rejected by us: the Disconnect is flushed here and they may hang up first.',
      initial: 'serverStopped',
      states: mapKeys(REJECTIONS, (reason) => describeReason(REJECTIONS[reason])),
      on: IGNORED_AFTER_END,
      after: { farewell: 'closed' },
    },
    refused: {
      description: 'Refused by them: we close our direction and let them close theirs.',
      initial: 'requested',
      entry: { type: 'tellLink', params: { type: 'hang.up' } },
      states: mapKeys(REFUSALS, (reason) => describeReason(REFUSALS[reason])),
      on: IGNORED_AFTER_END,
      after: { farewell: 'closed' },
    },
    failed: {
      description: 'The link or their bytes broke, or we gave up: the socket is destroyed.',
      initial: 'internalError',
      states: mapKeys(FAILURES, (reason) => describeReason(FAILURES[reason])),
      always: 'closed',
    },
    closed: {
      id: 'closed',
      type: 'final',
      description: 'The reason and its facts are the output.',
    },
  },
  on: {
    ...mapEvents('reject', REJECTIONS, (reason) => ({
      target: `.rejected.${reason}` as const,
      actions: [
        { type: 'noteEnding' as const, params: endingAs('rejected', reason) },
        {
          type: 'tellLink' as const,
          params: { type: 'send.disconnect' as const, reason: REJECTIONS[reason].wireReason },
        },
      ],
    })),
    ...mapEvents('refuse', REFUSALS, (reason) => ({
      target: `.refused.${reason}` as const,
      actions: { type: 'noteEnding' as const, params: endingAs('refused', reason) },
    })),
    ...mapEvents('fail', FAILURES, (reason) => ({
      target: `.failed.${reason}` as const,
      actions: { type: 'noteEnding' as const, params: endingAs('failed', reason) },
    })),
    'auth.sent': OUT_OF_ORDER,
    'auth.queued': OUT_OF_ORDER,
    'handshakes.full': OUT_OF_ORDER,
    'auth.received': OUT_OF_ORDER,
    'ack.sent': OUT_OF_ORDER,
    'ack.received': OUT_OF_ORDER,
    'hello.received': OUT_OF_ORDER,
    'make.room': { actions: { type: 'fail', params: failure('replaced') } },
    stop: { actions: { type: 'reject', params: rejection('serverStopped') } },
    cancel: { actions: { type: 'reject', params: rejection('nodeRemoved') } },
    supersede: {}, // the second checkpoint decides which of the two stays
    'disconnect.received': { actions: { type: 'judgeDisconnect', params: ({ event }) => event } },
    'message.unexpected': {
      actions: {
        type: 'reject',
        params: ({ event }) => rejection('unexpectedMessage', { code: event.code }),
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
  output: ({ context }) => outputOf(context),
});

function outputOf({ ending, identity }: SetupContext): ConnectionSetupOutput {
  if (ending.outcome !== 'admitted') return { ...ending, identity };
  return isProven(identity)
    ? { ...identity, ...ending }
    : { outcome: 'failed', state: 'failed.internalError', facts: {}, identity };
}

const isProven = (identity: RemoteIdentity): identity is ProvenIdentity =>
  identity.id !== undefined && identity.publicKey !== undefined && identity.hello !== undefined;

const candidateOf = ({ connectionId, direction, subnet }: SetupContext, id: string): Candidate => ({
  connectionId,
  direction,
  subnet,
  id,
});

function rejection(reason: RejectionReason, facts: Facts = {}): Rejection {
  return { type: `reject.${reason}`, facts };
}

function failure(reason: FailureReason, facts: Facts = {}): Failure {
  return { type: `fail.${reason}`, facts };
}

function endingAs(outcome: EndedSetup['outcome'], reason: string) {
  return ({ event }: { event: { readonly facts: Facts } }): SetupEnding => ({
    outcome,
    state: `${outcome}.${reason}`,
    facts: event.facts,
  });
}
