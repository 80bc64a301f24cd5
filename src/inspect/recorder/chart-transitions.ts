/**
 * From the transitions that XState reports to those of the charts: machine, source, event and target as docs/statecharts
 * prints them. It knows nothing of actors or time.
 */
import type { AnyStateMachine } from 'xstate';
import type { TakenTransitions } from '../../actors/lifecycle.ts';
import { chartModel, definitionsOf, type TransitionModel } from '../../charts/chart-model.ts';
import { destinationsOf, transitionsOf } from '../../charts/chart-reading.ts';
import { triggerKey } from '../../charts/chart-words.ts';

/** One line of a chart; always the same object for the same line. */
export type Transition = {
  readonly machine: string;
  readonly source: string;
  /** The event, or `after <delay>`, `always`, `done <what>`, `error <what>`. */
  readonly event: string;
  /** Empty when the state stays the same. */
  readonly target: string;
};

/** Of one machine. A provided variant of it has definitions of its own, and the same transitions. */
export class ChartTransitions {
  readonly #machine: string;
  readonly #definitions: ReadonlyMap<TakenTransitions[number], Definition>;

  constructor(machine: AnyStateMachine) {
    this.#machine = machine.id;
    const model = chartModel(machine);
    const transitions = transitionsOf(model);
    this.#definitions = new Map(
      definitionsOf(machine).map((definition, index) => {
        const transition = transitions[index]!;
        const { targets } = transition;
        return [
          definition as TakenTransitions[number],
          {
            direct: (targets.length > 0 ? targets : ['']).map((to) => this.#line(transition, to)),
            raised: destinationsOf(model, transition).flatMap(({ path, via }) =>
              via === null ? [] : [{ event: via, lines: [this.#line(transition, path)] }],
            ),
          },
        ];
      }),
    );
  }

  /** @param taken In one step, in order. A transition that raises an event has the target of that event. */
  of(taken: TakenTransitions): readonly Transition[] {
    if (taken.length === 1) return this.#linesOf(taken, 0);
    return taken.flatMap((_, index) => this.#linesOf(taken, index));
  }

  /** Every transition of the machine, drawn or not. */
  get all(): readonly Transition[] {
    return [...this.#definitions.values()].flatMap(({ direct, raised }) => [
      ...direct,
      ...raised.flatMap(({ lines }) => lines),
    ]);
  }

  #linesOf(taken: TakenTransitions, index: number): readonly Transition[] {
    const definition = this.#definitions.get(taken[index]!);
    if (!definition) return []; // of another machine
    for (const { event, lines } of definition.raised)
      for (let next = index + 1; next < taken.length; next += 1)
        if (changesState(taken[next]!, event)) return lines;
    return definition.direct;
  }

  #line({ source, trigger }: TransitionModel, target: string): Transition {
    return { machine: this.#machine, source, event: triggerKey(trigger), target };
  }
}

type Definition = {
  /** One for each target, or one that stays. */
  readonly direct: readonly Transition[];
  /** By the event it raises: the transition to where that event leads, if a state takes it. */
  readonly raised: readonly { readonly event: string; readonly lines: readonly Transition[] }[];
};

const changesState = ({ eventType, target }: TakenTransitions[number], event: string): boolean =>
  eventType === event && target !== undefined && target.length > 0;
