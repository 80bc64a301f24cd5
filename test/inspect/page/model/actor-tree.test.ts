/** Actors as a bounded tree. */
import { expect, test } from 'vitest';

import {
  type Branch,
  MAX_SIBLINGS,
  treeOf,
} from '../../../../src/inspect/page/model/actor-tree.ts';
import { recordedStore } from '../../../support/recorded-store.ts';
import { actorLine, HEADER, stepLine } from '../../../support/recording-lines.ts';

const words = (branch: Branch): string =>
  `${'  '.repeat(branch.depth)}${
    branch.is === 'actor'
      ? `${branch.actor.id} (${branch.children})`
      : `${branch.count} ${branch.machine}`
  }`;

const tree = async (...lines: readonly unknown[]) =>
  treeOf(await recordedStore([HEADER, ...lines])).map(words);

test('each actor follows its parent, and ended actors are left out', async () => {
  const lines = await tree(
    actorLine(0, 1, 'server', 'server'),
    actorLine(1, 2, 'listener', 'listener', 1),
    actorLine(2, 3, 'peer', 'peer:1', 1),
    actorLine(3, 4, 'protocol', 'eth', 3),
    actorLine(4, 5, 'peer', 'peer:2', 1),
    { type: 'actorEnded', t: 5, actor: 5, status: 'done' },
  );
  expect(lines).toEqual(['server (2)', '  listener (0)', '  peer:1 (1)', '    eth (0)']);
});

test('an actor whose parent has ended or is unknown is a root', async () => {
  const lines = await tree(
    actorLine(0, 1, 'server', 'server'),
    actorLine(1, 2, 'peer', 'peer:1', 1),
    actorLine(1, 3, 'peer', 'peer:2', 99),
    { type: 'actorEnded', t: 5, actor: 1, status: 'done' },
  );
  expect(lines).toEqual(['peer:1 (0)', 'peer:2 (0)']);
});

test('more than fifty siblings of one machine are counted by state, others are listed', async () => {
  const siblings = (count: number) =>
    Array.from({ length: count }, (_, at) => [
      actorLine(1, 10 + at, 'peer', `peer:${at}`, 1),
      stepLine(1, 10 + at, 'xstate.init', at % 3 === 0 ? 'announcing' : 'running'),
    ]).flat();
  const server = actorLine(0, 1, 'server', 'server');
  const listener = actorLine(1, 2, 'listener', 'listener', 1);
  expect(await tree(server, ...siblings(MAX_SIBLINGS))).toHaveLength(1 + MAX_SIBLINGS);
  const store = await recordedStore([HEADER, server, ...siblings(MAX_SIBLINGS + 1), listener]);
  const branches = treeOf(store);
  expect(branches.map(words)).toEqual(['server (52)', '  51 peer', '  listener (0)']);
  expect(branches[1]).toMatchObject({
    states: [
      ['running', 34],
      ['announcing', 17],
    ],
  });
});

test('actors that are parents of each other are left out', async () => {
  const store = await recordedStore([
    HEADER,
    actorLine(0, 1, 'a', 'a', 2),
    actorLine(0, 2, 'b', 'b', 1),
    actorLine(0, 3, 'c', 'c'),
  ]);
  expect(treeOf(store).map(words)).toEqual(['c (0)']);
});

test('a chain deeper than the limit is cut', async () => {
  const chain = Array.from({ length: 40 }, (_, at) =>
    actorLine(at, at, 'm', `m${at}`, at === 0 ? null : at - 1),
  );
  expect(await tree(...chain)).toHaveLength(13);
});
