/**
 * A chart as nested lists with counts of actors: for screen readers, and for everyone when no picture fits the machine.
 */

import { usePage } from '../base/page-context.tsx';
import { amount } from '../model/durations.ts';
import { focusOf, storyOf } from '../model/story.ts';
import { type OutlineState, outlineOf } from './outline-states.ts';

export function Outline({ machine }: { readonly machine: string }) {
  const { store, session } = usePage();
  session.seconds.value; // once a second is enough for screen readers
  const key = session.selected.value;
  const only = key === null ? undefined : focusOf(storyOf(store, key));
  const states = outlineOf(store, machine, only);
  return (
    <section class="outline" aria-label={`States of ${machine}`}>
      {states.length === 0 ? (
        <p class="empty">No known states of {machine}.</p>
      ) : (
        <States states={states} />
      )}
    </section>
  );
}

/** Without controls: hidden elements must not take the focus. */
function States({ states }: { readonly states: readonly OutlineState[] }) {
  return (
    <ul>
      {states.map(({ path, name, active, children }) => (
        <li key={path}>
          <span class={active > 0 ? 'is-active' : ''}>{name}</span>
          {active > 0 && <b>, {amount(active)} here</b>}
          {children.length > 0 && <States states={children} />}
        </li>
      ))}
    </ul>
  );
}
