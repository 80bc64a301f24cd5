/** The story of a selection: the steps of all its actors in order. */
import type { ActorNumber } from '../../protocol.ts';
import { type Attempt, actorsOf, beganAt, endedAt } from './attempts.ts';
import type { Actor, ActorStep } from './entities.ts';
import { isBad, type Tone, toneOf, whose } from './state-words.ts';
import type { Store } from './store.ts';

export type StoryStep = ActorStep & {
  readonly machine: string;
  /** Id of the actor. */
  readonly of: string;
};

export type Story = {
  readonly actors: readonly Actor[];
  /** Null for an actor without a connection or a dial. */
  readonly attempt: Attempt | null;
  readonly steps: readonly StoryStep[];
  /** Number of steps that were not recorded, and the index of the step before them. */
  readonly missing: number;
  readonly hole: number | null;
  readonly beganAt: number;
  /** Null while it is live. */
  readonly endedAt: number | null;
};

/** First steps of each actor that the recorder never drops; missing steps follow them. Its `FIRST_STEPS`. */
export const KEPT_FIRST = 32;

/** @param selected See `Session.selected`. @returns null if the source has forgotten it. */
export function storyOf(store: Store, selected: string): Story | null {
  const attempt = store.attempts.get(selected) ?? null;
  const actor = selected.startsWith('a') ? store.actors.get(Number(selected.slice(1))) : undefined;
  const actors = attempt ? actorsOf(attempt) : actor ? [actor] : [];
  if (actors.length === 0) return null;
  const steps = actors
    .flatMap(({ number, machine, id }) =>
      (store.histories.get(number) ?? []).map((step): StoryStep => ({ ...step, machine, of: id })),
    )
    .sort((a, b) => a.sequence - b.sequence);
  return {
    actors,
    attempt,
    steps,
    ...holeIn(store, actors, steps),
    beganAt: attempt ? beganAt(attempt) : actors[0]!.startedAt,
    endedAt: attempt ? endedAt(attempt) : actors[0]!.endedAt,
  };
}

/** Actors whose steps the source should send. */
export const focusOf = (story: Story | null): readonly ActorNumber[] =>
  story?.actors.map(({ number }) => number) ?? [];

/** The ending states that the step passed through; it may also close the machine. */
export const endingsIn = ({ machine, state, transitions }: StoryStep): readonly string[] =>
  [...new Set([...transitions.map(({ target }) => target), state])].filter(
    (passed) => passed !== '' && whose(machine, passed) !== '', // '': the state does not change
  );

/** `bad` if the step passed through a bad ending. */
export const toneOfStep = (step: StoryStep): Tone =>
  endingsIn(step).some((state) => isBad(step.machine, state))
    ? 'bad'
    : toneOf(step.machine, step.state);

/** Ends of a dial that say nothing more: its connection has an end of its own, or is a peer. */
const REPEATS = new Set(['done', 'setupFailed']);

/** Whether the dial of a connection ended, and the connection itself says how it went on. */
export const repeatsConnection = ({ machine, state }: StoryStep): boolean =>
  machine === 'dial-task' && REPEATS.has(state);

/** The latest step that says how the connection is: null without one. */
export const tellingStep = ({ steps, attempt }: Story): StoryStep | null =>
  steps.findLast((step) => !(attempt?.setup && repeatsConnection(step))) ?? null;

/** The value of `Session.step` for an index; null for the last one, which follows the latest. */
export const stepAt = ({ steps }: Story, place: number): number | null =>
  place >= steps.length - 1 ? null : Math.max(0, place);

/** At most one actor of a story runs long enough to lose steps. */
function holeIn(
  store: Store,
  actors: readonly Actor[],
  steps: readonly StoryStep[],
): Pick<Story, 'missing' | 'hole'> {
  for (const { number, steps: all } of actors) {
    const history = store.histories.get(number) ?? [];
    const missing = all - history.length;
    if (history.length < KEPT_FIRST || missing <= 0) continue;
    const last = history[KEPT_FIRST - 1]!;
    return { missing, hole: steps.findIndex(({ sequence }) => sequence === last.sequence) };
  }
  return { missing: 0, hole: null };
}
