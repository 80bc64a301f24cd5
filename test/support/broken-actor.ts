/** An adapter that breaks. */
import { type CallbackActorLogic, type EventObject, fromCallback } from 'xstate';

/** An adapter that throws as soon as it is started. */
export const brokenActor = <Command extends EventObject, Input>(): CallbackActorLogic<
  Command,
  Input
> =>
  fromCallback<Command, Input>(() => {
    throw new Error('broken on purpose');
  });
