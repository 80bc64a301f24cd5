/** A session that reconnects by itself, with a model check of everything that can happen to it: no socket, no clock. */
import { checkModel, coverageTable, type Invariant, pathsOf, replayLive } from 'peerchart/testing';
import { assign, fromCallback, fromPromise, setup } from 'xstate';

/** Most failed dials in a row. */
const MAX_TRIES = 3;

const session = setup({
  types: {
    context: {} as { readonly tries: number; readonly address: string | null },
    events: {} as { readonly type: 'leave' } | { readonly type: 'lost'; readonly why: string },
  },
  actors: {
    dial: fromPromise((): Promise<string> => Promise.reject(new Error('no answer'))),
    connection: fromCallback(() => {}), // reports `lost`
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
    setOnline: assign((_, address: string) => ({ tries: 0, address })),
    clearAddress: assign({ address: null }),
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
          actions: { type: 'setOnline', params: ({ event }) => event.output },
        },
        onError: 'failed',
      },
      after: { dialTimeout: 'failed' },
    },
    failed: { always: [{ guard: 'hasTriesLeft', target: 'pausing' }, { target: 'givenUp' }] },
    pausing: { after: { pause: 'dialling' } },
    online: {
      invoke: { src: 'connection', id: 'connection', onError: 'failed' },
      exit: 'clearAddress',
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

/** What the actors may report, and what may be asked of the session. Delays are tried without a sample. */
const samples = [
  { type: 'leave' },
  { type: 'xstate.done.actor.dial', output: '192.0.2.1' },
  { type: 'xstate.error.actor.dial', error: new Error('no answer') },
  { type: 'xstate.error.actor.connection', error: new Error('no answer') },
  { type: 'lost', why: 'reset' },
  { type: 'lost', why: 'banned' },
] as const;

/** Shortest paths that together reach every state and every transition. */
const paths = pathsOf(session, samples);
for (const path of paths) replayLive(session, path); // the same events in a live actor
export const coverage = paths.coverage();
console.log(coverageTable([coverage]));

/** Rules for every reachable configuration. */
const invariants: Record<string, Invariant<typeof session>> = {
  'it gives up after MAX_TRIES dials': ({ context: { tries } }) =>
    tries > MAX_TRIES ? `${tries} tries in a row` : null,
  'it has an address exactly while it is online': (snapshot) =>
    snapshot.matches('online') === (snapshot.context.address !== null)
      ? null
      : 'the address does not match the state',
  'it has no tries while it is online': (snapshot) =>
    snapshot.matches('online') && snapshot.context.tries > 0
      ? `${snapshot.context.tries} tries`
      : null,
};
export const sound = checkModel(session, invariants, { events: samples });
console.log(
  `${sound.configurations} configurations, ${sound.violation?.sentence ?? 'no violation'}, ${sound.untried.length} events untried`,
);

/** The same machine with an error in a guard. */
const faulty = session.provide({ guards: { hasTriesLeft: () => true } });
export const { violation } = checkModel(faulty, invariants, { events: samples });
console.log(`violated: ${violation?.invariant}: ${violation?.sentence}. The shortest path:`);
for (const { event, state } of violation?.path.steps ?? [])
  console.log(`  ${event.type} → ${state}`);
