/**
 * One crawl: when the next node is taken from the queue and visited, when the crawl waits, and why it ends. What is done with a
 * node is left to the actor `visitor`; a visit itself goes through the charts of a dial and a connection.
 * Chart: docs/statecharts/crawl.md
 */
import { assign, sendTo, setup } from 'xstate';
import type { CrawlCommand, CrawlFailure, CrawlReport } from '../../io/adapters/crawl-visitor.ts';
import { unprovided } from '../unprovided-actor.ts';

/** For the queue, the results and the network to open, in ms. Ours: more than the start of a server takes. */
export const SEED_TIMEOUT_MS = 60_000;

/** For the queue to answer, in ms. Ours: it may be on another machine. */
export const TAKE_TIMEOUT_MS = 60_000;

/** Pause before an empty queue is asked again, in ms: other crawlers may add nodes to it. Ours. */
export const POLL_PAUSE_MS = 1_000;

/** Backstop while all visits are under way, in ms: more than one visit may take. */
export const VISITS_TIMEOUT_MS = 180_000;

/** For the visits to end and everything to close, in ms. Ours: a server stops within 5 s. */
export const DRAIN_TIMEOUT_MS = 15_000;

export type CrawlMachineInput = {
  /** Most visits at once. */
  readonly parallel: number;
  /** Time between the starts of two visits, in ms. */
  readonly visitIntervalMs: number;
  /** How often the queue is asked in vain, with a pause in between, before the crawl is finished. */
  readonly emptyPolls: number;
  /** Longest crawl, in ms. */
  readonly maxMs: number;
};

export type CrawlMachineContext = CrawlMachineInput & {
  /** Visits under way, `parallel` at most. */
  readonly visiting: number;
  readonly visited: number;
  /** Times in a row that the queue was empty. */
  readonly polls: number;
  /** Whether other nodes may still be found. */
  readonly isSearching: boolean;
  /** Why it failed, or what could not be closed; null otherwise. */
  readonly failure: CrawlFailure | null;
};

type CrawlMachineEvent =
  | CrawlReport
  /** Ends it; nodes that are being visited stay in the queue. */
  | { readonly type: 'stop' };

/** `finished`: no node is left to visit. */
export const CRAWL_OUTCOMES = ['finished', 'stopped', 'timeLimit', 'failed'] as const;

export type CrawlOutput = {
  readonly outcome: (typeof CRAWL_OUTCOMES)[number];
  readonly visited: number;
  readonly failure: CrawlFailure | null;
};

const closing = ({ event }: { readonly event: { readonly failure: CrawlFailure | null } }) =>
  event.failure;

const late = (part: CrawlFailure['part'], message: string): (() => CrawlFailure) => {
  const failure = { part, message };
  return () => failure;
};

const SEED_LATE = late('network', `the crawl did not begin within ${SEED_TIMEOUT_MS / 1_000} s`);
const TAKE_LATE = late('queue', `the queue did not answer within ${TAKE_TIMEOUT_MS / 1_000} s`);
const VISITS_LATE = late('network', `no visit ended within ${VISITS_TIMEOUT_MS / 1_000} s`);
const DRAIN_LATE = late('internal', `not everything closed within ${DRAIN_TIMEOUT_MS / 1_000} s`);
const BROKEN = late('internal', 'the visitor broke');

const tooLate = (params: () => CrawlFailure) => ({
  target: '#crawl.draining.failed',
  actions: { type: 'setFailure', params } as const,
});

/** Each leaf of `draining` ends in the final state of its name, unless something cannot be closed. */
const draining = <Target extends (typeof CRAWL_OUTCOMES)[number]>(
  target: Target,
  description: string,
) =>
  ({
    description,
    entry: 'drain',
    on: {
      drained: [
        {
          guard: { type: 'isFailure', params: closing },
          target: '#crawl.failed',
          actions: { type: 'keepFailure', params: closing },
        },
        { target: `#crawl.${target}` },
      ],
    },
    after: {
      drainTimeout: {
        target: '#crawl.failed',
        actions: { type: 'keepFailure', params: DRAIN_LATE },
      },
    },
  }) as const;

export const crawlMachine = setup({
  types: {
    input: {} as CrawlMachineInput,
    context: {} as CrawlMachineContext,
    events: {} as CrawlMachineEvent,
    output: {} as CrawlOutput,
    children: {} as { visitor: 'visitor' },
  },
  actors: { visitor: unprovided<CrawlCommand>('visitor') },
  delays: {
    seedTimeout: SEED_TIMEOUT_MS,
    takeTimeout: TAKE_TIMEOUT_MS,
    pollPause: POLL_PAUSE_MS,
    visitsTimeout: VISITS_TIMEOUT_MS,
    drainTimeout: DRAIN_TIMEOUT_MS,
    visitInterval: ({ context }) => context.visitIntervalMs,
    timeLimit: ({ context }) => context.maxMs,
  },
  guards: {
    hasSlot: ({ context }) => context.visiting < context.parallel,
    isOver: ({ context }) => !context.isSearching && context.visiting === 0,
    isIdle: ({ context }) => context.visiting === 0 && context.polls >= context.emptyPolls,
    isFailure: (_, failure: CrawlFailure | null) => failure !== null,
  },
  actions: {
    open: sendTo('visitor', { type: 'open' }),
    take: sendTo('visitor', { type: 'take' }),
    drain: sendTo('visitor', { type: 'drain' }),
    countTaken: assign({ visiting: ({ context }) => context.visiting + 1, polls: 0 }),
    countPoll: assign({ polls: ({ context }) => context.polls + 1 }),
    countEnded: assign({
      visiting: ({ context }) => context.visiting - 1,
      visited: ({ context }) => context.visited + 1,
    }),
    noteSearchEnded: assign({ isSearching: false }),
    setFailure: assign({ failure: (_, failure: CrawlFailure) => failure }),
    /** The first one counts. */
    keepFailure: assign({
      failure: ({ context }, failure: CrawlFailure | null) => context.failure ?? failure,
    }),
  },
}).createMachine({
  id: 'crawl',
  context: ({ input }) => ({
    ...input,
    visiting: 0,
    visited: 0,
    polls: 0,
    isSearching: true,
    failure: null,
  }),
  invoke: {
    id: 'visitor',
    src: 'visitor',
    onError: { target: '.failed', actions: { type: 'keepFailure', params: BROKEN } },
  },
  initial: 'seeding',
  states: {
    seeding: {
      description: 'The queue, the results and the network are opened.',
      entry: 'open',
      on: { seeded: 'crawling' },
      after: { seedTimeout: tooLate(SEED_LATE) },
    },
    crawling: {
      description: 'Nodes are taken from the queue and visited, several at once.',
      initial: 'working',
      states: {
        working: {
          description: 'There are nodes to visit.',
          initial: 'taking',
          states: {
            taking: {
              description: 'The queue was asked for the next node.',
              entry: 'take',
              on: {
                'task.taken': { target: 'pacing', actions: 'countTaken' },
                'queue.empty': '#crawl.crawling.waiting',
              },
              after: { takeTimeout: tooLate(TAKE_LATE) },
            },
            pacing: {
              description:
                'The next visit begins a little later: there is a limit for each second.',
              after: { visitInterval: 'awaitingSlot' },
            },
            awaitingSlot: {
              description: 'Goes on at once, unless as many visits are under way as there may be.',
              always: { guard: 'hasSlot', target: 'taking' },
              after: { visitsTimeout: tooLate(VISITS_LATE) },
            },
          },
        },
        waiting: {
          description:
            'Nothing is to be visited now. Visits may be under way, and nodes may be found.',
          initial: 'resting',
          states: {
            resting: {
              description: 'The queue was empty.',
              always: { guard: 'isOver', target: '#crawl.draining.finished' },
              on: { 'node.added': '#crawl.crawling.working' },
              after: {
                pollPause: [
                  { guard: 'isIdle', target: '#crawl.draining.finished' },
                  { target: 'asking', actions: 'countPoll' },
                ],
              },
            },
            asking: {
              description: 'The queue is asked again: other crawlers may have added nodes.',
              entry: 'take',
              on: {
                'task.taken': {
                  target: '#crawl.crawling.working.pacing',
                  actions: 'countTaken',
                },
                'queue.empty': 'resting',
              },
              after: { takeTimeout: tooLate(TAKE_LATE) },
            },
          },
        },
      },
      on: {
        'visit.ended': { actions: 'countEnded' },
        'search.ended': { actions: 'noteSearchEnded' },
      },
      after: { timeLimit: 'draining.timeLimit' },
    },
    draining: {
      description: 'The visits end, and everything is closed.',
      initial: 'stopped',
      states: {
        finished: draining('finished', 'No node is left to visit.'),
        stopped: draining('stopped', 'The crawl was stopped: what is left stays in the queue.'),
        timeLimit: draining('timeLimit', 'The time is over: what is left stays in the queue.'),
        failed: {
          ...draining('failed', 'A part of the crawl failed.'),
          on: { drained: '#crawl.failed' }, // the first failure counts
        },
      },
      on: { stop: {}, 'crawl.failed': {} },
    },
    finished: {
      type: 'final',
      description: 'Every node that was found was visited.',
      output: { outcome: 'finished' },
    },
    stopped: {
      type: 'final',
      description: 'It can be resumed.',
      output: { outcome: 'stopped' },
    },
    timeLimit: {
      type: 'final',
      description: 'It can be resumed.',
      output: { outcome: 'timeLimit' },
    },
    failed: {
      type: 'final',
      description: 'The failure is in the output. What was written stays.',
      output: { outcome: 'failed' },
    },
  },
  on: {
    stop: '.draining.stopped',
    'crawl.failed': {
      target: '.draining.failed',
      actions: { type: 'setFailure', params: ({ event }) => event.failure },
    },
    // what came after its time
    seeded: {},
    'task.taken': {},
    'queue.empty': {},
    'node.added': {},
    'search.ended': {},
    'visit.ended': {},
    drained: {},
  },
  output: ({ context: { visited, failure }, event }) => ({
    outcome: (event.output as Pick<CrawlOutput, 'outcome'>).outcome,
    visited,
    failure,
  }),
});
