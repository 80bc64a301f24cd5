/**
 * When to dial: asks the generator at every turn, and requests its dials within the slots and the redial delay. And
 * when a peer makes room for others.
 * Which node to dial is decided by `dial-generator.ts`; each dial is a `dial-task` started by the server.
 * Chart: docs/statecharts/dial-scheduler.md. Longer than 400 lines: a chart is one table.
 */
import { assign, type ErrorActorEvent, enqueueActions, setup, spawnChild, stopChild } from 'xstate';

import type { CandidateCommand, CandidateEvent } from '../../io/adapters/candidate-source.ts';
import type { Direction } from '../connection/connection.ts';
import { PersistentMap, PersistentSet } from '../persistent-map.ts';
import { unprovided } from '../unprovided-actor.ts';
import { churnable, MAX_CHURN_PAUSE_MS, MIN_CHURN_PAUSE_MS, YOUNG_PEER_MS } from './churn.ts';
import {
  byDirection,
  type DialBlock,
  type DialDirection,
  type DialFacts,
  type DialRules,
  dialledPeers,
  slotsOf,
} from './dial-check.ts';
import {
  type ChangedIds,
  type DialEnd,
  type DialGenerator,
  type DialGeneratorInput,
  type DialRequest,
  withChanged,
} from './dial-generator.ts';
import type { DialTarget } from './dial-task.ts';
import { type BackOff, backOffAfter, MAX_BACK_OFFS, SPREAD_STEPS } from './redial-back-off.ts';
import { draw, drawNumber, type Seed } from './seeded-draw.ts';

/** Time from the start of a dial to the next one to the same node, in ms. Others throttle us for 30 s. Source: go-ethereum p2p/dial.go. */
export const REDIAL_DELAY_MS = 35_000;

/** Time without any peer after which bootnodes are dialled, in ms. Source: go-ethereum p2p/dial.go up to 1.9.10. */
export const FALLBACK_DELAY_MS = 20_000;

/** Pause after a candidate that was skipped or invalid, in ms: limits the work a source that repeats itself can cause. */
export const CANDIDATE_PAUSE_MS = 20;

/** Longest wait for cancelled dials to end, in ms. */
export const CANCEL_TIMEOUT_MS = 4_000;

/** Nodes to keep connected at once. Ours: go-ethereum has no limit. */
export const MAX_STATIC_NODES = 1_000;

/** Tasks that wait for a slot. Our generator never makes more than there are slots. */
export const MAX_QUEUED_TASKS = 1_000;

export type DialSchedulerInput = Omit<DialGeneratorInput, 'rules'> & {
  readonly rules: DialRules;
  readonly generator: DialGenerator<unknown>;
  /** Whether there is a source of candidates: the `candidates` actor. */
  readonly hasCandidates: boolean;
  /** Ids of nodes that never wait for the reason of their last end. */
  readonly trusted: readonly string[];
};

export type DialSchedulerEvent =
  /** A known id gets its new address and may be dialled at once. Beyond `MAX_STATIC_NODES` nothing happens. */
  | { readonly type: 'static.add'; readonly target: DialTarget }
  | { readonly type: 'static.remove'; readonly id: string }
  | { readonly type: 'peer.added'; readonly id: string; readonly direction: Direction }
  /** `state`: in which it ended. */
  | { readonly type: 'peer.removed'; readonly id: string; readonly state?: string }
  /** The node no longer waits for the reason of its last end, and never does from now on. */
  | { readonly type: 'trusted.add'; readonly id: string }
  | { readonly type: 'trusted.remove'; readonly id: string }
  /** An inbound connection passed the first checkpoint; `inbound.completed` follows exactly once. */
  | { readonly type: 'inbound.pending'; readonly id: string }
  | { readonly type: 'inbound.completed'; readonly id: string }
  | ({ readonly type: 'dial.ended' } & EndedDial)
  | { readonly type: 'backOff.over'; readonly id: string }
  /** It has been a peer for long enough to make room. */
  | { readonly type: 'peer.settled'; readonly id: string }
  | { readonly type: 'history.expired'; readonly id: string }
  | { readonly type: 'resolve.allowed'; readonly id: string }
  /** Something changed: ask the generator. */
  | { readonly type: 'turn' }
  | { readonly type: 'candidate.wanted' }
  | { readonly type: 'candidate.skipped' }
  /** These static nodes were not held back before. */
  | { readonly type: 'statics.heldBack'; readonly targets: readonly DialTarget[] }
  | { readonly type: 'statics.released' }
  | CandidateEvent<DialTarget>
  | ErrorActorEvent<unknown, 'candidates'>
  | { readonly type: 'stop' };

/** To the server that invoked this machine. */
export type DialSchedulerReport =
  | ({ readonly type: 'dial.wanted' } & WantedDial)
  /** `connected`: the node became a peer over an inbound connection. */
  | {
      readonly type: 'dial.unwanted';
      readonly id: string;
      readonly why: 'connected' | 'removed' | 'stopping';
    }
  /** This node is not dialled until it is added with another address. Reported once. */
  | { readonly type: 'static.blocked'; readonly target: DialTarget; readonly why: DialBlock }
  | ({ readonly type: 'static.heldBack' } & HeldBackNodes)
  /** No static node is held back any more. */
  | { readonly type: 'static.released' }
  /** This peer makes room for another node. */
  | { readonly type: 'peer.churned'; readonly id: string; readonly direction: Direction }
  /** It was time for a peer to make room, and there is room, or no peer that may go. */
  | { readonly type: 'churn.skipped' }
  /** No more candidates come; static nodes are still dialled. */
  | { readonly type: 'candidates.failed'; readonly message: string };

/** `backOffDraw`: see the input of a dial task. */
export type WantedDial = DialRequest & { readonly backOffDraw?: number };

/** `backOff`: how long the node is left alone now; absent when it is not. */
export type EndedDial = DialEnd & { readonly backOff?: BackOff };

/** Static nodes that are due and not dialled, because the peers that we dialled take the whole share. */
export type HeldBackNodes = {
  /** Those that were not reported since they are held back; never empty. */
  readonly nodes: readonly DialTarget[];
  /** Peers that we dialled, and how many of them there may be. */
  readonly dialled: number;
  readonly maxDialed: number;
};

/** The facts as values that are cheap to change. */
type KeptFacts = DialFacts & {
  readonly dialing: PersistentMap<DialDirection>;
  readonly recent: PersistentSet;
  /** At most `MAX_BACK_OFFS`. */
  readonly backingOff: PersistentMap<BackOff>;
  readonly peers: PersistentMap<Direction>;
  readonly pendingInbound: PersistentMap<number>;
};

type Context = {
  readonly rules: DialRules;
  readonly facts: KeptFacts;
  readonly generator: DialGenerator<unknown>;
  /** Of the generator; opaque here. */
  readonly state: unknown;
  /** Ids to keep connected; at most `MAX_STATIC_NODES`. */
  readonly statics: PersistentSet;
  /** Bounded by the server. */
  readonly trusted: PersistentSet;
  /** Of the random part of waits. */
  readonly backOffSeed: Seed;
  /** Peers that have stayed for `YOUNG_PEER_MS`; bounded by the peers. */
  readonly settled: PersistentSet;
  /** Of which peer makes room, and when. */
  readonly churnSeed: Seed;
  /** Static nodes whose facts changed since the generator was asked. */
  readonly changed: ChangedIds;
  readonly hasBootnodes: boolean;
  readonly hasCandidates: boolean;
  /** Tasks without a slot, first come first served; at most `MAX_QUEUED_TASKS`. */
  readonly queued: readonly DialRequest[];
  /** Ids of static nodes that are due while the share is taken. At most `MAX_STATIC_NODES` with our generator. */
  readonly heldBack: ReadonlySet<string>;
  /** What the generator gave as `waiting`: the same array means that nothing changed. */
  readonly waiting: readonly DialTarget[];
  /** Candidates that were not an enode URL. */
  readonly invalid: number;
};

const REPORT_HELD_BACK = {
  type: 'reportHeldBack',
  params: ({ event }: { event: HeldBack }) => event.targets,
} as const;

type HeldBack = Extract<DialSchedulerEvent, { type: 'statics.heldBack' }>;

export const dialSchedulerMachine = setup({
  types: {
    input: {} as DialSchedulerInput,
    context: {} as Context,
    events: {} as DialSchedulerEvent,
    children: {} as { candidates: 'candidates' },
  },
  actors: { candidates: unprovided<CandidateCommand>('candidates') },
  delays: {
    redialDelay: REDIAL_DELAY_MS,
    fallbackDelay: FALLBACK_DELAY_MS,
    candidatePause: CANDIDATE_PAUSE_MS,
    cancelTimeout: CANCEL_TIMEOUT_MS,
    churnPause: ({ context }) =>
      MIN_CHURN_PAUSE_MS +
      drawNumber(MAX_CHURN_PAUSE_MS - MIN_CHURN_PAUSE_MS + 1, context.churnSeed).number,
    youth: YOUNG_PEER_MS,
  },
  guards: {
    hasSlot: ({ context: { facts, rules } }) => slotsOf(facts, rules).static > 0,
    isSaturated: ({ context: { facts, rules } }) => slotsOf(facts, rules).static <= 0,
    isIdle: ({ context }) => context.facts.dialing.size === 0,
    hasPeer: ({ context }) => context.facts.peers.size > 0,
    hasNoPeer: ({ context }) => context.facts.peers.size === 0,
    hasNoBootnodes: ({ context }) => !context.hasBootnodes,
    hasCandidates: ({ context }) => context.hasCandidates,
    churns: ({ context }) => context.rules.churns,
    mayChurn: ({ context }) => churnable(context).length > 0,
    canAddStatic: ({ context: { statics } }, id: string) =>
      statics.has(id) || statics.size < MAX_STATIC_NODES,
  },
  actions: {
    /** Not when no turn could have a result: most servers have many inbound connections and few dials. */
    turn: enqueueActions(({ context, enqueue }) => {
      if (needsTurns(context)) enqueue.raise({ type: 'turn' });
    }),
    addStatic: assign(({ context }, target: DialTarget) => ({
      state: context.generator.addStatic(context.state, target),
      statics: context.statics.with(target.id),
      queued: context.queued.filter((task) => task.target.id !== target.id),
      ...changedFacts(context, target.id, {
        recent: context.facts.recent.without(target.id),
        backingOff: context.facts.backingOff.without(target.id),
      }),
    })),
    removeStatic: assign(({ context }, id: string) => ({
      state: context.generator.removeStatic(context.state, id),
      statics: context.statics.without(id),
      queued: context.queued.filter((task) => task.target.id !== id),
      ...changedFacts(context, id, {
        recent: context.facts.recent.without(id),
        backingOff: context.facts.backingOff.without(id),
      }),
    })),
    addPeer: assign(({ context }, { id, direction }: PeerAdded) =>
      changedFacts(context, id, { peers: context.facts.peers.with(id, direction) }),
    ),
    removePeer: assign(({ context }, id: string) =>
      changedFacts(context, id, { peers: context.facts.peers.without(id) }),
    ),
    /** After a dial its own result counts, after the time as a peer the state in which that ended. */
    backOff: enqueueActions(({ context, enqueue }, { id, backOff, state }: Ended) => {
      const { facts, statics, trusted, rules, backOffSeed } = context;
      if (!rules.backsOff || statics.has(id) || trusted.has(id)) return;
      const { number, seed } = drawNumber(SPREAD_STEPS, backOffSeed);
      const wait = state === undefined ? backOff : backOffAfter(state, number);
      if (!wait || (!facts.backingOff.has(id) && facts.backingOff.size >= MAX_BACK_OFFS)) return;
      enqueue.assign({
        backOffSeed: seed,
        facts: { ...facts, backingOff: facts.backingOff.with(id, wait) },
      });
      enqueue.cancel(backOffTimer(id));
      enqueue.raise({ type: 'backOff.over', id }, { id: backOffTimer(id), delay: wait.ms });
    }),
    endBackOff: enqueueActions(({ context, enqueue }, id: string) => {
      enqueue.cancel(backOffTimer(id));
      const { backingOff } = context.facts;
      if (!backingOff.has(id)) return;
      enqueue.assign({ facts: { ...context.facts, backingOff: backingOff.without(id) } });
    }),
    /** One of them by chance; it leaves when the server has disconnected it. */
    churn: enqueueActions(({ context, enqueue }) => {
      const { drawn, seed } = draw(churnable(context), 1, context.churnSeed);
      enqueue.assign({ churnSeed: seed });
      for (const peer of drawn) enqueue.sendParent({ type: 'peer.churned', ...peer });
    }),
    skipChurn: enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ churnSeed: drawNumber(1, context.churnSeed).seed });
      enqueue.sendParent({ type: 'churn.skipped' });
    }),
    beginYouth: enqueueActions(({ context, enqueue }, id: string) => {
      if (context.rules.churns)
        enqueue.raise({ type: 'peer.settled', id }, { id: youthTimer(id), delay: 'youth' });
    }),
    settle: assign({ settled: ({ context }, id: string) => context.settled.with(id) }),
    endYouth: enqueueActions(({ context, enqueue }, id: string) => {
      enqueue.cancel(youthTimer(id));
      enqueue.assign({ settled: context.settled.without(id) });
    }),
    trust: assign({ trusted: ({ context }, id: string) => context.trusted.with(id) }),
    distrust: assign({ trusted: ({ context }, id: string) => context.trusted.without(id) }),
    notePending: assign(({ context }, id: string) =>
      changedFacts(context, id, {
        pendingInbound: counted(context.facts.pendingInbound, id, 1),
      }),
    ),
    noteCompleted: assign(({ context }, id: string) =>
      changedFacts(context, id, {
        pendingInbound: counted(context.facts.pendingInbound, id, -1),
      }),
    ),
    expireHistory: assign(({ context }, id: string) =>
      changedFacts(context, id, { recent: context.facts.recent.without(id) }),
    ),
    allowResolve: assign(({ context: { generator, state } }, id: string) => ({
      state: generator.resolvePauseOver(state, id),
    })),
    addCandidate: assign(({ context: { generator, state } }, target: DialTarget) => ({
      state: generator.addCandidate(state, target),
    })),
    countInvalid: assign({ invalid: ({ context }) => context.invalid + 1 }),
    endDial: enqueueActions(({ context, enqueue }, { id, resolution }: EndedDial) => {
      const { facts, generator } = context;
      const end = resolution === undefined ? { id } : { id, resolution };
      const { state, resolvePauseMs } = generator.taskDone(context.state, end);
      enqueue.assign({
        state,
        ...changedFacts(context, id, { dialing: facts.dialing.without(id) }),
      });
      if (resolvePauseMs === null) return;
      enqueue.raise(
        { type: 'resolve.allowed', id },
        { id: resolveTimer(id), delay: resolvePauseMs },
      );
    }),
    /** Dials from before the node was added or removed no longer delay it. */
    forgetHistory: enqueueActions(({ enqueue }, id: string) => {
      enqueue.cancel(historyTimer(id));
      enqueue.cancel(resolveTimer(id));
      enqueue.cancel(backOffTimer(id));
    }),
    cancelDial: enqueueActions(({ context, enqueue }, { id, why }: Cancellation) => {
      if (context.facts.dialing.has(id)) enqueue.sendParent({ type: 'dial.unwanted', id, why });
    }),
    cancelIfInbound: enqueueActions(({ context, enqueue }, { id, direction }: PeerAdded) => {
      if (direction === 'inbound' && context.facts.dialing.has(id))
        enqueue.sendParent({ type: 'dial.unwanted', id, why: 'connected' });
    }),
    cancelDials: enqueueActions(({ context, enqueue }) => {
      for (const id of context.facts.dialing.keys())
        enqueue.sendParent({ type: 'dial.unwanted', id, why: 'stopping' });
    }),
    /** Queued tasks go first; the generator is asked only when all of them found a slot. */
    launch: enqueueActions(({ context, enqueue }, mode: 'usual' | 'fallback') => {
      const { requests, plan, ...next } = takeTurn(context, mode);
      const waiting = plan ? (plan.waiting ?? NONE) : context.waiting;
      const isSame = waiting === context.waiting;
      const heldBack = isSame ? context.heldBack : new Set(waiting.map(({ id }) => id));
      enqueue.assign({ ...next, heldBack, waiting });
      const targets = isSame ? [] : waiting.filter(({ id }) => !context.heldBack.has(id));
      if (targets.length > 0) enqueue.raise({ type: 'statics.heldBack', targets });
      if (heldBack.size === 0 && context.heldBack.size > 0)
        enqueue.raise({ type: 'statics.released' });
      for (const { target, why } of plan?.blocked ?? [])
        enqueue.sendParent({ type: 'static.blocked', target, why });
      let { backOffSeed } = context;
      for (const request of requests) {
        const { id } = request.target;
        enqueue.cancel(historyTimer(id)); // two timers of one id would both fire
        enqueue.raise(
          { type: 'history.expired', id },
          { id: historyTimer(id), delay: 'redialDelay' },
        );
        if (!mayWait(request, context)) enqueue.sendParent({ type: 'dial.wanted', ...request });
        else {
          const { number: backOffDraw, seed } = drawNumber(SPREAD_STEPS, backOffSeed);
          enqueue.sendParent({ type: 'dial.wanted', ...request, backOffDraw });
          backOffSeed = seed;
        }
      }
      enqueue.assign({ backOffSeed });
      if (plan?.candidate === 'wanted' && context.hasCandidates)
        enqueue.raise({ type: 'candidate.wanted' });
      if (plan?.candidate === 'skipped') enqueue.raise({ type: 'candidate.skipped' });
    }),
    reportHeldBack: enqueueActions(
      ({ context: { facts, rules }, enqueue }, nodes: readonly DialTarget[]) => {
        const { maxDialed } = rules;
        const dialled = dialledPeers(facts);
        enqueue.sendParent({ type: 'static.heldBack', nodes, dialled, maxDialed });
      },
    ),
    reportReleased: enqueueActions(({ enqueue }) =>
      enqueue.sendParent({ type: 'static.released' }),
    ),
    openCandidates: spawnChild('candidates', { id: 'candidates' }),
    closeCandidates: stopChild('candidates'),
    pull: enqueueActions(({ enqueue }) => enqueue.sendTo('candidates', { type: 'pull' })),
    reportCandidatesLost: enqueueActions(({ enqueue }, message: string) =>
      enqueue.sendParent({ type: 'candidates.failed', message }),
    ),
  },
}).createMachine({
  id: 'dial-scheduler',
  context: ({ input: { rules, generator, statics, bootnodes, seed, hasCandidates, trusted } }) => ({
    rules,
    generator,
    state: generator.begin({ rules, statics, bootnodes, seed }),
    facts: {
      dialing: PersistentMap.from<DialDirection>([], byDirection),
      recent: PersistentSet.from(),
      backingOff: PersistentMap.from(),
      peers: PersistentMap.from<Direction>([], byDirection),
      pendingInbound: PersistentMap.from(),
    },
    statics: PersistentSet.from(statics.map(({ id }) => id)),
    trusted: PersistentSet.from(trusted),
    backOffSeed: seed,
    settled: PersistentSet.from(),
    churnSeed: drawNumber(2 ** 32, ~seed).number,
    changed: null,
    hasBootnodes: bootnodes.length > 0,
    hasCandidates,
    queued: [],
    heldBack: new Set(),
    waiting: NONE,
    invalid: 0,
  }),
  initial: 'scheduling',
  states: {
    scheduling: {
      description:
        'Every change of peers, dials or nodes is followed by a turn, which may start dials.',
      type: 'parallel',
      entry: 'turn',
      exit: 'closeCandidates',
      states: {
        slots: {
          description: 'Whether there is a free slot for another dial.',
          initial: 'hungry',
          states: {
            hungry: {
              description: 'There is a free slot for a dial; nothing known is due.',
              tags: 'unbounded',
              always: { guard: 'isSaturated', target: 'saturated' },
            },
            saturated: {
              description: 'Every slot is in use, by running dials or by peers we dialled.',
              tags: 'unbounded',
              always: { guard: 'hasSlot', target: 'hungry' },
            },
          },
        },
        staticNodes: {
          description: 'Whether static nodes that are due get a slot.',
          initial: 'dialable',
          states: {
            dialable: {
              description:
                'No static node is due, or there is a slot for it, or one gets free as dials end.',
              tags: 'unbounded',
              on: { 'statics.heldBack': { target: 'heldBack', actions: REPORT_HELD_BACK } },
            },
            heldBack: {
              description:
                'The peers that we dialled take the whole share: static nodes that are due wait until one of them leaves.',
              tags: 'unbounded',
              on: {
                'statics.heldBack': { actions: REPORT_HELD_BACK },
                'statics.released': { target: 'dialable', actions: 'reportReleased' },
              },
            },
          },
        },
        fallback: {
          description: 'Whether bootnodes are dialled because there are no peers.',
          initial: 'hasPeers',
          states: {
            hasPeers: {
              description: 'There is a peer.',
              tags: 'unbounded',
              always: [
                { guard: 'hasNoBootnodes', target: 'noBootnodes' },
                { guard: 'hasNoPeer', target: 'noPeers' },
              ],
            },
            noBootnodes: { description: 'None is configured.', tags: 'unbounded' },
            noPeers: {
              description: 'No peers, for less than the fallback delay.',
              always: { guard: 'hasPeer', target: 'hasPeers' },
              after: { fallbackDelay: 'dialingBootnodes' },
            },
            dialingBootnodes: {
              description:
                'No peers for longer than the fallback delay: each turn dials one bootnode.',
              tags: 'unbounded',
              entry: 'turn',
              always: { guard: 'hasPeer', target: 'hasPeers' },
              on: { turn: { actions: { type: 'launch', params: 'fallback' } } },
            },
          },
          on: { turn: { actions: { type: 'launch', params: 'usual' } } },
        },
        churn: {
          description:
            'Whether a random peer makes room now and then, when all places of its kind are taken.',
          initial: 'opening',
          states: {
            opening: { always: [{ guard: 'churns', target: 'waiting' }, { target: 'off' }] },
            off: { description: 'Not wanted.', tags: 'unbounded' },
            waiting: {
              description:
                'Every 3 to 7 minutes a peer leaves; never a static, trusted or young one.',
              after: {
                churnPause: [
                  { guard: 'mayChurn', target: 'waiting', reenter: true, actions: 'churn' },
                  { target: 'waiting', reenter: true, actions: 'skipChurn' },
                ],
              },
            },
          },
        },
        candidates: {
          description: 'Candidates from discovery are pulled one by one, when there is a slot.',
          initial: 'opening',
          states: {
            opening: {
              always: [
                { guard: 'hasCandidates', target: 'resting', actions: 'openCandidates' },
                { target: 'exhausted' },
              ],
            },
            exhausted: {
              description: 'There is no source of candidates, or it has ended.',
              tags: 'unbounded',
            },
            resting: {
              description: 'No candidate is needed, or one waits for a slot.',
              tags: 'unbounded',
              on: {
                'candidate.wanted': { target: 'pulling', actions: 'pull' },
                'candidate.skipped': 'pausing',
              },
            },
            pulling: {
              description: 'One candidate was requested. There is no time limit for discovery.',
              tags: 'unbounded',
              on: {
                'candidate.found': {
                  target: 'resting',
                  actions: [{ type: 'addCandidate', params: ({ event }) => event.target }, 'turn'],
                },
                'candidate.invalid': { target: 'pausing', actions: 'countInvalid' },
              },
            },
            pausing: {
              description:
                'The last candidate was skipped or invalid; the next one is pulled after a pause.',
              after: { candidatePause: { target: 'resting', actions: 'turn' } },
            },
          },
          on: {
            'candidate.wanted': {},
            'candidate.skipped': {},
            'candidates.ended': '.exhausted',
            'candidates.failed': {
              target: '.exhausted',
              actions: { type: 'reportCandidatesLost', params: ({ event }) => event.message },
            },
            'xstate.error.actor.candidates': {
              target: '.exhausted',
              actions: { type: 'reportCandidatesLost', params: ({ event }) => String(event.error) },
            },
          },
        },
      },
      on: {
        'static.add': [
          {
            guard: { type: 'canAddStatic', params: ({ event }) => event.target.id },
            actions: [
              { type: 'forgetHistory', params: ({ event }) => event.target.id },
              { type: 'addStatic', params: ({ event }) => event.target },
              'turn',
            ],
          },
          {},
        ],
        'static.remove': {
          actions: [
            { type: 'forgetHistory', params: ({ event }) => event.id },
            { type: 'removeStatic', params: ({ event }) => event.id },
            { type: 'cancelDial', params: ({ event }) => ({ id: event.id, why: 'removed' }) },
            'turn',
          ],
        },
        'peer.added': {
          actions: [
            { type: 'addPeer', params: ({ event }) => event },
            { type: 'endBackOff', params: ({ event }) => event.id },
            { type: 'beginYouth', params: ({ event }) => event.id },
            { type: 'cancelIfInbound', params: ({ event }) => event },
          ],
        },
        'peer.removed': {
          actions: [
            { type: 'removePeer', params: ({ event }) => event.id },
            { type: 'endYouth', params: ({ event }) => event.id },
            { type: 'backOff', params: ({ event }) => event },
            'turn',
          ],
        },
        'inbound.pending': { actions: { type: 'notePending', params: ({ event }) => event.id } },
        'inbound.completed': {
          actions: [{ type: 'noteCompleted', params: ({ event }) => event.id }, 'turn'],
        },
        'dial.ended': {
          actions: [
            { type: 'endDial', params: ({ event }) => event },
            { type: 'backOff', params: ({ event }) => event },
            'turn',
          ],
        },
        'peer.settled': { actions: { type: 'settle', params: ({ event }) => event.id } },
        'backOff.over': {
          actions: [{ type: 'endBackOff', params: ({ event }) => event.id }, 'turn'],
        },
        'trusted.add': {
          actions: [
            { type: 'trust', params: ({ event }) => event.id },
            { type: 'endBackOff', params: ({ event }) => event.id },
            'turn',
          ],
        },
        'trusted.remove': { actions: { type: 'distrust', params: ({ event }) => event.id } },
        'history.expired': {
          actions: [{ type: 'expireHistory', params: ({ event }) => event.id }, 'turn'],
        },
        'resolve.allowed': {
          actions: { type: 'allowResolve', params: ({ event }) => event.id },
        },
        stop: 'draining',
      },
    },
    draining: {
      description: 'Running dials were cancelled and report their end.',
      entry: 'cancelDials',
      always: { guard: 'isIdle', target: 'stopped' },
      on: {
        'dial.ended': { actions: { type: 'endDial', params: ({ event }) => event } },
        'static.add': {},
        'static.remove': {},
        'peer.removed': {},
        'peer.added': {},
        'inbound.pending': {},
        'inbound.completed': {},
        'history.expired': {},
        'backOff.over': {},
        'peer.settled': {},
        'trusted.add': {},
        'trusted.remove': {},
        'resolve.allowed': {},
        stop: {},
      },
      after: { cancelTimeout: 'stopped' },
    },
    stopped: { type: 'final', description: 'No dial runs.' },
  },
});

type PeerAdded = Extract<DialSchedulerEvent, { type: 'peer.added' }>;

type Cancellation = Pick<Extract<DialSchedulerReport, { type: 'dial.unwanted' }>, 'id' | 'why'>;

const NONE: readonly DialTarget[] = [];

const needsTurns = ({ generator, state, queued, heldBack, hasCandidates }: Context): boolean =>
  hasCandidates || queued.length > 0 || heldBack.size > 0 || (generator.mayDial?.(state) ?? true);

/** The facts afterwards; a static node is noted, since it may be due now or not any more. */
function changedFacts(
  { facts, statics, changed }: Context,
  id: string,
  changes: Partial<KeptFacts>,
): Pick<Context, 'facts' | 'changed'> {
  return {
    facts: { ...facts, ...changes },
    changed: statics.has(id) ? withChanged(changed, id) : changed,
  };
}

/** The dials to start now, and the context afterwards. `plan` is null when the generator was not asked. */
function takeTurn(context: Context, mode: 'usual' | 'fallback') {
  const { generator, rules, statics } = context;
  const waited = begin(context.queued, context, rules);
  const { facts, changed } = waited;
  if (waited.queued.length > 0) return { ...waited, state: context.state, plan: null };
  const slots = slotsOf(facts, rules);
  const plan = generator.newTasks(context.state, {
    ...facts,
    slots,
    isFallback: mode === 'fallback',
    changed,
  });
  const fresh = begin(plan.tasks, { facts, statics, changed: [] }, rules);
  return { ...fresh, requests: [...waited.requests, ...fresh.requests], state: plan.state, plan };
}

/** Tasks without a slot are queued; those to a node that is dialled already, or a peer, are dropped. */
function begin(
  tasks: readonly DialRequest[],
  context: Pick<Context, 'facts' | 'statics' | 'changed'>,
  rules: DialRules,
) {
  const { peers } = context.facts;
  let { dialing, recent } = context.facts;
  let { changed } = context;
  const requests: DialRequest[] = [];
  const queued: DialRequest[] = [];
  for (const task of tasks) {
    const { id } = task.target;
    if (dialing.has(id) || peers.has(id)) continue;
    if (slotsOf({ dialing, peers }, rules)[task.direction] <= 0) queued.push(task);
    else {
      requests.push(task);
      dialing = dialing.with(id, task.direction);
      recent = recent.with(id);
      if (context.statics.has(id)) changed = withChanged(changed, id);
    }
  }
  return {
    requests,
    facts: { ...context.facts, dialing, recent },
    changed,
    queued: queued.slice(0, MAX_QUEUED_TASKS),
  };
}

/** What the wait of a node follows from. */
type Ended = { readonly id: string; readonly backOff?: BackOff; readonly state?: string };

const mayWait = ({ target, direction }: DialRequest, { rules, trusted }: Context): boolean =>
  rules.backsOff && direction === 'dynamic' && !trusted.has(target.id);

const historyTimer = (id: string): string => `history:${id}`;
const youthTimer = (id: string): string => `youth:${id}`;
const backOffTimer = (id: string): string => `backOff:${id}`;
const resolveTimer = (id: string): string => `resolve:${id}`;

function counted(counts: PersistentMap<number>, id: string, step: 1 | -1): PersistentMap<number> {
  const count = (counts.get(id) ?? 0) + step;
  return count > 0 ? counts.with(id, count) : counts.without(id);
}
