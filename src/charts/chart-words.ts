/** The parts of a chart in words: the same ones in pictures and in tables. */
import type { ChartModel, StateModel, TransitionModel, Trigger } from './chart-model.ts';
import { decidersOf, destinationsOf } from './chart-reading.ts';

/** Monospaced in Markdown; safe in a table cell. */
export const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

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
      return `${trigger.of} is done`;
    case 'error':
      return `${trigger.of} breaks`;
  }
}

/** The trigger with its condition: `socket.accepted [isFull]`, `[hasRoom]`, `at once`. */
export function conditionWords({ trigger, guard, isOtherwise }: TransitionModel): string {
  const condition = isOtherwise ? '[otherwise]' : guard === null ? '' : `[${guard}]`;
  if (condition === '') return triggerWords(trigger);
  return trigger.kind === 'always' ? condition : `${triggerWords(trigger)} ${condition}`;
}

/** Markdown: where a transition leads, or what happens instead. */
export function consequenceWords(model: ChartModel, transition: TransitionModel): string {
  const moves = destinationsOf(model, transition).map(({ path, via }) =>
    via === null ? `→ ${code(path)}` : `${code(via)} → ${code(path)}`,
  );
  const decides = decidersOf(transition).map((action) => `what ${code(action)} decides`);
  const does = transition.actions.filter(({ raises }) => raises === null).map(({ name }) => name);
  const leads = [...moves, ...decides, ...(does.length > 0 ? [`does ${listed(does)}`] : [])];
  const text = leads.length === 0 ? 'ignored' : leads.join('; ');
  if (transition.isOtherwise) return `otherwise: ${text}`;
  return transition.guard === null ? text : `if ${code(transition.guard)}: ${text}`;
}

/** Markdown: the state, or every state when it is the root. */
export const placeWords = ({ path }: StateModel | { readonly path: string }): string =>
  path === '' ? 'any state' : code(path);
