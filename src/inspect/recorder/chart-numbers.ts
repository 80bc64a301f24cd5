/** One machine in numbers: what a recorder asks at every event, so everything is looked up and nothing is made. */
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
  readonly #ways: ChartTransitions;
  readonly #states: StateNames;
  /** Steps of one transition are the usual ones. */
  readonly #single = new Map<TakenTransitions[number], readonly number[]>();
  readonly #numbers = new Map<Transition, number | null>();

  constructor(machine: AnyStateMachine, names: Dictionary, table: TransitionTable) {
    this.machine = machine;
    this.name = names.numberOf(machine.id);
    this.#names = names;
    this.#table = table;
    this.#ways = new ChartTransitions(machine);
    this.#states = new StateNames(names);
  }

  stateOf(value: StateValue): number {
    return this.#states.numberOf(value);
  }

  /** As the chart prints it, where XState has made up a name of its own. */
  eventOf({ type }: AnyEventObject, taken: TakenTransitions): number {
    if (taken.length === 0 || !type.startsWith('xstate.')) return this.#names.numberOf(type);
    return this.#names.numberOf(this.#ways.of(taken)[0]?.event ?? type);
  }

  waysOf(taken: TakenTransitions): readonly number[] {
    if (taken.length === 0) return NONE;
    if (taken.length > 1) return this.#number(taken);
    const known = this.#single.get(taken[0]!);
    if (known) return known;
    const numbers = this.#number(taken);
    this.#single.set(taken[0]!, numbers);
    return numbers;
  }

  #number(taken: TakenTransitions): readonly number[] {
    return this.#ways.of(taken).flatMap((way) => this.#numberOf(way) ?? []);
  }

  #numberOf(way: Transition): number | null {
    const known = this.#numbers.get(way);
    if (known !== undefined) return known;
    const number = this.#table.numberOf(way);
    this.#numbers.set(way, number);
    return number;
  }
}
