/**
 * One attempt to reach one node: its address, the TCP connection, the setup of that connection.
 * When to dial whom is the scheduler's business.
 * Longer than 400 lines: a chart is one table. Drawn in docs/statecharts/dial-task.md
 */
import { and, assign, type EventObject, emit, raise, setup } from 'xstate';
import type { ResolverEvent } from '../../io/adapters/host-resolver.ts';
import type { NodeResolverEvent } from '../../io/adapters/node-resolver.ts';
import type { DialerEvent } from '../../io/adapters/tcp-dialer.ts';
import type { ByteStream } from '../../io/link/byte-stream.ts';
import type { Endpoint } from '../../io/wire/endpoint.ts';
import type { ConnectionSetupOutput, Direction } from '../connection/connection.ts';
import { describeReason, mapEvents, mapKeys, type ReasonText } from '../reason-states.ts';
import { unprovided } from '../unprovided-actor.ts';

/** Longest DNS lookup, in ms. Source: go-ethereum p2p/dial.go. */
export const HOST_LOOKUP_TIMEOUT_MS = 5_000;

/** Longest search for a node, in ms. Ours; go-ethereum has no limit, its lookups take some seconds. */
export const RESOLVE_TIMEOUT_MS = 15_000;

/** Longest TCP connect, in ms. Source: go-ethereum p2p/server.go, default dial timeout. */
export const CONNECT_TIMEOUT_MS = 15_000;

/** Backstop for connection setup, in ms: more than the sum of its own deadlines. */
export const SETTING_UP_TIMEOUT_MS = 30_000;

/** A node to dial. `publicKey` is 64 bytes in hex, or empty when its record has none. */
export type DialTarget = {
  readonly id: string;
  readonly publicKey: string;
  /** Empty where there is none. */
  readonly host: string;
  readonly hostKind: 'ipv4' | 'ipv6' | 'name' | 'none';
  readonly tcpPort: number;
};

/** Why an attempt ended short of a peer, and what people can do about it. Each key is a final state. */
export const DIAL_FAILURES = {
  noTcpPort: {
    confidence: 'certain',
    sentence: 'The node announces no TCP port.',
    remedy: 'Add the port to the enode: enode://<key>@<host>:<port>.',
  },
  nodeNotFound: {
    confidence: 'certain',
    sentence: 'The node has no address, and nobody knows one.',
    remedy: 'Give an enode with an address, or a resolver that knows the node.',
  },
  hostNotFound: {
    confidence: 'certain',
    sentence: 'The name has no address.',
    remedy: 'Check the spelling of the name, or give an address.',
  },
  hostLookupTimeout: {
    confidence: 'likely',
    sentence: 'The name server did not answer in time.',
    remedy: 'Check the name server of this machine, or give an address instead of a name.',
  },
  notInNetRestrict: {
    confidence: 'certain',
    sentence: 'The address is outside of the networks that we deal with.',
    remedy: 'Add the network of the node to netRestrict, or take the node out of your lists.',
  },
  connectionRefused: {
    confidence: 'certain',
    sentence: 'Nobody listens at that address and port.',
    remedy: 'Check that the node runs, and that this is its TCP port.',
  },
  unreachable: {
    confidence: 'certain',
    sentence: 'There is no route to that address.',
    remedy: 'Check the address, and your own network; an IPv6 address needs IPv6 here too.',
  },
  connectTimeout: {
    confidence: 'likely',
    sentence: 'The address does not answer: down, or behind a firewall.',
    remedy: 'Try from another network: the node is down, or a firewall or NAT drops what we send.',
  },
  lostAtOnce: {
    confidence: 'likely',
    sentence:
      'They took the connection and cut it at once: our address is filtered there, or go-ethereum had us within the last 30 s.',
    remedy: 'Wait 35 s and try again; if it stays, ask whether they restrict networks.',
  },
  connectFailed: {
    confidence: 'unknown',
    sentence: 'The system could not connect.',
    remedy: 'Read the detail: it is what the system said, such as too many open files.',
  },
  setupFailed: {
    confidence: 'certain',
    sentence: 'Connected, but the connection did not become a peer; its own state says why.',
    remedy: 'Read how its connection ended: that state has its own advice.',
  },
  setupTimeout: {
    confidence: 'unknown',
    sentence: 'Connection setup did not report its end.',
    remedy: 'Report it with the log: setup has limits of its own that should have ended it before.',
  },
  alreadyConnected: {
    confidence: 'certain',
    sentence: 'The node became a peer over another connection.',
    remedy: 'Nothing: the node is a peer.',
  },
  cancelled: {
    confidence: 'certain',
    sentence: 'The server stopped, or the node was removed.',
    remedy: 'Nothing: it is what you asked for.',
  },
} as const satisfies Record<string, ReasonText>;

export type DialFailure = keyof typeof DIAL_FAILURES;

export type DialTaskInput = {
  readonly target: DialTarget;
  readonly direction: Exclude<Direction, 'inbound'>;
  /** Whether the node resolver may be asked for another address. */
  readonly mayResolve: boolean;
  /** Asked of addresses only, never of names. */
  readonly isInNetRestrict: (host: string) => boolean;
};

/** What came of that. An answer that leads nowhere new counts as none. */
export type Resolution =
  | { readonly type: 'found'; readonly host: string; readonly port: number }
  | { readonly type: 'notFound' };

/** As much of the end of the setup as a dial needs. */
export type SetupResult = Pick<ConnectionSetupOutput, 'outcome' | 'state'>;

export type DialTaskEvent =
  | ResolverEvent
  | NodeResolverEvent
  | DialerEvent
  | Missed
  | { readonly type: 'setup.ended'; readonly result: SetupResult }
  /** The node became a peer over another connection. */
  | { readonly type: 'supersede' }
  | { readonly type: 'stop' };

export type DialTaskEmitted =
  /** Connection setup is to run on it, and to report its end. */
  | { readonly type: 'socket.ready'; readonly stream: ByteStream }
  /** That setup is to end. */
  | { readonly type: 'setup.unwanted' }
  /** That setup is to end unless it is nearly done: another connection was faster. */
  | { readonly type: 'setup.superseded' };

type EndedDialTask = {
  /** The one that was dialled last. */
  readonly address: Endpoint;
  /** Null when no other address was asked for. */
  readonly resolution: Resolution | null;
};

/** The node is a peer. */
export type DoneDialTask = EndedDialTask & { readonly outcome: 'done' };

export type FailedDialTask = EndedDialTask & {
  readonly outcome: DialFailure;
  /** What the system or the setup said, for people. May be empty. */
  readonly detail: string;
};

export type DialTaskOutput = DoneDialTask | FailedDialTask;

/** After these the node may be somewhere else. `fail.<one>` ends the attempt as that one. */
const MISSES = {
  nodeNotFound: true,
  hostNotFound: true,
  hostLookupTimeout: true,
  connectionRefused: true,
  unreachable: true,
  connectTimeout: true,
  lostAtOnce: true,
  connectFailed: true,
} as const satisfies Partial<Record<DialFailure, true>>;

type Miss = keyof typeof MISSES;
type Missed = { readonly type: `fail.${Miss}` };

type DialTaskContext = DialTaskInput & {
  readonly address: Endpoint;
  readonly detail: string;
  /** What the attempt comes to if the node is nowhere else. */
  readonly failure: Miss;
  readonly resolution: Resolution | null;
};

const machine = setup({
  types: {
    input: {} as DialTaskInput,
    context: {} as DialTaskContext,
    events: {} as DialTaskEvent,
    emitted: {} as DialTaskEmitted,
    output: {} as DialTaskOutput,
  },
  actors: {
    resolver: unprovided<EventObject, string>('resolver'),
    nodeResolver: unprovided<EventObject, DialTarget>('nodeResolver'),
    dialer: unprovided<EventObject, Endpoint>('dialer'),
  },
  delays: {
    hostLookupTimeout: HOST_LOOKUP_TIMEOUT_MS,
    resolveTimeout: RESOLVE_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    settingUpTimeout: SETTING_UP_TIMEOUT_MS,
  },
  guards: {
    hasNoAddress: ({ context }) => context.target.hostKind === 'none',
    /** Once in an attempt. */
    canResolve: ({ context }) => context.mayResolve && context.resolution === null,
    /** go-ethereum's own resolver answers with the node itself when it finds nothing. */
    isNowhereNew: ({ context: { address } }, { host, port }: Endpoint) =>
      host === '' || port === 0 || (host === address.host && port === address.port),
    hasNoPort: ({ context }) => context.target.tcpPort === 0,
    isHostName: ({ context }) => context.target.hostKind === 'name',
    isOutsideNetRestrict: ({ context }, host: string) => !context.isInNetRestrict(host),
    isAdmitted: (_, result: SetupResult) => result.outcome === 'admitted',
  },
  actions: {
    learnAddress: assign({
      address: ({ context }, host: string) => ({ host, port: context.target.tcpPort }),
    }),
    moveTo: assign((_, { host, port }: Endpoint) => ({ address: { host, port }, detail: '' })),
    noteFound: assign((_, { host, port }: Endpoint) => ({
      resolution: { type: 'found' as const, host, port },
    })),
    note: assign({ detail: (_, detail: string) => detail }),
    noteMiss: assign({ failure: (_, failure: Miss) => failure }),
    noteNotFound: assign({ resolution: { type: 'notFound' } }),
    giveUp: raise(({ context }): Missed => ({ type: `fail.${context.failure}` })),
    supersedeSetup: emit({ type: 'setup.superseded' }),
    cancelSetup: emit({ type: 'setup.unwanted' }),
    handOver: emit((_, stream: ByteStream) => ({ type: 'socket.ready' as const, stream })),
  },
});

/** The node may be somewhere else by now. */
const missed = <M extends Miss>(miss: M) =>
  [
    { guard: 'canResolve', target: 'resolving', actions: { type: 'noteMiss', params: miss } },
    { target: miss },
  ] as const;

type Detailed = { readonly event: { readonly detail: string } };

function missedSaying<M extends Miss>(miss: M) {
  const note = { type: 'note', params: ({ event }: Detailed): string => event.detail } as const;
  return [
    {
      guard: 'canResolve',
      target: 'resolving',
      actions: [{ type: 'noteMiss', params: miss }, note],
    },
    { target: miss, actions: note },
  ] as const;
}

/** The attempt ends as what made us ask. */
const NOT_FOUND = { actions: ['noteNotFound', 'giveUp'] } as const;

export const dialTaskMachine = machine.createMachine({
  id: 'dial-task',
  context: ({ input }) => ({
    ...input,
    address: { host: input.target.host, port: input.target.tcpPort },
    detail: '',
    failure: 'nodeNotFound',
    resolution: null,
  }),
  initial: 'checkingEndpoint',
  states: {
    checkingEndpoint: {
      description:
        'A node without a TCP port cannot be dialled; a name is looked up before it is judged.',
      always: [
        { guard: and(['hasNoAddress', 'canResolve']), target: 'resolving' },
        { guard: 'hasNoAddress', target: 'nodeNotFound' },
        { guard: 'hasNoPort', target: 'noTcpPort' },
        { guard: 'isHostName', target: 'lookingUpHost' },
        {
          guard: {
            type: 'isOutsideNetRestrict',
            params: ({ context }) => context.target.host,
          },
          target: 'notInNetRestrict',
        },
        { target: 'connecting' },
      ],
    },
    lookingUpHost: {
      description: 'Asking DNS for the address of a name.',
      invoke: {
        id: 'resolver',
        src: 'resolver',
        input: ({ context }) => context.target.host,
        onError: missed('hostNotFound'),
      },
      on: {
        'host.found': [
          {
            guard: { type: 'isOutsideNetRestrict', params: ({ event }) => event.address },
            target: 'notInNetRestrict',
            actions: { type: 'learnAddress', params: ({ event }) => event.address },
          },
          {
            target: 'connecting',
            actions: { type: 'learnAddress', params: ({ event }) => event.address },
          },
        ],
        'host.notFound': missedSaying('hostNotFound'),
      },
      after: { hostLookupTimeout: missed('hostLookupTimeout') },
    },
    resolving: {
      description: 'Asking discovery where the node is now; once in an attempt.',
      invoke: {
        id: 'nodeResolver',
        src: 'nodeResolver',
        input: ({ context }) => context.target,
        onError: NOT_FOUND,
      },
      on: {
        'node.found': [
          { guard: { type: 'isNowhereNew', params: ({ event }) => event }, ...NOT_FOUND },
          {
            guard: { type: 'isOutsideNetRestrict', params: ({ event }) => event.host },
            target: 'notInNetRestrict',
            actions: ['noteNotFound', { type: 'moveTo', params: ({ event }) => event }],
          },
          {
            target: 'connecting',
            actions: [
              { type: 'noteFound', params: ({ event }) => event },
              { type: 'moveTo', params: ({ event }) => event },
            ],
          },
        ],
        'node.notFound': NOT_FOUND,
      },
      after: { resolveTimeout: NOT_FOUND },
    },
    connecting: {
      description: 'The TCP connection is being made.',
      invoke: {
        id: 'dialer',
        src: 'dialer',
        input: ({ context }) => context.address,
        onError: missed('connectFailed'),
      },
      on: {
        'socket.connected': {
          target: 'settingUp',
          actions: { type: 'handOver', params: ({ event }) => event.stream },
        },
        'connect.refused': missedSaying('connectionRefused'),
        'connect.unreachable': missedSaying('unreachable'),
        'connect.lost': missedSaying('lostAtOnce'),
        'connect.failed': missedSaying('connectFailed'),
      },
      after: { connectTimeout: missed('connectTimeout') },
    },
    settingUp: {
      description: 'A connection-setup of its own runs on the socket.',
      on: {
        'setup.ended': [
          { guard: { type: 'isAdmitted', params: ({ event }) => event.result }, target: 'done' },
          {
            target: 'setupFailed',
            actions: { type: 'note', params: ({ event }) => event.result.state },
          },
        ],
        // it reports its own end
        stop: { actions: 'cancelSetup' },
        supersede: { actions: 'supersedeSetup' },
      },
      after: { settingUpTimeout: { target: 'setupTimeout', actions: 'cancelSetup' } },
    },
    done: {
      type: 'final',
      description: 'The node is a peer.',
      output: { outcome: 'done' },
    },
    ...mapKeys(DIAL_FAILURES, (outcome) => ({
      type: 'final' as const,
      ...describeReason(DIAL_FAILURES[outcome]),
      output: { outcome },
    })),
  },
  on: {
    ...mapEvents('fail', MISSES, (miss) => `.${miss}` as const),
    supersede: '.alreadyConnected',
    stop: '.cancelled',
  },
  output: ({ context: { address, detail, resolution }, event }): DialTaskOutput => {
    const { outcome } = event.output as Pick<DialTaskOutput, 'outcome'>;
    return outcome === 'done'
      ? { outcome, address, resolution }
      : { outcome, address, detail, resolution };
  },
});
