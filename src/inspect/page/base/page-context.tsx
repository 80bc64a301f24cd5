/** How components reach the store and the session without being handed them at every level. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Store } from '../model/store.ts';
import type { Session } from './session.ts';

export type Page = { readonly store: Store; readonly session: Session };

export const PageContext = createContext<Page | null>(null);

/** The component is drawn again with each frame if it reads `store.changed.value`. */
export const usePage = (): Page => useContext(PageContext)!;
