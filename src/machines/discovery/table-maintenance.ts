/**
 * Keeps the table of nodes filled and checked: refreshes it by lookups, checks its nodes one by one, and has the store
 * keep those that stay. The rules of the table are in `table.ts`; each lookup is a root actor started by the server.
 * Chart: docs/statecharts/table-maintenance.md. Longer than 400 lines: a chart is one table.
 */
import {
  assign,
  cancel,
  type ErrorActorEvent,
  enqueueActions,
  raise,
  sendParent,
  sendTo,
  setup,
} from 'xstate';

import type {
  DiscoveryNetworkCommand,
  DiscoveryNetworkEvent,
} from '../../io/adapters/discovery-network.ts';
import type {
  NodeTableStoreCommand,
  NodeTableStoreEvent,
} from '../../io/adapters/node-table-store.ts';
import type { Node } from '../../io/crypto/node.ts';
import type { Endpoint } from '../../io/wire/endpoint.ts';
import { drawNumber, type Seed } from '../dialing/seeded-draw.ts';
import { unprovided } from '../unprovided-actor.ts';
import type { LookupOutput } from './lookup.ts';
import {
  addFound,
  addInbound,
  aged,
  type CheckList,
  checkAnswered,
  checkFailed,
  checkForgotten,
  emptyTable,
  findAnswered,
  findFailed,
  type NodeTable,
  type TableRules,
  takeToCheck,
  takeToStore,
} from './table.ts';

/** Longest wait for the operating system to bind, in ms. */
export const BIND_TIMEOUT_MS = 5_000;

/** Longest wait for the nodes of the store, in ms. */
export const SEEDS_TIMEOUT_MS = 5_000;

/** Nodes taken from the store at once. Source: go-ethereum p2p/discover/table.go. */
export const SEED_COUNT = 30;

/** Time since the last pong of a node that the store gives, in ms: 5 days. Source: go-ethereum p2p/discover/table.go. */
export const SEED_MAX_AGE_MS = 432_000_000;

/** Longest time from one refresh to the next, in ms; each is drawn from half of it on. Source: go-ethereum. */
export const REFRESH_INTERVAL_MS = 1_800_000;

/** Lookups of a refresh: of ourselves, then of random targets. Source: go-ethereum p2p/discover/table.go. */
const LOOKUPS_PER_REFRESH = 4;

/** First pause after a refresh that no node answered, and after the table lost its last node, in ms; it doubles each time. Ours: others wait for the next refresh. */
export const RETRY_PAUSE_MS = 10_000;

/** Longest of these pauses, in ms. */
export const MAX_RETRY_PAUSE_MS = 300_000;

/** Longest wait for a lookup to report its end, in ms; it has limits of its own. */
export const LOOKUP_REPORT_TIMEOUT_MS = 65_000;

/** Longest time from one check to the next, in ms, of new nodes and of those that failed. Source: go-ethereum. */
export const FAST_INTERVAL_MS = 3_000;

/** The same of nodes that answered their last check. Source: go-ethereum p2p/discover/table_reval.go. */
export const SLOW_INTERVAL_MS = 9_000;

/** Longest check, in ms; it has limits of its own. */
export const CHECK_TIMEOUT_MS = 10_000;

/** From one copy of nodes to the store to the next, in ms. Source: go-ethereum p2p/discover/table.go up to 1.13. */
export const STORE_INTERVAL_MS = 30_000;

/** Shortest time in the table of a node that the store gets, in intervals: 5 minutes. Source: as above. */
export const MIN_STORED_AGE = 11;

/** Longest wait for the store to write, and for the socket to close, in ms. */
export const CLOSE_TIMEOUT_MS = 2_000;

/** Bootnodes at once. */
const MAX_BOOTNODES = 100;

/** A version of Node Discovery. Each has a table of its own. */
export type DiscoveryVersionName = 'v4' | 'v5';

export type TableMaintenanceInput = {
  /** In each report, so that the server knows whose it is. */
  readonly version: DiscoveryVersionName;
  readonly rules: TableRules;
  /** Ours, 128 hex digits: the target of the first lookup of a refresh. */
  readonly publicKey: string;
  /** Without those whose host is a name; see `bootnodes.found`. */
  readonly bootnodes: readonly Node[];
  readonly seed: Seed;
};

/** What a lookup found, and which nodes returned others. */
export type LookupFindings = {
  /** Each that was found, whether or not it is close. */
  readonly nodes: readonly Node[];
} & Pick<LookupOutput, 'answered' | 'failed'>;

export type TableMaintenanceEvent =
  | DiscoveryNetworkEvent
  | NodeTableStoreEvent
  /** The answer to `lookup.wanted`. */
  | ({ readonly type: 'lookup.ended'; readonly lookupId: number } & LookupFindings)
  /** Of a lookup for another purpose. */
  | ({ readonly type: 'nodes.found' } & LookupFindings)
  /** Bootnodes whose names have an address now. */
  | { readonly type: 'bootnodes.found'; readonly nodes: readonly Node[] }
  /** The table has too few nodes for a purpose: refresh it now, unless it is being refreshed. */
  | { readonly type: 'refresh.wanted' }
  /** Time to copy nodes to the store. */
  | { readonly type: 'store.due' }
  /** The check of this node did not end in time. */
  | { readonly type: 'check.overdue'; readonly id: string }
  | ErrorActorEvent<unknown, 'network'>
  | ErrorActorEvent<unknown, 'store'>
  | { readonly type: 'close' };

/** To the server that invoked this machine. */
export type TableMaintenanceReport = { readonly version: DiscoveryVersionName } & (
  | { readonly type: 'discovery.ready'; readonly address: Endpoint }
  /** Discovery has ended, or did not start; the socket is closed. */
  | { readonly type: 'discovery.failed'; readonly message: string }
  /** The next attempt to bind the socket is in `retryInMs`, and there is none when that is null. */
  | { readonly type: 'discovery.lost'; readonly message: string; readonly retryInMs: number | null }
  | { readonly type: 'discovery.restored' }
  /** Run a lookup and answer with `lookup.ended`. `target` is a public key of 128 hex digits, null for a random one. */
  | { readonly type: 'lookup.wanted'; readonly lookupId: number; readonly target: string | null }
);

type Context = Pick<TableMaintenanceInput, 'version' | 'publicKey'> & {
  readonly table: NodeTable;
  /** At most `MAX_BOOTNODES`. */
  readonly bootnodes: readonly Node[];
  readonly seed: Seed;
  /** Of the last lookup that was wanted. */
  readonly lookupId: number;
  /** Lookups that this refresh still wants, without the one under way. */
  readonly lookupsLeft: number;
  /** Nodes that returned others in this refresh. */
  readonly answers: number;
  /** Refreshes that have ended. */
  readonly refreshes: number;
  /** Refreshes in a row that no node answered. */
  readonly unanswered: number;
  /** Until the next check or refresh, in ms, as they were drawn. */
  readonly pauses: Readonly<Record<Pause, number>>;
  readonly fault: string;
};

type Pause = CheckList | 'refresh';
type CheckAnswered = Extract<DiscoveryNetworkEvent, { type: 'check.answered' }>;
type NetworkLost = Extract<DiscoveryNetworkEvent, { type: 'network.lost' }>;

/** The shortest and the longest of each pause, in ms; timers of 0 ms would fire in the same turn. */
const PAUSES: Readonly<Record<Pause, readonly [shortest: number, longest: number]>> = {
  fast: [1, FAST_INTERVAL_MS],
  slow: [1, SLOW_INTERVAL_MS],
  refresh: [REFRESH_INTERVAL_MS / 2, REFRESH_INTERVAL_MS],
};

type Nodes = { readonly event: { readonly nodes: readonly Node[] } };
type Findings = { readonly event: LookupFindings };
type OfNode = { readonly event: { readonly id: string } };

const ADD_SEEDS = {
  type: 'addSeeds',
  params: ({ event }: Nodes): readonly Node[] => event.nodes,
} as const;

const TAKE_FINDINGS = {
  type: 'takeFindings',
  params: ({ event }: Findings): LookupFindings => event,
} as const;

const NOTE_FAILED_CHECK = {
  type: 'noteFailed',
  params: ({ event }: OfNode): string => event.id,
} as const;

/** Discovery cannot go on: it closes what it has, and then ends as failed. */
const failing = (fault: string) =>
  ({
    target: '#table-maintenance.closing',
    actions: { type: 'noteFault', params: fault },
  }) as const;

const ENDED = [{ guard: 'hasFault', target: 'failed' }, { target: 'closed' }] as const;

/** The socket is gone already. */
const failed = (fault: string) =>
  ({ target: '#table-maintenance.failed', actions: { type: 'noteFault', params: fault } }) as const;

const REPORT_LOSS = {
  type: 'reportLoss',
  params: ({ event }: { event: NetworkLost }): NetworkLost => event,
} as const;

const LOST = { target: 'offline', actions: REPORT_LOSS } as const;

export const tableMaintenanceMachine = setup({
  types: {
    input: {} as TableMaintenanceInput,
    context: {} as Context,
    events: {} as TableMaintenanceEvent,
    children: {} as { network: 'network'; store: 'store' },
  },
  actors: {
    network: unprovided<DiscoveryNetworkCommand>('network'),
    store: unprovided<NodeTableStoreCommand>('store'),
  },
  delays: {
    bindTimeout: BIND_TIMEOUT_MS,
    seedsTimeout: SEEDS_TIMEOUT_MS,
    lookupTimeout: LOOKUP_REPORT_TIMEOUT_MS,
    checkTimeout: CHECK_TIMEOUT_MS,
    refreshPause: ({ context }) => context.pauses.refresh,
    retryPause: ({ context }) =>
      Math.min(RETRY_PAUSE_MS * 2 ** Math.max(0, context.unanswered - 1), MAX_RETRY_PAUSE_MS),
    fastPause: ({ context }) => context.pauses.fast,
    slowPause: ({ context }) => context.pauses.slow,
    storeInterval: STORE_INTERVAL_MS,
    closeTimeout: CLOSE_TIMEOUT_MS,
  },
  guards: {
    hasRefreshed: ({ context }) => context.refreshes > 0,
    isLatestLookup: ({ context }, lookupId: number) => lookupId === context.lookupId,
    hasLookupsLeft: ({ context }) => context.lookupsLeft > 0,
    hasAnswers: ({ context }) => context.answers > 0,
    hasNodes: ({ context }, list: CheckList) =>
      context.table.buckets.some(({ entries }) => entries.some((entry) => entry.list === list)),
    isEmpty: ({ context }) => context.table.buckets.every(({ entries }) => entries.length === 0),
    hasFault: ({ context }) => context.fault !== '',
  },
  actions: {
    noteFault: assign({ fault: (_, fault: string) => fault }),
    reportReady: sendParent(({ context: { version } }, address: Endpoint) => ({
      type: 'discovery.ready',
      version,
      address,
    })),
    reportFault: sendParent(({ context }) => ({
      type: 'discovery.failed',
      version: context.version,
      message: context.fault,
    })),
    reportLoss: sendParent(({ context }, { message, retryInMs }: NetworkLost) => ({
      type: 'discovery.lost',
      version: context.version,
      message,
      retryInMs,
    })),
    reportRestored: sendParent(({ context: { version } }) => ({
      type: 'discovery.restored',
      version,
    })),
    askSeeds: sendTo('store', {
      type: 'seeds.wanted' as const,
      count: SEED_COUNT,
      maxAgeMs: SEED_MAX_AGE_MS,
    }),
    addSeeds: assign({
      table: ({ context }, nodes: readonly Node[]) =>
        withFound(context.table, nodes.slice(0, SEED_COUNT)),
    }),
    addBootnodes: assign({
      table: ({ context }) => withFound(context.table, context.bootnodes),
    }),
    noteBootnodes: assign(({ context }, nodes: readonly Node[]) => {
      const ids = new Set(nodes.map(({ id }) => id));
      const others = context.bootnodes.filter(({ id }) => !ids.has(id));
      const bootnodes = [...others, ...nodes].slice(0, MAX_BOOTNODES);
      return { bootnodes, table: withFound(context.table, bootnodes) };
    }),
    beginRefresh: assign({ lookupsLeft: LOOKUPS_PER_REFRESH, answers: 0 }),
    wantLookup: enqueueActions(({ context, enqueue }) => {
      const { version } = context;
      const lookupId = context.lookupId + 1;
      const isFirst = context.lookupsLeft === LOOKUPS_PER_REFRESH;
      enqueue.assign({ lookupId, lookupsLeft: context.lookupsLeft - 1 });
      const target = isFirst ? context.publicKey : null;
      enqueue.sendParent({ type: 'lookup.wanted', version, lookupId, target });
    }),
    takeFindings: assign(({ context }, { nodes, answered, failed }: LookupFindings) => {
      let { table } = context;
      for (const id of answered) table = findAnswered(table, id);
      for (const id of failed) table = findFailed(table, id);
      return { table: withFound(table, nodes), answers: context.answers + answered.length };
    }),
    noteRefresh: assign(({ context }) => ({
      refreshes: context.refreshes + 1,
      unanswered: context.answers > 0 ? 0 : context.unanswered + 1,
    })),
    drawPause: assign(({ context: { pauses, seed } }, pause: Pause) => {
      const [shortest, longest] = PAUSES[pause];
      const drawn = drawNumber(longest - shortest + 1, seed);
      return { seed: drawn.seed, pauses: { ...pauses, [pause]: shortest + drawn.number } };
    }),
    check: enqueueActions(({ context, enqueue }, list: CheckList) => {
      const { table, node } = takeToCheck(context.table, list);
      if (!node) return;
      const { id } = node;
      enqueue.assign({ table });
      enqueue.raise({ type: 'check.overdue', id }, { id: checkTimer(id), delay: 'checkTimeout' });
      enqueue.sendTo('network', { type: 'check', node });
    }),
    noteAnswered: enqueueActions(({ context, enqueue }, { id, node }: CheckAnswered) => {
      enqueue.cancel(checkTimer(id));
      enqueue.assign({ table: checkAnswered(context.table, id, node) });
    }),
    noteFailed: enqueueActions(({ context, enqueue }, id: string) => {
      enqueue.cancel(checkTimer(id));
      enqueue.assign({ table: checkFailed(context.table, id) });
    }),
    /** A node is not worse because our own socket is lost. */
    forgetChecks: enqueueActions(({ context, enqueue }) => {
      let { table } = context;
      for (const id of table.checking.keys()) {
        enqueue.cancel(checkTimer(id));
        table = checkForgotten(table, id);
      }
      enqueue.assign({ table });
    }),
    addProven: assign({ table: ({ context }, node: Node) => addInbound(context.table, node) }),
    forgetStore: cancel('store'),
    awaitStore: raise({ type: 'store.due' }, { id: 'store', delay: 'storeInterval' }),
    storeNodes: enqueueActions(({ context, enqueue }) => {
      const { table, nodes } = takeToStore(aged(context.table), MIN_STORED_AGE);
      enqueue.assign({ table });
      if (nodes.length > 0) enqueue.sendTo('store', { type: 'nodes.save', nodes });
    }),
    storeRest: enqueueActions(({ context, enqueue }) => {
      const { table, nodes } = takeToStore(context.table, MIN_STORED_AGE);
      enqueue.assign({ table });
      enqueue.sendTo('store', { type: 'nodes.save', nodes });
    }),
    closeNetwork: sendTo('network', { type: 'close' }),
  },
}).createMachine({
  id: 'table-maintenance',
  context: ({ input: { version, rules, publicKey, bootnodes, seed } }) => ({
    version,
    publicKey,
    table: emptyTable(rules, seed),
    bootnodes: bootnodes.slice(0, MAX_BOOTNODES),
    seed,
    lookupId: 0,
    lookupsLeft: 0,
    answers: 0,
    refreshes: 0,
    unanswered: 0,
    pauses: { fast: FAST_INTERVAL_MS, slow: SLOW_INTERVAL_MS, refresh: REFRESH_INTERVAL_MS },
    fault: '',
  }),
  initial: 'binding',
  invoke: [
    { id: 'network', src: 'network', onError: failed('the adapter of the network broke') },
    { id: 'store', src: 'store', onError: failing('the adapter of the store broke') },
  ],
  states: {
    binding: {
      description: 'The operating system was asked to bind the UDP address.',
      on: {
        'network.bound': {
          target: 'loading',
          actions: { type: 'reportReady', params: ({ event }) => event.address },
        },
        'network.failed': {
          target: 'failed',
          actions: { type: 'noteFault', params: ({ event }) => event.message },
        },
        close: 'closing',
      },
      after: { bindTimeout: failing('binding took too long') },
    },
    loading: {
      description: 'The store was asked for nodes that answered lately.',
      entry: 'askSeeds',
      on: {
        'seeds.found': { target: 'serving', actions: ADD_SEEDS },
        'seeds.failed': 'serving',
        'network.lost': LOST,
        close: 'saving',
      },
      after: { seedsTimeout: 'serving' },
    },
    serving: {
      description: 'The table is filled by lookups, and its nodes are checked.',
      type: 'parallel',
      entry: 'awaitStore',
      exit: 'forgetStore',
      on: {
        'store.due': { actions: ['storeNodes', 'awaitStore'] },
        'network.lost': LOST,
        close: 'saving',
      },
      states: {
        refresh: {
          description: 'When nodes are looked for.',
          initial: 'beginning',
          states: {
            seeding: {
              description: 'A refresh is due: the store is asked for nodes that answered lately.',
              entry: 'askSeeds',
              on: {
                'seeds.found': { target: 'beginning', actions: ADD_SEEDS },
                'seeds.failed': 'beginning',
              },
              after: { seedsTimeout: 'beginning' },
            },
            beginning: {
              description: 'Bootnodes are added, in case the table has lost all of its nodes.',
              entry: ['addBootnodes', 'beginRefresh'],
              always: 'lookingUp',
            },
            lookingUp: {
              description: 'The server runs a lookup: of ourselves, then of random targets.',
              entry: 'wantLookup',
              on: {
                'lookup.ended': {
                  guard: { type: 'isLatestLookup', params: ({ event }) => event.lookupId },
                  target: 'lookedUp',
                  actions: TAKE_FINDINGS,
                },
              },
              after: { lookupTimeout: 'lookedUp' },
            },
            lookedUp: {
              description:
                'Whether another lookup belongs to this refresh, and whether a node answered.',
              always: [
                { guard: 'hasLookupsLeft', target: 'lookingUp' },
                { guard: 'hasAnswers', target: 'resting', actions: 'noteRefresh' },
                { target: 'retrying', actions: 'noteRefresh' },
              ],
            },
            resting: {
              description: 'Until the next refresh.',
              entry: { type: 'drawPause', params: 'refresh' },
              always: { guard: 'isEmpty', target: 'retrying' },
              on: { 'refresh.wanted': 'seeding' },
              after: { refreshPause: 'seeding' },
            },
            retrying: {
              description:
                'No node answered, or the table lost its last one: the next refresh is soon, and later each time.',
              after: { retryPause: 'seeding' },
            },
          },
        },
        revalidation: {
          description: 'When nodes are checked, one at a time from each list.',
          type: 'parallel',
          states: {
            fast: {
              description: 'New nodes and those that failed a check.',
              initial: 'idle',
              states: revalidation('fast', 'fastPause'),
            },
            slow: {
              description: 'Nodes that answered their last check.',
              initial: 'idle',
              states: revalidation('slow', 'slowPause'),
            },
          },
        },
      },
    },
    offline: {
      description:
        'The socket is lost, and bound again by the network; no node is checked or looked for.',
      tags: 'unbounded',
      entry: 'forgetChecks',
      on: {
        'network.restored': { target: 'loading', actions: 'reportRestored' },
        'network.lost': { actions: REPORT_LOSS },
        close: 'saving',
      },
    },
    saving: {
      description: 'The store writes what it has.',
      entry: 'storeRest',
      on: { 'nodes.saved': 'closing', 'xstate.error.actor.store': 'closing', 'network.closed': {} },
      after: { closeTimeout: 'closing' },
    },
    closing: {
      description: 'The network closes the socket.',
      entry: 'closeNetwork',
      on: {
        'network.closed': ENDED,
        'xstate.error.actor.network': ENDED,
        'xstate.error.actor.store': {},
      },
      after: { closeTimeout: ENDED },
    },
    closed: { type: 'final', description: 'The socket is closed.' },
    failed: {
      type: 'final',
      description: 'The address could not be bound, or an adapter broke; the server gets a report.',
      entry: 'reportFault',
    },
  },
  on: {
    'check.answered': { actions: { type: 'noteAnswered', params: ({ event }) => event } },
    'check.failed': { actions: NOTE_FAILED_CHECK },
    'check.overdue': { actions: NOTE_FAILED_CHECK },
    'node.proven': [
      // before the table knows nodes that we found, one who only pings us could fill it
      { guard: 'hasRefreshed', actions: { type: 'addProven', params: ({ event }) => event.node } },
      {},
    ],
    'lookup.ended': { actions: TAKE_FINDINGS },
    'nodes.found': { actions: TAKE_FINDINGS },
    'bootnodes.found': { actions: { type: 'noteBootnodes', params: ({ event }) => event.nodes } },
    'seeds.found': { actions: ADD_SEEDS },
    'network.closed': failed('the socket closed by itself'),
    // these come too late, or twice
    'network.bound': {},
    'network.failed': {},
    'network.lost': {},
    'network.restored': {},
    'seeds.failed': {},
    'nodes.saved': {},
    'refresh.wanted': {},
    close: {},
  },
});

/** One list: a random node of it is checked after a pause, as long as it has nodes. */
function revalidation<Delay extends 'fastPause' | 'slowPause'>(list: CheckList, delay: Delay) {
  return {
    idle: {
      description: 'There is no node to check.',
      tags: 'unbounded',
      always: { guard: { type: 'hasNodes', params: list }, target: 'pausing' },
    },
    pausing: {
      description: 'Until a random node is checked.',
      entry: { type: 'drawPause', params: list },
      after: { [delay]: { target: 'idle', actions: { type: 'check', params: list } } } as {
        readonly [Key in Delay]: {
          readonly target: 'idle';
          readonly actions: { readonly type: 'check'; readonly params: CheckList };
        };
      },
    },
  } as const;
}

function withFound(table: NodeTable, nodes: readonly Node[]): NodeTable {
  let next = table;
  for (const node of nodes) next = addFound(next, node);
  return next;
}

const checkTimer = (id: string): string => `check ${id}`;
