/** Runs one subprotocol handler of the user as an actor: a thrown error becomes an event and never ends the process. */
import { type EventObject, fromCallback } from 'xstate';

import { thrownText } from '../process/thrown.ts';

export type HandlerEvent =
  | { readonly type: 'handler.returned' }
  | { readonly type: 'handler.failed'; readonly message: string };

/** Calls the handler, with peer and port bound. */
export type ProtocolRun = () => Promise<void>;

export const protocolHandler = fromCallback<EventObject, ProtocolRun>(({ input, sendBack }) => {
  const report = (event: HandlerEvent): void => sendBack(event);
  // a microtask later, so that a synchronous throw happens inside the promise
  Promise.resolve()
    .then(input)
    .then(
      () => report({ type: 'handler.returned' }),
      (error: unknown) => report({ type: 'handler.failed', message: thrownText(error) }),
    );
});
