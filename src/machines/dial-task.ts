/**
 * One attempt to reach one node: its address, the TCP connection, the setup of that connection.
 * When to dial whom is the scheduler's business.
 * Chart: docs/statecharts/dial-task.md
 */
import { assign, type EventObject, emit, setup } from 'xstate';

import type { ByteStream, Endpoint } from '../io/actors/byte-stream.ts';
import type { ResolverEvent } from '../io/actors/host-resolver.ts';
import type { DialerEvent } from '../io/actors/tcp-dialer.ts';
import type { ConnectionSetupOutput, Direction } from './connection.ts';
import { mapKeys } from './leaves.ts';
import { missing } from './missing.ts';

/** Longest DNS lookup, in ms. Source: go-ethereum p2p/dial.go. */
export const HOST_LOOKUP_TIMEOUT_MS = 5_000;

/** Longest TCP connect, in ms. Source: go-ethereum p2p/server.go, default dial timeout. */
export const CONNECT_TIMEOUT_MS = 15_000;

/** Backstop for connection setup, in ms: more than the sum of its own deadlines. */
export const SETTING_UP_TIMEOUT_MS = 30_000;

/** A node to dial. `publicKey` is 64 bytes in hex, or empty when its record has none. */
export type DialTarget = {
  readonly id: string;
  readonly publicKey: string;
  readonly host: string;
  readonly hostKind: 'ipv4' | 'ipv6' | 'name';
  readonly tcpPort: number;
};

/** Why an attempt ended short of a peer. Each key is a final state. */
export const DIAL_FAILURES = {
  noTcpPort: 'The node announces no TCP port.',
  hostNotFound: 'The name has no address.',
  hostLookupTimeout: 'The name server did not answer in time.',
  notInNetRestrict: 'The address is outside of the networks that we deal with.',
  connectionRefused: 'Nobody listens at that address and port.',
  unreachable: 'There is no route to that address.',
  connectTimeout: 'The address does not answer: down, or behind a firewall.',
  connectFailed: 'The system could not connect.',
  setupFailed: 'Connected, but the connection did not become a peer; its own state says why.',
  setupTimeout: 'Connection setup did not report its end.',
  cancelled: 'The server stopped, or the node was removed.',
} as const;

export type DialFailure = keyof typeof DIAL_FAILURES;

export type DialTaskInput = {
  readonly target: DialTarget;
  readonly direction: Exclude<Direction, 'inbound'>;
};

export type DialTaskEvent =
  | ResolverEvent
  | DialerEvent
  | { readonly type: 'setup.ended'; readonly result: ConnectionSetupOutput }
  | { readonly type: 'stop' };

export type DialTaskEmitted =
  /** Connection setup is to run on it, and to report its end. */
  | { readonly type: 'socket.ready'; readonly stream: ByteStream }
  /** That setup is to end. */
  | { readonly type: 'setup.unwanted' };

export type DialTaskOutput = {
  readonly outcome: 'done' | DialFailure;
  readonly address: Endpoint;
  /** What the system or the setup said, for people. */
  readonly detail: string;
};

type DialTaskContext = DialTaskInput & { readonly address: Endpoint; readonly detail: string };

const machine = setup({
  types: {
    input: {} as DialTaskInput,
    context: {} as DialTaskContext,
    events: {} as DialTaskEvent,
    emitted: {} as DialTaskEmitted,
    output: {} as DialTaskOutput,
  },
  actors: {
    resolver: missing<EventObject, string>('resolver'),
    dialer: missing<EventObject, Endpoint>('dialer'),
  },
  delays: {
    hostLookupTimeout: HOST_LOOKUP_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    settingUpTimeout: SETTING_UP_TIMEOUT_MS,
  },
  guards: {
    hasNoPort: ({ context }) => context.target.tcpPort === 0,
    isHostName: ({ context }) => context.target.hostKind === 'name',
    /** Provided where there is such a restriction. Asked of addresses only, never of names. */
    isOutsideNetRestrict: (_, _host: string): boolean => false,
    isAdmitted: (_, result: ConnectionSetupOutput) => result.outcome === 'admitted',
  },
  actions: {
    learnAddress: assign({
      address: ({ context }, host: string) => ({ host, port: context.target.tcpPort }),
    }),
    note: assign({ detail: (_, detail: string) => detail }),
    cancelSetup: emit({ type: 'setup.unwanted' }),
    handOver: emit((_, stream: ByteStream) => ({ type: 'socket.ready' as const, stream })),
  },
});

export const dialTaskMachine = machine.createMachine({
  id: 'dial-task',
  context: ({ input }) => ({
    ...input,
    address: { host: input.target.host, port: input.target.tcpPort },
    detail: '',
  }),
  initial: 'checkingEndpoint',
  states: {
    checkingEndpoint: {
      description:
        'A node without a TCP port cannot be dialled; a name is looked up before it is judged.',
      always: [
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
        onError: 'hostNotFound',
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
        'host.notFound': noting('hostNotFound'),
      },
      after: { hostLookupTimeout: 'hostLookupTimeout' },
    },
    connecting: {
      description: 'The TCP connection is being made.',
      invoke: {
        id: 'dialer',
        src: 'dialer',
        input: ({ context }) => context.address,
        onError: 'connectFailed',
      },
      on: {
        'socket.connected': {
          target: 'settingUp',
          actions: { type: 'handOver', params: ({ event }) => event.stream },
        },
        'connect.refused': noting('connectionRefused'),
        'connect.unreachable': noting('unreachable'),
        'connect.failed': noting('connectFailed'),
      },
      after: { connectTimeout: 'connectTimeout' },
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
        stop: { actions: 'cancelSetup' }, // which reports its own end
      },
      after: { settingUpTimeout: 'setupTimeout' },
    },
    done: {
      type: 'final',
      description: 'The node is a peer.',
      output: { outcome: 'done' },
    },
    ...mapKeys(DIAL_FAILURES, (outcome) => ({
      type: 'final' as const,
      description: DIAL_FAILURES[outcome],
      output: { outcome },
    })),
  },
  on: { stop: '.cancelled' },
  output: ({ context, event }) => ({
    outcome: (event.output as { outcome: DialTaskOutput['outcome'] }).outcome,
    address: context.address,
    detail: context.detail,
  }),
});

function noting(target: DialFailure) {
  const params = ({ event }: { event: { readonly detail: string } }): string => event.detail;
  return { target, actions: { type: 'note', params } } as const;
}
