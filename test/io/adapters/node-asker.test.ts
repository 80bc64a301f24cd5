import { expect, test } from 'vitest';

import type { AskerCommand, AskerEvent } from '../../../src/io/adapters/discovery-network.ts';
import { type AskNode, nodeAsker } from '../../../src/io/adapters/node-asker.ts';
import { MemoryNet, Sender } from '../../support/discv4-net.ts';
import { runAdapter } from '../../support/reports.ts';

const { node } = new Sender(new MemoryNet());
const { id } = node;

const run = (ask: AskNode) =>
  runAdapter<AskerEvent, AskerCommand, string>(nodeAsker(ask), 'target');

test('reports each answer, for the target of its lookup', () => {
  const asked: string[] = [];
  const ends: ((nodes: readonly (typeof node)[] | null) => void)[] = [];
  const asker = run((asking, targetId, done) => {
    asked.push(`${asking.id} ${targetId}`);
    ends.push(done);
    return () => {};
  });
  asker.send({ type: 'ask', node });
  asker.send({ type: 'ask', node: { ...node, id: 'other' } });
  ends[1]?.([node]);
  ends[0]?.(null);
  expect(asked).toEqual([`${id} target`, 'other target']);
  expect(asker.reports.all).toEqual([
    { type: 'answered', id: 'other', nodes: [node] },
    { type: 'askFailed', id },
  ]);
});

test('reports an answer that comes at once', () => {
  const asker = run((_, __, done) => {
    done(null);
    return () => expect.unreachable();
  });
  asker.send({ type: 'ask', node });
  asker.stop();
  expect(asker.reports.all).toEqual([{ type: 'askFailed', id }]);
});

test('cancels what it waits for when its lookup ends, and nothing else', () => {
  const cancelled: string[] = [];
  let answer = (_: null): void => {};
  const asker = run((asking, _, done) => {
    answer = done;
    return () => cancelled.push(asking.id);
  });
  for (const name of ['a', 'b', 'c']) asker.send({ type: 'ask', node: { ...node, id: name } });
  answer(null);
  asker.stop();
  expect(cancelled).toEqual(['a', 'b']);
});
