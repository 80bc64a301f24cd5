/** The tables of a page, made from the chart model alone. A table without rows is left out with its heading. */
import { glossaryOf } from './chart-glossary.ts';
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
  exactDuration,
  placeWords,
  triggerCode,
} from './chart-words.ts';
import { heading, table } from './markdown.ts';

type Row = readonly string[];

/** Every state except the root, the endings and the outcomes; endings and outcomes have their own tables. */
export function stateTable(model: ChartModel): readonly string[] {
  const endings = endingsOf(model);
  const rows = model.states
    .filter((state) => state.parent !== null && !endings.includes(state) && !groupOf(model, state))
    .map((state) => [
      code(state.path),
      [kindText(model, state), state.description].filter((text) => text !== '').join(' '),
      awaitedText(model, state),
      limitText(model, state),
    ]);
  return section('States', ['State', 'What it is', 'Waits for', 'At most'], rows);
}

export function endingTable(model: ChartModel): readonly string[] {
  const hasRemedies = endingsOf(model).some(({ remedy }) => remedy !== '');
  const rows = endingsOf(model).map(({ path, description, remedy }) => {
    const incoming = transitionsOf(model).filter((transition) =>
      destinationsOf(model, transition).some((to) => to.path === path),
    );
    const bySource = [...grouped(incoming, ({ source }) => source)].map(
      ([source, transitions]) =>
        `${placeWords(source)}: ${transitions.map(triggerText).filter(isFirst).join(', ')}`,
    );
    return [code(path), description, ...(hasRemedies ? [remedy] : []), bySource.join('<br>')];
  });
  const remedyHead = hasRemedies ? ['What you can do'] : [];
  return section('Endings', ['State', 'What it means', ...remedyHead, 'Reached from'], rows);
}

/** Events that name an outcome share one row here; the table of reasons lists each. */
export function eventTable(model: ChartModel): readonly string[] {
  const received = rootLast(model).filter(({ trigger }) => isReceived(trigger));
  const byName = grouped(received, (one) => outcomeFamily(model, one) ?? triggerCode(one.trigger));
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

  /** Guarded alternatives of one state stay together, in the order in which XState tries them. */
  function inOrder(handlers: readonly TransitionModel[]) {
    const bySource = grouped(handlers, ({ source }) => source);
    return [...bySource].map(([source, alternatives]) => ({
      source,
      effect: alternatives.map((one) => consequenceWords(model, one)).join('<br>'),
    }));
  }
}

export function decisionTable(model: ChartModel): readonly string[] {
  const always = rootLast(model).filter(({ trigger }) => trigger.kind === 'always');
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
    const meaning = glossaryOf(model.id).delays[name] ?? '';
    if (uses.length === 0)
      return [[code(name), exactDuration(ms), meaning, '', 'used by an action']];
    return uses.map((use) => [
      code(name),
      exactDuration(ms),
      meaning,
      placeWords(use.source),
      consequenceWords(model, use),
    ]);
  });
  return section('Delays', ['Delay', 'Time', 'What it is', 'Runs in', 'Leads to'], rows);
}

export function actorTable(model: ChartModel): readonly string[] {
  const rows = model.actors.map(({ name, machine }) => {
    const running = model.states.filter((state) => runsIn(state).includes(name));
    const kind = machine === null ? 'An adapter.' : `The machine [${machine}](${machine}.md).`;
    const meaning = glossaryOf(model.id).actors[name] ?? '';
    return [
      code(name),
      `${kind} ${meaning}`.trim(),
      running.map(({ path }) => placeWords(path)).join(', '),
    ];
  });
  return section('Actors', ['Actor', 'What it is', 'Started in'], rows);
}

/** What the names in the cells of the other tables mean. */
export function glossaryTables(model: ChartModel): readonly string[] {
  const { actions, conditions } = glossaryOf(model.id);
  const rowsOf = (words: Readonly<Record<string, string>>): readonly Row[] =>
    Object.entries(words).map(([name, sentence]) => [code(name), sentence]);
  return [
    ...section('Conditions', ['Condition', 'True when'], rowsOf(conditions)),
    ...section('Actions', ['Action', 'What it does'], rowsOf(actions)),
  ];
}

function runsIn({ invokes, entry, transitions }: StateModel): readonly string[] {
  const actions = [...entry, ...transitions.flatMap((transition) => transition.actions)];
  return [...invokes, ...actions.flatMap(({ spawns }) => (spawns === null ? [] : [spawns]))];
}

function section(title: string, head: Row, rows: readonly Row[]): readonly string[] {
  return rows.length === 0 ? [] : [heading(2, title), table(head, rows)];
}

const triggerText = (transition: TransitionModel): string =>
  [triggerCode(transition.trigger), conditionCode(transition)].join(' ').trim();

const isFirst = (text: string, index: number, all: readonly string[]): boolean =>
  all.indexOf(text) === index;

const isReceived = ({ kind }: Trigger): boolean =>
  kind === 'event' || kind === 'done' || kind === 'error';

/** Transitions of the root come last. */
function rootLast(model: ChartModel): readonly TransitionModel[] {
  const transitions = transitionsOf(model);
  const isOfRoot = ({ source }: TransitionModel): boolean => source === '';
  return [...transitions.filter((one) => !isOfRoot(one)), ...transitions.filter(isOfRoot)];
}

/** `reject.…` when the event leads to the outcome it names; null otherwise. */
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
    `the reason with the event's name: → ${groups.filter(isFirst).map(code).join(', ')}`,
  ];
}

function kindText(model: ChartModel, state: StateModel): string {
  if (state.type === 'parallel') return `${state.children.length} parallel regions.`;
  if (isOutcomeGroup(model, state)) return `${state.children.length} [reasons](#reasons).`;
  return state.type === 'final' ? 'Final state of its region.' : '';
}

function awaitedText(model: ChartModel, { transitions }: StateModel): string {
  return transitions
    .filter(({ trigger }) => isReceived(trigger))
    .filter((one) => one.actions.length > 0 || destinationsOf(model, one).length > 0)
    .map(({ trigger }) => triggerCode(trigger))
    .filter(isFirst)
    .join(', ');
}

/** The nearest time limit: that of the state, else of a state around it. */
function limitText(model: ChartModel, state: StateModel): string {
  if (state.type === 'final') return '';
  const isTransient = state.transitions.some(
    ({ trigger, guard }) => trigger.kind === 'always' && guard === null,
  );
  if (isTransient) return 'leaves at once';
  for (const holder of [state, ...ancestorsOf(model, state)]) {
    const limits = holder.transitions.flatMap(({ trigger }) =>
      trigger.kind === 'after' ? [`${code(trigger.delay)}, ${exactDuration(trigger.ms)}`] : [],
    );
    const of = holder === state ? '' : ` (of ${code(holder.path)})`;
    if (limits.length > 0) return `${limits.filter(isFirst).join('; ')}${of}`;
    if (holder.tags.includes('unbounded')) return 'no limit';
  }
  return '';
}
