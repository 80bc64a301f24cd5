/**
 * Whom to dial now: static nodes before fallback bootnodes before what discovery found. Pure decisions over a state
 * of their own; when they are asked, and what runs, is the business of `dial-scheduler.ts`.
 * Source of the rules: go-ethereum p2p/dial.go, and the `dialstate` that it had up to 1.9.10.
 */
import {
  blockOf,
  checkCandidate,
  checkDial,
  type DialBlock,
  type DialDirection,
  type DialFacts,
  type DialRefusal,
  type DialRules,
} from './dial-check.ts';
import type { DialTarget, Resolution } from './dial-task.ts';
import { draw, type Seed } from './seeded-draw.ts';

/** The first wait after a node was resolved, doubled for each time that it was not found, in ms. Source: go-ethereum p2p/dial.go. */
export const RESOLVE_PAUSE_MS = 60_000;

/** The longest such wait, in ms. Source: go-ethereum p2p/dial.go. */
export const MAX_RESOLVE_PAUSE_MS = 3_600_000;

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

/** What the generator is asked with. */
export type DialSituation = DialFacts & {
  /** Dials that may start now, by direction. May be below zero. */
  readonly slots: Readonly<Record<DialDirection, number>>;
  /** Whether we have been without any peer for so long that bootnodes are dialled. */
  readonly isFallback: boolean;
};

export type DialPlan<State> = {
  readonly state: State;
  readonly tasks: readonly DialRequest[];
  /** Static nodes that can never be dialled, each once. */
  readonly blocked: readonly { readonly target: DialTarget; readonly why: DialBlock }[];
  /** What became of the candidate that waited, and whether another one is of use. */
  readonly candidate: 'none' | 'refused' | 'wanted';
};

/**
 * The names are those of go-ethereum's old task generator. Every function is pure and total: it gives the next
 * state and leaves the one it was given as it was.
 */
export type DialGenerator<State> = {
  begin(input: DialGeneratorInput): State;
  newTasks(state: State, moment: DialSituation): DialPlan<State>;
  /** @returns how long the node may not be resolved again, in ms; null if it was not resolved. */
  taskDone(
    state: State,
    end: DialEnd,
  ): { readonly state: State; readonly resolvePauseMs: number | null };
  addStatic(state: State, target: DialTarget): State;
  removeStatic(state: State, id: string): State;
  /** Somebody may be there. It waits until there is a slot for it. */
  addCandidate(state: State, target: DialTarget): State;
  /** The pause that `taskDone` asked for is over. */
  resolvePauseOver(state: State, id: string): State;
};

/** `resolution` is what came of asking for another address, if that was done. */
export type DialEnd = { readonly id: string; readonly resolution?: Resolution };

export type StaticNode = {
  readonly target: DialTarget;
  readonly block: DialBlock | null;
  /** `asking`: a running dial may do it. Not so any more when the node was added again meanwhile. */
  readonly resolving: 'allowed' | 'asking' | 'paused';
  /** Times in a row that it was not found. */
  readonly notFound: number;
};

/** The state of {@link dialGenerator}. */
export type DialState = {
  readonly rules: DialRules;
  /** By id, those that are blocked as well. Bounded by whoever adds them. */
  readonly statics: ReadonlyMap<string, StaticNode>;
  /** Blocked, and nobody has been told. */
  readonly untold: readonly string[];
  /** The next one to dial first. */
  readonly bootnodes: readonly DialTarget[];
  /** At most one, so that it is fresh when there is a slot. */
  readonly candidate: DialTarget | null;
  /** Candidates that were refused, by why. */
  readonly refused: Readonly<Partial<Record<DialRefusal, number>>>;
  readonly seed: Seed;
};

/** go-ethereum's choices: any static node that is due, at random; then one bootnode; then one candidate. */
export const dialGenerator: DialGenerator<DialState> = {
  begin({ rules, statics, bootnodes, seed }) {
    const empty: DialState = {
      rules,
      statics: new Map(),
      untold: [],
      bootnodes,
      candidate: null,
      refused: {},
      seed,
    };
    const nodes = statics.map((target) => [target.id, newStatic(target, rules)] as const);
    const all = { ...empty, statics: new Map(nodes) };
    const untold = [...all.statics.values()].filter(({ block }) => block !== null);
    return { ...all, untold: untold.map(({ target }) => target.id) };
  },

  newTasks(state, moment) {
    const statics = staticTasks(state, moment);
    const dialing = new Map(moment.dialing);
    for (const { target, direction } of statics.tasks) dialing.set(target.id, direction);
    const slots = Math.min(moment.slots.dynamic, moment.slots.static - statics.tasks.length);
    const bootnode = bootnodeTask(statics.state, { ...moment, dialing }, slots);
    for (const { target, direction } of bootnode.tasks) dialing.set(target.id, direction);
    const left = slots - bootnode.tasks.length;
    const candidate = candidateTask(bootnode.state, { ...moment, dialing }, left);
    return {
      state: { ...candidate.state, untold: [] },
      tasks: [...statics.tasks, ...bootnode.tasks, ...candidate.tasks],
      blocked: state.untold.flatMap((id) => {
        const node = state.statics.get(id);
        return node?.block ? [{ target: node.target, why: node.block }] : [];
      }),
      candidate: candidate.candidate,
    };
  },

  taskDone(state, { id, resolution }) {
    const node = state.statics.get(id);
    if (node?.resolving !== 'asking') return { state, resolvePauseMs: null };
    if (resolution === undefined)
      return { state: withStatic(state, { ...node, resolving: 'allowed' }), resolvePauseMs: null };
    const notFound = resolution.type === 'found' ? 0 : node.notFound + 1;
    const pause = RESOLVE_PAUSE_MS * 2 ** Math.max(0, notFound - 1);
    const target = resolution.type === 'found' ? movedTo(node.target, resolution) : node.target;
    return {
      state: withStatic(state, { ...node, target, resolving: 'paused', notFound }),
      resolvePauseMs: Math.min(pause, MAX_RESOLVE_PAUSE_MS),
    };
  },

  addStatic(state, target) {
    const node = newStatic(target, state.rules);
    const untold = state.untold.filter((id) => id !== target.id);
    return {
      ...withStatic(state, node),
      untold: node.block === null ? untold : [...untold, target.id],
    };
  },

  removeStatic(state, id) {
    const statics = new Map(state.statics);
    statics.delete(id);
    return { ...state, statics };
  },

  addCandidate: (state, candidate) => ({ ...state, candidate }),

  resolvePauseOver(state, id) {
    const node = state.statics.get(id);
    return node ? withStatic(state, { ...node, resolving: 'allowed' }) : state;
  },
};

type Step = Pick<DialPlan<DialState>, 'state' | 'tasks'>;

function staticTasks(state: DialState, moment: DialSituation): Step {
  const { rules } = state;
  if (moment.slots.static <= 0) return { state, tasks: [] };
  const due = [...state.statics.values()].filter(
    ({ target }) => checkDial(target, moment, rules) === null,
  );
  const { drawn, seed } = draw(due, moment.slots.static, state.seed);
  const asking = new Map(state.statics);
  const tasks = drawn.map((node): DialRequest => {
    const mayResolve = rules.canResolve && node.resolving === 'allowed';
    if (mayResolve) asking.set(node.target.id, { ...node, resolving: 'asking' });
    return { target: node.target, direction: 'static', mayResolve };
  });
  return { state: { ...state, statics: asking, seed }, tasks };
}

/** One at a time, and another one at each turn. */
function bootnodeTask(state: DialState, moment: DialSituation, slots: number): Step {
  const { bootnodes, rules } = state;
  if (!moment.isFallback || slots <= 0 || bootnodes.some(({ id }) => moment.dialing.has(id)))
    return { state, tasks: [] };
  const target = bootnodes.find((node) => checkDial(node, moment, rules) === null);
  if (!target) return { state, tasks: [] };
  const others = bootnodes.filter((node) => node !== target);
  return {
    state: { ...state, bootnodes: [...others, target] },
    tasks: [dynamicTo(target)],
  };
}

type CandidateStep = Pick<DialPlan<DialState>, 'state' | 'tasks' | 'candidate'>;

function candidateTask(state: DialState, moment: DialSituation, slots: number): CandidateStep {
  const { candidate: target, rules } = state;
  if (slots <= 0) return { state, tasks: [], candidate: 'none' };
  if (target === null) return { state, tasks: [], candidate: 'wanted' };
  const rest = { ...state, candidate: null };
  const refusal = checkCandidate(target, moment, rules);
  if (refusal === null)
    return { state: rest, tasks: [dynamicTo(target)], candidate: slots > 1 ? 'wanted' : 'none' };
  const refused = { ...state.refused, [refusal]: (state.refused[refusal] ?? 0) + 1 };
  return { state: { ...rest, refused }, tasks: [], candidate: 'refused' };
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
  statics: new Map(state.statics).set(node.target.id, node),
});

/** A name stays a name: it is looked up for each dial. */
function movedTo(target: DialTarget, { host, port }: { host: string; port: number }): DialTarget {
  if (target.hostKind === 'name') return target;
  return { ...target, host, hostKind: host.includes(':') ? 'ipv6' : 'ipv4', tcpPort: port };
}
