/** Stands in for `xstate` where machines are made: leaves out of one of them what the run was told to remove. */
import { inject } from 'vitest';
import * as xstate from 'xstate';

import { type Removal, without } from './remove-from-chart.ts';

export * from 'xstate';

declare module 'vitest' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface can be added to
  interface ProvidedContext {
    /** Null when every machine stays whole. */
    readonly removed: { readonly machine: string; readonly removal: Removal } | null;
  }
}

/** Without its guard, an arrow may lead in a circle; this many steps at once are one. */
const MAX_ITERATIONS = 2_000;

type SetupInput = { readonly delays?: Record<string, unknown> };
type Config = { readonly id?: string };

export const setup = ((input: SetupInput) => {
  const make = (given: SetupInput, config: Config) =>
    xstate.setup(given as object).createMachine(config as object);
  const createMachine = (config: Config) => {
    const { machine, removal } = inject('removed') ?? {};
    if (!removal || config.id !== machine) return make(input, config);
    const { delay } = removal;
    const never = delay === undefined ? {} : { [delay]: Number.POSITIVE_INFINITY };
    return make({ ...input, delays: { ...input.delays, ...never } }, {
      ...without(config, removal.place),
      options: { maxIterations: MAX_ITERATIONS },
    } as Config);
  };
  return { ...xstate.setup(input as object), createMachine };
}) as unknown as typeof xstate.setup;
