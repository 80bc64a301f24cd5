/** Which mistakes of discovery the invariants of a world notice, from inspection events that the test makes up. */
import { expect, test } from 'vitest';

import { bucketIndex, emptyTable, type NodeTable } from '../../../src/machines/discovery/table.ts';
import { DiscoveryInvariants } from '../../../src/testing/world/discovery-invariants.ts';

const SELF = '0'.repeat(64);
const RULES = {
  selfId: SELF,
  isInNetRestrict: (host: string) => !host.startsWith('10.'),
  networksOf: () => null,
};

/** In the last bucket: the first bit differs. */
const idOf = (number: number): string => `f${number.toString(16).padStart(63, '0')}`;

function checked() {
  const violated: string[] = [];
  const invariants = new DiscoveryInvariants((number, actor, detail) =>
    violated.push(`${number} ${actor}: ${detail}`),
  );
  const process = (id: string, event: object, context: object = {}) =>
    invariants.onProcessed({ id } as never, event as never, { context });
  return {
    ...{ violated, invariants },
    /** The table has these nodes in its last bucket, or in another one. */
    show: (
      hosts: readonly string[],
      { ids = hosts.map((_, at) => idOf(at)), bucket = 16 } = {},
    ) => {
      const entries = hosts.map((host, at) => ({ id: ids[at], node: { host } }));
      const buckets = emptyTable(RULES, 1).buckets.with(bucket, {
        entries: entries.slice(0, 16),
        replacements: entries.slice(16),
      } as never);
      process('discovery', {}, { table: { rules: RULES, buckets } satisfies Partial<NodeTable> });
      return violated.splice(0);
    },
    sign: (seq: number) => process('localNode', {}, { record: { seq } }),
    process,
  };
}

const publicHosts = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `45.0.${at}.1`);

test('a table within the limits is right', () => {
  const { show } = checked();
  expect(bucketIndex(256)).toBe(16);
  expect(show([])).toEqual([]);
  expect(
    show([
      ...publicHosts(15),
      '45.0.3.2',
      ...publicHosts(10).map((host) => host.replace('45', '46')),
    ]),
  ).toEqual([]);
  expect(show(Array.from({ length: 26 }, () => '127.0.0.1'))).toEqual([]);
});

test('13: a table with a node twice, in a wrong bucket, or that must not be in it', () => {
  const { show } = checked();
  const [a, b] = ['45.0.0.1', '45.0.1.1'];
  const twice = [expect.stringMatching(/twice/)];
  expect(show([a, b], { ids: [idOf(1), idOf(1)] })).toEqual(twice);
  expect(show([a], { ids: [SELF] })).toContainEqual(twice[0]);
  expect(show([a], { bucket: 3 })).toEqual([
    '13 discovery: f0000000 is in bucket 3, which is not its own',
  ]);
  expect(show(['10.0.0.1'])).toEqual(['13 discovery: 10.0.0.1 is outside of NetRestrict']);
});

test('13: too many replacements, and too many nodes of one network', () => {
  const { show } = checked();
  expect(show(publicHosts(27))).toEqual(['13 discovery: 11 replacements']);
  expect(show(['45.0.0.1', '45.0.0.2', '45.0.0.3'])).toEqual([
    expect.stringMatching(/more than 2 nodes of .* in a bucket/),
  ]);
  expect(show(Array.from({ length: 11 }, (_, at) => `45.0.0.${at}`))).toContainEqual(
    expect.stringMatching(/more than 10 nodes of/),
  );
});

test('14: a lookup asks a fourth node, or one again', () => {
  const { violated, invariants } = checked();
  const [lookup, asker] = [{ id: 'lookup:1' }, { id: 'asker' }] as never[];
  const ask = (id: string) =>
    invariants.onSent(lookup, asker!, { type: 'ask', node: { id } } as never);
  for (const id of ['a', 'b', 'c']) ask(id);
  invariants.onProcessed(lookup!, { type: 'answered', id: 'a' } as never, {});
  ask('d');
  expect(violated).toEqual([]);
  ask('e');
  expect(violated.splice(0)).toEqual(['14 lookup:1: 4 nodes are asked at once']);
  for (const type of ['askFailed', 'ask.overdue'])
    invariants.onProcessed(lookup!, { type, id: type === 'askFailed' ? 'b' : 'c' } as never, {});
  ask('a');
  expect(violated).toEqual(['14 lookup:1: a is asked twice']);
});

test('15: a record that does not have a higher number than the one before', () => {
  const { violated, sign, process } = checked();
  for (const seq of [4, 5, 9]) sign(seq);
  process('localNode', {}, { record: null });
  expect(violated).toEqual([]);
  sign(9);
  expect(violated).toEqual(['15 localNode: record 9 follows 9']);
});
