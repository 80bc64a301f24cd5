/**
 * The parts that can be removed from a chart, one at a time: a transition, its guard, a delay; each with a name.
 * A machine is its config, as it was written. Nothing here runs a machine.
 */

/** A place in a config: keys and indices from the root on. */
type Place = readonly (string | number)[];

export type Removal = {
  /** Such as `running on stop`, `accepting on caller.seen[1], its guard`, or `delay redialDelay`. */
  readonly name: string;
  readonly kind: 'transition' | 'guard' | 'delay';
  /** In the config; empty for a delay that actions use, which is not part of it. */
  readonly place: Place;
  /** The name of a delay that actions use. */
  readonly delay?: string;
};

type Config = { readonly [key: string]: unknown };

/** @param delays Names of all delays of the machine: those that no state waits for are used by actions. */
export function removalsOf(config: object, delays: readonly string[]): readonly Removal[] {
  const inChart = fromState(config as Config, [], '(root)');
  const waited = new Set(inChart.map(({ place }) => place.at(-1)));
  const inActions = delays.filter((delay) => !waited.has(delay));
  return [
    ...inChart,
    ...inActions.map(
      (delay): Removal => ({
        name: `delay ${delay}`,
        kind: 'delay',
        place: [],
        delay,
      }),
    ),
  ];
}

/** A copy of `config` without what is at that place. */
export function without<Value>(config: Value, [key, ...rest]: Place): Value {
  if (key === undefined) return config;
  const copy = (Array.isArray(config) ? [...config] : { ...config }) as Record<
    string | number,
    unknown
  >;
  if (rest.length > 0) copy[key] = without(copy[key], rest);
  else if (Array.isArray(copy)) copy.splice(Number(key), 1);
  else delete copy[key];
  return copy as Value;
}

function fromState(state: Config, place: Place, path: string): readonly Removal[] {
  const { on = {}, after = {}, always, onDone, invoke, states = {} } = state;
  return [
    ...Object.entries(on as Config).flatMap(([event, arrows]) =>
      fromArrows(arrows, [...place, 'on', event], `${path} on ${event}`),
    ),
    ...fromArrows(always, [...place, 'always'], `${path} always`),
    ...fromArrows(onDone, [...place, 'onDone'], `${path} when done`),
    ...Object.entries(after as Config).flatMap(([delay, arrows]) =>
      fromDelay(arrows, [...place, 'after', delay], `${path} after ${delay}`),
    ),
    ...fromInvoked(invoke, [...place, 'invoke'], path),
    ...Object.entries(states as Config).flatMap(([name, child]) =>
      fromState(
        child as Config,
        [...place, 'states', name],
        place.length > 0 ? `${path}.${name}` : name,
      ),
    ),
  ];
}

function fromInvoked(invoked: unknown, place: Place, path: string): readonly Removal[] {
  if (Array.isArray(invoked))
    return invoked.flatMap((actor, index) => fromInvoked(actor, [...place, index], path));
  const { src, onDone, onError } = (invoked ?? {}) as Config;
  return [
    ...fromArrows(onDone, [...place, 'onDone'], `${path} when ${src} is done`),
    ...fromArrows(onError, [...place, 'onError'], `${path} when ${src} breaks`),
  ];
}

/** All arrows of a delay at once are the delay; one of several is a transition. */
function fromDelay(arrows: unknown, place: Place, name: string): readonly Removal[] {
  const single = fromArrows(arrows, place, name).filter(
    ({ kind, place: { length } }) => kind === 'guard' || length > place.length,
  );
  return [{ name, kind: 'delay', place }, ...single];
}

function fromArrows(arrows: unknown, place: Place, name: string): readonly Removal[] {
  if (arrows === undefined) return [];
  if (Array.isArray(arrows) && arrows.length > 1)
    return arrows.flatMap((arrow, index) =>
      fromArrow(arrow, [...place, index], `${name}[${index}]`),
    );
  return Array.isArray(arrows)
    ? fromArrow(arrows[0], [...place, 0], name)
    : fromArrow(arrows, place, name);
}

function fromArrow(arrow: unknown, place: Place, name: string): readonly Removal[] {
  const { guard } = Object(arrow) as Config;
  const whole: Removal = { name, kind: 'transition', place };
  return guard === undefined
    ? [whole]
    : [whole, { name: `${name}, its guard`, kind: 'guard', place: [...place, 'guard'] }];
}
