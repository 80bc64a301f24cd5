/**
 * One subprotocol on one peer, for as long as its handler runs.
 * Messages go from the link to the handler's port without passing here.
 * Chart: docs/statecharts/protocol.md
 */
import { assign, type DoneActorEvent, type EventObject, setup } from 'xstate';

import type { HandlerEvent, ProtocolRun } from '../../io/adapters/protocol-handler.ts';
import { unprovided } from '../unprovided-actor.ts';

/** How the handler ended. */
export type ProtocolOutput = {
  /** Name and version, such as `eth/69`. */
  readonly protocol: string;
  readonly how: 'returned' | 'failed';
  /** What the handler threw, for people. */
  readonly message: string;
};

/** What the peer machine receives when a protocol ended. */
export type ProtocolEnded = DoneActorEvent<ProtocolOutput, `protocol:${string}`>;

export type ProtocolInput = {
  /** Name and version, such as `eth/69`. */
  readonly protocol: string;
  readonly run: ProtocolRun;
};

export const protocolMachine = setup({
  types: {
    input: {} as ProtocolInput,
    context: {} as ProtocolInput & { readonly message: string },
    events: {} as HandlerEvent,
    output: {} as ProtocolOutput,
  },
  actors: { handler: unprovided<EventObject, ProtocolRun>('handler') },
  actions: {
    noteMessage: assign({ message: (_, message: string) => message }),
  },
}).createMachine({
  id: 'protocol',
  context: ({ input }) => ({ ...input, message: '' }),
  initial: 'running',
  states: {
    running: {
      description:
        'The handler has the port. It waits for messages, and decides itself when to end.',
      tags: 'unbounded',
      invoke: {
        src: 'handler',
        input: ({ context }) => context.run,
        onError: { target: 'failed', actions: { type: 'noteMessage', params: 'handler adapter' } },
      },
      on: {
        'handler.returned': 'returned',
        'handler.failed': {
          target: 'failed',
          actions: { type: 'noteMessage', params: ({ event }) => event.message },
        },
      },
    },
    returned: {
      type: 'final',
      description: 'The handler returned.',
      output: 'returned',
    },
    failed: {
      type: 'final',
      description: 'The handler threw, or its promise was rejected.',
      output: 'failed',
    },
  },
  output: ({ context, event }) => ({
    protocol: context.protocol,
    how: event.output as ProtocolOutput['how'],
    message: context.message,
  }),
});
