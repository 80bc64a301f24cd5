/** How long ago something happened, with the time of day as a tooltip. */
import { usePage } from '../base/page-context.tsx';
import { nowOf } from '../base/store-clock.ts';
import { ago } from '../model/ago.ts';
import { clock } from '../model/amounts.ts';
import { duration } from '../model/durations.ts';
import type { Store } from '../model/store.ts';

/** @param at ms since the recorder started. */
export function Ago({ at }: { readonly at: number }) {
  const { store, session } = usePage();
  session.seconds.value; // drawn again each second
  return <time title={timeOfDay(store, at)}>{ago(nowOf(store, session) - at)}</time>;
}

/** How long something has lasted, with the time of day when it began as a tooltip. @param ms Until now. */
export function Lasting({ ms }: { readonly ms: number }) {
  const { store } = usePage();
  return (
    <time title={`since ${timeOfDay(store, store.now - ms)}`}>{duration(Math.max(0, ms))}</time>
  );
}

/** The time of day of a moment of the recorder, such as `14:03:07`; empty if unknown. */
export const timeOfDay = ({ about }: Pick<Store, 'about'>, at: number): string =>
  clock(Date.parse(about?.startedAt ?? '') + at);
