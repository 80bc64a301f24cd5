/**
 * What the page holds as a recording: the same lines that a server writes, so that the page opens it again. It knows
 * less than a file does: of most actors where they are, of those that were looked at what they lived through.
 */
import type {
  ActorEndLine,
  ActorLine,
  HeaderLine,
  RecordingLine,
  StepLine,
} from '../../recording.ts';
import type { Actor, ActorStep } from '../model/entities.ts';
import type { Store } from '../model/store.ts';
import { READS_VERSION } from './recorded-line.ts';

/** JSON, without line ends. Of one attempt if its actors are given. */
export function recordingLines(store: Store, only?: readonly number[]): readonly string[] {
  const actors = [...store.actors.values()].filter(({ number }) => !only || only.includes(number));
  const numbers = new Set(actors.map(({ number }) => number));
  const steps = stepsOf(store).filter(({ actor }) => numbers.has(actor));
  const ids = new Set(actors.map(({ id }) => id));
  const endings = store.endings.filter(({ actor }) => !only || ids.has(actor));
  // of the same ms: births, steps, endings, deaths, for sorting keeps the order of equals
  const timed: Timed[] = [
    ...actors.flatMap((actor) => birth(actor, steps)),
    ...steps.map((step) => ({ t: step.at, line: stepLine(step) })),
    ...endings.map((ending) => ({
      t: ending.at,
      line: { type: 'ending', ending } as const,
    })),
    ...actors.flatMap(death),
  ];
  const sorted = timed.sort((a, b) => a.t - b.t).map(({ line }) => line);
  const all: readonly RecordingLine[] = [
    header(store),
    ...sorted,
    { type: 'end', t: store.now, why: 'closed' },
  ];
  return all.map((line) => JSON.stringify(line));
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

/** Those of the lives and those of the log, each once, in their order. */
function stepsOf({ histories: lives, log }: Store): readonly ActorStep[] {
  const known = new Map<number, ActorStep>();
  for (const step of [...[...lives.values()].flat(), ...log]) known.set(step.sequence, step);
  return [...known.values()].sort((a, b) => a.sequence - b.sequence);
}

function birth(actor: Actor, steps: readonly ActorStep[]): readonly Timed[] {
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

/** Its last state, unless a known step leads there: then where that one came from. */
function firstState(
  { state, at, startedAt }: Actor,
  own: readonly ActorStep[],
): Pick<ActorLine, 'state' | 'since'> {
  const [first] = own;
  if (!first || own.at(-1)!.state !== state)
    return { state, ...(at > startedAt ? { since: at } : {}) };
  return { state: first.at > startedAt ? (first.transitions[0]?.source ?? null) : null };
}

const stepLine = ({ actor, at, event, state, transitions: ways }: ActorStep): StepLine => ({
  type: 'step',
  t: at,
  actor,
  event: { type: event },
  transitions: ways.map(({ source, event: by, target }) => [source, by, target] as const),
  state,
});

function death({ number, status, endedAt }: Actor): readonly Timed[] {
  if (status === 'active' || endedAt === null) return [];
  const line: ActorEndLine = { type: 'actorEnded', t: endedAt, actor: number, status };
  return [{ t: endedAt, line }];
}
