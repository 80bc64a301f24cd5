/**
 * One DNS node list: when its root is read and checked again, and when its entries are read: one after the other, as nodes
 * are wanted. What the texts mean, and which entry comes next, is left to `io/discovery/tree-reader.ts`.
 * Chart: docs/statecharts/dns-tree.md
 */
import { assign, raise, sendTo, setup } from 'xstate';

import type {
  TreeReaderCommand,
  TreeReaderEvent,
  TreeReaderInput,
} from '../../io/adapters/tree-reader-actor.ts';
import type { ReadFailure } from '../../io/discovery/tree-reader.ts';
import { unprovided } from '../unprovided-actor.ts';

/** Time from a root to its next check, in ms. Source: go-ethereum p2p/dnsdisc/client.go. */
export const ROOT_RECHECK_MS = 1_800_000;

/** Entries that could not be read before the root is checked. Source: go-ethereum p2p/dnsdisc/sync.go. */
export const MAX_ENTRY_FAILURES = 5;

/** Pause before the root is read again, in ms; it doubles until a node was read. Ours. */
export const FIRST_ROOT_PAUSE_MS = 1_000;

/** Longest of these pauses, in ms. Ours. */
export const MAX_ROOT_PAUSE_MS = 300_000;

/** Pause before the nodes of a list are given again, in ms. Ours: go-ethereum does not pause; nodes are not dialled again for 35 s. */
export const ROUND_PAUSE_MS = 30_000;

/** Backstop for one query, in ms: more than its own limit and its wait for a turn. */
export const READ_TIMEOUT_MS = 45_000;

export type DnsTreeInput = TreeReaderInput;

export type DnsTreeEvent =
  | TreeReaderEvent
  /** The last node was taken, and another one is to be found. */
  | { readonly type: 'node.wanted' }
  /** The root is so old that it has to be checked. */
  | { readonly type: 'root.outdated' }
  | { readonly type: 'stop' };

export type DnsTreeOutput = { readonly outcome: 'closed' | 'broken' };

export type DnsTreeContext = TreeReaderInput & {
  /** Sequence number of the root; null until one was read. */
  readonly seq: number | null;
  /** Entries of this round that are known and unread. */
  readonly remaining: number;
  /** Node records that were read in this round. */
  readonly nodes: number;
  /** Entries that could not be read since the root was read. */
  readonly entryFailures: number;
  /** Times that the root was read, or could not be, since the last node. */
  readonly fruitlessChecks: number;
  /** Why the last root or entry could not be read; null when it could. */
  readonly lastFailure: ReadFailure | null;
};

type EntryEvent = Extract<TreeReaderEvent, { readonly remaining: number; readonly nodes: number }>;
type RootRead = Extract<TreeReaderEvent, { readonly type: 'root.read' }>;

export const dnsTreeMachine = setup({
  types: {
    input: {} as DnsTreeInput,
    context: {} as DnsTreeContext,
    events: {} as DnsTreeEvent,
    output: {} as DnsTreeOutput,
    children: {} as { reader: 'reader' },
    tags: {} as 'unbounded',
  },
  actors: { reader: unprovided<TreeReaderCommand, TreeReaderInput>('reader') },
  delays: {
    rootRecheck: ROOT_RECHECK_MS,
    roundPause: ROUND_PAUSE_MS,
    readTimeout: READ_TIMEOUT_MS,
    rootPause: ({ context: { fruitlessChecks } }) =>
      Math.min(FIRST_ROOT_PAUSE_MS * 2 ** fruitlessChecks, MAX_ROOT_PAUSE_MS),
  },
  guards: {
    isNode: (_, kind: string) => kind === 'node',
    hasTooManyFailures: ({ context }) => context.entryFailures >= MAX_ENTRY_FAILURES,
    hasUnread: ({ context }) => context.remaining > 0,
    hasNodes: ({ context }) => context.nodes > 0,
  },
  actions: {
    readRoot: sendTo('reader', { type: 'read.root' }),
    readEntry: sendTo('reader', { type: 'read.entry' }),
    countCheck: assign({ fruitlessChecks: ({ context }) => context.fruitlessChecks + 1 }),
    noteRoot: assign((_, { seq, remaining }: Pick<RootRead, 'seq' | 'remaining'>) => ({
      ...{ seq, remaining },
      nodes: 0,
      entryFailures: 0,
      lastFailure: null,
    })),
    noteRound: assign((_, { remaining, nodes }: Pick<EntryEvent, 'remaining' | 'nodes'>) => ({
      ...{ remaining, nodes },
    })),
    noteNode: assign({ fruitlessChecks: 0, lastFailure: null }),
    noteFailure: assign({ lastFailure: (_, why: ReadFailure) => why }),
    countEntryFailure: assign({ entryFailures: ({ context }) => context.entryFailures + 1 }),
  },
}).createMachine({
  id: 'dns-tree',
  context: ({ input }) => ({
    ...input,
    seq: null,
    remaining: 0,
    nodes: 0,
    entryFailures: 0,
    fruitlessChecks: 0,
    lastFailure: null,
  }),
  invoke: {
    id: 'reader',
    src: 'reader',
    input: ({ context: { url } }) => ({ url }),
    onError: '.broken',
  },
  initial: 'withoutRoot',
  states: {
    withoutRoot: {
      description: 'No root of this list was read yet.',
      initial: 'resting',
      states: {
        resting: {
          description: 'No node is wanted, so nothing is asked.',
          tags: 'unbounded',
          on: { 'node.wanted': 'checking' },
        },
        checking: {
          description: 'A name server was asked for the root.',
          entry: ['countCheck', 'readRoot'],
          on: {
            'root.failed': {
              target: 'pausing',
              actions: { type: 'noteFailure', params: ({ event }) => event.why },
            },
          },
          after: { readTimeout: 'pausing' },
        },
        pausing: {
          description: 'There was no valid root: it is read again, later each time.',
          after: { rootPause: 'checking' },
        },
      },
      on: {
        'root.read': {
          target: 'withRoot',
          actions: { type: 'noteRoot', params: ({ event }) => event },
        },
      },
    },
    withRoot: {
      description: 'The root is signed by the key of the list, and not too old.',
      initial: 'choosing',
      states: {
        choosing: {
          description: 'Whether there is an entry to read.',
          always: [
            { guard: 'hasTooManyFailures', target: '#dns-tree.outdated.pausing' },
            { guard: 'hasUnread', target: 'reading' },
            { guard: 'hasNodes', target: 'betweenRounds' },
            { target: '#dns-tree.outdated.pausing' },
          ],
        },
        reading: {
          description: 'The next entry is read: a link, or a random one of the others.',
          entry: 'readEntry',
          on: {
            'entry.read': [
              {
                guard: { type: 'isNode', params: ({ event }) => event.kind },
                target: 'resting',
                actions: [{ type: 'noteRound', params: ({ event }) => event }, 'noteNode'],
              },
              {
                target: 'choosing',
                actions: { type: 'noteRound', params: ({ event }) => event },
              },
            ],
            'entry.failed': {
              target: 'choosing',
              actions: [
                { type: 'noteRound', params: ({ event }) => event },
                { type: 'noteFailure', params: ({ event }) => event.why },
                'countEntryFailure',
              ],
            },
          },
          after: { readTimeout: { target: 'choosing', actions: 'countEntryFailure' } },
        },
        resting: {
          description: 'It has given a node that was not taken yet.',
          on: { 'node.wanted': 'choosing', 'root.outdated': '#dns-tree.outdated.resting' },
        },
        betweenRounds: {
          description: 'All nodes were given: they are given again after a while.',
          after: { roundPause: 'reading' },
        },
      },
      on: { 'root.outdated': 'outdated' },
      after: { rootRecheck: { actions: raise({ type: 'root.outdated' }) } },
    },
    outdated: {
      description: 'The root has to be read again: it is old, or what it names could not be read.',
      initial: 'checking',
      states: {
        resting: {
          description: 'No node is wanted, so nothing is asked.',
          tags: 'unbounded',
          on: { 'node.wanted': 'checking' },
        },
        pausing: {
          description: 'The list gave no node, or too many broken entries: later each time.',
          after: { rootPause: 'checking' },
        },
        checking: {
          description: 'A name server was asked for the root. Without an answer the old one stays.',
          entry: ['countCheck', 'readRoot'],
          on: {
            'root.failed': {
              target: '#dns-tree.withRoot',
              actions: { type: 'noteFailure', params: ({ event }) => event.why },
            },
          },
          after: { readTimeout: '#dns-tree.withRoot' },
        },
      },
      on: {
        'root.read': {
          target: 'withRoot',
          actions: { type: 'noteRoot', params: ({ event }) => event },
        },
      },
    },
    closed: {
      type: 'final',
      description: 'Its nodes are no longer wanted.',
      output: { outcome: 'closed' },
    },
    broken: {
      type: 'final',
      description: 'The reader broke, which is an error of ours.',
      output: { outcome: 'broken' },
    },
  },
  on: {
    stop: '.closed',
    'node.wanted': {}, // it is looked for already
    // what came after its time
    'root.read': {},
    'root.failed': {},
    'entry.read': {},
    'entry.failed': {},
  },
  output: ({ event }) => ({ outcome: (event.output as DnsTreeOutput).outcome }),
});
