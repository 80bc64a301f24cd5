import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Node } from '../../../src/io/crypto/node.ts';
import {
  beginSearch,
  isAtLimit,
  isOver,
  type LookupSearch,
  MAX_ASKED,
  MAX_NODES_PER_ANSWER,
  takeToAsk,
  withAnswer,
  withFailure,
} from '../../../src/machines/discovery/lookup-search.ts';
import { loadVectors } from '../../support/crypto.ts';
import { lookupInput, near, numberOf, US } from '../../support/lookup-run.ts';
import { SELF, tableNode } from '../../support/table-nodes.ts';

const network = loadVectors<{
  lookupTestnet: {
    targetId: string;
    nodes: { distance: number; nodeId: string }[];
    closestSixteenIds: string[];
  };
}>('distances-iptrack.json').lookupTestnet;

const ids = (nodes: readonly Node[]) => nodes.map(({ id }) => id);
const begin = (...numbers: number[]) => beginSearch(lookupInput(numbers.map(near)));
const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

/** Asks until it is over; `answerOf` gives null for a node that does not answer. */
function runToEnd(
  start: LookupSearch,
  answerOf: (node: Node) => readonly Node[] | null,
  pick: (pending: readonly string[]) => string = ([first]) => first!,
) {
  const nodes = new Map(start.found.map((node) => [node.id, node]));
  const asked: string[] = [];
  let search = start;
  for (;;) {
    const taken = takeToAsk(search);
    search = taken.search;
    asked.push(...ids(taken.nodes));
    expect(search.pending.size).toBeLessThanOrEqual(3);
    if (isOver(search) || asked.length > 10 * MAX_ASKED) return { search, asked };
    const id = pick([...search.pending]);
    const answer = answerOf(nodes.get(id)!);
    search = answer ? withAnswer(search, id, answer) : withFailure(search, id);
    for (const node of search.found) nodes.set(node.id, node);
  }
}

test('in the network of go-ethereum it ends with the 16 closest nodes', () => {
  const { targetId, nodes, closestSixteenIds } = network;
  const at = (distance: number) =>
    nodes.filter((node) => node.distance === distance).map(({ nodeId }) => tableNode(nodeId));
  const distances = new Map(nodes.map(({ nodeId, distance }) => [nodeId, distance]));
  const seeds = [tableNode(nodes.find(({ distance }) => distance === 256)!.nodeId)];
  const start = beginSearch({ targetId, selfId: 'f'.repeat(64), seeds });
  const { search } = runToEnd(start, ({ id }) => at(distances.get(id)! - 1));
  expect(ids(search.closest)).toEqual(closestSixteenIds.slice(0, search.closest.length));
  expect(search.closest.length).toBeGreaterThan(10);
});

describe('whom to ask', () => {
  test('are the three closest at first, then one for each that ended', () => {
    const { search, nodes } = takeToAsk(begin(5, 4, 3, 2));
    expect(ids(nodes).map(numberOf)).toEqual([2, 3, 4]);
    expect(takeToAsk(search).nodes).toEqual([]);
    expect(ids(takeToAsk(withFailure(search, near(3).id)).nodes).map(numberOf)).toEqual([5]);
  });

  test('are never ourselves', () => {
    const search = beginSearch({ ...lookupInput(), seeds: [tableNode(US), near(1)] });
    expect(ids(search.found)).toEqual([near(1).id]);
  });

  test('are only those that are among the 16 closest by now', () => {
    const { search } = takeToAsk(begin(100, 101, 102, 103));
    const next = withAnswer(search, near(100).id, range(1, 16).map(near));
    expect(ids(next.closest).map(numberOf)).toEqual(range(1, 16));
    expect(ids(takeToAsk(next).nodes).map(numberOf)).toEqual([1]);
  });

  test('no answer is taken beyond its first 16 nodes', () => {
    const { search } = takeToAsk(begin(500));
    const next = withAnswer(search, near(500).id, range(1, 40).map(near));
    expect(next.found).toHaveLength(1 + MAX_NODES_PER_ANSWER);
  });

  test('an answer without nodes counts as a failure', () => {
    const { search } = takeToAsk(begin(5));
    const next = withAnswer(search, near(5).id, []);
    expect(next).toMatchObject({ answered: [], failed: [near(5).id] });
    expect(isOver(next)).toBe(true);
  });
});

test('nodes that invent ever closer ones are asked up to a bound', () => {
  const from = 1_000_000;
  const { search, asked } = runToEnd(begin(from), ({ id }) =>
    range(1, 16).map((step) => near(numberOf(id) - step)),
  );
  expect(asked).toHaveLength(MAX_ASKED);
  expect(isAtLimit(search)).toBe(true);
});

test('the closest nodes that can be reached by answers are found, in whatever order answers come', () => {
  const graph = fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 16 }), {
    minLength: 40,
    maxLength: 40,
  });
  const silent = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 20 });
  fc.assert(
    fc.property(graph, silent, fc.infiniteStream(fc.nat()), (edges, quiet, choices) => {
      const answerOf = ({ id }: Node) =>
        quiet.includes(numberOf(id)) ? null : edges[numberOf(id) - 1]!.map(near);
      const { search, asked } = runToEnd(begin(40, 30), answerOf, (pending) => {
        return pending[choices.next().value! % pending.length]!;
      });
      expect(new Set(asked).size).toBe(asked.length);
      expect([...search.answered, ...search.failed].toSorted()).toEqual(asked.toSorted());
      const sorted = search.found.toSorted((a, b) => numberOf(a.id) - numberOf(b.id));
      expect(search.closest).toEqual(sorted.slice(0, 16));
      expect(new Set(ids(search.found)).size).toBe(search.found.length);
      // each of the closest was asked: none of them could bring closer ones
      for (const { id } of search.closest) expect(asked).toContain(id);
      expect(isAtLimit(search)).toBe(false);
      expect(search.targetId).toBe(SELF);
    }),
    { numRuns: 100 },
  );
});
