/**
 * A position in a tape, and the frames between two positions, as a recorder would have sent them.
 * It only moves forward: to go back, rewind; the next frame then clears the viewer.
 */
import { EndedActors } from '../../brief-actors.ts';
import type {
  About,
  ActorEnd,
  ActorEntry,
  ActorNumber,
  Ending,
  Frame,
  Moved,
  Name,
  Row,
  RowEntry,
  Status,
  Step,
} from '../../protocol.ts';
import { READS_PROTOCOL } from '../model/frame-reading.ts';
import type { Tape } from './tape.ts';

/** Ended actors that are still shown; the oldest are dropped first. Live recorders keep 500. */
const MAX_ENDED = 1_000;

/** Steps in the log of one frame, the latest ones. */
const LOG_STEPS = 200;

/** Latest endings in one frame; transition counts give their full number. */
const MAX_ENDINGS = 1_000;

/** Steps of the actors in focus in one frame: the first ones, and the latest ones. */
const FIRST_STEPS = 200;
const LAST_STEPS = 1_800;

/** Frames a second in playback. */
export const PLAYED_HZ = 10;

/** An actor at the playhead. */
type Known = {
  readonly entry: ActorEntry;
  state: Name;
  at: number;
  steps: number;
  status: Status;
  row: Row | null;
};

/** Contents of one frame. */
type Gathered = {
  readonly started: Set<ActorNumber>;
  readonly moved: Set<ActorNumber>;
  readonly rows: Set<ActorNumber>;
  readonly over: ActorEnd[];
  readonly gone: ActorNumber[];
  readonly taken: Map<number, number>;
  readonly log: Step[];
  readonly endings: Ending[];
};

export class Playhead {
  readonly #tape: Tape;
  readonly #about: About;
  #actors = new Map<ActorNumber, Known>();
  #ended = noneEnded();
  #focus: readonly ActorNumber[] = [];
  #index = 0;
  #steps = 0;
  #isFresh = true;

  constructor(tape: Tape) {
    const { peerchart, startedAt: began, node, masked } = tape.header;
    this.#tape = tape;
    this.#about = {
      protocol: READS_PROTOCOL,
      peerchart,
      startedAt: began,
      node,
      source: 'file',
      actions: false,
      masked,
    };
  }

  /** Index of the entry that comes next. */
  get index(): number {
    return this.#index;
  }

  /** The next frame starts from the beginning. The focus is kept. */
  rewind(): void {
    this.#actors = new Map();
    this.#ended = noneEnded();
    this.#index = 0;
    this.#steps = 0;
    this.#isFresh = true;
  }

  /** All entries before this index in one frame. @param t Time of the frame. */
  advance(index: number, t: number): Frame {
    const from = this.#index;
    const seen = gathering();
    const before = this.#steps;
    for (; this.#index < Math.min(index, this.#tape.length); this.#index += 1) this.#take(seen);
    const isFresh = this.#isFresh;
    this.#isFresh = false;
    return {
      t,
      hz: PLAYED_HZ,
      ...(isFresh
        ? {
            about: this.#about,
            names: [...this.#tape.names],
            transitions: [...this.#tape.transitions],
          }
        : {}),
      ...this.#actorsOf(seen),
      ...some('transitionCounts', [...seen.taken]),
      ...some('log', seen.log.slice(-LOG_STEPS)),
      ...(seen.log.length > 0 ? { logTotal: this.#steps - before } : {}),
      ...some('focusedSteps', this.#history(from, before)),
      ...some('endings', seen.endings.slice(-MAX_ENDINGS)),
    };
  }

  /** Requests the steps of these actors; the frame has those up to now. */
  focus(actors: readonly ActorNumber[], t: number): Frame {
    this.#focus = actors;
    return { t, hz: PLAYED_HZ, ...some('focusedSteps', this.#history(0, 0)) };
  }

  #take(seen: Gathered): void {
    const entry = this.#tape.entry(this.#index, this.#steps);
    switch (entry.is) {
      case 'actor': {
        const { actor, machine, id, parent, t, state, since = t } = entry.line;
        const first = this.#tape.name(state ?? '');
        const kind = this.#tape.name(machine);
        this.#actors.set(actor, {
          entry: [actor, kind, id, parent ?? -1, t, first, since, 0, 'active', null],
          state: first,
          at: since,
          steps: 0,
          status: 'active',
          row: null,
        });
        seen.started.add(actor);
        return;
      }
      case 'step': {
        const [, actor, at, , state, ...transitions] = entry.step;
        this.#steps += 1;
        const known = this.#actors.get(actor);
        if (known) {
          if (known.state !== state) known.at = at;
          known.state = state;
          known.steps += 1;
          seen.moved.add(actor);
        }
        for (const transition of transitions)
          seen.taken.set(transition, (seen.taken.get(transition) ?? 0) + 1);
        seen.log.push(entry.step);
        if (seen.log.length >= 2 * LOG_STEPS) seen.log.splice(0, LOG_STEPS);
        return;
      }
      case 'row': {
        const known = this.#actors.get(entry.actor);
        if (known) known.row = entry.row;
        seen.rows.add(entry.actor);
        return;
      }
      case 'actorEnded':
        this.#end(entry.line.actor, entry.line.t, entry.line.status, seen);
        return;
      case 'ending':
        seen.endings.push(entry.ending);
        if (seen.endings.length >= 2 * MAX_ENDINGS) seen.endings.splice(0, MAX_ENDINGS);
        return;
    }
  }

  #end(actor: ActorNumber, at: number, status: Status, seen: Gathered): void {
    const known = this.#actors.get(actor);
    if (!known) return;
    known.status = status;
    seen.over.push([actor, at, status]);
    const machine = this.#tape.names[known.entry[1]] ?? '';
    for (const { actor: oldest } of this.#ended.add({ actor, machine })) {
      this.#actors.delete(oldest);
      seen.moved.delete(oldest);
      seen.rows.delete(oldest);
      if (!seen.started.delete(oldest)) seen.gone.push(oldest);
    }
  }

  #actorsOf(seen: Gathered): Partial<Frame> {
    const known = (actors: Iterable<ActorNumber>) =>
      [...actors].flatMap((actor) => {
        const now = this.#actors.get(actor);
        return now ? [[actor, now] as const] : [];
      });
    const older = ([actor]: readonly [ActorNumber, Known]): boolean => !seen.started.has(actor);
    return {
      ...some(
        'actors',
        known(seen.started).map(([actor, { entry, state, at, steps, status, row }]): ActorEntry => {
          const [, machine, id, parent, startedAt] = entry;
          return [actor, machine, id, parent, startedAt, state, at, steps, status, row];
        }),
      ),
      ...some(
        'moved',
        known(seen.moved)
          .filter(older)
          .map(([actor, { state, at, steps }]): Moved => [actor, state, at, steps]),
      ),
      ...some(
        'rows',
        known(seen.rows)
          .filter(older)
          .map(([actor, { row }]): RowEntry => [actor, row!]),
      ),
      ...some(
        'actorsEnded',
        seen.over.filter(([actor]) => this.#actors.has(actor)),
      ),
      ...some('forgotten', seen.gone),
    };
  }

  /** @param steps Number of steps before the entry at `from`. */
  #history(from: number, steps: number): readonly Step[] {
    if (this.#focus.length === 0) return [];
    const tape = this.#tape;
    const [first, last]: [Step[], Step[]] = [[], []];
    let sequence = steps;
    for (let index = from; index < this.#index; index += 1) {
      if (!tape.isStep(index)) continue;
      if (this.#focus.includes(tape.actorAt(index))) {
        const entry = tape.entry(index, sequence);
        if (entry.is === 'step') (first.length < FIRST_STEPS ? first : last).push(entry.step);
        if (last.length >= 2 * LAST_STEPS) last.splice(0, LAST_STEPS);
      }
      sequence += 1;
    }
    return [...first, ...last.slice(-LAST_STEPS)];
  }
}

const noneEnded = () =>
  new EndedActors<{ readonly actor: ActorNumber; readonly machine: string }>(
    MAX_ENDED,
    ({ machine }) => machine,
  );

const gathering = (): Gathered => ({
  started: new Set(),
  moved: new Set(),
  rows: new Set(),
  over: [],
  gone: [],
  taken: new Map(),
  log: [],
  endings: [],
});

/** Empty lists are left out. */
const some = <Key extends keyof Frame, Item>(key: Key, items: readonly Item[]) =>
  items.length > 0 ? ({ [key]: items } as Pick<Frame, never>) : {};
