/**
 * The address of one bootnode whose host is a name: looked up until there is one, since without bootnodes no node is
 * found. Where the address is used is left to others. Chart: docs/statecharts/bootnode-name.md
 */
import { assign, type EventObject, setup } from 'xstate';

import type { ResolverEvent } from '../../io/adapters/host-resolver.ts';
import { unprovided } from '../unprovided-actor.ts';

/** Longest lookup, in ms. Source: go-ethereum p2p/server.go, which looks names up once, at the start. */
export const NAME_LOOKUP_TIMEOUT_MS = 5_000;

/** Pause after a failed lookup, in ms; it doubles each time. Ours. */
export const FIRST_NAME_PAUSE_MS = 10_000;

/** Longest of these pauses, in ms. */
export const MAX_NAME_PAUSE_MS = 600_000;

export type BootnodeNameInput = { readonly host: string };

export type BootnodeNameEvent = ResolverEvent | { readonly type: 'stop' };

export type BootnodeNameOutput = {
  /** An IP address; null when it is no longer wanted. */
  readonly address: string | null;
};

type BootnodeNameContext = BootnodeNameInput &
  BootnodeNameOutput & {
    /** Lookups in a row that failed. */
    readonly failures: number;
  };

export const bootnodeNameMachine = setup({
  types: {
    input: {} as BootnodeNameInput,
    context: {} as BootnodeNameContext,
    events: {} as BootnodeNameEvent,
    output: {} as BootnodeNameOutput,
  },
  actors: { resolver: unprovided<EventObject, string>('resolver') },
  delays: {
    nameLookupTimeout: NAME_LOOKUP_TIMEOUT_MS,
    namePause: ({ context: { failures } }) =>
      Math.min(FIRST_NAME_PAUSE_MS * 2 ** (failures - 1), MAX_NAME_PAUSE_MS),
  },
  actions: {
    noteAddress: assign({ address: (_, address: string) => address }),
    countFailure: assign({ failures: ({ context }) => context.failures + 1 }),
  },
}).createMachine({
  id: 'bootnode-name',
  context: ({ input }) => ({ ...input, address: null, failures: 0 }),
  initial: 'lookingUp',
  states: {
    lookingUp: {
      description: 'A name server was asked.',
      invoke: {
        id: 'resolver',
        src: 'resolver',
        input: ({ context }) => context.host,
        onError: 'pausing',
      },
      on: {
        'host.found': {
          target: 'found',
          actions: { type: 'noteAddress', params: ({ event }) => event.address },
        },
        'host.notFound': 'pausing',
        'host.lookupFailed': 'pausing',
      },
      after: { nameLookupTimeout: 'pausing' },
    },
    pausing: {
      description: 'There was no address: the name is looked up again, later each time.',
      entry: 'countFailure',
      after: { namePause: 'lookingUp' },
    },
    found: { type: 'final', description: 'The name has an address.' },
    stopped: { type: 'final', description: 'The address is no longer wanted.' },
  },
  on: {
    stop: '.stopped',
    // the answer to a lookup that took too long
    'host.found': {},
    'host.notFound': {},
    'host.lookupFailed': {},
  },
  output: ({ context: { address } }) => ({ address }),
});
