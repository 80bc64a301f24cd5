/** Gives components the store and the session. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Store } from '../model/store.ts';
import type { Session } from './session.ts';

export type Page = { readonly store: Store; readonly session: Session };

export const PageContext = createContext<Page | null>(null);

/** A component that reads `store.changed.value` is drawn again with each frame. */
export const usePage = (): Page => useContext(PageContext)!;
