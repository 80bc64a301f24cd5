/** The node store as the local node uses it: opened, given our record, closed. */
import { fromCallback } from 'xstate';

import type { NodeRecord } from '../crypto/node-record.ts';
import type { NodeStore } from '../discovery/node-store.ts';

export type NodeStoreCommand =
  | { readonly type: 'record.save'; readonly record: NodeRecord }
  | { readonly type: 'close' };

export type NodeStoreEvent =
  /** `nextSeq`: higher than that of every record that was signed before. */
  | { readonly type: 'store.opened'; readonly nextSeq: number }
  /** A sentence for the operator. */
  | { readonly type: 'store.faulted'; readonly message: string }
  | { readonly type: 'store.closed' };

export type NodeStoreActorParts = {
  /** Our node id. */
  readonly id: string;
  readonly store: NodeStore;
  readonly unixTimeMs: () => number;
};

/** The time of day is higher than every number that was counted up from an earlier one, so that the store may be lost. */
export const nodeStoreActor = ({ id, store, unixTimeMs }: NodeStoreActorParts) =>
  fromCallback<NodeStoreCommand>(({ sendBack, receive }) => {
    const report = (event: NodeStoreEvent): void => sendBack(event);
    const open = async (): Promise<void> => {
      await store.open((message) => report({ type: 'store.faulted', message }));
      const last = store.localRecord(id);
      // a sequence number is whole; a time of day may not be
      const nextSeq = Math.max((last?.seq ?? 0) + 1, Math.floor(unixTimeMs()));
      report({ type: 'store.opened', nextSeq });
    };
    void open(); // a store never rejects
    receive((command) => {
      if (command.type === 'record.save') {
        store.setLocalRecord(command.record);
        void store.flush();
      } else if (store.isPersistent)
        void store.close().then(() => report({ type: 'store.closed' }));
      else report({ type: 'store.closed' }); // there is nothing to wait for
    });
    return () => void store.close(); // it is closed already, unless the server gave up waiting
  });
