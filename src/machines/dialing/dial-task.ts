/**
 * One attempt to dial one node: its addresses in turn, the TCP connection, the setup of that connection.
 * When a node is dialled is decided in `dial-scheduler.ts`.
 * Chart: docs/statecharts/dial-task.md. Longer than 400 lines: a chart is one table.
 */
import { and, assign, type EventObject, emit, raise, setup } from 'xstate';
import type { ResolverEvent } from '../../io/adapters/host-resolver.ts';
import type { NodeResolverEvent } from '../../io/adapters/node-resolver.ts';
import type { DialerEvent } from '../../io/adapters/tcp-dialer.ts';
import type { ByteStream } from '../../io/link/byte-stream.ts';
import type { Endpoint } from '../../io/wire/endpoint.ts';
import type { ConnectionSetupOutput, Direction } from '../connection/connection.ts';
import { describeReason, mapEvents, mapKeys } from '../reason-states.ts';
import { unprovided } from '../unprovided-actor.ts';
import { DIAL_FAILURES, type DialFailure } from './dial-failures.ts';
import { type BackOff, backOffAfter } from './redial-back-off.ts';

/** Longest DNS lookup, in ms. Source: go-ethereum p2p/dial.go. */
export const HOST_LOOKUP_TIMEOUT_MS = 5_000;

/** Longest search for a node, in ms. Ours; go-ethereum has no limit, its lookups take some seconds. */
export const RESOLVE_TIMEOUT_MS = 15_000;

/** Longest TCP connect, in ms; the addresses of a name get equal parts. Source: go-ethereum p2p/server.go, default dial timeout. */
export const CONNECT_TIMEOUT_MS = 15_000;

/** Addresses of one name that are tried. Ours: each has 2 s at least then, as with Go's dialer. */
export const MAX_DIAL_ADDRESSES = 6;

/** Backstop for connection setup, in ms: more than the sum of its own deadlines. */
export const SETTING_UP_TIMEOUT_MS = 30_000;

/** A node to dial. `publicKey` is 64 bytes in hex, or empty when its record has none. */
export type DialTarget = {
  readonly id: string;
  readonly publicKey: string;
  /** Empty when `hostKind` is `none`. */
  readonly host: string;
  readonly hostKind: 'ipv4' | 'ipv6' | 'name' | 'none';
  readonly tcpPort: number;
};

export type DialTaskInput = {
  readonly target: DialTarget;
  readonly direction: Exclude<Direction, 'inbound'>;
  /** Whether the node resolver may be asked for another address. */
  readonly mayResolve: boolean;
  /** Asked of addresses only, never of names. */
  readonly isInNetRestrict: (host: string) => boolean;
  /** The random part of the wait after a failure; left out for a node that does not wait: static, trusted, or by option. */
  readonly backOffDraw?: number;
};

/** The answer of the node resolver. The address that was just dialled counts as not found. */
export type Resolution =
  | { readonly type: 'found'; readonly host: string; readonly port: number }
  | { readonly type: 'notFound' };

/** An address that did not lead to a TCP connection, and why. */
export type TriedAddress = Endpoint & {
  readonly failure: ConnectFailure | 'notInNetRestrict';
  /** What the system said. May be empty. */
  readonly detail: string;
};

/** As much of the end of the setup as a dial needs. */
export type SetupResult = Pick<ConnectionSetupOutput, 'outcome' | 'state'>;

export type DialTaskEvent =
  | ResolverEvent
  | NodeResolverEvent
  | DialerEvent
  | ResolvableFailureEvent
  | { readonly type: 'setup.ended'; readonly result: SetupResult }
  /** The node became a peer over another connection. */
  | { readonly type: 'supersede' }
  | { readonly type: 'stop' };

type DialTaskEmitted =
  /** Connection setup has to run on this socket and report its end. */
  | { readonly type: 'socket.ready'; readonly stream: ByteStream }
  /** That setup has to end. */
  | { readonly type: 'setup.unwanted' }
  /** Another connection to the node became a peer first: that setup ends unless it is past the enc handshake. */
  | { readonly type: 'setup.superseded' };

type EndedDialTask = {
  /** The last one dialled; when every address failed, the one whose failure is reported. */
  readonly address: Endpoint;
  /** Null when no other address was asked for. */
  readonly resolution: Resolution | null;
};

/** The node is a peer. */
type DoneDialTask = EndedDialTask & { readonly outcome: 'done' };

export type FailedDialTask = EndedDialTask & {
  readonly outcome: DialFailure;
  /** What the system or the setup said, for people. May be empty. */
  readonly detail: string;
  /** Every address that was tried or left out, in order. */
  readonly tried: readonly TriedAddress[];
  /** How long the node is left alone now; absent when only the redial delay applies. */
  readonly backOff?: BackOff;
};

export type DialTaskOutput = DoneDialTask | FailedDialTask;

/** After these failures the node may have another address. `fail.<reason>` ends the attempt in the state of that name. */
const RESOLVABLE_FAILURES = {
  nodeNotFound: true,
  hostNotFound: true,
  hostLookupFailed: true,
  hostLookupTimeout: true,
  connectionRefused: true,
  unreachable: true,
  connectTimeout: true,
  lostAtOnce: true,
  connectFailed: true,
} as const satisfies Partial<Record<DialFailure, true>>;

type ResolvableFailure = keyof typeof RESOLVABLE_FAILURES;

/** How one address fails. When several have failed, the attempt ends as the first of these that occurred. */
const CONNECT_FAILURES = [
  'lostAtOnce',
  'connectionRefused',
  'connectTimeout',
  'connectFailed',
  'unreachable',
] as const satisfies readonly ResolvableFailure[];

type ConnectFailure = (typeof CONNECT_FAILURES)[number];
type ResolvableFailureEvent = { readonly type: `fail.${ResolvableFailure}` };

type DialTaskContext = DialTaskInput & {
  readonly address: Endpoint;
  /** Addresses to try after this one. */
  readonly untried: readonly string[];
  /** At most `MAX_DIAL_ADDRESSES` and the one that was found since. */
  readonly tried: readonly TriedAddress[];
  /** How many addresses share the time of a connect. */
  readonly addressCount: number;
  readonly detail: string;
  /** The failure reported when no other address is found. */
  readonly failure: ResolvableFailure;
  readonly resolution: Resolution | null;
};

type ConnectMiss = { readonly failure: ConnectFailure; readonly detail: string };
type FailedAddress = Endpoint & ConnectMiss;
type HostFound = Extract<ResolverEvent, { type: 'host.found' }>;

const isConnectFailure = (tried: TriedAddress): tried is FailedAddress =>
  tried.failure !== 'notInNetRestrict';

/** The failure that the attempt reports; after the node resolver gave an address, that of this address. */
function reportedFailure({
  resolution,
  tried,
}: Pick<DialTaskContext, 'resolution' | 'tried'>): FailedAddress | undefined {
  const all = tried.filter(isConnectFailure);
  if (resolution) return all.at(-1);
  const ends = CONNECT_FAILURES.map((failure) => all.find((one) => one.failure === failure));
  return ends.find((end) => end !== undefined);
}

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
    connectTimeout: ({ context }) => CONNECT_TIMEOUT_MS / context.addressCount,
    settingUpTimeout: SETTING_UP_TIMEOUT_MS,
  },
  guards: {
    hasNoAddress: ({ context }) => context.target.hostKind === 'none',
    /** Once in an attempt. */
    canResolve: ({ context }) => context.mayResolve && context.resolution === null,
    /** go-ethereum's own resolver answers with the node itself when it finds nothing. */
    isKnownAddress: ({ context: { address, tried } }, { host, port }: Endpoint) =>
      host === '' ||
      port === 0 ||
      [address, ...tried].some((known) => host === known.host && port === known.port),
    isOutside: ({ context }) => !context.isInNetRestrict(context.address.host),
    hasAnother: ({ context }) => context.untried.length > 0,
    isEveryAddressOutside: ({ context }) => reportedFailure(context) === undefined,
    endsAs: ({ context }, failure: ConnectFailure) => reportedFailure(context)?.failure === failure,
    hasNoPort: ({ context }) => context.target.tcpPort === 0,
    isHostName: ({ context }) => context.target.hostKind === 'name',
    isOutsideNetRestrict: ({ context }, host: string) => !context.isInNetRestrict(host),
    isAdmitted: (_, result: SetupResult) => result.outcome === 'admitted',
  },
  actions: {
    noteAddresses: assign(({ context }, { address, others = [] }: HostFound) => {
      const [host, ...untried] = [...new Set([address, ...others])].slice(0, MAX_DIAL_ADDRESSES);
      return {
        address: { host: host ?? address, port: context.target.tcpPort },
        untried,
        addressCount: 1 + untried.length,
      };
    }),
    tryNext: assign(({ context: { address, untried } }) => {
      const [host = address.host, ...rest] = untried;
      return { address: { host, port: address.port }, untried: rest, detail: '' };
    }),
    noteOutside: assign(({ context: { address, tried } }) => ({
      tried: [...tried, { ...address, failure: 'notInNetRestrict' as const, detail: '' }],
    })),
    noteTried: assign(({ context: { address, tried } }, miss: ConnectMiss) => ({
      tried: [...tried, { ...address, ...miss }],
    })),
    settleOnFailure: assign(({ context }) => {
      const worst = reportedFailure(context);
      if (!worst) return {};
      const { host, port, failure, detail } = worst;
      return { address: { host, port }, failure, detail };
    }),
    moveTo: assign((_, { host, port }: Endpoint) => ({
      address: { host, port },
      addressCount: 1,
      detail: '',
    })),
    noteFound: assign((_, { host, port }: Endpoint) => ({
      resolution: { type: 'found' as const, host, port },
    })),
    note: assign({ detail: (_, detail: string) => detail }),
    noteFailure: assign({ failure: (_, failure: ResolvableFailure) => failure }),
    noteNotFound: assign({ resolution: { type: 'notFound' } }),
    fail: raise(({ context }): ResolvableFailureEvent => ({ type: `fail.${context.failure}` })),
    supersedeSetup: emit({ type: 'setup.superseded' }),
    cancelSetup: emit({ type: 'setup.unwanted' }),
    emitSocket: emit((_, stream: ByteStream) => ({ type: 'socket.ready' as const, stream })),
  },
});

/** The node may have another address by now. */
const resolveOrFail = <F extends ResolvableFailure>(failure: F) =>
  [
    { guard: 'canResolve', target: 'resolving', actions: { type: 'noteFailure', params: failure } },
    { target: failure },
  ] as const;

type Detailed = { readonly event: { readonly detail: string } };

function resolveOrFailWithDetail<F extends ResolvableFailure>(failure: F) {
  const note = { type: 'note', params: ({ event }: Detailed): string => event.detail } as const;
  return [
    {
      guard: 'canResolve',
      target: 'resolving',
      actions: [{ type: 'noteFailure', params: failure }, note],
    },
    { target: failure, actions: note },
  ] as const;
}

/** The next address, if there is one, is tried after this one. */
const tryNextWithDetail = (failure: ConnectFailure) =>
  ({
    target: 'choosingAddress',
    actions: {
      type: 'noteTried',
      params: ({ event }: Detailed): ConnectMiss => ({ failure, detail: event.detail }),
    },
  }) as const;

const tryNextAddress = (failure: ConnectFailure) =>
  ({
    target: 'choosingAddress',
    actions: { type: 'noteTried', params: { failure, detail: '' } },
  }) as const;

/** The attempt ends with the failure that made us ask for another address. */
const NOT_FOUND = { actions: ['noteNotFound', 'fail'] } as const;

export const dialTaskMachine = machine.createMachine({
  id: 'dial-task',
  context: ({ input }) => ({
    ...input,
    address: { host: input.target.host, port: input.target.tcpPort },
    untried: [],
    tried: [],
    addressCount: 1,
    detail: '',
    failure: 'nodeNotFound',
    resolution: null,
  }),
  initial: 'checkingEndpoint',
  states: {
    checkingEndpoint: {
      description:
        'A node without a TCP port cannot be dialled; a name is looked up before its address is checked.',
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
      description: 'Asking DNS for the addresses of a name.',
      invoke: {
        id: 'resolver',
        src: 'resolver',
        input: ({ context }) => context.target.host,
        onError: resolveOrFail('hostLookupFailed'),
      },
      on: {
        'host.found': {
          target: 'checkingAddress',
          actions: { type: 'noteAddresses', params: ({ event }) => event },
        },
        'host.notFound': resolveOrFailWithDetail('hostNotFound'),
        'host.lookupFailed': resolveOrFailWithDetail('hostLookupFailed'),
      },
      after: { hostLookupTimeout: resolveOrFail('hostLookupTimeout') },
    },
    checkingAddress: {
      description: 'One address of a name: outside of netRestrict it is not dialled.',
      always: [
        { guard: 'isOutside', target: 'choosingAddress', actions: 'noteOutside' },
        { target: 'connecting' },
      ],
    },
    choosingAddress: {
      description: 'This address did not work: the next one is tried, or the attempt ends.',
      always: [
        { guard: 'hasAnother', target: 'checkingAddress', actions: 'tryNext' },
        { guard: 'isEveryAddressOutside', target: 'notInNetRestrict' },
        { guard: 'canResolve', target: 'resolving', actions: 'settleOnFailure' },
        ...CONNECT_FAILURES.filter((failure) => failure !== 'unreachable').map(
          (failure) =>
            ({
              guard: { type: 'endsAs', params: failure },
              target: failure,
              actions: 'settleOnFailure',
            }) as const,
        ),
        { target: 'unreachable', actions: 'settleOnFailure' },
      ],
    },
    resolving: {
      description: 'Asking the node resolver for the current address; once in an attempt.',
      invoke: {
        id: 'nodeResolver',
        src: 'nodeResolver',
        input: ({ context }) => context.target,
        onError: NOT_FOUND,
      },
      on: {
        'node.found': [
          { guard: { type: 'isKnownAddress', params: ({ event }) => event }, ...NOT_FOUND },
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
      description: 'The TCP connection to one address is being made.',
      invoke: {
        id: 'dialer',
        src: 'dialer',
        input: ({ context }) => context.address,
        onError: tryNextAddress('connectFailed'),
      },
      on: {
        'socket.connected': {
          target: 'settingUp',
          actions: { type: 'emitSocket', params: ({ event }) => event.stream },
        },
        'connect.refused': tryNextWithDetail('connectionRefused'),
        'connect.unreachable': tryNextWithDetail('unreachable'),
        'connect.lost': tryNextWithDetail('lostAtOnce'),
        'connect.failed': tryNextWithDetail('connectFailed'),
      },
      after: { connectTimeout: tryNextAddress('connectTimeout') },
    },
    settingUp: {
      description: 'A connection-setup actor runs on the socket.',
      on: {
        'setup.ended': [
          { guard: { type: 'isAdmitted', params: ({ event }) => event.result }, target: 'done' },
          {
            target: 'setupFailed',
            actions: { type: 'note', params: ({ event }) => event.result.state },
          },
        ],
        // the setup reports its end
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
    ...mapEvents('fail', RESOLVABLE_FAILURES, (failure) => `.${failure}` as const),
    supersede: '.alreadyConnected',
    stop: '.cancelled',
  },
  output: ({
    context: { address, detail, resolution, tried, backOffDraw },
    event,
  }): DialTaskOutput => {
    const { outcome } = event.output as Pick<DialTaskOutput, 'outcome'>;
    if (outcome === 'done') return { outcome, address, resolution };
    const state = outcome === 'setupFailed' ? detail : outcome;
    const backOff = backOffDraw === undefined ? null : backOffAfter(state, backOffDraw);
    return { outcome, address, detail, resolution, tried, ...(backOff && { backOff }) };
  },
});
