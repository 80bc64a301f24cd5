/** Gives components the store and the session. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Store } from '../model/store.ts';
import type { ServerAccess } from './server-access.ts';
import type { Session } from './session.ts';

export type Page = { readonly store: Store; readonly session: Session };

export type PageWithAccess = Page & { readonly access: ServerAccess };

export const PageContext = createContext<PageWithAccess | null>(null);

/** A component that reads `store.changed.value` is drawn again with each frame. */
export const usePage = (): PageWithAccess => useContext(PageContext)!;
