/** Actors of small charts, and what an inspection reports about them. */
import { assign, type InputFrom, raise, sendTo, setup } from 'xstate';
import { Inspection, type Watcher } from '../../src/actors/inspection.ts';
import { Lifecycle, type LifecycleListener } from '../../src/actors/lifecycle.ts';
import { runActor } from '../../src/actors/run-actor.ts';
import { Recorder, type RecorderLimits } from '../../src/inspect/recorder/recorder.ts';
import { StepClock } from './step-clock.ts';

type LampEvent = { readonly type: 'flip' | 'blink' | 'break' | 'smash' | 'unknown' };

/** Flips, turns itself off again, breaks when told to, and ends when it is smashed. */
export const lamp = setup({
  types: { events: {} as LampEvent, context: {} as { readonly flips: number } },
  delays: { patience: 1_000 },
  actions: {
    count: assign({ flips: ({ context }) => context.flips + 1 }),
    flipAgain: raise({ type: 'flip' }),
    throw: () => {
      throw new Error('broken on purpose');
    },
  },
}).createMachine({
  id: 'lamp',
  context: { flips: 0 },
  initial: 'off',
  states: {
    off: { on: { flip: { target: 'on', actions: 'count' }, blink: { actions: 'flipAgain' } } },
    on: { on: { flip: 'off' }, after: { patience: 'off' } },
    smashed: { type: 'final' },
  },
  on: { smash: '.smashed', break: { actions: 'throw' } },
});

type HouseEvent = { readonly type: 'dusk' | 'dawn' | 'storm' };

/** Has a lamp at night. */
export const house = setup({
  types: { events: {} as HouseEvent, children: {} as { lamp: 'lamp' } },
  actors: { lamp },
  actions: { light: sendTo('lamp', { type: 'flip' }), shake: sendTo('lamp', { type: 'break' }) },
}).createMachine({
  id: 'house',
  initial: 'day',
  states: {
    day: { on: { dusk: 'night' } },
    night: {
      invoke: { id: 'lamp', src: 'lamp', onError: { actions: [] } },
      initial: 'dark',
      states: { dark: { always: 'lit' }, lit: { entry: 'light' } },
      on: { dawn: 'day', storm: { actions: 'shake' } },
    },
  },
});

export const ABOUT = {
  peerchart: '0.0.0',
  startedAt: '2026-11-21T00:00:00.000Z',
  node: 'a test',
  source: 'live',
  masked: false,
} as const;

/** Runs actors that are not inspected yet. */
export function stage() {
  const clock = new StepClock();
  const faults: unknown[] = [];
  const inspection = new Inspection((error) => faults.push(error));
  const run = <Machine extends typeof lamp | typeof house>(
    machine: Machine,
    id: string = machine.id,
  ) =>
    runActor(machine, {
      id,
      input: undefined as InputFrom<Machine>,
      clock,
      inspection,
      settle: () => {},
    });
  return { clock, faults, inspection, run };
}

/** The same with a recorder. */
export function recordedStage(limits: Partial<RecorderLimits> = {}) {
  const at = stage();
  const recorder = new Recorder({ clock: at.clock, about: ABOUT, limits });
  at.inspection.watch(new Lifecycle(recorder));
  return { ...at, recorder };
}

/** Records each report as a short text. */
export function recordLifecycle(): { readonly heard: string[]; readonly watcher: Watcher } {
  const heard: string[] = [];
  const listener: LifecycleListener = {
    started: ({ number, id, parent }) => heard.push(`${number} ${id} child of ${parent ?? 'none'}`),
    stepped: ({ number }, { event, taken, snapshot }) =>
      heard.push(`${number} ${event.type} (${taken.length}) ${JSON.stringify(snapshot.value)}`),
    found: ({ number }, { value }) => heard.push(`${number} adopted in ${JSON.stringify(value)}`),
    ended: ({ number }, status) => heard.push(`${number} ${status}`),
  };
  return { heard, watcher: new Lifecycle(listener) };
}
