/** Light, dark, or the system setting; stored between visits if the browser allows it. */
import { effect } from '@preact/signals';

import type { Session, Theme } from './session.ts';

const KEY = 'peerchart.theme';

const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

export const nextTheme = (theme: Theme): Theme =>
  THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;

/** @param root Gets `data-theme`, except for `auto`. @returns a function that stops it. */
export function keepTheme(
  { theme }: Pick<Session, 'theme'>,
  root: Pick<Element, 'setAttribute' | 'removeAttribute'>,
  storage: () => Pick<Storage, 'getItem' | 'setItem'>,
): () => void {
  const kept = attempt(() => storage().getItem(KEY));
  const known = THEMES.find((one) => one === kept);
  if (known) theme.value = known;
  return effect(() => {
    const chosen = theme.value;
    if (chosen === 'auto') root.removeAttribute('data-theme');
    else root.setAttribute('data-theme', chosen);
    attempt(() => storage().setItem(KEY, chosen));
  });
}

/** Access to the storage itself throws in a browser that blocks it. */
function attempt<Value>(act: () => Value): Value | null {
  try {
    return act();
  } catch {
    return null;
  }
}
