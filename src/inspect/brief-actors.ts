/**
 * Actors of discovery that are many, and most of which end within seconds: proofs, sessions and lookups. Ended ones must not take the room of
 * ended connections.
 */

const BRIEF: ReadonlySet<string> = new Set([
  'endpoint-proof',
  'discv5-session',
  'lookup',
  'bootnode-name',
]);

/** Each such machine may have one of so many ended actors. Ours. */
const BRIEF_SHARE = 10;

/** Ended actors, of which the oldest are dropped: first those of a brief machine that has more than its share. */
export class EndedActors<Actor> {
  readonly #max: number;
  readonly #machineOf: (actor: Actor) => string;
  /** Oldest first; by machine for brief ones, all others under ''. */
  readonly #lists = new Map<string, Actor[]>();
  #size = 0;

  constructor(max: number, machineOf: (actor: Actor) => string) {
    this.#max = max;
    this.#machineOf = machineOf;
  }

  get size(): number {
    return this.#size;
  }

  /** @returns Those that are dropped for it: none or one. */
  add(actor: Actor): readonly Actor[] {
    const machine = this.#machineOf(actor);
    const kind = BRIEF.has(machine) ? machine : '';
    const list = this.#lists.get(kind) ?? [];
    this.#lists.set(kind, list);
    list.push(actor);
    this.#size += 1;
    if (kind !== '' && list.length > this.#max / BRIEF_SHARE) return this.#drop(list);
    if (this.#size <= this.#max) return [];
    const others = this.#lists.get('') ?? [];
    return this.#drop(others.length > 0 ? others : list);
  }

  #drop(list: Actor[]): readonly Actor[] {
    this.#size -= 1;
    return [list.shift()!];
  }
}
