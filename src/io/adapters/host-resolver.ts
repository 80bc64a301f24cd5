/** One DNS lookup as an actor. A lookup in flight cannot be cancelled; a late answer is dropped. */
import { lookup } from 'node:dns/promises';
import { type EventObject, fromCallback } from 'xstate';

export type ResolverEvent =
  | { readonly type: 'host.found'; readonly address: string }
  | { readonly type: 'host.notFound'; readonly detail: string };

/** Reports the address the system prefers. */
export const hostResolver = fromCallback<EventObject, string>(({ input, sendBack }) => {
  const report = (event: ResolverEvent): void => sendBack(event);
  lookup(input).then(
    ({ address }) => report({ type: 'host.found', address }),
    (error: unknown) => report({ type: 'host.notFound', detail: String(error) }),
  );
});
