/** The names and transitions of one machine as numbers: looked up at every event, so nothing is built twice. */
import type { AnyEventObject, AnyStateMachine, StateValue } from 'xstate';
import type { TakenTransitions } from '../../actors/lifecycle.ts';
import { ChartTransitions, type Transition } from './chart-transitions.ts';
import type { Dictionary } from './dictionary.ts';
import { StateNames } from './state-names.ts';
import type { TransitionTable } from './transition-table.ts';

const NONE: readonly number[] = [];

export class ChartNumbers {
  readonly machine: AnyStateMachine;
  readonly name: number;
  readonly #names: Dictionary;
  readonly #table: TransitionTable;
  readonly #transitions: ChartTransitions;
  readonly #states: StateNames;
  /** Most steps have one transition. As many as the machine defines. */
  readonly #single = new Map<TakenTransitions[number], readonly number[]>();
  /** As many as the chart has. */
  readonly #numbers = new Map<Transition, number | null>();

  constructor(machine: AnyStateMachine, names: Dictionary, table: TransitionTable) {
    this.machine = machine;
    this.name = names.numberOf(machine.id);
    this.#names = names;
    this.#table = table;
    this.#transitions = new ChartTransitions(machine);
    this.#states = new StateNames(names);
  }

  stateOf(value: StateValue): number {
    return this.#states.numberOf(value);
  }

  /** As the chart prints it, where XState generates a name of its own. */
  eventOf({ type }: AnyEventObject, taken: TakenTransitions): number {
    if (taken.length === 0 || !type.startsWith('xstate.')) return this.#names.numberOf(type);
    return this.#names.numberOf(this.#transitions.of(taken)[0]?.event ?? type);
  }

  transitionsOf(taken: TakenTransitions): readonly number[] {
    if (taken.length === 0) return NONE;
    if (taken.length > 1) return this.#numbersOf(taken);
    const known = this.#single.get(taken[0]!);
    if (known) return known;
    const numbers = this.#numbersOf(taken);
    this.#single.set(taken[0]!, numbers);
    return numbers;
  }

  #numbersOf(taken: TakenTransitions): readonly number[] {
    return this.#transitions.of(taken).flatMap((transition) => this.#numberOf(transition) ?? []);
  }

  #numberOf(transition: Transition): number | null {
    const known = this.#numbers.get(transition);
    if (known !== undefined) return known;
    const number = this.#table.numberOf(transition);
    this.#numbers.set(transition, number);
    return number;
  }
}
