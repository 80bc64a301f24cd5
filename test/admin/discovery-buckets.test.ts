import { expect, test } from 'vitest';
import { bucketsOf } from '../../src/admin/discovery-buckets.ts';
import {
  addFound,
  addInbound,
  aged,
  BUCKETS,
  emptyTable,
} from '../../src/machines/discovery/table.ts';
import { idAt, tableNode, tableRules } from '../support/table-nodes.ts';

test('a table has the shape of go-ethereum, with the time at which each node was added', () => {
  const old = tableNode(idAt(256), { seq: 7, host: '20.0.0.1' });
  const other = tableNode(idAt(250), { host: '30.0.0.1' });
  let table = addFound(emptyTable(tableRules(), 1), old);
  table = addInbound(aged(aged(table)), other);
  const buckets = bucketsOf(table, (agoMs) => `${agoMs} ms ago`);
  expect(buckets).toHaveLength(BUCKETS);
  expect(buckets[16]).toEqual([
    {
      node: old.text,
      addedToTable: '60000 ms ago',
      addedToBucket: '60000 ms ago',
      checks: 0,
      live: false,
    },
  ]);
  expect(buckets.flat().slice(0, 1)).toEqual([
    {
      node: other.text,
      addedToTable: '0 ms ago',
      addedToBucket: '0 ms ago',
      checks: 0,
      live: false,
    },
  ]);
});
