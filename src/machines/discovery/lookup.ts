/**
 * One lookup: asks the nodes closest to a target for closer ones, until none of the closest is left to ask.
 * Whom to ask next is decided by `lookup-search.ts`; the asker makes the endpoint proofs.
 * Chart: docs/statecharts/lookup.md.
 */
import { assign, enqueueActions, setup } from 'xstate';

import type { AskerCommand, AskerEvent } from '../../io/adapters/discovery-network.ts';
import type { Node } from '../../io/crypto/node.ts';
import { mapKeys } from '../reason-states.ts';
import { unprovided } from '../unprovided-actor.ts';
import {
  beginSearch,
  isAtLimit,
  isOver,
  type LookupSearch,
  takeToAsk,
  withAnswer,
  withFailure,
} from './lookup-search.ts';

/** Longest wait for one node, its endpoint proof included, in ms; the asker fails earlier by itself. */
export const ASK_TIMEOUT_MS = 5_000;

/** Longest lookup, in ms. Nodes that answer at the last moment must not keep it going. */
export const LOOKUP_TIMEOUT_MS = 60_000;

/** How a lookup ends, and what that means. */
export const LOOKUP_OUTCOMES = {
  finished: 'Every one of the closest nodes was asked.',
  exhausted: 'No node returned another one, or there was none to ask.',
  atLimit: 'Nodes kept returning closer ones, until as many were asked as may be.',
  timedOut: 'The nodes took too long.',
  cancelled: 'Its result is not wanted any more.',
  broken: 'The asker broke, which is an error of ours.',
} as const;

type LookupOutcome = keyof typeof LOOKUP_OUTCOMES;

export type LookupInput = {
  /** The node id that is looked for, 64 hex digits; no node needs to have it. */
  readonly targetId: string;
  readonly selfId: string;
  /** Nodes of the table closest to the target. */
  readonly seeds: readonly Node[];
};

export type LookupEvent =
  | AskerEvent
  /** This node did not answer in time. */
  | { readonly type: 'ask.overdue'; readonly id: string }
  | { readonly type: 'stop' };

/** In the order in which they came; the seeds first, each node once. */
type LookupEmitted = { readonly type: 'node.found'; readonly node: Node };

export type LookupOutput = {
  readonly outcome: LookupOutcome;
  /** The closest nodes, closest first; at most 16. */
  readonly nodes: readonly Node[];
} & Pick<LookupSearch, 'found' | 'answered' | 'failed'>;

type Answer = Extract<AskerEvent, { type: 'answered' }>;

export const lookupMachine = setup({
  types: {
    input: {} as LookupInput,
    context: {} as { readonly search: LookupSearch },
    events: {} as LookupEvent,
    emitted: {} as LookupEmitted,
    output: {} as LookupOutput,
    children: {} as { asker: 'asker' },
  },
  actors: { asker: unprovided<AskerCommand, string>('asker') },
  delays: { askTimeout: ASK_TIMEOUT_MS, lookupTimeout: LOOKUP_TIMEOUT_MS },
  guards: {
    isPending: ({ context }, id: string) => context.search.pending.has(id),
    hasNoSeed: ({ context }) => context.search.closest.length === 0,
    isOver: ({ context }) => isOver(context.search),
    isAtLimit: ({ context }) => isOver(context.search) && isAtLimit(context.search),
    isFruitless: ({ context }) => isOver(context.search) && context.search.answered.length === 0,
  },
  actions: {
    emitSeeds: enqueueActions(({ context, enqueue }) => {
      for (const node of context.search.found) enqueue.emit({ type: 'node.found', node });
    }),
    askNext: enqueueActions(({ context, enqueue }) => {
      const { search, nodes } = takeToAsk(context.search);
      enqueue.assign({ search });
      for (const node of nodes) {
        const { id } = node;
        enqueue.raise({ type: 'ask.overdue', id }, { id: askTimer(id), delay: 'askTimeout' });
        enqueue.sendTo('asker', { type: 'ask', node });
      }
    }),
    takeAnswer: enqueueActions(({ context, enqueue }, { id, nodes }: Answer) => {
      const search = withAnswer(context.search, id, nodes);
      enqueue.cancel(askTimer(id));
      enqueue.assign({ search });
      for (const node of search.found.slice(context.search.found.length))
        enqueue.emit({ type: 'node.found', node });
    }),
    takeFailure: assign({
      search: ({ context }, id: string) => withFailure(context.search, id),
    }),
    forgetTimer: enqueueActions(({ enqueue }, id: string) => {
      enqueue.cancel(askTimer(id));
    }),
  },
}).createMachine({
  id: 'lookup',
  context: ({ input }) => ({ search: beginSearch(input) }),
  initial: 'seeding',
  states: {
    seeding: {
      description:
        'The nodes of the table that are closest to the target are the first to be asked.',
      always: [
        { guard: 'hasNoSeed', target: 'exhausted' },
        { target: 'querying', actions: 'emitSeeds' },
      ],
    },
    querying: {
      description:
        'Up to three of the closest nodes are asked at once; each answer may bring closer ones.',
      entry: 'askNext',
      invoke: {
        id: 'asker',
        src: 'asker',
        input: ({ context }) => context.search.targetId,
        onError: 'broken',
      },
      always: [
        { guard: 'isFruitless', target: 'exhausted' },
        { guard: 'isAtLimit', target: 'atLimit' },
        { guard: 'isOver', target: 'finished' },
      ],
      on: {
        answered: [
          {
            guard: { type: 'isPending', params: ({ event }) => event.id },
            actions: [{ type: 'takeAnswer', params: ({ event }) => event }, 'askNext'],
          },
          {}, // it came after its time
        ],
        askFailed: [
          {
            guard: { type: 'isPending', params: ({ event }) => event.id },
            actions: [
              { type: 'forgetTimer', params: ({ event }) => event.id },
              { type: 'takeFailure', params: ({ event }) => event.id },
              'askNext',
            ],
          },
          {},
        ],
        'ask.overdue': {
          actions: [{ type: 'takeFailure', params: ({ event }) => event.id }, 'askNext'],
        },
        stop: 'cancelled',
      },
      after: { lookupTimeout: 'timedOut' },
    },
    ...mapKeys(LOOKUP_OUTCOMES, (outcome) => ({
      type: 'final' as const,
      description: LOOKUP_OUTCOMES[outcome],
      output: { outcome },
    })),
  },
  output: ({ context: { search }, event }): LookupOutput => {
    const { outcome } = event.output as Pick<LookupOutput, 'outcome'>;
    const { closest, found, answered, failed } = search;
    return { outcome, nodes: closest, found, answered, failed };
  },
});

const askTimer = (id: string): string => `ask ${id}`;
