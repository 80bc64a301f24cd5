/** A typed hole: a machine names an actor it needs, and `src/server` fills it with one `.provide()`. */
import {
  type CallbackActorLogic,
  type EventObject,
  fromCallback,
  type NonReducibleUnknown,
} from 'xstate';

/** Logic that takes commands of type `Command`. Started without an adapter it throws: that is our bug. */
export const unprovided = <Command extends EventObject, Input = NonReducibleUnknown>(
  name: string,
): CallbackActorLogic<Command, Input> =>
  fromCallback<Command, Input>(() => {
    throw new Error(`no adapter was provided for "${name}"`);
  });
