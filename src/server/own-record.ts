/** Our node record as of now. The local node signs it when it is read, if something has changed. */
import type { ActorRefFrom } from 'xstate';

import type { NodeRecord } from '../io/crypto/node-record.ts';
import type { serverMachine } from '../machines/server/server.ts';

/** Null while the local node is not ready, and when its key has never signed. */
export function ownRecord(server: ActorRefFrom<typeof serverMachine>): NodeRecord | null {
  const { localNode } = server.getSnapshot().children;
  if (!localNode) return null;
  if (localNode.getSnapshot().matches({ open: { serving: { record: 'changed' } } }))
    localNode.send({ type: 'record.wanted' });
  return localNode.getSnapshot().context.record;
}
