/** The tables of a page, each from the chart model alone and empty when there is nothing to list. */
import type { ChartModel, StateModel, TransitionModel, Trigger } from './chart-model.ts';
import {
  ancestorsOf,
  destinationsOf,
  endingsOf,
  grouped,
  groupOf,
  isOutcomeGroup,
  stateAt,
  transitionsOf,
} from './chart-reading.ts';
import {
  code,
  conditionCode,
  consequenceWords,
  exactly,
  placeWords,
  triggerCode,
} from './chart-words.ts';
import { heading, table } from './markdown.ts';

type Row = readonly string[];

/** Every state but the root, the endings and the outcomes, which have tables of their own. */
export function stateTable(model: ChartModel): readonly string[] {
  const endings = endingsOf(model);
  const rows = model.states
    .filter((state) => state.parent !== null && !endings.includes(state) && !groupOf(model, state))
    .map((state) => [
      code(state.path),
      [kindWords(model, state), state.description].filter((text) => text !== '').join(' '),
      awaitedWords(model, state),
      limitWords(model, state),
    ]);
  return section('States', ['State', 'What it is', 'Waits for', 'At most'], rows);
}

export function endingTable(model: ChartModel): readonly string[] {
  const isAdvised = endingsOf(model).some(({ remedy }) => remedy !== '');
  const rows = endingsOf(model).map(({ path, description, remedy }) => {
    const into = transitionsOf(model).filter((transition) =>
      destinationsOf(model, transition).some((to) => to.path === path),
    );
    const bySource = [...grouped(into, ({ source }) => source)].map(
      ([source, ways]) => `${placeWords(source)}: ${ways.map(wayWords).filter(isFirst).join(', ')}`,
    );
    return [code(path), description, ...(isAdvised ? [remedy] : []), bySource.join('<br>')];
  });
  const advice = isAdvised ? ['What you can do'] : [];
  return section('Endings', ['State', 'What it means', ...advice, 'Reached from'], rows);
}

/** Events that name an outcome stand in the table of reasons; here they share a row. */
export function eventTable(model: ChartModel): readonly string[] {
  const told = anywhereLast(model).filter(({ trigger }) => isTold(trigger));
  const byName = grouped(told, (one) => outcomeFamily(model, one) ?? triggerCode(one.trigger));
  const rows = [...byName].flatMap(([name, handlers]) => {
    const family = handlers.find((one) => outcomeFamily(model, one) !== null);
    if (family) return [familyRow(model, name, handlers)];
    const byEffect = grouped(inOrder(handlers), ({ effect }) => effect);
    return [...byEffect].map(([effect, same]) => [
      name,
      same.map(({ source }) => placeWords(source)).join(', '),
      effect,
    ]);
  });
  return section('Events', ['Event', 'Handled in', 'Leads to'], rows);

  /** Alternatives of one state belong together, in the order they are tried. */
  function inOrder(handlers: readonly TransitionModel[]) {
    const bySource = grouped(handlers, ({ source }) => source);
    return [...bySource].map(([source, alternatives]) => ({
      source,
      effect: alternatives.map((one) => consequenceWords(model, one)).join('<br>'),
    }));
  }
}

export function decisionTable(model: ChartModel): readonly string[] {
  const always = anywhereLast(model).filter(({ trigger }) => trigger.kind === 'always');
  const rows = [...grouped(always, ({ source }) => source)].map(([source, alternatives]) => [
    placeWords(source),
    alternatives.map((one) => consequenceWords(model, one)).join('<br>'),
  ]);
  return section('Taken at once', ['In', 'Leads to'], rows);
}

export function delayTable(model: ChartModel): readonly string[] {
  const rows = model.delays.flatMap(({ name, ms }): Row[] => {
    const uses = transitionsOf(model).filter(
      ({ trigger }) => trigger.kind === 'after' && trigger.delay === name,
    );
    if (uses.length === 0) return [[code(name), exactly(ms), '', 'used by an action']];
    return uses.map((use) => [
      code(name),
      exactly(ms),
      placeWords(use.source),
      consequenceWords(model, use),
    ]);
  });
  return section('Delays', ['Delay', 'Time', 'Runs in', 'Leads to'], rows);
}

export function actorTable(model: ChartModel): readonly string[] {
  const rows = model.actors.map(({ name, machine }) => {
    const running = model.states.filter((state) => runsIn(state).includes(name));
    const what = machine === null ? 'an adapter' : `the machine [${machine}](${machine}.md)`;
    return [code(name), what, running.map(({ path }) => placeWords(path)).join(', ')];
  });
  return section('Actors', ['Actor', 'What it is', 'Started in'], rows);
}

function runsIn({ invokes, entry, transitions }: StateModel): readonly string[] {
  const actions = [...entry, ...transitions.flatMap((transition) => transition.actions)];
  return [...invokes, ...actions.flatMap(({ spawns }) => (spawns === null ? [] : [spawns]))];
}

function section(title: string, head: Row, rows: readonly Row[]): readonly string[] {
  return rows.length === 0 ? [] : [heading(2, title), table(head, rows)];
}

const wayWords = (transition: TransitionModel): string =>
  [triggerCode(transition.trigger), conditionCode(transition)].join(' ').trim();

const isFirst = (text: string, index: number, all: readonly string[]): boolean =>
  all.indexOf(text) === index;

const isTold = ({ kind }: Trigger): boolean =>
  kind === 'event' || kind === 'done' || kind === 'error';

/** What happens in a state comes before what happens in any. */
function anywhereLast(model: ChartModel): readonly TransitionModel[] {
  const transitions = transitionsOf(model);
  const isAnywhere = ({ source }: TransitionModel): boolean => source === '';
  return [...transitions.filter((one) => !isAnywhere(one)), ...transitions.filter(isAnywhere)];
}

/** `reject.…` when the event leads to the outcome it names, else null. */
function outcomeFamily(model: ChartModel, { trigger, targets }: TransitionModel): string | null {
  const [target] = targets;
  if (trigger.kind !== 'event' || target === undefined) return null;
  const state = stateAt(model, target);
  const family = trigger.name.slice(0, -state.key.length);
  return groupOf(model, state) && trigger.name === `${family}${state.key}`
    ? code(`${family}…`)
    : null;
}

function familyRow(model: ChartModel, name: string, handlers: readonly TransitionModel[]): Row {
  const groups = handlers.flatMap(({ targets }) =>
    targets.map((path) => stateAt(model, path).parent ?? ''),
  );
  const places = handlers.map(({ source }) => placeWords(source));
  return [
    `${name} (${handlers.length} events)`,
    places.filter(isFirst).join(', '),
    `the reason of that name: → ${groups.filter(isFirst).map(code).join(', ')}`,
  ];
}

function kindWords(model: ChartModel, state: StateModel): string {
  if (state.type === 'parallel') return `${state.children.length} regions at once.`;
  if (isOutcomeGroup(model, state)) return `${state.children.length} [reasons](#reasons).`;
  return state.type === 'final' ? 'Its region is done.' : '';
}

function awaitedWords(model: ChartModel, { transitions }: StateModel): string {
  return transitions
    .filter(({ trigger }) => isTold(trigger))
    .filter((one) => one.actions.length > 0 || destinationsOf(model, one).length > 0)
    .map(({ trigger }) => triggerCode(trigger))
    .filter(isFirst)
    .join(', ');
}

/** The limit of an outer state holds inside it, too. */
function limitWords(model: ChartModel, state: StateModel): string {
  if (state.type === 'final') return '';
  const isPassing = state.transitions.some(
    ({ trigger, guard }) => trigger.kind === 'always' && guard === null,
  );
  if (isPassing) return 'passes at once';
  for (const holder of [state, ...ancestorsOf(model, state)]) {
    const limits = holder.transitions.flatMap(({ trigger }) =>
      trigger.kind === 'after' ? [`${code(trigger.delay)}, ${exactly(trigger.ms)}`] : [],
    );
    const of = holder === state ? '' : ` (of ${code(holder.path)})`;
    if (limits.length > 0) return `${limits.filter(isFirst).join('; ')}${of}`;
    if (holder.tags.includes('unbounded')) return 'no limit';
  }
  return '';
}
