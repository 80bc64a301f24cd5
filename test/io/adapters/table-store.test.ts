import { expect, test } from 'vitest';
import type { NonReducibleUnknown } from 'xstate';

import type {
  NodeTableStoreCommand,
  NodeTableStoreEvent,
} from '../../../src/io/adapters/node-table-store.ts';
import { tableStore } from '../../../src/io/adapters/table-store.ts';
import { BoundedNodeStore } from '../../../src/io/discovery/node-store.ts';
import { MemoryNet, Sender, START_MS } from '../../support/discv4-net.ts';
import { runAdapter } from '../../support/reports.ts';
import { turns } from '../../support/turn.ts';

const { node } = new Sender(new MemoryNet());

function stage(overrides: Partial<BoundedNodeStore> = {}) {
  const net = new MemoryNet();
  const store = new BoundedNodeStore({
    clock: net.clock,
    unixTimeMs: net.unixTimeMs,
    random: (bytes) => new Uint8Array(bytes),
    openDatabase: null,
  });
  const adapter = runAdapter<NodeTableStoreEvent, NodeTableStoreCommand, NonReducibleUnknown>(
    tableStore(Object.assign(store, overrides)),
    null,
  );
  return { store, adapter };
}

test('gives the nodes that answered lately', async () => {
  const { store, adapter } = stage();
  store.remember(node);
  store.ponged(node.id, node.host, START_MS);
  adapter.send({ type: 'seeds.wanted', count: 30, maxAgeMs: 1_000 });
  await turns();
  expect(adapter.reports.all).toEqual([{ type: 'seeds.found', nodes: [node] }]);
});

test('reports that the store failed', async () => {
  const { adapter } = stage({ seeds: () => Promise.reject(new Error('EIO')) });
  adapter.send({ type: 'seeds.wanted', count: 30, maxAgeMs: 1_000 });
  await turns();
  expect(adapter.reports.all).toEqual([{ type: 'seeds.failed', message: 'Error: EIO' }]);
});

test('reports that nodes are saved when they are written', async () => {
  const { store, adapter } = stage();
  adapter.send({ type: 'nodes.save', nodes: [node] });
  await turns();
  expect(adapter.reports.all).toEqual([{ type: 'nodes.saved' }]);
  expect(store.size).toBe(1);
});
