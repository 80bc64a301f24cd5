/** A session that connects again by itself, and everything that can happen to it: no socket, no clock. */
import { checkModel, coverageTable, type Invariant, pathsOf, replayLive } from 'peerchart/testing';
import { assign, fromCallback, fromPromise, setup } from 'xstate';

/** Dials that may fail one after the other. */
const MAX_TRIES = 3;

const session = setup({
  types: {
    context: {} as { readonly tries: number; readonly address: string | null },
    events: {} as { readonly type: 'leave' } | { readonly type: 'lost'; readonly why: string },
  },
  actors: {
    dial: fromPromise((): Promise<string> => Promise.reject(new Error('no answer'))),
    line: fromCallback(() => {}), // reports `lost`
  },
  delays: {
    dialTimeout: 15_000,
    pause: ({ context }) => 1_000 * 2 ** context.tries,
  },
  guards: {
    hasTriesLeft: ({ context }) => context.tries < MAX_TRIES,
    isBanned: (_, why: string) => why === 'banned',
  },
  actions: {
    countTry: assign({ tries: ({ context }) => context.tries + 1 }),
    remember: assign((_, address: string) => ({ tries: 0, address })),
    forget: assign({ address: null }),
  },
}).createMachine({
  id: 'session',
  context: { tries: 0, address: null },
  initial: 'dialling',
  on: { leave: '.left' },
  states: {
    dialling: {
      entry: 'countTry',
      invoke: {
        src: 'dial',
        id: 'dial',
        onDone: {
          target: 'online',
          actions: { type: 'remember', params: ({ event }) => event.output },
        },
        onError: 'failed',
      },
      after: { dialTimeout: 'failed' },
    },
    failed: { always: [{ guard: 'hasTriesLeft', target: 'pausing' }, { target: 'givenUp' }] },
    pausing: { after: { pause: 'dialling' } },
    online: {
      invoke: { src: 'line', id: 'line', onError: 'failed' },
      exit: 'forget',
      on: {
        lost: [
          { guard: { type: 'isBanned', params: ({ event }) => event.why }, target: 'givenUp' },
          { target: 'failed' },
        ],
      },
    },
    givenUp: { type: 'final' },
    left: { type: 'final' },
  },
});

/** Events that carry something need samples; what XState makes itself, such as the end of a delay, is found. */
const samples = [
  { type: 'xstate.done.actor.dial', output: '192.0.2.1' },
  { type: 'lost', why: 'reset' },
  { type: 'lost', why: 'banned' },
] as const;

/** Shortest paths that together reach every state and every transition. */
const paths = pathsOf(session, samples);
for (const path of paths) replayLive(session, path); // the same through a live actor
export const coverage = paths.coverage();
console.log(coverageTable([coverage]));

/** What has to be true wherever it can get to. */
const invariants: Record<string, Invariant<typeof session>> = {
  'it gives up at some time': ({ context: { tries } }) =>
    tries > MAX_TRIES ? `${tries} tries in a row` : null,
  'it knows an address exactly while it is online': (snapshot) =>
    snapshot.matches('online') === (snapshot.context.address !== null) ? null : 'it does not',
  'its tries are forgotten once it is online': (snapshot) =>
    snapshot.matches('online') && snapshot.context.tries > 0 ? 'they are not' : null,
};
export const sound = checkModel(session, invariants, { events: samples });
console.log(
  `${sound.configurations} configurations, ${sound.violation?.sentence ?? 'all is well'}`,
);

/** The same machine with a mistake in it. */
const restless = session.provide({ guards: { hasTriesLeft: () => true } });
export const { violation } = checkModel(restless, invariants, { events: samples });
console.log(`${violation?.invariant}? ${violation?.sentence}, the shortest way:`);
for (const { event, state } of violation?.path.steps ?? [])
  console.log(`  ${event.type} → ${state}`);
