/** A small machine with everything that XState's own model tests reject: an invoked actor, delays, guards, raised events. */
import { assign, fromCallback, raise, setup } from 'xstate';

export type DoorEvent =
  | { readonly type: 'push'; readonly force: number }
  | { readonly type: 'key.fits' }
  | { readonly type: 'key.broke' }
  | { readonly type: 'lock' };

/** Opens on a hard push, closes after a delay, breaks after two pushes that are too hard. */
export const doorMachine = setup({
  types: {
    input: {} as { readonly isLocked: boolean },
    context: {} as { readonly isLocked: boolean; readonly dents: number },
    events: {} as DoorEvent,
    output: {} as { readonly dents: number },
  },
  actors: { locksmith: fromCallback(() => {}) },
  delays: { closing: 5_000, patience: 60_000 },
  guards: {
    isLocked: ({ context }) => context.isLocked,
    isHard: (_, force: number) => force > 5,
    isBeaten: ({ context }) => context.dents >= 2,
  },
  actions: {
    dent: assign({ dents: ({ context }) => context.dents + 1 }),
    lock: raise({ type: 'lock' }),
  },
}).createMachine({
  id: 'door',
  context: ({ input }) => ({ ...input, dents: 0 }),
  initial: 'choosing',
  states: {
    choosing: { always: [{ guard: 'isLocked', target: 'locked' }, { target: 'shut' }] },
    locked: {
      invoke: { src: 'locksmith', id: 'locksmith', onDone: 'shut', onError: 'broken' },
      on: { 'key.fits': 'shut', 'key.broke': 'broken' },
      after: { patience: 'broken' },
    },
    shut: {
      on: {
        push: [
          {
            guard: { type: 'isHard', params: ({ event }) => event.force },
            target: 'dented',
            actions: 'dent',
          },
          { target: 'open' },
        ],
        lock: {},
      },
    },
    dented: {
      always: [{ guard: 'isBeaten', target: 'broken' }, { target: 'open' }],
    },
    open: { after: { closing: { target: 'shut', actions: 'lock' } } },
    broken: { type: 'final' },
  },
  output: ({ context }) => ({ dents: context.dents }),
});

export const softPush: DoorEvent = { type: 'push', force: 1 };
export const hardPush: DoorEvent = { type: 'push', force: 9 };
export const pushes: readonly DoorEvent[] = [softPush, hardPush];
export const inputs = [{ isLocked: false }, { isLocked: true }];
