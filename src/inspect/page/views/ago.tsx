/** How long ago something happened, with the time of day as a tooltip. */
import { usePage } from '../base/page-context.tsx';
import { nowOf } from '../base/store-clock.ts';
import { ago } from '../model/ago.ts';
import { clock } from '../model/amounts.ts';

/** @param at ms since the recorder started. */
export function Ago({ at }: { readonly at: number }) {
  const { store, session } = usePage();
  session.seconds.value; // drawn again each second
  const began = Date.parse(store.about?.startedAt ?? '');
  return <time title={clock(began + at)}>{ago(nowOf(store, session) - at)}</time>;
}
