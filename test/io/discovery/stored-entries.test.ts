import { expect, test } from 'vitest';

import { sealed } from '../../../src/io/discovery/node-entries.ts';
import {
  COUNT_KEY,
  type DatabaseEntry,
  NODE_PREFIX,
  SEQ_PREFIX,
  sortEntries,
} from '../../../src/io/discovery/stored-entries.ts';
import { storedId } from '../../support/stored-nodes.ts';

const entry = (key: string, value: unknown): DatabaseEntry => [key, sealed(key, value)];
const node = { text: 'x', host: 'h', seq: 0, aliveAt: 1, endpoints: [] };

test('nodes, sequence numbers and the number of both are told apart by their keys', () => {
  const sorted = sortEntries([
    entry(COUNT_KEY, 2),
    entry(`${NODE_PREFIX}${storedId(1)}`, node),
    entry(`${SEQ_PREFIX}${storedId(2)}`, 7),
  ]);
  expect(sorted).toEqual({
    nodes: [[storedId(1), node]],
    seqs: [[storedId(2), 7]],
    damaged: [],
    missing: 0,
  });
});

test('what is not as it was written is damaged, and what is not there is missing', () => {
  const key = `${NODE_PREFIX}${storedId(1)}`;
  const sorted = sortEntries([
    entry(COUNT_KEY, 5),
    [key, sealed('elsewhere', node)],
    entry(`${key}x`, node),
  ]);
  expect(sorted).toMatchObject({ nodes: [], damaged: [key, `${key}x`], missing: 3 });
});

test('without the number, nothing is missing', () => {
  expect(sortEntries([entry(`${SEQ_PREFIX}${storedId(2)}`, 7)]).missing).toBe(0);
});

test('entries of which none is ours are refused', () => {
  expect(() => sortEntries([['LastBlock', new Uint8Array(32)]])).toThrow(/another program/);
  expect(sortEntries([]).damaged).toEqual([]);
});
