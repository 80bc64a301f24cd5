/**
 * A machine as plain data for pages and pictures, in the order of declaration.
 * Read from the state nodes of the machine, because `machine.definition` and `toJSON()` leave out `always`.
 */
import { type AnyStateMachine, type AnyStateNode, StateMachine, type UnknownAction } from 'xstate';

export type ChartModel = {
  readonly id: string;
  /** The description in the machine's config; may be empty. */
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
  /** What an operator can do after this outcome; empty for other states. */
  readonly remedy: string;
  readonly tags: readonly string[];
  readonly children: readonly string[];
  /** Path of the initial child; null unless compound. */
  readonly initial: string | null;
  /** Names of the actors that run while the state is active. */
  readonly invokes: readonly string[];
  readonly entry: readonly ActionModel[];
  readonly transitions: readonly TransitionModel[];
};

export type TransitionModel = {
  readonly source: string;
  readonly trigger: Trigger;
  /** The guard with its fixed params, such as `hasNot listener`. */
  readonly guard: string | null;
  /** True without a guard, after guarded alternatives of the same trigger. */
  readonly isOtherwise: boolean;
  /** Empty when the state does not change. */
  readonly targets: readonly string[];
  readonly actions: readonly ActionModel[];
};

export type Trigger =
  | { readonly kind: 'event'; readonly name: string }
  /** `ms` is null when the delay is computed at run time. */
  | { readonly kind: 'after'; readonly delay: string; readonly ms: number | null }
  | { readonly kind: 'always' }
  /** A state or an actor is done; `*` stands for any actor. */
  | { readonly kind: 'done'; readonly of: string }
  /** An actor failed with an error; `*` stands for any actor. */
  | { readonly kind: 'error'; readonly of: string };

export type ActionModel = {
  readonly name: string;
  /** Null when there are none, or when they are computed from the event. */
  readonly params: Json;
  /** Type of the event it raises; `COMPUTED` when a function chooses it at run time; null when it raises none. */
  readonly raises: string | null;
  /** Types that its params give the event it raises, where `raises` is `COMPUTED` and the params tell. */
  readonly mayRaise: readonly string[];
  /** Name of the actor it starts, or null. */
  readonly spawns: string | null;
};

/** In place of an event type that a function chooses at run time. */
export const COMPUTED = '?';

type DelayModel = { readonly name: string; readonly ms: number | null };

/** `machine` is the id of the machine behind this name; null for an adapter. */
type ActorModel = { readonly name: string; readonly machine: string | null };

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
  const declared: Declarations = {
    handled: new Set(nodes.flatMap((node) => [...node.transitions.keys()])),
    named: new Map(Object.entries(implementations.actions)),
    delays: new Map(
      Object.entries(implementations.delays).map(([name, delay]) => [name, asMs(delay)]),
    ),
  };
  return {
    id: machine.id,
    description: root.description ?? '',
    states: nodes.map((node) => stateModel(node, declared)),
    delays: [...declared.delays].map(([name, ms]) => ({ name, ms })),
    actors: Object.entries(implementations.actors).map(([name, logic]) => ({
      name,
      machine: logic instanceof StateMachine ? logic.id : null,
    })),
  };
}

type Declarations = {
  /** Every event descriptor of the machine. */
  readonly handled: ReadonlySet<string>;
  readonly named: ReadonlyMap<string, unknown>;
  readonly delays: ReadonlyMap<string, number | null>;
};

/** The object of XState itself; one machine always returns the same object for a transition. */
export type TransitionDefinition = NonNullable<AnyStateNode['always']>[number];

/** The XState object of each transition of the model, in the order of the model. */
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

/** One list for each trigger, in the order in which XState tries them. */
function candidatesOf(node: AnyStateNode): readonly (readonly TransitionDefinition[])[] {
  return [...node.transitions.values(), node.always ?? []];
}

function stateModel(node: AnyStateNode, declared: Declarations): StateModel {
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
    entry: ownEntry(node).map((action) => actionModel(action, declared)),
    transitions: candidatesOf(node).flatMap((candidates) =>
      candidates.map((transition, index) => ({
        source: pathOf(node),
        trigger: triggerOf(transition, node, declared),
        guard: guardName(transition.guard),
        isOtherwise: index > 0 && transition.guard === undefined,
        targets: (transition.target ?? []).map(pathOf),
        actions: transition.actions.map((action) => actionModel(action, declared)),
      })),
    ),
  };
}

function remedyOf({ meta }: AnyStateNode): string {
  const remedy = fieldOf(meta, 'remedy');
  return typeof remedy === 'string' ? remedy : '';
}

/** From the config: `node.entry` also holds the timers that XState adds for `after`. */
function ownEntry(node: AnyStateNode): readonly UnknownAction[] {
  const entry: UnknownAction | readonly UnknownAction[] | undefined = node.config.entry;
  if (entry === undefined) return [];
  return Array.isArray(entry) ? entry : [entry as UnknownAction];
}

function triggerOf(
  { eventType, delay }: TransitionDefinition & { readonly delay?: string | number },
  node: AnyStateNode,
  { delays }: Declarations,
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

/** The `src` name of an invoked actor: without an explicit id, XState makes one from the state's path. */
function actorName(id: string, node: AnyStateNode): string {
  const invoked = node.invoke.find((invoke) => invoke.id === id);
  return invoked ? nameOf(invoked.src) : id;
}

function guardName(guard: unknown): string | null {
  if (guard === undefined) return null;
  const parts = fieldOf(guard, 'guards'); // of `and` and `or`
  if (Array.isArray(parts)) return parts.map(guardName).join(` ${nameOf(guard)} `);
  const params = paramsOf(guard);
  return params === null ? nameOf(guard) : `${nameOf(guard)} ${inWords(params)}`;
}

function actionModel(action: unknown, { handled, named }: Declarations): ActionModel {
  const name = nameOf(action);
  const params = paramsOf(action);
  const logic = named.get(name) ?? action;
  const raises =
    fieldOf(logic, 'type') === 'xstate.raise' ? raisedBy(logic, params, handled) : null;
  return {
    name,
    params,
    raises,
    mayRaise: raises === COMPUTED ? typesGiven(fieldOf(action, 'params'), handled) : [],
    spawns: fieldOf(logic, 'type') === 'xstate.spawnChild' ? nameOf(fieldOf(logic, 'src')) : null,
  };
}

/** The event type is either a literal of the raise action or one of its fixed params. */
function raisedBy(raise: unknown, params: Json, handled: ReadonlySet<string>): string {
  const written = fieldOf(fieldOf(raise, 'event'), 'type');
  const values = typeof params === 'object' && params !== null ? Object.values(params) : [params];
  const names = [written, ...values].filter((value) => typeof value === 'string');
  return names.find((name) => handled.has(name)) ?? COMPUTED;
}

/**
 * Params that are computed from an event often are an event of a fixed type: `({ event }) => failure('stalled', event)`.
 * The function is called with an event that has nothing, and with one that has everything. Where it chooses by a value,
 * the reasons that its text names count too.
 */
function typesGiven(params: unknown, handled: ReadonlySet<string>): readonly string[] {
  if (typeof params !== 'function') return [];
  const types = [{}, EVERYTHING].flatMap((event) => {
    try {
      return [`${fieldOf(params({ event }), 'type')}`];
    } catch {
      return []; // it needs a real event: the type stays unknown
    }
  });
  if (!types.every((type) => handled.has(type))) return [];
  const families = new Set(types.map((type) => type.slice(0, type.indexOf('.') + 1)));
  const named = [...`${params}`.matchAll(/(['"])(\w+)\1/g)].flatMap(([, , name]) =>
    [...families].map((family) => `${family}${name}`).filter((type) => handled.has(type)),
  );
  return [...new Set([...types, ...named])];
}

/** Has every field, each of which has every field. */
const EVERYTHING: unknown = new Proxy(() => {}, {
  get: (_, key) => (key === Symbol.toPrimitive ? () => '' : EVERYTHING),
  apply: () => EVERYTHING,
});

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
