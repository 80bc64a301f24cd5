/**
 * Replays a recording: the events of each actor go through the same machine, as pure transitions, and the states and
 * transitions are compared with the recorded ones, line by line. No clock runs, nothing is sent, no socket is opened.
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
  /** Actors that were replayed to their end or to that of the recording. */
  readonly actors: number;
  readonly steps: number;
  /** Ids of the other actors, and why; the first {@link MAX_SKIPPED_LISTED}. */
  readonly skipped: readonly { readonly id: string; readonly why: SkipReason }[];
  readonly skippedTotal: number;
  /** Machines whose chart has changed since. */
  readonly changedCharts: readonly string[];
  /** How the recording ended; null when it was cut off, or diverged before its end. */
  readonly end: 'closed' | 'full' | 'failed' | null;
  /** The first divergence; the rest is not replayed. */
  readonly divergence: Divergence | null;
};

export type SkipReason =
  /** It ran before the recording started. */
  | 'startedBefore'
  /** One of its events is incomplete in the recording. */
  | 'incompleteEvent'
  /** Its machine is unknown. */
  | 'unknownMachine';

export type Divergence = {
  readonly line: number;
  readonly actor: number | null;
  /** Id of the actor, such as `peer:12`; empty for a line about no actor. */
  readonly id: string;
  /** ms since the recording started; null for a line without a time. */
  readonly t: number | null;
  /** Type of the event, or of the line when it is no step. */
  readonly event: string;
  /** The recorded state and transitions. */
  readonly expected: string;
  /** Those of the replay. */
  readonly got: string;
};

/** Skipped actors that are listed. */
const MAX_SKIPPED_LISTED = 1_000;

/** @throws {RecordingError} Those of the reader; `malformedLine` for lines that contradict each other. */
export async function replay(lines: AsyncIterable<ReadLine>): Promise<ReplayResult> {
  const run = new ReplayRun();
  for await (const line of lines) if (run.take(line)) break;
  return run.result();
}

/** A machine, its transitions, and the host rule results read for it. */
type ReplayedMachine = {
  readonly machine: AnyStateMachine;
  readonly transitions: ChartTransitions;
  readonly reading: Reading;
};

type ReplayedActor = {
  readonly line: ActorLine;
  readonly known: ReplayedMachine;
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
  readonly #known = new Map<string, ReplayedMachine | null>();
  /** Running actors; null for skipped ones. */
  readonly #running = new Map<number, ReplayedActor | null>();

  /** @returns whether the replay has diverged. */
  take(read: ReadLine): boolean {
    try {
      this.#follow(read);
    } catch (error) {
      if (read.isIntact || !(error instanceof RecordingError)) throw error;
    }
    if (!read.isIntact) this.#divergence ??= this.#altered(read);
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
        return this.#start(value, number);
      case 'step':
        return this.#step(value, number);
      case 'actorEnded':
        return this.#endActor(value, number);
      case 'end':
        this.#end = value.why;
        return;
      case 'row':
      case 'ending':
        return; // only shown, by the page
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

  #start(line: ActorLine, number: number): void {
    const { actor, machine, found: wasThere } = line;
    if (this.#running.has(actor))
      throw new RecordingError('malformedLine', `a second actor ${actor}`, number);
    const known = this.#machine(machine);
    if (wasThere || !known) {
      this.#running.set(actor, null);
      this.#skip(line, wasThere ? 'startedBefore' : 'unknownMachine');
      return;
    }
    this.#actors += 1;
    this.#running.set(actor, { line, known, stepper: null, snapshot: null });
  }

  #step(line: StepLine, number: number): void {
    const replayed = this.#actorOf(line.actor, number);
    if (!replayed) return;
    if (!isWhole(line.event)) {
      this.#running.set(line.actor, null);
      this.#actors -= 1;
      this.#skip(replayed.line, 'incompleteEvent');
      return;
    }
    const went = this.#replayStep(replayed, line, number);
    if (went === null) this.#steps += 1;
    else this.#divergence = divergenceOf(replayed, line, number, went);
  }

  /** @returns null when the result is the recorded one, or else the result. */
  #replayStep(
    replayed: ReplayedActor,
    { event, transitions, state }: StepLine,
    number: number,
  ): string | null {
    const { known } = replayed;
    const isFirst = event.type === 'xstate.init';
    if (isFirst !== (replayed.stepper === null))
      throw new RecordingError(
        'malformedLine',
        isFirst ? 'a second xstate.init' : 'an event before xstate.init',
        number,
      );
    try {
      const read = readEvent(known.machine.id, event, known.reading);
      replayed.stepper ??= new Stepper(
        known.machine,
        (read as unknown as { input: unknown }).input,
      );
      const step = isFirst
        ? replayed.stepper.begin()
        : replayed.stepper.step(
            replayed.snapshot as SnapshotFrom<AnyStateMachine>,
            read as EventFrom<AnyStateMachine>,
          );
      replayed.snapshot = step.snapshot as AnyMachineSnapshot;
      const taken = known.transitions
        .of([...step.taken])
        .map(({ source, event: name, target }) => [source, name, target] as const);
      const got = describeStep(statePath(replayed.snapshot.value), taken);
      return got === describeStep(state, transitions) ? null : got;
    } catch (error) {
      if (error instanceof FormError)
        throw new RecordingError('malformedLine', `${event.type}: ${error.message}`, number);
      return `the machine threw: ${error}`;
    }
  }

  #endActor({ actor, status, t }: ActorEndLine, number: number): void {
    const replayed = this.#actorOf(actor, number);
    this.#running.delete(actor);
    if (!replayed || replayed.snapshot?.status === status || status === 'error') return;
    this.#divergence = {
      line: number,
      actor,
      id: replayed.line.id,
      t,
      event: 'actorEnded',
      expected: status,
      got: replayed.snapshot?.status ?? 'not started',
    };
  }

  #altered({ value, number }: ReadLine): Divergence {
    const actor = 'actor' in value ? value.actor : null;
    const replayed = actor === null ? null : this.#running.get(actor);
    return {
      line: number,
      actor,
      id: replayed?.line.id ?? '',
      t: 't' in value ? value.t : null,
      event: value.type === 'step' ? value.event.type : value.type,
      expected: 'the line as it was written',
      got: 'a line that was changed or moved, or lines before it are missing',
    };
  }

  #actorOf(actor: number, number: number): ReplayedActor | null {
    const replayed = this.#running.get(actor);
    if (replayed === undefined)
      throw new RecordingError('malformedLine', `actor ${actor} has no line before`, number);
    return replayed;
  }

  #skip({ id }: ActorLine, why: SkipReason): void {
    this.#skippedTotal += 1;
    if (this.#skipped.length < MAX_SKIPPED_LISTED) this.#skipped.push({ id, why });
  }

  #machine(id: string): ReplayedMachine | null {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const reading: Reading = { hostAnswers: new Map() };
    const machine = machineOf(id);
    const made = machine && { machine, transitions: new ChartTransitions(machine), reading };
    this.#known.set(id, made);
    return made;
  }
}

function divergenceOf(
  replayed: ReplayedActor,
  line: StepLine,
  number: number,
  got: string,
): Divergence {
  const { actor, t, event, state, transitions } = line;
  return {
    line: number,
    actor,
    id: replayed.line.id,
    t,
    event: event.type,
    expected: describeStep(state, transitions),
    got,
  };
}

/** The state, and the transitions that led there. */
function describeStep(state: string, transitions: StepLine['transitions']): string {
  const by = transitions.map(
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
