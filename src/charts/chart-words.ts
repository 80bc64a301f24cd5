/** Texts for the parts of a chart, shared by pictures and tables. */
import { glossaryOf } from './chart-glossary.ts';
import type { ActionModel, ChartModel, TransitionModel, Trigger } from './chart-model.ts';
import { computingActionsOf, destinationsOf, raisedBy } from './chart-reading.ts';

/** Monospaced in Markdown. */
export const code = (text: string): string => `\`${text}\``;

export const codeList = (texts: readonly string[]): string => texts.map(code).join(', ');

/** For tables: `200 ms`. */
export const exactDuration = (ms: number | null): string => (ms === null ? 'computed' : `${ms} ms`);

/** For pictures: `2.5 s`. */
export function shortDuration(ms: number | null): string {
  if (ms === null) return 'computed';
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}

/** Plain text: `after farewell (2 s)`. */
export function triggerWords(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'event':
      return trigger.name;
    case 'after':
      return `after ${trigger.delay} (${shortDuration(trigger.ms)})`;
    case 'always':
      return 'at once';
    case 'done':
      return `${trigger.of === '*' ? 'an actor' : trigger.of} is done`;
    case 'error':
      return `${trigger.of === '*' ? 'an actor' : trigger.of} fails`;
  }
}

/** A key for programs: the event type, or `after <delay>`, `always`, `done <name>`, `error <name>`. */
export function triggerKey(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'event':
      return trigger.name;
    case 'after':
      return `after ${trigger.delay}`;
    case 'always':
      return 'always';
    case 'done':
    case 'error':
      return `${trigger.kind} ${trigger.of}`;
  }
}

/** Markdown, with names as code and without durations: the table of delays has them. */
export function triggerCode(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'event':
      return code(trigger.name);
    case 'after':
      return `after ${code(trigger.delay)}`;
    case 'always':
      return 'at once';
    case 'done':
    case 'error':
      return triggerWords(trigger.of === '*' ? trigger : { ...trigger, of: code(trigger.of) });
  }
}

/** Plain text of trigger and guard: `socket.accepted [isFull]`, `[hasRoom]`, `at once`. */
export function conditionWords({ trigger, guard, isOtherwise }: TransitionModel): string {
  const condition = isOtherwise ? '[otherwise]' : guard === null ? '' : `[${guard}]`;
  if (condition === '') return triggerWords(trigger);
  return trigger.kind === 'always' ? condition : `${triggerWords(trigger)} ${condition}`;
}

/** Markdown of the guard: `if …`, `otherwise`, or empty. */
export function conditionCode({ guard, isOtherwise }: TransitionModel): string {
  if (isOtherwise) return 'otherwise';
  return guard === null ? '' : `if ${code(guard)}`;
}

/** Markdown: target states, raised events and other actions of a transition; `ignored` when there are none. */
export function consequenceWords(model: ChartModel, transition: TransitionModel): string {
  const destinations = destinationsOf(model, transition);
  const moves = destinations.map(({ path, via }) =>
    via === null ? `→ ${code(path)}` : `${code(via)} → ${code(path)}`,
  );
  const raised = raisedBy(transition)
    .filter((event) => destinations.every(({ via }) => via !== event))
    .map((event) => `raises ${code(event)}`);
  const chosen = computingActionsOf(transition).map((action) => choiceWords(model, action));
  const others = transition.actions.filter(({ raises }) => raises === null).map(({ name }) => name);
  const effects = [...moves, ...raised, ...chosen];
  if (others.length > 0) effects.push(`runs ${codeList(others)}`);
  const text = effects.length === 0 ? 'ignored' : effects.join('; ');
  const condition = conditionCode(transition);
  return condition === '' ? text : `${condition}: ${text}`;
}

/** Markdown: the events that an action may raise which chooses one, from its params, else from its sentence. */
function choiceWords({ id }: ChartModel, { name, mayRaise }: ActionModel): string {
  if (mayRaise.length > 0) return `raises ${mayRaise.map(code).join(' or ')}`;
  const sentence = glossaryOf(id).actions[name];
  if (sentence === undefined) return `raises an event that ${code(name)} chooses`;
  return `${code(name)} ${sentence.replace(/^R/, 'r').replace(/\.$/, '')}`;
}

/** Markdown: the state, or `any state` for the root. */
export const placeWords = (path: string): string => (path === '' ? 'any state' : code(path));
