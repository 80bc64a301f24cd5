import { describe, expect, test } from 'vitest';
import { createActor, fromCallback, setup } from 'xstate';

import {
  type TreeReaderCommand,
  treeReaderActor,
} from '../../../src/io/adapters/tree-reader-actor.ts';
import type { EntryFact, RootFact } from '../../../src/io/discovery/tree-reader.ts';
import { tableNode } from '../../support/table-nodes.ts';

const NODE = tableNode('1'.padStart(64, '0'));
const ROOT: RootFact = { type: 'root.read', seq: 1, remaining: 2 };
const RECORD: EntryFact = { type: 'entry.read', kind: 'node', remaining: 0, nodes: 1 };

function runReader() {
  const pending: ((fact: never, node: never) => void)[] = [];
  const log: unknown[] = [];
  let cancelled = 0;
  const ask = (done: (fact: never, node: never) => void) => {
    pending.push(done);
    return () => {
      cancelled += 1;
    };
  };
  const reader = treeReaderActor(
    (url) => {
      log.push(url);
      return { readRoot: ask as never, readEntry: ask as never };
    },
    (url, node) => log.push([url, node.id]),
  );
  const parent = setup({
    types: { events: {} as TreeReaderCommand | RootFact | EntryFact },
    actors: { reader, idle: fromCallback(() => {}) },
  }).createMachine({
    invoke: { id: 'reader', src: 'reader', input: { url: 'enrtree://a' } },
    on: {
      'read.root': { actions: ({ self, event }) => send(self.getSnapshot().children, event) },
      'read.entry': { actions: ({ self, event }) => send(self.getSnapshot().children, event) },
      '*': { actions: ({ event }) => log.push(event.type) },
    },
  });
  const send = (children: Record<string, unknown>, event: TreeReaderCommand) =>
    (children['reader'] as { send(event: TreeReaderCommand): void }).send(event);
  const actor = createActor(parent).start();
  return { actor, log, pending, cancelled: () => cancelled };
}

describe('the reader of a list as an actor', () => {
  test('reports the root, and gives the node after its fact', () => {
    const { actor, log, pending } = runReader();
    actor.send({ type: 'read.root' });
    pending[0]!(ROOT as never, null as never);
    actor.send({ type: 'read.entry' });
    pending[1]!(RECORD as never, NODE as never);
    expect(log).toEqual(['enrtree://a', 'root.read', 'entry.read', ['enrtree://a', NODE.id]]);
    actor.stop();
  });

  test('an entry without a node gives none', () => {
    const { actor, log, pending } = runReader();
    actor.send({ type: 'read.entry' });
    pending[0]!({ ...RECORD, kind: 'branch' } as never, null as never);
    expect(log).toEqual(['enrtree://a', 'entry.read']);
    actor.stop();
  });

  test('a command takes the place of the one before, and a stop ends the last one', () => {
    const { actor, cancelled } = runReader();
    actor.send({ type: 'read.root' });
    expect(cancelled()).toBe(0);
    actor.send({ type: 'read.entry' });
    expect(cancelled()).toBe(1);
    actor.stop();
    expect(cancelled()).toBe(2);
  });
});
