/**
 * The data of the page as a recording, in the format that a server writes, so that the page can open it. It has less
 * than a recording of a server: all steps of selected actors, and the last state of the others.
 */
import type {
  ActorEndLine,
  ActorLine,
  HeaderLine,
  RecordingLine,
  StepLine,
} from '../../recording.ts';
import { viewOf } from '../model/discovery.ts';
import type { Actor, ActorStep } from '../model/entities.ts';
import type { Store } from '../model/store.ts';
import { READS_VERSION } from './recorded-line.ts';

/** JSON lines without line ends. @param only Limits it to these actors. */
export function recordingLines(store: Store, only?: readonly number[]): readonly string[] {
  const actors = [...store.actors.values()].filter(({ number }) => !only || only.includes(number));
  const numbers = new Set(actors.map(({ number }) => number));
  const steps = stepsOf(store).filter(({ actor }) => numbers.has(actor));
  const ids = new Set(actors.map(({ id }) => id));
  const endings = store.endings.filter(({ actor }) => !only || ids.has(actor));
  // within one ms: starts, steps, endings, ends; sorting is stable
  const timed: Timed[] = [
    ...actors.map((actor) => withTable(actor, store)).flatMap((actor) => startOf(actor, steps)),
    ...steps.map((step) => ({ t: step.at, line: stepLine(step) })),
    ...endings.map((ending) => ({
      t: ending.at,
      line: { type: 'ending', ending } as const,
    })),
    ...actors.flatMap(endOf),
  ];
  const sorted = timed.sort((a, b) => a.t - b.t).map(({ line }) => line);
  const all: readonly RecordingLine[] = [
    header(store),
    ...sorted,
    { type: 'end', t: store.now, why: 'closed' },
  ];
  return all.map((line) => JSON.stringify(line));
}

/** A server sends the table of discovery with its views; in a recording it is a row. */
function withTable(actor: Actor, store: Store): Actor {
  if (actor.machine !== 'table-maintenance') return actor;
  const discovery = viewOf(actor, store);
  return discovery ? { ...actor, row: { discovery } } : actor;
}

type Timed = { readonly t: number; readonly line: RecordingLine };

function header({ about }: Store): HeaderLine {
  return {
    type: 'header',
    format: 'peerchart recording',
    version: READS_VERSION,
    peerchart: about?.peerchart ?? '',
    startedAt: about?.startedAt ?? '',
    node: about?.node ?? '',
    seed: null,
    masked: about?.masked ?? false,
    replayable: false,
    charts: {},
  };
}

/** The steps of histories and log, each once, in order. */
function stepsOf({ histories, log }: Store): readonly ActorStep[] {
  const known = new Map<number, ActorStep>();
  for (const step of [...[...histories.values()].flat(), ...log]) known.set(step.sequence, step);
  return [...known.values()].sort((a, b) => a.sequence - b.sequence);
}

function startOf(actor: Actor, steps: readonly ActorStep[]): readonly Timed[] {
  const { number, machine, id, parent, startedAt: t, row } = actor;
  const own = steps.filter(({ actor: of }) => of === number);
  const line: ActorLine = {
    type: 'actor',
    t,
    actor: number,
    machine,
    id,
    parent,
    ...firstState(actor, own),
    found: true,
  };
  return [{ t, line }, ...(row ? [{ t, line: { type: 'row', actor: number, row } as const }] : [])];
}

/** The source of its first known step; its current state if its steps do not lead there. */
function firstState(
  { state, at, startedAt }: Actor,
  own: readonly ActorStep[],
): Pick<ActorLine, 'state' | 'since'> {
  const [first] = own;
  if (!first || own.at(-1)!.state !== state)
    return { state, ...(at > startedAt ? { since: at } : {}) };
  return { state: first.at > startedAt ? (first.transitions[0]?.source ?? null) : null };
}

const stepLine = ({ actor, at, event, state, transitions }: ActorStep): StepLine => ({
  type: 'step',
  t: at,
  actor,
  event: { type: event },
  transitions: transitions.map(({ source, event: by, target }) => [source, by, target] as const),
  state,
});

function endOf({ number, status, endedAt }: Actor): readonly Timed[] {
  if (status === 'active' || endedAt === null) return [];
  const line: ActorEndLine = { type: 'actorEnded', t: endedAt, actor: number, status };
  return [{ t: endedAt, line }];
}
