/** Prepares the local node: for now it fills the curve's tables, so that the first handshake does not have to. */
import { type EventObject, fromCallback } from 'xstate';

import type { NodeKey } from '../crypto/node-key.ts';

export type LocalNodeEvent =
  | { readonly type: 'localNode.ready' }
  | { readonly type: 'localNode.failed'; readonly message: string };

export const localNode = (key: NodeKey) =>
  fromCallback<EventObject>(({ sendBack }) => {
    const report = (event: LocalNodeEvent): void => sendBack(event);
    key.ecdh(key.publicKey).then(
      () => report({ type: 'localNode.ready' }),
      (error: unknown) => report({ type: 'localNode.failed', message: String(error) }),
    );
  });
