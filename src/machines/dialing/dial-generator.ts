/**
 * Which nodes to dial now: static nodes, then fallback bootnodes, then candidates from discovery. Pure functions over
 * a state of their own; when they are called, and which dials run, is decided in `dial-scheduler.ts`.
 * Source of the rules: go-ethereum p2p/dial.go, and the `dialstate` that it had up to 1.9.10.
 */

import { PersistentMap } from '../persistent-map.ts';
import {
  blockOf,
  checkCandidate,
  checkDial,
  type DialBlock,
  type DialDirection,
  type DialFacts,
  type DialRules,
  type DialSkipReason,
  isShareTaken,
} from './dial-check.ts';
import type { DialTarget, Resolution } from './dial-task.ts';
import { draw, type Seed } from './seeded-draw.ts';

/** The first wait after a node was resolved, doubled for each time that it was not found, in ms. Source: go-ethereum p2p/dial.go. */
export const RESOLVE_PAUSE_MS = 60_000;

/** The longest such wait, in ms. Source: go-ethereum p2p/dial.go. */
export const MAX_RESOLVE_PAUSE_MS = 3_600_000;

/** Ids noted one by one; beyond that all are checked again. */
export const MAX_CHANGED = 64;

/** One dial that is to be made. */
export type DialRequest = {
  readonly target: DialTarget;
  readonly direction: DialDirection;
  /** Whether the dial may ask for another address when this one does not answer. */
  readonly mayResolve: boolean;
};

export type DialGeneratorInput = {
  readonly rules: DialRules;
  readonly statics: readonly DialTarget[];
  readonly bootnodes: readonly DialTarget[];
  readonly seed: Seed;
};

/** What the generator decides on, besides its own state. */
export type DialSituation = DialFacts & {
  /** Dials that may start now, by direction. May be below zero. */
  readonly slots: Readonly<Record<DialDirection, number>>;
  /** Whether there were no peers for longer than the fallback delay, so that bootnodes are dialled. */
  readonly isFallback: boolean;
  /** Static nodes whose facts may differ from those of the last call; all of them when it is null or left out. */
  readonly changed?: ChangedIds;
};

/** At most `MAX_CHANGED`; null stands for every id. */
export type ChangedIds = readonly string[] | null;

export type DialPlan<State> = {
  readonly state: State;
  readonly tasks: readonly DialRequest[];
  /** Static nodes that can never be dialled, each once. */
  readonly blocked: readonly { readonly target: DialTarget; readonly why: DialBlock }[];
  /** Static nodes that are due while the peers that we dialled take the whole share. */
  readonly waiting?: readonly DialTarget[];
  /** `skipped`: the waiting candidate may not be dialled. `wanted`: there is a slot for another one. */
  readonly candidate: 'none' | 'skipped' | 'wanted';
};

/**
 * The names are those of go-ethereum's old task generator. Every function is pure and total: it gives the next
 * state and leaves the one it was given as it was.
 */
export type DialGenerator<State> = {
  begin(input: DialGeneratorInput): State;
  newTasks(state: State, situation: DialSituation): DialPlan<State>;
  /**
   * False when `newTasks` can give nothing in any situation: it is not called then after a change of peers or dials.
   * Without it, it is always called.
   */
  mayDial?(state: State): boolean;
  /** @returns how long the node may not be resolved again, in ms; null if it was not resolved. */
  taskDone(
    state: State,
    end: DialEnd,
  ): { readonly state: State; readonly resolvePauseMs: number | null };
  addStatic(state: State, target: DialTarget): State;
  removeStatic(state: State, id: string): State;
  /** A node reported by discovery. It waits until there is a slot for it. */
  addCandidate(state: State, target: DialTarget): State;
  /** The pause that `taskDone` asked for is over. */
  resolvePauseOver(state: State, id: string): State;
};

/** `resolution` is there when another address was asked for. */
export type DialEnd = { readonly id: string; readonly resolution?: Resolution };

type StaticNode = {
  readonly target: DialTarget;
  readonly block: DialBlock | null;
  /** `asking`: a running dial may ask for another address; not once the node was added again meanwhile. */
  readonly resolving: 'allowed' | 'asking' | 'paused';
  /** Times in a row that it was not found. */
  readonly notFound: number;
};

/** `order` is the place in `statics`. */
type DueNode = { readonly id: string; readonly order: number };

/** The state of {@link dialGenerator}. */
export type DialState = {
  readonly rules: DialRules;
  /** By id, blocked ones included. Bounded by the scheduler (`MAX_STATIC_NODES`). */
  readonly statics: PersistentMap<StaticNode>;
  /** Static nodes that are due by the facts of the last call, in the order of `statics`. */
  readonly due: readonly DueNode[];
  /** Static nodes that were added, removed or moved since. */
  readonly unchecked: ChangedIds;
  /** The targets of `due`: the same array as long as nothing changes. */
  readonly waiting: { readonly due: readonly DueNode[]; readonly targets: readonly DialTarget[] };
  /** Ids of blocked nodes that were not reported yet. */
  readonly unreportedBlocks: readonly string[];
  /** The next one to dial first. */
  readonly bootnodes: readonly DialTarget[];
  /** At most one, so that it is fresh when there is a slot. */
  readonly candidate: DialTarget | null;
  /** Number of skipped candidates, by reason. */
  readonly skipped: Readonly<Partial<Record<DialSkipReason, number>>>;
  readonly seed: Seed;
};

/** go-ethereum's choices: any static node that is due, at random; then one bootnode; then one candidate. */
export const dialGenerator: DialGenerator<DialState> = {
  begin({ rules, statics, bootnodes, seed }) {
    const nodes = statics.map((target) => [target.id, newStatic(target, rules)] as const);
    const all = PersistentMap.from(nodes);
    const blocked = [...all.values()].filter(({ block }) => block !== null);
    return {
      rules,
      statics: all,
      due: [],
      unchecked: null,
      waiting: NONE_WAITING,
      unreportedBlocks: blocked.map(({ target }) => target.id),
      bootnodes,
      candidate: null,
      skipped: {},
      seed,
    };
  },

  newTasks(state, situation) {
    const statics = staticTasks(withDueNodes(state, situation), situation);
    const slots = Math.min(situation.slots.dynamic, situation.slots.static - statics.tasks.length);
    const afterStatics = alsoDialling(situation, statics.tasks);
    const bootnode = bootnodeTask(statics.state, afterStatics, slots);
    const afterBootnode = alsoDialling(afterStatics, bootnode.tasks);
    const candidate = candidateTask(bootnode.state, afterBootnode, slots - bootnode.tasks.length);
    return {
      state: { ...candidate.state, unreportedBlocks: [] },
      tasks: [...statics.tasks, ...bootnode.tasks, ...candidate.tasks],
      waiting: statics.waiting,
      blocked: state.unreportedBlocks.flatMap((id) => {
        const node = state.statics.get(id);
        return node?.block ? [{ target: node.target, why: node.block }] : [];
      }),
      candidate: candidate.candidate,
    };
  },

  mayDial: ({ statics, bootnodes, candidate }) =>
    statics.size > 0 || bootnodes.length > 0 || candidate !== null,

  taskDone(state, { id, resolution }) {
    const node = state.statics.get(id);
    if (node?.resolving !== 'asking') return { state, resolvePauseMs: null };
    if (resolution === undefined)
      return { state: withStatic(state, { ...node, resolving: 'allowed' }), resolvePauseMs: null };
    const notFound = resolution.type === 'found' ? 0 : node.notFound + 1;
    const pause = RESOLVE_PAUSE_MS * 2 ** Math.max(0, notFound - 1);
    const target = resolution.type === 'found' ? movedTo(node.target, resolution) : node.target;
    return {
      state: unchecked(withStatic(state, { ...node, target, resolving: 'paused', notFound }), id),
      resolvePauseMs: Math.min(pause, MAX_RESOLVE_PAUSE_MS),
    };
  },

  addStatic(state, target) {
    const node = newStatic(target, state.rules);
    const unreportedBlocks = state.unreportedBlocks.filter((id) => id !== target.id);
    return {
      ...unchecked(withStatic(state, node), target.id),
      unreportedBlocks: node.block === null ? unreportedBlocks : [...unreportedBlocks, target.id],
    };
  },

  removeStatic: (state, id) => unchecked({ ...state, statics: state.statics.without(id) }, id),

  addCandidate: (state, candidate) => ({ ...state, candidate }),

  resolvePauseOver(state, id) {
    const node = state.statics.get(id);
    return node ? withStatic(state, { ...node, resolving: 'allowed' }) : state;
  },
};

const NONE_WAITING = { due: [], targets: [] } as const;

type Step = Pick<DialPlan<DialState>, 'state' | 'tasks'>;
type StaticStep = Step & Required<Pick<DialPlan<DialState>, 'waiting'>>;

function staticTasks(state: DialState, situation: DialSituation): StaticStep {
  const { rules, due, statics } = state;
  const isTaken = isShareTaken(situation, rules);
  if (isTaken) return waitingNodes(state);
  if (situation.slots.static <= 0) return { state, tasks: [], waiting: [] };
  const { drawn, seed } = draw(due, situation.slots.static, state.seed);
  let asking = statics;
  const tasks = drawn.flatMap(({ id }): DialRequest[] => {
    const node = statics.get(id);
    if (!node) return [];
    const mayResolve = rules.canResolve && node.resolving === 'allowed';
    if (mayResolve) asking = asking.with(id, { ...node, resolving: 'asking' });
    return [{ target: node.target, direction: 'static', mayResolve }];
  });
  return { state: { ...state, statics: asking, seed }, tasks, waiting: [] };
}

/** The share is taken: the nodes that are due wait. */
function waitingNodes(state: DialState): StaticStep {
  const { due, statics, waiting } = state;
  if (waiting.due === due) return { state, tasks: [], waiting: waiting.targets };
  const targets = due.flatMap(({ id }) => statics.get(id)?.target ?? []);
  return { state: { ...state, waiting: { due, targets } }, tasks: [], waiting: targets };
}

/** Keeps `due` by the ids that changed: what is due is not looked for among all static nodes. */
function withDueNodes(state: DialState, situation: DialSituation): DialState {
  const { changed = null } = situation;
  const { due, statics, unchecked, rules } = state;
  if (changed === null || unchecked === null) {
    const all = [...statics.keys()].flatMap((id) => dueNode(id, statics, situation, rules));
    return { ...state, due: all, unchecked: [] };
  }
  const ids = new Set([...changed, ...unchecked]);
  if (ids.size === 0) return state;
  const fresh = [...ids].flatMap((id) => dueNode(id, statics, situation, rules));
  const kept = due.filter(({ id }) => !ids.has(id));
  if (fresh.length === 0 && kept.length === due.length) return { ...state, unchecked: [] };
  return { ...state, due: fresh.reduce(withInOrder, kept), unchecked: [] };
}

/** The node in an array, if it is due. */
function dueNode(
  id: string,
  statics: PersistentMap<StaticNode>,
  situation: DialSituation,
  rules: DialRules,
): readonly DueNode[] {
  const [node, order] = [statics.get(id), statics.orderOf(id)];
  if (!node || order === undefined) return [];
  return checkDial(node.target, situation, rules) === null ? [{ id, order }] : [];
}

function withInOrder(due: readonly DueNode[], node: DueNode): readonly DueNode[] {
  const at = due.findLastIndex(({ order }) => order < node.order) + 1;
  return due.toSpliced(at, 0, node);
}

/** Adding, removing and moving make the node be checked at the next call. */
function unchecked(state: DialState, id: string): DialState {
  return { ...state, unchecked: withChanged(state.unchecked, id) };
}

/** One more id; beyond the bound, all of them. */
export function withChanged(ids: ChangedIds, id: string): ChangedIds {
  if (ids === null || ids.includes(id)) return ids;
  return ids.length < MAX_CHANGED ? [...ids, id] : null;
}

/** As it is once these dials have started. */
function alsoDialling(situation: DialSituation, tasks: readonly DialRequest[]): DialSituation {
  if (tasks.length === 0) return situation;
  const dialing = new Map(situation.dialing);
  for (const { target, direction } of tasks) dialing.set(target.id, direction);
  return { ...situation, dialing };
}

/** One at a time, and another one at each turn. */
function bootnodeTask(state: DialState, situation: DialSituation, slots: number): Step {
  const { bootnodes, rules } = state;
  if (!situation.isFallback || slots <= 0 || bootnodes.some(({ id }) => situation.dialing.has(id)))
    return { state, tasks: [] };
  const target = bootnodes.find((node) => checkDial(node, situation, rules) === null);
  if (!target) return { state, tasks: [] };
  const others = bootnodes.filter((node) => node !== target);
  return {
    state: { ...state, bootnodes: [...others, target] },
    tasks: [dynamicTo(target)],
  };
}

type CandidateStep = Pick<DialPlan<DialState>, 'state' | 'tasks' | 'candidate'>;

function candidateTask(state: DialState, situation: DialSituation, slots: number): CandidateStep {
  const { candidate: target, rules } = state;
  if (slots <= 0) return { state, tasks: [], candidate: 'none' };
  if (target === null) return { state, tasks: [], candidate: 'wanted' };
  const rest = { ...state, candidate: null };
  const reason = checkCandidate(target, situation, rules);
  if (reason === null)
    return { state: rest, tasks: [dynamicTo(target)], candidate: slots > 1 ? 'wanted' : 'none' };
  const skipped = { ...state.skipped, [reason]: (state.skipped[reason] ?? 0) + 1 };
  return { state: { ...rest, skipped }, tasks: [], candidate: 'skipped' };
}

const dynamicTo = (target: DialTarget): DialRequest => ({
  target,
  direction: 'dynamic',
  mayResolve: false,
});

const newStatic = (target: DialTarget, rules: DialRules): StaticNode => ({
  target,
  block: blockOf(target, rules),
  resolving: 'allowed',
  notFound: 0,
});

const withStatic = (state: DialState, node: StaticNode): DialState => ({
  ...state,
  statics: state.statics.with(node.target.id, node),
});

/** A name stays a name: it is looked up for each dial. */
function movedTo(target: DialTarget, { host, port }: { host: string; port: number }): DialTarget {
  if (target.hostKind === 'name') return target;
  return { ...target, host, hostKind: host.includes(':') ? 'ipv6' : 'ipv4', tcpPort: port };
}
