/** A typed hole: a machine names an effect it needs here, and `server.ts` fills it with one `.provide()`. */
import {
  type CallbackActorLogic,
  type EventObject,
  fromCallback,
  type NonReducibleUnknown,
} from 'xstate';

/** Logic that takes commands of type `Command`; starting it unfilled is our mistake and fails loudly. */
export const unprovided = <Command extends EventObject, Input = NonReducibleUnknown>(
  name: string,
): CallbackActorLogic<Command, Input> =>
  fromCallback<Command, Input>(() => {
    throw new Error(`no adapter was provided for "${name}"`);
  });
