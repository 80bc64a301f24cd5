/** The parts of a chart in words: the same ones in pictures and in tables. */
import type { ChartModel, TransitionModel, Trigger } from './chart-model.ts';
import { decidersOf, destinationsOf, raisedBy } from './chart-reading.ts';

/** Monospaced in Markdown. */
export const code = (text: string): string => `\`${text}\``;

export const listed = (texts: readonly string[]): string => texts.map(code).join(', ');

/** For tables, where numbers are compared: `200 ms`. */
export const exactly = (ms: number | null): string => (ms === null ? 'computed' : `${ms} ms`);

/** For pictures, where they are glanced at: `2.5 s`. */
export function shortly(ms: number | null): string {
  if (ms === null) return 'computed';
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}

/** In plain words: `after farewell (2 s)`. */
export function triggerWords(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'event':
      return trigger.name;
    case 'after':
      return `after ${trigger.delay} (${shortly(trigger.ms)})`;
    case 'always':
      return 'at once';
    case 'done':
      return `${trigger.of === '*' ? 'an actor' : trigger.of} is done`;
    case 'error':
      return `${trigger.of === '*' ? 'an actor' : trigger.of} breaks`;
  }
}

/** For programs: the event, or `after <delay>`, `always`, `done <what>`, `error <what>`. */
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

/** Markdown: the same with names in code, and without the time, which the table of delays has. */
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

/** The trigger with its condition: `socket.accepted [isFull]`, `[hasRoom]`, `at once`. */
export function conditionWords({ trigger, guard, isOtherwise }: TransitionModel): string {
  const condition = isOtherwise ? '[otherwise]' : guard === null ? '' : `[${guard}]`;
  if (condition === '') return triggerWords(trigger);
  return trigger.kind === 'always' ? condition : `${triggerWords(trigger)} ${condition}`;
}

/** Markdown: the same condition, after a trigger or in front of a consequence. */
export function conditionCode({ guard, isOtherwise }: TransitionModel): string {
  if (isOtherwise) return 'otherwise';
  return guard === null ? '' : `if ${code(guard)}`;
}

/** Markdown: where a transition leads, or what happens instead. */
export function consequenceWords(model: ChartModel, transition: TransitionModel): string {
  const destinations = destinationsOf(model, transition);
  const moves = destinations.map(({ path, via }) =>
    via === null ? `→ ${code(path)}` : `${code(via)} → ${code(path)}`,
  );
  const raised = raisedBy(transition)
    .filter((event) => destinations.every(({ via }) => via !== event))
    .map((event) => `raises ${code(event)}`);
  const chosen = decidersOf(transition).map((action) => `what ${code(action)} makes of it`);
  const done = transition.actions.filter(({ raises }) => raises === null).map(({ name }) => name);
  const effects = [...moves, ...raised, ...chosen];
  if (done.length > 0) effects.push(`does ${listed(done)}`);
  const text = effects.length === 0 ? 'ignored' : effects.join('; ');
  const condition = conditionCode(transition);
  return condition === '' ? text : `${condition}: ${text}`;
}

/** Markdown: the state, or every state when it is the root. */
export const placeWords = (path: string): string => (path === '' ? 'any state' : code(path));
