/** One handshake, and the keys that come of it, as an actor. Datagrams go to `Discv5`, never through here. */
import { type EventObject, fromCallback } from 'xstate';

import type { Discv5 } from '../discovery/discv5.ts';
import type { SessionTarget } from '../discovery/discv5-sessions.ts';

export const discv5Handshake = (_discv5: () => Pick<Discv5, 'sessionOf'> | null) =>
  fromCallback<EventObject, SessionTarget>(() => {});
