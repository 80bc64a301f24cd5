/**
 * How others reach us through the gateway of our network: which external address it has, and which of its ports lead to
 * ours. Both go into our record. The gateway itself is an adapter; each mapping has an end, unless the gateway has
 * only permanent ones, so that one that is not deleted at the stop is gone after 10 min.
 * Chart: docs/statecharts/port-mapper.md. Source: go-ethereum p2p/server_nat.go. Longer than 400 lines: a chart is one table.
 */
import { assign, enqueueActions, sendParent, sendTo, setup } from 'xstate';

import type { GatewayCommand, GatewayEvent } from '../../io/adapters/gateway-commands.ts';
import type { MappedProtocol } from '../../io/nat/gateway.ts';
import type { Endpoint } from '../../io/wire/endpoint.ts';
import { unprovided } from '../unprovided-actor.ts';
import { FAMILIES, type PerFamily } from './endpoint-claims.ts';

/** Time after which the gateway deletes a mapping, in ms. Source: go-ethereum p2p/server_nat.go. */
export const MAPPING_LIFETIME_MS = 600_000;

/** From one mapping to the next of the same port, in ms. Source: as above. */
export const REFRESH_MS = 480_000;

/** Pause after a mapping that failed, in ms. Source: as above. */
export const RETRY_MS = 300_000;

/** From one question for the external address to the next, in ms. Source: as above. */
export const ADDRESS_POLL_MS = 120_000;

/** A mapping that could not be renewed more often than this in a row is deleted. Source: as above. */
export const MAX_FAILURES = 5;

/** After so many questions in a row without an external address, a gateway is looked for again. Ours: go-ethereum never does, so a router that was replaced stays unknown. */
export const MAX_ADDRESS_FAILURES = 5;

/** Backstop of the search for a gateway, in ms: more than the limits of the adapter. */
export const SEARCH_TIMEOUT_MS = 15_000;

/** Pause before the next search, in ms. Ours: go-ethereum searches once. */
export const SEARCH_PAUSE_MS = 300_000;

/** Backstop of one call to the gateway, in ms: more than the limits of the adapter for it and the four calls that may wait before it. */
export const CALL_TIMEOUT_MS = 60_000;

/** Longest deletion of the mappings at the stop, in ms. */
export const UNMAP_TIMEOUT_MS = 1_900;

export const PROTOCOLS = ['tcp', 'udp'] as const satisfies readonly MappedProtocol[];

export type PortMapperInput = {
  /** Of the option `nat`, such as `any` or `pmp:192.168.1.1`. */
  readonly mechanism: string;
};

export type PortMapperEvent =
  | GatewayEvent
  /** We listen here; the same port again renews its mapping now. */
  | { readonly type: 'port.bound'; readonly protocol: MappedProtocol; readonly address: Endpoint }
  /** The external address is another one: mappings are renewed. */
  | { readonly type: 'address.changed' }
  | { readonly type: 'close' };

/** To the server that invoked this machine. */
export type PortMapperReport =
  /** Null: no address of this family is known. */
  | { readonly type: 'external.changed'; readonly hosts: PerFamily<string | null> }
  /** Null: no port of the gateway leads to ours. */
  | {
      readonly type: 'port.mapped';
      readonly protocol: MappedProtocol;
      readonly port: number | null;
    }
  /** A sentence for the log. */
  | { readonly type: 'gateway.faulted'; readonly message: string };

type Mapping = {
  /** Where we listen; null: nowhere. */
  readonly bound: Endpoint | null;
  /** The port of the gateway that leads to it; null: none. */
  readonly externalPort: number | null;
  /** How often in a row the mapping could not be renewed. */
  readonly failures: number;
};

type Context = PortMapperInput & {
  /** Null while none is found. */
  readonly gateway: { readonly name: string; readonly host: string | null } | null;
  readonly hosts: PerFamily<string | null>;
  /** How often in a row there was no external address. */
  readonly addressFailures: number;
  readonly mappings: Readonly<Record<MappedProtocol, Mapping>>;
  /** Why the latest call failed; empty after one that did not. */
  readonly fault: string;
};

type Bound = Extract<PortMapperEvent, { type: 'port.bound' }>;
type Mapped = Extract<GatewayEvent, { type: 'map.done' }>;
type Found = Extract<GatewayEvent, { type: 'gateway.found' }>;
type OfProtocol = { readonly protocol: MappedProtocol };

const NONE: PerFamily<null> = { ipv4: null, ipv6: null };

const UNBOUND: Mapping = { bound: null, externalPort: null, failures: 0 };

const NAMES = { tcp: 'TCP', udp: 'UDP' } as const;

const SILENT_GATEWAY = 'the gateway did not answer in time';

const withMapping = (
  { mappings }: Context,
  protocol: MappedProtocol,
  change: Partial<Mapping>,
): Pick<Context, 'mappings'> => ({
  mappings: { ...mappings, [protocol]: { ...mappings[protocol], ...change } },
});

const mapperSetup = setup({
  types: {
    input: {} as PortMapperInput,
    context: {} as Context,
    events: {} as PortMapperEvent,
    children: {} as { gateway: 'gateway' },
  },
  actors: { gateway: unprovided<GatewayCommand>('gateway') },
  delays: {
    searchTimeout: SEARCH_TIMEOUT_MS,
    searchPause: SEARCH_PAUSE_MS,
    callTimeout: CALL_TIMEOUT_MS,
    addressPoll: ADDRESS_POLL_MS,
    refreshInterval: REFRESH_MS,
    retryPause: RETRY_MS,
    closeTimeout: UNMAP_TIMEOUT_MS,
  },
  guards: {
    isFor: (_, { protocol, event }: { protocol: MappedProtocol; event: OfProtocol }) =>
      event.protocol === protocol,
    isBound: ({ context }, protocol: MappedProtocol) => context.mappings[protocol].bound !== null,
    isForItsPort: ({ context }, { protocol, event }: { protocol: MappedProtocol; event: Mapped }) =>
      event.protocol === protocol && event.port === context.mappings[protocol].bound?.port,
    isLastFailureOf: (
      { context },
      { protocol, event }: { protocol: MappedProtocol; event: OfProtocol },
    ) => event.protocol === protocol && context.mappings[protocol].failures >= MAX_FAILURES,
    isLastFailure: ({ context }, protocol: MappedProtocol) =>
      context.mappings[protocol].failures >= MAX_FAILURES,
    hasNoMapping: ({ context }, protocol: MappedProtocol) =>
      context.mappings[protocol].externalPort === null,
    isGatewayLost: ({ context }) => context.addressFailures > MAX_ADDRESS_FAILURES,
  },
  actions: {
    search: sendTo('gateway', { type: 'search' }),
    noteGateway: assign((_, { name, host }: Found) => ({ gateway: { name, host }, fault: '' })),
    noteFault: assign({ fault: (_, message: string) => message }),
    reportFault: sendParent((_, message: string) => ({ type: 'gateway.faulted', message })),
    askAddress: sendTo('gateway', { type: 'askAddress' }),
    takeAddress: enqueueActions(({ context, enqueue }, hosts: PerFamily<string | null>) => {
      if (FAMILIES.every((family) => hosts[family] === context.hosts[family])) return;
      enqueue.assign({ hosts });
      enqueue.sendParent({ type: 'external.changed', hosts });
      enqueue.raise({ type: 'address.changed' });
    }),
    countAddress: assign({ addressFailures: 0, fault: '' }),
    countNoAddress: assign({ addressFailures: ({ context }) => context.addressFailures + 1 }),
    /** Nothing that the gateway gave us is valid any more. */
    forgetGateway: enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ gateway: null, addressFailures: 0, hosts: NONE });
      if (FAMILIES.some((family) => context.hosts[family] !== null))
        enqueue.sendParent({ type: 'external.changed', hosts: NONE });
      for (const protocol of PROTOCOLS)
        if (context.mappings[protocol].externalPort !== null)
          enqueue.sendParent({ type: 'port.mapped', protocol, port: null });
    }),
    takePort: assign(({ context }, { protocol, address }: Bound) =>
      withMapping(context, protocol, { bound: address, failures: 0 }),
    ),
    /** A port of the gateway that leads to a port we no longer listen on. */
    unmapOther: enqueueActions(({ context, enqueue }, { protocol, address }: Bound) => {
      const { bound, externalPort } = context.mappings[protocol];
      if (externalPort === null || bound?.port === address.port) return;
      enqueue.sendTo('gateway', { type: 'unmap', protocol, port: bound?.port ?? 0, externalPort });
    }),
    map: enqueueActions(({ context, enqueue }, protocol: MappedProtocol) => {
      const { bound, externalPort } = context.mappings[protocol];
      if (bound)
        enqueue.sendTo('gateway', {
          ...{ type: 'map', protocol, host: bound.host, port: bound.port },
          ...{ externalPort, lifetimeMs: MAPPING_LIFETIME_MS },
        });
    }),
    takeMapping: enqueueActions(({ context, enqueue }, { protocol, externalPort }: Mapped) => {
      enqueue.assign(withMapping(context, protocol, { externalPort, failures: 0 }));
      enqueue.assign({ fault: '' });
      enqueue.sendParent({
        ...{ type: 'port.mapped', protocol, port: externalPort },
      });
    }),
    countFailure: assign(({ context }, protocol: MappedProtocol) =>
      withMapping(context, protocol, { failures: context.mappings[protocol].failures + 1 }),
    ),
    unmap: enqueueActions(({ context, enqueue }, protocol: MappedProtocol) => {
      const { bound, externalPort } = context.mappings[protocol];
      if (externalPort !== null)
        enqueue.sendTo('gateway', {
          type: 'unmap',
          protocol,
          port: bound?.port ?? 0,
          externalPort,
        });
    }),
    reportUnmapped: sendParent((_, protocol: MappedProtocol) => ({
      ...{ type: 'port.mapped', protocol, port: null },
    })),
    forgetMapping: assign(({ context }, protocol: MappedProtocol) =>
      withMapping(context, protocol, { externalPort: null, failures: 0 }),
    ),
    abort: sendTo('gateway', { type: 'abort' }),
  },
});

export const portMapperMachine = mapperSetup.createMachine({
  id: 'port-mapper',
  context: ({ input: { mechanism } }) => ({
    mechanism,
    gateway: null,
    hosts: NONE,
    addressFailures: 0,
    mappings: { tcp: UNBOUND, udp: UNBOUND },
    fault: '',
  }),
  invoke: { id: 'gateway', src: 'gateway' },
  initial: 'searching',
  states: {
    searching: {
      id: 'searching',
      description: 'A gateway that answers is looked for in our network.',
      entry: 'search',
      on: {
        'gateway.found': {
          target: 'serving',
          actions: { type: 'noteGateway', params: ({ event }) => event },
        },
        'gateway.notFound': {
          target: 'noGateway',
          actions: [
            { type: 'noteFault', params: ({ event }) => event.message },
            { type: 'reportFault', params: ({ event }) => event.message },
          ],
        },
        close: 'closed',
      },
      after: {
        searchTimeout: {
          target: 'noGateway',
          actions: [
            { type: 'noteFault', params: SILENT_GATEWAY },
            { type: 'reportFault', params: SILENT_GATEWAY },
          ],
        },
      },
    },
    noGateway: {
      description: 'No gateway answered. The next search is in 5 min.',
      on: { close: 'closed' },
      after: { searchPause: 'searching' },
    },
    serving: {
      description: 'The gateway gives its external address and maps ports.',
      type: 'parallel',
      exit: 'abort',
      on: { close: 'closing' },
      states: {
        address: {
          description: 'The external address of our network.',
          initial: 'asking',
          states: {
            asking: {
              description: 'The gateway is asked for its external address.',
              entry: 'askAddress',
              on: {
                'address.found': {
                  target: 'known',
                  actions: [
                    'countAddress',
                    { type: 'takeAddress', params: ({ event }) => event.hosts },
                  ],
                },
                'address.notPublic': {
                  target: 'notPublic',
                  actions: ['countAddress', { type: 'takeAddress', params: NONE }],
                },
                'address.failed': {
                  target: 'unknown',
                  actions: [
                    'countNoAddress',
                    { type: 'noteFault', params: ({ event }) => event.message },
                    { type: 'takeAddress', params: NONE },
                  ],
                },
              },
              after: {
                callTimeout: {
                  target: 'unknown',
                  actions: [
                    'countNoAddress',
                    { type: 'noteFault', params: SILENT_GATEWAY },
                    { type: 'takeAddress', params: NONE },
                  ],
                },
              },
            },
            known: {
              description: 'Our record claims the external address, unless the operator gave one.',
              after: { addressPoll: 'asking' },
            },
            notPublic: {
              description:
                'The external address is private: the gateway stands behind another one. It is not claimed.',
              after: { addressPoll: 'asking' },
            },
            unknown: {
              description: 'The gateway gave no external address; none is claimed.',
              always: { guard: 'isGatewayLost', target: '#searching', actions: 'forgetGateway' },
              after: { addressPoll: 'asking' },
            },
          },
        },
        tcp: mappingRegion('tcp'),
        udp: mappingRegion('udp'),
      },
    },
    closing: {
      description: 'The mappings are deleted.',
      type: 'parallel',
      states: { tcp: deletionRegion('tcp'), udp: deletionRegion('udp') },
      onDone: 'closed',
      after: { closeTimeout: 'closed' },
    },
    closed: {
      type: 'final',
      description: 'Mappings that were not deleted in time end by themselves within 10 min.',
    },
  },
  on: {
    'port.bound': { actions: { type: 'takePort', params: ({ event }) => event } },
    // too late, or nothing that a state waits for
    'gateway.found': {},
    'gateway.notFound': {},
    'address.found': {},
    'address.notPublic': {},
    'address.failed': {},
    'address.changed': {},
    'map.done': {},
    'map.notSupported': {},
    'map.loopback': {},
    'map.failed': {},
    'unmap.ended': {},
    close: {},
  },
});

/** The port of the gateway that leads to one of ours. */
function mappingRegion(protocol: MappedProtocol) {
  const silent = { type: 'noteFault', params: SILENT_GATEWAY } as const;
  return mapperSetup.createStateConfig({
    description: `Which port of the gateway leads to our ${NAMES[protocol]} port.`,
    initial: 'unbound',
    on: {
      'port.bound': {
        guard: { type: 'isFor', params: ({ event }) => ({ protocol, event }) },
        target: '.requesting',
        actions: [
          { type: 'unmapOther', params: ({ event }) => event },
          { type: 'takePort', params: ({ event }) => event },
        ],
      },
      'map.done': {
        guard: { type: 'isForItsPort', params: ({ event }) => ({ protocol, event }) },
        target: '.mapped',
        actions: { type: 'takeMapping', params: ({ event }) => event },
      },
      'map.notSupported': {
        guard: { type: 'isFor', params: ({ event }) => ({ protocol, event }) },
        target: '.notSupported',
      },
      'map.loopback': {
        guard: { type: 'isFor', params: ({ event }) => ({ protocol, event }) },
        target: '.loopback',
      },
    },
    states: {
      unbound: {
        description: 'We do not listen on a port of this protocol.',
        tags: 'unbounded',
        always: { guard: { type: 'isBound', params: protocol }, target: 'requesting' },
      },
      requesting: {
        description: 'The gateway is asked to map the port.',
        entry: { type: 'map', params: protocol },
        on: {
          'map.failed': {
            guard: { type: 'isFor', params: ({ event }) => ({ protocol, event }) },
            target: 'unmapped',
            actions: { type: 'noteFault', params: ({ event }) => event.message },
          },
        },
        after: { callTimeout: { target: 'unmapped', actions: silent } },
      },
      mapped: {
        description: 'Our record has the port of the gateway. The mapping lasts 10 min.',
        on: { 'address.changed': 'refreshing' },
        after: { refreshInterval: 'refreshing' },
      },
      refreshing: {
        description: 'The mapping is made again, without being deleted before.',
        entry: { type: 'map', params: protocol },
        on: {
          'map.failed': [
            {
              guard: {
                type: 'isLastFailureOf',
                params: ({ event }) => ({ protocol, event }),
              },
              target: 'deleting',
              actions: { type: 'noteFault', params: ({ event }) => event.message },
            },
            {
              guard: { type: 'isFor', params: ({ event }) => ({ protocol, event }) },
              target: 'retrying',
              actions: [
                { type: 'countFailure', params: protocol },
                { type: 'noteFault', params: ({ event }) => event.message },
              ],
            },
          ],
        },
        after: {
          callTimeout: [
            {
              guard: { type: 'isLastFailure', params: protocol },
              target: 'deleting',
              actions: silent,
            },
            { target: 'retrying', actions: [{ type: 'countFailure', params: protocol }, silent] },
          ],
        },
      },
      retrying: {
        description: 'The mapping was not renewed, and may have ended. It is tried again in 5 min.',
        on: { 'address.changed': 'refreshing' },
        after: { retryPause: 'refreshing' },
      },
      deleting: {
        description: 'The mapping was not renewed six times in a row: it is deleted.',
        entry: [
          { type: 'unmap', params: protocol },
          { type: 'reportUnmapped', params: protocol },
        ],
        on: {
          'unmap.ended': {
            guard: { type: 'isFor', params: ({ event }) => ({ protocol, event }) },
            target: 'unmapped',
          },
          'map.done': {}, // of a call before the deletion
        },
        after: { callTimeout: 'unmapped' },
        exit: { type: 'forgetMapping', params: protocol },
      },
      unmapped: {
        description: 'The gateway does not map the port. It is asked again in 5 min.',
        on: { 'address.changed': 'requesting' },
        after: { retryPause: 'requesting' },
      },
      notSupported: {
        description: 'This mechanism tells the external address and maps no ports.',
        tags: 'unbounded',
      },
      loopback: {
        description: 'The port is bound to a loopback address, which the gateway does not reach.',
        tags: 'unbounded',
      },
    },
  });
}

/** At the stop. */
function deletionRegion(protocol: MappedProtocol) {
  return mapperSetup.createStateConfig({
    description: `The mapping of our ${NAMES[protocol]} port is deleted, if there is one.`,
    initial: 'deleting',
    states: {
      deleting: {
        description: 'The gateway is asked to delete the mapping.',
        entry: { type: 'unmap', params: protocol },
        always: { guard: { type: 'hasNoMapping', params: protocol }, target: 'deleted' },
        on: {
          'unmap.ended': {
            guard: { type: 'isFor', params: ({ event }) => ({ protocol, event }) },
            target: 'deleted',
          },
        },
      },
      deleted: { type: 'final', description: 'There is no mapping any more.' },
    },
  });
}
