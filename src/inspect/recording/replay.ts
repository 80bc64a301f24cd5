/**
 * Lives through a recording again: each actor's events go through the same machine, as pure transitions, and where
 * that leads is compared with what was recorded, line by line. No clock runs, nothing is sent, no socket is opened.
 */
import type { AnyMachineSnapshot, AnyStateMachine, EventFrom, SnapshotFrom } from 'xstate';
import { Stepper } from '../../actors/pure-stepper.ts';
import { statePath } from '../../actors/state-path.ts';
import { ChartTransitions } from '../recorder/chart-transitions.ts';
import type { ActorEndLine, ActorLine, HeaderLine, StepLine } from '../recording.ts';
import { chartHash } from './chart-hash.ts';
import { machineOf } from './event-forms.ts';
import { isWhole, readEvent } from './event-text.ts';
import { FormError, type Reading } from './form.ts';
import { RecordingError } from './recording-error.ts';
import type { ReadLine } from './recording-reader.ts';

export type ReplayResult = {
  readonly header: HeaderLine;
  /** That were lived through again, to their end or to that of the recording. */
  readonly actors: number;
  readonly steps: number;
  /** Ids of those that were not, or not to their end, and why; the first {@link MAX_NAMED}. */
  readonly skipped: readonly { readonly id: string; readonly why: SkipReason }[];
  readonly skippedTotal: number;
  /** Machines whose chart is another one now. */
  readonly changedCharts: readonly string[];
  /** How the recording ended; null when it was cut off, or the divergence came before. */
  readonly end: 'closed' | 'full' | 'failed' | null;
  /** The first one; nothing after it was looked at. */
  readonly divergence: Divergence | null;
};

export type SkipReason =
  /** It lived before the recording began. */
  | 'startedBefore'
  /** An event that it was told is not in the recording as a whole. */
  | 'incompleteEvent'
  /** No machine of ours. */
  | 'unknownMachine';

export type Divergence = {
  readonly line: number;
  readonly actor: number | null;
  /** Of the actor, such as `peer:12`; empty for a line that is about none. */
  readonly id: string;
  /** ms since the recording began; null for a line that has no time. */
  readonly t: number | null;
  /** Type of the event, or of the line when it is no event. */
  readonly event: string;
  /** What the recording says: where it went, and how. */
  readonly expected: string;
  /** What the machine does. */
  readonly got: string;
};

/** How many skipped actors are named. */
export const MAX_NAMED = 1_000;

/** @throws {RecordingError} Whatever the reader throws; `malformedLine` for lines that make no sense together. */
export async function replay(lines: AsyncIterable<ReadLine>): Promise<ReplayResult> {
  const run = new ReplayRun();
  for await (const line of lines) if (run.take(line)) break;
  return run.result();
}

/** A machine with all that is known of it. */
type Known = {
  readonly machine: AnyStateMachine;
  readonly ways: ChartTransitions;
  readonly reading: Reading;
};

type Lived = {
  readonly line: ActorLine;
  readonly known: Known;
  stepper: Stepper<AnyStateMachine> | null;
  snapshot: AnyMachineSnapshot | null;
};

class ReplayRun {
  #header: HeaderLine | null = null;
  #end: ReplayResult['end'] = null;
  #divergence: Divergence | null = null;
  #actors = 0;
  #steps = 0;
  #skippedTotal = 0;
  readonly #skipped: { readonly id: string; readonly why: SkipReason }[] = [];
  readonly #known = new Map<string, Known | null>();
  /** Those that live; null for those that are skipped. */
  readonly #lives = new Map<number, Lived | null>();

  /** @returns whether there is no need to go on. */
  take(read: ReadLine): boolean {
    try {
      this.#follow(read);
    } catch (error) {
      if (read.isGenuine || !(error instanceof RecordingError)) throw error;
    }
    if (!read.isGenuine) this.#divergence ??= this.#altered(read);
    return this.#divergence !== null;
  }

  #follow({ value, number }: ReadLine): void {
    if (this.#end !== null)
      throw new RecordingError('malformedLine', 'a line after the end', number);
    switch (value.type) {
      case 'header':
        this.#header = value;
        return;
      case 'actor':
        return this.#enter(value, number);
      case 'step':
        return this.#step(value, number);
      case 'actorEnded':
        return this.#leave(value, number);
      case 'end':
        this.#end = value.why;
        return;
      case 'row':
      case 'ending':
        return; // shown, and decided nowhere
    }
  }

  result(): ReplayResult {
    if (!this.#header) throw new RecordingError('notARecording', 'no header', null);
    return {
      header: this.#header,
      actors: this.#actors,
      steps: this.#steps,
      skipped: this.#skipped,
      skippedTotal: this.#skippedTotal,
      changedCharts: changedCharts(this.#header),
      end: this.#end,
      divergence: this.#divergence,
    };
  }

  #enter(line: ActorLine, number: number): void {
    const { actor, machine, found: wasThere } = line;
    if (this.#lives.has(actor))
      throw new RecordingError('malformedLine', `a second actor ${actor}`, number);
    const known = this.#machine(machine);
    if (wasThere || !known) {
      this.#lives.set(actor, null);
      this.#skip(line, wasThere ? 'startedBefore' : 'unknownMachine');
      return;
    }
    this.#actors += 1;
    this.#lives.set(actor, { line, known, stepper: null, snapshot: null });
  }

  #step(line: StepLine, number: number): void {
    const life = this.#lifeOf(line.actor, number);
    if (!life) return;
    if (!isWhole(line.event)) {
      this.#lives.set(line.actor, null);
      this.#actors -= 1;
      this.#skip(life.line, 'incompleteEvent');
      return;
    }
    const went = this.#live(life, line, number);
    if (went === null) this.#steps += 1;
    else this.#divergence = diverged(life, line, number, went);
  }

  /** @returns null when it went as recorded, or else how it went. */
  #live(life: Lived, { event, transitions: ways, state }: StepLine, number: number): string | null {
    const { known } = life;
    const isBirth = event.type === 'xstate.init';
    if (isBirth !== (life.stepper === null))
      throw new RecordingError(
        'malformedLine',
        isBirth ? 'born twice' : 'told something before its birth',
        number,
      );
    try {
      const told = readEvent(known.machine.id, event, known.reading);
      life.stepper ??= new Stepper(known.machine, (told as unknown as { input: unknown }).input);
      const step = isBirth
        ? life.stepper.begin()
        : life.stepper.step(
            life.snapshot as SnapshotFrom<AnyStateMachine>,
            told as EventFrom<AnyStateMachine>,
          );
      life.snapshot = step.snapshot as AnyMachineSnapshot;
      const taken = known.ways
        .of([...step.taken])
        .map(({ source, event: name, target }) => [source, name, target] as const);
      const got = inWords(statePath(life.snapshot.value), taken);
      return got === inWords(state, ways) ? null : got;
    } catch (error) {
      if (error instanceof FormError)
        throw new RecordingError('malformedLine', `${event.type}: ${error.message}`, number);
      return `a mistake in the machine: ${error}`;
    }
  }

  #leave({ actor, status, t }: ActorEndLine, number: number): void {
    const life = this.#lifeOf(actor, number);
    this.#lives.delete(actor);
    if (!life || life.snapshot?.status === status || status === 'error') return;
    this.#divergence = {
      line: number,
      actor,
      id: life.line.id,
      t,
      event: 'actorEnded',
      expected: status,
      got: life.snapshot?.status ?? 'not born',
    };
  }

  #altered({ value, number }: ReadLine): Divergence {
    const actor = 'actor' in value ? value.actor : null;
    const life = actor === null ? null : this.#lives.get(actor);
    return {
      line: number,
      actor,
      id: life?.line.id ?? '',
      t: 't' in value ? value.t : null,
      event: value.type === 'step' ? value.event.type : value.type,
      expected: 'the line that was written here',
      got: 'another one: it was changed or moved, or lines before it are missing',
    };
  }

  #lifeOf(actor: number, number: number): Lived | null {
    const life = this.#lives.get(actor);
    if (life === undefined)
      throw new RecordingError('malformedLine', `nothing is known of actor ${actor}`, number);
    return life;
  }

  #skip({ id }: ActorLine, why: SkipReason): void {
    this.#skippedTotal += 1;
    if (this.#skipped.length < MAX_NAMED) this.#skipped.push({ id, why });
  }

  #machine(id: string): Known | null {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const reading: Reading = { answers: new Map() };
    const machine = machineOf(id);
    const made = machine && { machine, ways: new ChartTransitions(machine), reading };
    this.#known.set(id, made);
    return made;
  }
}

function diverged(life: Lived, line: StepLine, number: number, got: string): Divergence {
  const { actor, t, event, state, transitions: ways } = line;
  return {
    line: number,
    actor,
    id: life.line.id,
    t,
    event: event.type,
    expected: inWords(state, ways),
    got,
  };
}

/** The state, and the ways that led there. */
function inWords(state: string, ways: StepLine['transitions']): string {
  const by = ways.map(
    ([source, event, target]) =>
      `${source || 'any state'} on ${event}${target === '' ? '' : ` → ${target}`}`,
  );
  return by.length === 0 ? state : `${state} by ${by.join(', ')}`;
}

function changedCharts({ charts }: HeaderLine): readonly string[] {
  return Object.entries(charts)
    .filter(([id, hash]) => chartHash(id) !== hash)
    .map(([id]) => id);
}
