/**
 * A machine as plain data: what a page or a picture of it needs, in the order of declaration.
 * Read from the live state nodes: `machine.definition` and `toJSON()` leave out `always`.
 */
import { type AnyStateMachine, type AnyStateNode, StateMachine, type UnknownAction } from 'xstate';

export type ChartModel = {
  readonly id: string;
  /** The machine's own description, often empty. */
  readonly description: string;
  /** Parents before their children; the first is the root, whose path is empty. */
  readonly states: readonly StateModel[];
  readonly delays: readonly DelayModel[];
  readonly actors: readonly ActorModel[];
};

export type StateModel = {
  /** Keys joined by dots, such as `encHandshake.awaitingAck`. */
  readonly path: string;
  readonly key: string;
  /** Null at the root only. */
  readonly parent: string | null;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly description: string;
  /** What a person can do once it ended here; empty where that is nobody's question. */
  readonly remedy: string;
  readonly tags: readonly string[];
  readonly children: readonly string[];
  /** Where entering it leads first; null where there is no choice. */
  readonly initial: string | null;
  /** Names of the actors it runs while it lasts. */
  readonly invokes: readonly string[];
  readonly entry: readonly ActionModel[];
  readonly transitions: readonly TransitionModel[];
};

export type TransitionModel = {
  readonly source: string;
  readonly trigger: Trigger;
  /** The guard with its fixed params, such as `hasNot listener`. */
  readonly guard: string | null;
  /** Unguarded, but only tried after guarded ones of the same trigger. */
  readonly isOtherwise: boolean;
  /** Empty when it stays where it is. */
  readonly targets: readonly string[];
  readonly actions: readonly ActionModel[];
};

export type Trigger =
  | { readonly kind: 'event'; readonly name: string }
  /** `ms` is null when it is computed at run time. */
  | { readonly kind: 'after'; readonly delay: string; readonly ms: number | null }
  | { readonly kind: 'always' }
  /** A state or an actor reached its end. */
  | { readonly kind: 'done'; readonly of: string }
  /** An actor broke. */
  | { readonly kind: 'error'; readonly of: string };

export type ActionModel = {
  readonly name: string;
  /** Null when there are none, or they are computed from the event. */
  readonly params: Json;
  /** The event it raises, `COMPUTED` when the machine cannot tell in advance, null when it raises none. */
  readonly raises: string | null;
  /** The actor it starts. */
  readonly spawns: string | null;
};

/** Stands for an event that a pure function chooses. */
export const COMPUTED = '?';

export type DelayModel = { readonly name: string; readonly ms: number | null };

/** `machine` is the id of the machine that plays the part; null for an adapter. */
export type ActorModel = { readonly name: string; readonly machine: string | null };

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

export function chartModel(machine: AnyStateMachine): ChartModel {
  const { root, implementations } = machine;
  const nodes = withDescendants(root);
  const reading: Reading = {
    handled: new Set(nodes.flatMap((node) => [...node.transitions.keys()])),
    named: new Map(Object.entries(implementations.actions)),
    delays: new Map(
      Object.entries(implementations.delays).map(([name, delay]) => [name, asMs(delay)]),
    ),
  };
  return {
    id: machine.id,
    description: root.description ?? '',
    states: nodes.map((node) => stateModel(node, reading)),
    delays: [...reading.delays].map(([name, ms]) => ({ name, ms })),
    actors: Object.entries(implementations.actors).map(([name, logic]) => ({
      name,
      machine: logic instanceof StateMachine ? logic.id : null,
    })),
  };
}

type Reading = {
  /** Every event descriptor of the machine. */
  readonly handled: ReadonlySet<string>;
  readonly named: ReadonlyMap<string, unknown>;
  readonly delays: ReadonlyMap<string, number | null>;
};

/** What XState runs: the same object each time, for one machine. */
export type TransitionDefinition = NonNullable<AnyStateNode['always']>[number];

/** Of each transition of its model, in the same order. */
export function definitionsOf({ root }: AnyStateMachine): readonly TransitionDefinition[] {
  return withDescendants(root).flatMap((node) => candidatesOf(node).flat());
}

const pathOf = (node: AnyStateNode): string => node.path.join('.');

const asMs = (delay: unknown): number | null => (typeof delay === 'number' ? delay : null);

function childrenOf(node: AnyStateNode): readonly AnyStateNode[] {
  return Object.values(node.states);
}

function withDescendants(node: AnyStateNode): readonly AnyStateNode[] {
  return [node, ...childrenOf(node).flatMap(withDescendants)];
}

/** By trigger, in the order in which they are tried. */
function candidatesOf(node: AnyStateNode): readonly (readonly TransitionDefinition[])[] {
  return [...node.transitions.values(), node.always ?? []];
}

function stateModel(node: AnyStateNode, reading: Reading): StateModel {
  const initial = node.type === 'compound' ? node.initial.target?.[0] : undefined;
  return {
    path: pathOf(node),
    key: node.key,
    parent: node.parent ? pathOf(node.parent) : null,
    type: node.type,
    description: node.description ?? '',
    remedy: remedyOf(node),
    tags: node.tags,
    children: childrenOf(node).map(pathOf),
    initial: initial ? pathOf(initial) : null,
    invokes: node.invoke.map(({ src }) => nameOf(src)),
    entry: ownEntry(node).map((action) => actionModel(action, reading)),
    transitions: candidatesOf(node).flatMap((candidates) =>
      candidates.map((transition, index) => ({
        source: pathOf(node),
        trigger: triggerOf(transition, node, reading),
        guard: guardName(transition.guard),
        isOtherwise: index > 0 && transition.guard === undefined,
        targets: (transition.target ?? []).map(pathOf),
        actions: transition.actions.map((action) => actionModel(action, reading)),
      })),
    ),
  };
}

function remedyOf({ meta }: AnyStateNode): string {
  const remedy = fieldOf(meta, 'remedy');
  return typeof remedy === 'string' ? remedy : '';
}

/** `node.entry` also holds the timers of `after`, which are no actions of anybody. */
function ownEntry(node: AnyStateNode): readonly UnknownAction[] {
  const entry: UnknownAction | readonly UnknownAction[] | undefined = node.config.entry;
  if (entry === undefined) return [];
  return Array.isArray(entry) ? entry : [entry as UnknownAction];
}

function triggerOf(
  { eventType, delay }: TransitionDefinition & { readonly delay?: string | number },
  node: AnyStateNode,
  { delays }: Reading,
): Trigger {
  if (eventType === '') return { kind: 'always' };
  if (delay !== undefined)
    return { kind: 'after', delay: `${delay}`, ms: delays.get(`${delay}`) ?? asMs(delay) };
  if (eventType === `xstate.done.state.${node.id}`) return { kind: 'done', of: pathOf(node) };
  for (const kind of ['done', 'error'] as const) {
    const prefix = `xstate.${kind}.actor.`;
    if (eventType.startsWith(prefix))
      return { kind, of: actorName(eventType.slice(prefix.length), node) };
  }
  return { kind: 'event', name: eventType };
}

/** An invoked actor without an id of its own has one made of the path, which nobody would recognise. */
function actorName(id: string, node: AnyStateNode): string {
  const invoked = node.invoke.find((invoke) => invoke.id === id);
  return invoked ? nameOf(invoked.src) : id;
}

function guardName(guard: unknown): string | null {
  if (guard === undefined) return null;
  const parts = fieldOf(guard, 'guards'); // of and, or
  if (Array.isArray(parts)) return parts.map(guardName).join(` ${nameOf(guard)} `);
  const params = paramsOf(guard);
  return params === null ? nameOf(guard) : `${nameOf(guard)} ${inWords(params)}`;
}

function actionModel(action: unknown, { handled, named }: Reading): ActionModel {
  const name = nameOf(action);
  const params = paramsOf(action);
  const logic = named.get(name) ?? action;
  return {
    name,
    params,
    raises: fieldOf(logic, 'type') === 'xstate.raise' ? raisedBy(logic, params, handled) : null,
    spawns: fieldOf(logic, 'type') === 'xstate.spawnChild' ? nameOf(fieldOf(logic, 'src')) : null,
  };
}

/** Either the event is written out in the machine, or its name stands in the fixed params. */
function raisedBy(raise: unknown, params: Json, handled: ReadonlySet<string>): string {
  const written = fieldOf(fieldOf(raise, 'event'), 'type');
  const values = typeof params === 'object' && params !== null ? Object.values(params) : [params];
  const names = [written, ...values].filter((value) => typeof value === 'string');
  return names.find((name) => handled.has(name)) ?? COMPUTED;
}

function nameOf(named: unknown): string {
  if (typeof named === 'string') return named;
  const type = fieldOf(named, 'type') ?? fieldOf(named, 'name');
  return typeof type === 'string' && type !== '' ? type : 'inline';
}

function paramsOf(of: unknown): Json {
  const params = fieldOf(of, 'params');
  if (params === undefined || typeof params === 'function') return null;
  return JSON.parse(JSON.stringify(params)) as Json;
}

function inWords(params: Json): string {
  if (params === null || typeof params !== 'object') return `${params}`;
  return Object.entries(params)
    .map(([key, value]) => `${key} ${inWords(value)}`)
    .join(' ');
}

function fieldOf(of: unknown, field: string): unknown {
  const isKeyed = (typeof of === 'object' && of !== null) || typeof of === 'function';
  return isKeyed ? (of as Readonly<Record<string, unknown>>)[field] : undefined;
}
