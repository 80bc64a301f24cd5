/** Runs one subprotocol handler of the user as an actor: what it throws becomes an event, never a crash. */
import { type EventObject, fromCallback } from 'xstate';

import { thrownText } from '../process/thrown.ts';

export type HandlerEvent =
  | { readonly type: 'handler.returned' }
  | { readonly type: 'handler.failed'; readonly message: string };

/** Everything is bound already: the peer, the port and the handler. */
export type ProtocolRun = () => Promise<void>;

export const protocolHandler = fromCallback<EventObject, ProtocolRun>(({ input, sendBack }) => {
  const report = (event: HandlerEvent): void => sendBack(event);
  // a microtask later, so that a handler that throws at once does it inside the promise
  Promise.resolve()
    .then(input)
    .then(
      () => report({ type: 'handler.returned' }),
      (error: unknown) => report({ type: 'handler.failed', message: thrownText(error) }),
    );
});
