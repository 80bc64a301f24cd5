import { expect, test } from 'vitest';

import { sealed } from '../../../src/io/discovery/node-entries.ts';
import {
  COUNT_KEY,
  type DatabaseEntry,
  NODE_PREFIX,
  RECORD_PREFIX,
  sortEntries,
} from '../../../src/io/discovery/stored-entries.ts';
import { storedId } from '../../support/stored-nodes.ts';

const entry = (key: string, value: unknown): DatabaseEntry => [key, sealed(key, value)];
const node = { text: 'x', host: 'h', seq: 0, aliveAt: 1, endpoints: [] };

test('nodes, own records and the number of both are told apart by their keys', () => {
  const sorted = sortEntries([
    entry(COUNT_KEY, 2),
    entry(`${NODE_PREFIX}${storedId(1)}`, node),
    entry(`${RECORD_PREFIX}${storedId(2)}`, 'enr:x'),
  ]);
  expect(sorted).toEqual({
    nodes: [[storedId(1), node]],
    records: [[storedId(2), 'enr:x']],
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
  expect(sortEntries([entry(`${RECORD_PREFIX}${storedId(2)}`, 'enr:x')]).missing).toBe(0);
});

test('entries of which none is ours are refused', () => {
  expect(() => sortEntries([['LastBlock', new Uint8Array(32)]])).toThrow(/another program/);
  expect(sortEntries([]).damaged).toEqual([]);
});
