/**
 * From the transitions that XState says it took to the ways of the charts: machine, source, event and target as
 * docs/statecharts prints them. It knows nothing of actors or time.
 */
import type { AnyStateMachine } from 'xstate';
import type { TakenTransitions } from '../../actors/lifecycle.ts';
import { chartModel, definitionsOf, type TransitionModel } from '../../charts/chart-model.ts';
import { destinationsOf, transitionsOf } from '../../charts/chart-reading.ts';
import { triggerKey } from '../../charts/chart-words.ts';

/** A line of a chart; the same object each time. */
export type Transition = {
  readonly machine: string;
  readonly source: string;
  /** The event, or `after <delay>`, `always`, `done <what>`, `error <what>`. */
  readonly event: string;
  /** Empty when it stays where it is. */
  readonly target: string;
};

/** Of one machine: a variant of it has definitions of its own, and the same ways. */
export class ChartTransitions {
  readonly #machine: string;
  readonly #passages: ReadonlyMap<TakenTransitions[number], Passage>;

  constructor(machine: AnyStateMachine) {
    this.#machine = machine.id;
    const model = chartModel(machine);
    const transitions = transitionsOf(model);
    this.#passages = new Map(
      definitionsOf(machine).map((definition, index) => {
        const transition = transitions[index]!;
        const destinations = destinationsOf(model, transition);
        const { targets } = transition;
        return [
          definition as TakenTransitions[number],
          {
            ways: (targets.length > 0 ? targets : ['']).map((to) => this.#way(transition, to)),
            led: destinations.flatMap(({ path, via }) =>
              via === null ? [] : [{ via, ways: [this.#way(transition, path)] }],
            ),
          },
        ];
      }),
    );
  }

  /** @param taken In one step, in order: whatever raises an event leads where that event leads. */
  of(taken: TakenTransitions): readonly Transition[] {
    if (taken.length === 1) return this.#waysOf(taken, 0);
    return taken.flatMap((_, index) => this.#waysOf(taken, index));
  }

  /** Every way there is, drawn or not. */
  get all(): readonly Transition[] {
    return [...this.#passages.values()].flatMap(({ ways, led }) => [
      ...ways,
      ...led.flatMap((leading) => leading.ways),
    ]);
  }

  #waysOf(taken: TakenTransitions, index: number): readonly Transition[] {
    const passage = this.#passages.get(taken[index]!);
    if (!passage) return []; // of another machine
    for (const { via, ways } of passage.led)
      for (let next = index + 1; next < taken.length; next += 1)
        if (isMove(taken[next]!, via)) return ways;
    return passage.ways;
  }

  #way({ source, trigger }: TransitionModel, target: string): Transition {
    return { machine: this.#machine, source, event: triggerKey(trigger), target };
  }
}

type Passage = {
  /** One for each target, or one that stays. */
  readonly ways: readonly Transition[];
  /** By the event it raises: where that one leads, if anybody follows it. */
  readonly led: readonly { readonly via: string; readonly ways: readonly Transition[] }[];
};

const isMove = ({ eventType, target }: TakenTransitions[number], event: string): boolean =>
  eventType === event && target !== undefined && target.length > 0;
