/** Stands in for `xstate` where machines are made: leaves out of one of them what the run was told to remove. */
import * as xstate from 'xstate';

import { type Removal, without } from './remove-from-chart.ts';

export * from 'xstate';

declare module 'vitest' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface can be added to
  interface ProvidedContext {
    /** From the machine of this id, one after the other; `files` are its tests. */
    readonly removed: {
      readonly machine: string;
      readonly removals: readonly Removal[];
      readonly files: readonly string[];
    };
  }
}

type Removed = { readonly machine: string; readonly removal: Removal };

/** Not a variable of this module: it is loaded again for each removal. */
const PLACE = Symbol.for('peerchart: what is removed');

/** From machines that are made from now on. */
export function remove(removed: Removed): void {
  (globalThis as { [PLACE]?: Removed })[PLACE] = removed;
}

/** Without its guard, an arrow may lead in a circle; so many steps at once are one. */
const MAX_ITERATIONS = 2_000;

type SetupInput = { readonly delays?: Record<string, unknown>; readonly [list: string]: unknown };
type Config = { readonly id?: string };

/** As XState extends a setup: each list gets more entries. */
function merged(input: SetupInput, more: SetupInput): SetupInput {
  const lists = Object.entries(more).map(([name, list]) => [
    name,
    { ...(input[name] as object | undefined), ...(list as object) },
  ]);
  return { ...input, ...Object.fromEntries(lists) };
}

export const setup = ((input: SetupInput) => {
  const made = xstate.setup(input as object);
  /** Actions and guards that are added to these. */
  const extend = (more: SetupInput) => setup(merged(input, more) as never);
  const createMachine = (config: Config) => {
    const { machine, removal } = (globalThis as { [PLACE]?: Removed })[PLACE]!;
    if (config.id !== machine) return made.createMachine(config as object);
    const { delay, place } = removal;
    const never = delay === undefined ? {} : { [delay]: Number.POSITIVE_INFINITY };
    const delays = { ...input.delays, ...never };
    const rest = { ...without(config, place), options: { maxIterations: MAX_ITERATIONS } };
    return xstate.setup({ ...input, delays } as object).createMachine(rest as object);
  };
  return { ...made, extend, createMachine };
}) as unknown as typeof xstate.setup;
