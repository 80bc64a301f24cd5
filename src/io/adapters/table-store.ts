/** The store of nodes, for the table of discovery. */
import { fromCallback } from 'xstate';

import type { NodeStore } from '../discovery/node-store.ts';
import { thrownText } from '../process/thrown.ts';
import type { NodeTableStoreCommand, NodeTableStoreEvent } from './node-table-store.ts';

export const tableStore = (store: NodeStore) =>
  fromCallback<NodeTableStoreCommand>(({ sendBack, receive }) => {
    const report = (event: NodeTableStoreEvent): void => sendBack(event);
    receive((command) => {
      if (command.type === 'seeds.wanted')
        store.seeds(command.count, command.maxAgeMs).then(
          (nodes) => report({ type: 'seeds.found', nodes }),
          (error: unknown) => report({ type: 'seeds.failed', message: thrownText(error) }),
        );
      else {
        for (const node of command.nodes) store.remember(node);
        void store.flush().then(() => report({ type: 'nodes.saved' }));
      }
    });
  });
