/**
 * A recording in memory, designed for files of 200 MB: steps are numbers in columns, names are stored once, and only
 * the shown fields are kept. It only grows; `Playhead` makes frames from it.
 */
import type { ActorNumber, Ending, Name, Row, Step, TransitionEntry } from '../../protocol.ts';
import type {
  ActorEndLine,
  ActorLine,
  HeaderLine,
  RecordingLine,
  StepLine,
} from '../../recording.ts';

/** Most entries of a tape, which take 120 MB. Ours; later ones are dropped, and the page says so. */
const MAX_ENTRIES = 4_000_000;

/** Most names, and most transitions. Ours: charts have a few hundred of each. */
const MAX_NAMES = 65_535;

/** Index of the entry for all further names. */
const TOO_MANY: Name = 0;

export type Entry =
  | { readonly is: 'actor'; readonly line: ActorLine }
  | { readonly is: 'step'; readonly step: Step }
  | { readonly is: 'row'; readonly actor: ActorNumber; readonly row: Row }
  | { readonly is: 'actorEnded'; readonly line: ActorEndLine }
  | { readonly is: 'ending'; readonly ending: Ending };

const KINDS = ['actor', 'step', 'row', 'actorEnded', 'ending'] as const;
const STEP = KINDS.indexOf('step');
const ENDING = KINDS.indexOf('ending');

export class Tape {
  readonly header: HeaderLine;
  readonly names: string[] = ['…'];
  readonly transitions: TransitionEntry[] = [];
  /** Time of the last entry or of the end line, in ms since the start. */
  duration = 0;
  length = 0;
  /** Number of kept steps. */
  steps = 0;
  /** Dropped entries: beyond the limit, or of an unknown actor. */
  leftOut = 0;
  #rows = 1024;
  #at = new Float64Array(this.#rows);
  #kind = new Uint8Array(this.#rows);
  #actor = new Uint32Array(this.#rows);
  /** The event of a step; the index in the objects of other entries. */
  #what = new Uint32Array(this.#rows);
  #state = new Uint32Array(this.#rows);
  /** Index of the set of transitions a step took. */
  #took = new Uint32Array(this.#rows);
  readonly #objects: (ActorLine | Row | ActorEndLine | Ending)[] = [];
  readonly #machines = new Map<ActorNumber, string>();
  readonly #nameAt = new Map<string, Name>();
  readonly #transitionAt = new Map<string, number>();
  readonly #sets: (readonly number[])[] = [[]];
  readonly #setAt = new Map<string, number>([['', 0]]);

  constructor(header: HeaderLine) {
    this.header = header;
  }

  /** In file order; times are raised where they would go back. */
  add(line: RecordingLine): void {
    switch (line.type) {
      case 'header':
        return;
      case 'end':
        this.duration = Math.max(this.duration, line.t);
        return;
      case 'actor':
        this.#machines.set(line.actor, line.machine);
        this.name(line.machine); // the dictionary is complete before the first frame
        this.name(line.state ?? '');
        this.#object('actor', line.actor, line.t, line);
        return;
      case 'step':
        this.#step(line);
        return;
      case 'row':
        if (this.#isKnown(line.actor)) this.#object('row', line.actor, this.duration, line.row);
        return;
      case 'actorEnded':
        if (this.#isKnown(line.actor)) this.#object('actorEnded', line.actor, line.t, line);
        return;
      case 'ending':
        this.#object('ending', 0, line.ending.at, line.ending);
        return;
    }
  }

  at(index: number): number {
    return this.#at[index]!;
  }

  isStep(index: number): boolean {
    return this.#kind[index] === STEP;
  }

  isEnding(index: number): boolean {
    return this.#kind[index] === ENDING;
  }

  actorAt(index: number): ActorNumber {
    return this.#actor[index]!;
  }

  /** @param sequence Number of earlier steps; used for steps. */
  entry(index: number, sequence: number): Entry {
    const actor = this.#actor[index]!;
    const what = this.#what[index]!;
    const object = this.#objects[what];
    switch (KINDS[this.#kind[index]!]!) {
      case 'actor':
        return { is: 'actor', line: object as ActorLine };
      case 'row':
        return { is: 'row', actor, row: object as Row };
      case 'actorEnded':
        return { is: 'actorEnded', line: object as ActorEndLine };
      case 'ending':
        return { is: 'ending', ending: object as Ending };
      case 'step': {
        const transitions = this.#sets[this.#took[index]!]!;
        const step = [sequence, actor, this.#at[index]!, what, this.#state[index]!, ...transitions];
        return { is: 'step', step: step as unknown as Step };
      }
    }
  }

  /** Index of the first entry after this time. */
  after(t: number): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#at[middle]! > t) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  name(text: string): Name {
    const known = this.#nameAt.get(text);
    if (known !== undefined) return known;
    if (this.names.length >= MAX_NAMES) return TOO_MANY;
    this.names.push(text);
    this.#nameAt.set(text, this.names.length - 1);
    return this.names.length - 1;
  }

  #step({ t, actor, event, transitions, state }: StepLine): void {
    const machine = this.#machines.get(actor);
    if (machine === undefined || !this.#hasRoom()) {
      this.leftOut += 1;
      return;
    }
    const taken = transitions.flatMap((transition) => this.#transition(machine, transition) ?? []);
    this.steps += 1;
    this.#push(STEP, actor, t, this.name(event.type), this.name(state), this.#set(taken));
  }

  #transition(
    machine: string,
    [source, event, target]: StepLine['transitions'][number],
  ): number | null {
    const key = JSON.stringify([machine, source, event, target]);
    const known = this.#transitionAt.get(key);
    if (known !== undefined) return known;
    if (this.transitions.length >= MAX_NAMES) return null;
    this.transitions.push([
      this.name(machine),
      this.name(source),
      this.name(event),
      this.name(target),
    ]);
    this.#transitionAt.set(key, this.transitions.length - 1);
    return this.transitions.length - 1;
  }

  #set(transitions: readonly number[]): number {
    const key = transitions.join();
    const known = this.#setAt.get(key);
    if (known !== undefined) return known;
    this.#sets.push(transitions);
    this.#setAt.set(key, this.#sets.length - 1);
    return this.#sets.length - 1;
  }

  #isKnown(actor: ActorNumber): boolean {
    if (this.#machines.has(actor)) return true;
    this.leftOut += 1;
    return false;
  }

  #object(
    kind: Exclude<Entry['is'], 'step'>,
    actor: ActorNumber,
    t: number,
    object: ActorLine | Row | ActorEndLine | Ending,
  ): void {
    if (!this.#hasRoom()) {
      this.leftOut += 1;
      return;
    }
    this.#objects.push(object);
    this.#push(KINDS.indexOf(kind), actor, t, this.#objects.length - 1, 0, 0);
  }

  #hasRoom(): boolean {
    return this.length < MAX_ENTRIES;
  }

  #push(kind: number, actor: number, t: number, what: number, state: number, took: number): void {
    if (this.length === this.#rows) this.#grow();
    const index = this.length;
    this.duration = Math.max(this.duration, t);
    this.#at[index] = this.duration;
    this.#kind[index] = kind;
    this.#actor[index] = actor;
    this.#what[index] = what;
    this.#state[index] = state;
    this.#took[index] = took;
    this.length += 1;
  }

  #grow(): void {
    this.#rows *= 2;
    const longer = <Column extends Float64Array | Uint32Array | Uint8Array>(
      column: Column,
      grown: Column,
    ): Column => {
      grown.set(column as never);
      return grown;
    };
    this.#at = longer(this.#at, new Float64Array(this.#rows));
    this.#kind = longer(this.#kind, new Uint8Array(this.#rows));
    this.#actor = longer(this.#actor, new Uint32Array(this.#rows));
    this.#what = longer(this.#what, new Uint32Array(this.#rows));
    this.#state = longer(this.#state, new Uint32Array(this.#rows));
    this.#took = longer(this.#took, new Uint32Array(this.#rows));
  }
}
