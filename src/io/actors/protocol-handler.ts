/** Runs one subprotocol handler of the user as an actor: what it throws becomes an event, never a crash. */
import { type EventObject, fromCallback } from 'xstate';

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
      (error: unknown) => report({ type: 'handler.failed', message: messageOf(error) }),
    );
});

/** Whatever was thrown: not everything that can be thrown can be made into text. */
function messageOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return `a thrown ${typeof error}`;
  }
}
