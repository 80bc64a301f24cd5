/**
 * Our own node record: which endpoint it claims for each address family and why, and when it is signed anew. The record is
 * signed when it is wanted and differs from the last one, also from that of an earlier run: a new number makes every node
 * fetch it again. Statements of other nodes are counted in `ip-votes.ts`.
 * Chart: docs/statecharts/local-node.md.
 */
import { assign, enqueueActions, sendParent, sendTo, setup } from 'xstate';
import type { NodeStoreCommand, NodeStoreEvent } from '../../io/adapters/node-store-actor.ts';
import type { SignerCommand, SignerEvent } from '../../io/adapters/record-signer.ts';
import type { RecordClaims } from '../../io/crypto/local-record.ts';
import type { NodeRecord } from '../../io/crypto/node-record.ts';
import type { Endpoint } from '../../io/wire/endpoint.ts';
import { unprovided } from '../unprovided-actor.ts';
import {
  type ClaimFacts,
  claimsOf,
  FAMILIES,
  type Family,
  haveSameContent,
  isSameEndpoint,
  type PerFamily,
} from './endpoint-claims.ts';
import { type IpVotes, NO_VOTES, predictedEndpoint, withStatement } from './ip-votes.ts';
import type { PortMapperReport } from './port-mapper.ts';

/** Longest preparation of the key, in ms. */
export const KEY_TIMEOUT_MS = 9_000;

/** Longest opening of the node store, in ms: more than the store's own limit. */
export const STORE_TIMEOUT_MS = 6_000;

/** Longest signing of a record, in ms. Keys of ours sign at once. */
export const SIGN_TIMEOUT_MS = 1_000;

/** Time after a change that other nodes caused in which they cause no other one, in ms. Ours: a record that changes often is fetched by everyone again. */
export const VOTE_PAUSE_MS = 600_000;

/** Longest closing of the node store, in ms: less than the whole server has for its stop. */
export const STORE_CLOSE_TIMEOUT_MS = 2_000;

export type LocalNodeInput = Pick<ClaimFacts, 'externalHosts' | 'fallbackHosts'>;

/** Another node says what it sees as our endpoint. */
export type EndpointStatement = {
  readonly family: Family;
  /** The network of that node: it has one vote. */
  readonly voter: string;
  readonly endpoint: Endpoint;
  /** Time of the clock of the server, in ms. */
  readonly at: number;
};

export type LocalNodeEvent =
  | SignerEvent
  | NodeStoreEvent
  | ({ readonly type: 'endpoint.stated' } & EndpointStatement)
  /** We listen on this port. */
  | { readonly type: 'tcp.bound'; readonly port: number }
  | { readonly type: 'udp.bound'; readonly port: number }
  | Extract<PortMapperReport, { type: 'external.changed' | 'port.mapped' }>
  /** `context.record` has to be the record of now. With a key of ours it is, once this is handled. */
  | { readonly type: 'record.wanted' }
  | { readonly type: 'close' };

/** To the server that invoked this machine. */
export type LocalNodeReport =
  | { readonly type: 'localNode.ready' }
  | { readonly type: 'localNode.failed'; readonly message: string }
  /** A sentence about the node store: it was damaged, or it goes on in memory. */
  | { readonly type: 'store.faulted'; readonly message: string }
  /** The record could not be signed; the one before stays until something changes. */
  | { readonly type: 'record.failed'; readonly message: string };

type Context = ClaimFacts & {
  readonly votes: PerFamily<IpVotes>;
  /** The latest endpoint with enough votes: what is claimed stays until another one has them, where go-ethereum takes it back. */
  readonly winners: PerFamily<Endpoint | null>;
  /** The claims that were last signed, or could not be; null before that. */
  readonly attempted: RecordClaims | null;
  /** Null until the first one is wanted. */
  readonly record: NodeRecord | null;
  /** Of the next record. It never goes down, also when the store is lost. */
  readonly nextSeq: number;
};

type PortMapped = Extract<PortMapperReport, { type: 'port.mapped' }>;

const NONE: PerFamily<null> = { ipv4: null, ipv6: null };

const NOT_SIGNED = {
  type: 'record.failed',
  message: 'the key did not sign in time',
} as const satisfies LocalNodeReport;

const CLAIM_TEXTS = {
  static: 'The address that the operator gave is claimed.',
  gateway: 'The address that the gateway of our network has is claimed.',
  predicted: 'The endpoint that other nodes see is claimed.',
  fallback: 'Nothing better is known than the address we listen at, or the loopback address.',
  unknown: 'No address of this family is claimed.',
} as const;

const CLAIM_GUARDS = {
  static: 'isGiven',
  gateway: 'isBehindGateway',
  predicted: 'isSeen',
  fallback: 'isFallback',
} as const;

export const localNodeMachine = setup({
  types: {
    input: {} as LocalNodeInput,
    context: {} as Context,
    events: {} as LocalNodeEvent,
    children: {} as { signer: 'signer'; nodeStore: 'nodeStore' },
  },
  actors: {
    signer: unprovided<SignerCommand>('signer'),
    nodeStore: unprovided<NodeStoreCommand>('nodeStore'),
  },
  delays: {
    keyTimeout: KEY_TIMEOUT_MS,
    storeTimeout: STORE_TIMEOUT_MS,
    signTimeout: SIGN_TIMEOUT_MS,
    pause: VOTE_PAUSE_MS,
    storeCloseTimeout: STORE_CLOSE_TIMEOUT_MS,
  },
  guards: {
    isGiven: ({ context }, family: Family) => claimsOf(context)[family]?.why === 'static',
    isBehindGateway: ({ context }, family: Family) => claimsOf(context)[family]?.why === 'gateway',
    isSeen: ({ context }, family: Family) => claimsOf(context)[family]?.why === 'predicted',
    isUnknown: ({ context }, family: Family) => claimsOf(context)[family] === null,
    isFallback: ({ context }, family: Family) => claimsOf(context)[family]?.why === 'fallback',
    isStale: ({ context }) => !haveSameContent(context.attempted, claimsOf(context)),
    isOutvoted: ({ context }) =>
      FAMILIES.some(
        (family) =>
          context.externalHosts[family] === null &&
          context.gatewayHosts[family] === null &&
          !isSameEndpoint(context.winners[family], context.predicted[family]),
      ),
  },
  actions: {
    reportReady: sendParent({ type: 'localNode.ready' }),
    reportFailed: sendParent((_, message: string) => ({ type: 'localNode.failed', message })),
    reportFault: sendParent((_, fault: LocalNodeReport) => fault),
    setNextSeq: assign({ nextSeq: (_, seq: number) => seq }),
    setTcpPort: assign({ tcpPort: (_, port: number) => port }),
    setUdpPort: assign({ udpPort: (_, port: number) => port }),
    setGatewayHosts: assign({ gatewayHosts: (_, hosts: PerFamily<string | null>) => hosts }),
    setMappedPort: assign({
      mappedPorts: ({ context }, { protocol, port }: PortMapped) => ({
        ...context.mappedPorts,
        [protocol]: port,
      }),
    }),
    countStatement: assign(({ context }, statement: EndpointStatement) => {
      const { family, at } = statement;
      const votes = withStatement(context.votes[family], statement);
      const winner = predictedEndpoint(votes, at) ?? context.winners[family];
      return {
        votes: { ...context.votes, [family]: votes },
        winners: { ...context.winners, [family]: winner },
      };
    }),
    adopt: assign({ predicted: ({ context }) => context.winners }),
    sign: enqueueActions(({ context, enqueue }) => {
      const claims = claimsOf(context);
      enqueue.assign({ attempted: claims });
      enqueue.sendTo('signer', { type: 'sign', seq: context.nextSeq, claims });
    }),
    takeRecord: assign({ record: (_, record: NodeRecord) => record }),
    saveRecord: enqueueActions(({ enqueue }, record: NodeRecord) => {
      enqueue.assign({ record, nextSeq: record.seq + 1 });
      enqueue.sendTo('nodeStore', { type: 'record.save', record });
    }),
    closeStore: sendTo('nodeStore', { type: 'close' }),
  },
}).createMachine({
  id: 'local-node',
  context: ({ input: { externalHosts, fallbackHosts } }) => ({
    externalHosts,
    fallbackHosts,
    gatewayHosts: NONE,
    mappedPorts: { tcp: null, udp: null },
    predicted: NONE,
    tcpPort: 0,
    udpPort: 0,
    votes: { ipv4: NO_VOTES, ipv6: NO_VOTES },
    winners: NONE,
    attempted: null,
    record: null,
    nextSeq: 0,
  }),
  invoke: { id: 'signer', src: 'signer' },
  initial: 'preparing',
  states: {
    preparing: {
      description:
        'The tables of the curve are filled, so that the first handshake does not have to.',
      on: {
        'key.ready': 'open',
        'key.failed': {
          target: 'failed',
          actions: { type: 'reportFailed', params: ({ event }) => event.message },
        },
        close: 'closed',
      },
      after: {
        keyTimeout: {
          target: 'failed',
          actions: { type: 'reportFailed', params: 'the key was not ready in time' },
        },
      },
    },
    open: {
      description: 'The node store is in use.',
      invoke: { id: 'nodeStore', src: 'nodeStore' },
      initial: 'loading',
      on: {
        'store.faulted': { actions: { type: 'reportFault', params: ({ event }) => event } },
      },
      states: {
        loading: {
          description: 'The node store is opened, and read if it is on a disk.',
          on: {
            'store.opened': {
              target: 'serving',
              actions: [
                { type: 'setNextSeq', params: ({ event }) => event.nextSeq },
                'reportReady',
              ],
            },
            close: 'closing',
          },
          after: {
            storeTimeout: {
              target: '#failed',
              actions: { type: 'reportFailed', params: 'the node store was not opened in time' },
            },
          },
        },
        serving: {
          description: 'The record is given to those who want it.',
          type: 'parallel',
          on: {
            'endpoint.stated': {
              actions: { type: 'countStatement', params: ({ event }) => event },
            },
            'tcp.bound': { actions: { type: 'setTcpPort', params: ({ event }) => event.port } },
            'udp.bound': { actions: { type: 'setUdpPort', params: ({ event }) => event.port } },
            'external.changed': {
              actions: { type: 'setGatewayHosts', params: ({ event }) => event.hosts },
            },
            'port.mapped': { actions: { type: 'setMappedPort', params: ({ event }) => event } },
            close: 'closing',
          },
          states: {
            record: {
              description: 'Whether the last record that was signed says what is claimed now.',
              initial: 'current',
              states: {
                changed: {
                  description:
                    'Something changed since the last record; the next one is signed when it is wanted.',
                  tags: 'unbounded',
                  on: { 'record.wanted': 'signing' },
                },
                signing: {
                  description:
                    'The key signs the claims of now, with the next sequence number, unless the last record has them.',
                  entry: 'sign',
                  on: {
                    'record.signed': {
                      target: 'current',
                      actions: { type: 'saveRecord', params: ({ event }) => event.record },
                    },
                    'record.kept': {
                      target: 'current',
                      actions: { type: 'takeRecord', params: ({ event }) => event.record },
                    },
                    'record.failed': {
                      target: 'current',
                      actions: { type: 'reportFault', params: ({ event }) => event },
                    },
                  },
                  after: {
                    signTimeout: {
                      target: 'current',
                      actions: { type: 'reportFault', params: NOT_SIGNED },
                    },
                  },
                },
                current: {
                  description:
                    'The claims are as they were when they were signed, or when the key did not sign them.',
                  tags: 'unbounded',
                  always: { guard: 'isStale', target: 'changed' },
                },
              },
            },
            ipv4: claimRegion('ipv4'),
            ipv6: claimRegion('ipv6'),
            predictions: {
              description: 'Whether other nodes may change the record.',
              initial: 'awaited',
              states: {
                awaited: {
                  description: 'The next prediction that differs is claimed at once.',
                  tags: 'unbounded',
                  always: {
                    guard: 'isOutvoted',
                    target: 'pausing',
                    actions: 'adopt',
                  },
                },
                pausing: {
                  description: 'A prediction changed the record lately: the next one waits.',
                  after: { pause: 'awaited' },
                },
              },
            },
          },
        },
        closing: {
          description: 'What waits for the disk is written, and the store closed.',
          entry: 'closeStore',
          on: { 'store.closed': '#closed', 'store.opened': {} },
          after: { storeCloseTimeout: '#closed' },
        },
      },
    },
    closed: { id: 'closed', type: 'final', description: 'The store is closed, or took too long.' },
    failed: {
      id: 'failed',
      type: 'final',
      description: 'Key or store were not ready; the server has the reason.',
    },
  },
  on: {
    // a moment too late, or too early
    'record.signed': {},
    'record.kept': {},
    'record.failed': {},
    'record.wanted': {},
    'endpoint.stated': {},
    'tcp.bound': {},
    'udp.bound': {},
    'external.changed': {},
    'port.mapped': {},
    close: {},
  },
});

/** One family: each reason for what is claimed is a state. What other nodes see is never taken back, only replaced. */
function claimRegion(family: Family) {
  const to = <Why extends keyof typeof CLAIM_GUARDS>(why: Why) =>
    ({ guard: { type: CLAIM_GUARDS[why], params: family }, target: why }) as const;
  const state = (why: keyof typeof CLAIM_TEXTS) =>
    ({ description: CLAIM_TEXTS[why], tags: 'unbounded' }) as const;
  return {
    description: `Which IPv${family === 'ipv4' ? 4 : 6} address is claimed, and why.`,
    initial: 'unknown',
    states: {
      unknown: {
        ...state('unknown'),
        always: [to('static'), to('gateway'), to('predicted'), to('fallback')],
      },
      fallback: { ...state('fallback'), always: [to('gateway'), to('predicted')] },
      predicted: { ...state('predicted'), always: to('gateway') },
      gateway: {
        ...state('gateway'),
        always: [
          to('predicted'),
          to('fallback'),
          { guard: { type: 'isUnknown', params: family }, target: 'unknown' },
        ],
      },
      static: state('static'),
    },
  } as const;
}
