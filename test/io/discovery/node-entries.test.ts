import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  isNodeId,
  MAX_STORED_ENDPOINTS,
  MAX_STORED_NODES,
  NODE_EXPIRY_MS,
  NodeEntries,
  SEED_AGE_MS,
  sealed,
  unsealed,
} from '../../../src/io/discovery/node-entries.ts';
import { storedId, storedNode } from '../../support/stored-nodes.ts';

const HOUR_MS = 3_600_000;
const NOW = 1_700_000_000_000;

function entriesOf() {
  const changes: string[] = [];
  return { entries: new NodeEntries((id) => changes.push(id)), changes };
}

test('a node that is remembered again as it is changes nothing', () => {
  const { entries, changes } = entriesOf();
  entries.remember(storedNode(1), NOW);
  entries.remember(storedNode(1), NOW + 5);
  expect(changes).toEqual([storedId(1)]);
  expect(entries.get(storedId(1))).toMatchObject({ aliveAt: NOW, host: '198.51.100.7', seq: 0 });
});

test('a record with a lower sequence number does not replace a newer one', () => {
  const { entries } = entriesOf();
  const record = (seq: number) =>
    ({ ...storedNode(1), text: `enr:${seq}`, record: { seq } }) as ReturnType<typeof storedNode>;
  entries.remember(record(5), NOW);
  entries.remember(record(4), NOW);
  entries.remember(storedNode(1), NOW); // an enode URL has none
  expect(entries.get(storedId(1))?.text).toBe('enr:5');
  entries.remember(record(6), NOW);
  expect(entries.get(storedId(1))?.text).toBe('enr:6');
});

test('a text that is too long for a node is not kept', () => {
  const { entries } = entriesOf();
  entries.remember({ ...storedNode(1), text: 'x'.repeat(513) }, NOW);
  expect(entries.size).toBe(0);
});

test('facts about an endpoint are kept when its record changes, and the reverse', () => {
  const { entries } = entriesOf();
  entries.note(storedId(1), '198.51.100.7', { pongedAt: NOW }, NOW);
  entries.remember(storedNode(1), NOW);
  entries.note(storedId(1), '198.51.100.7', { findFails: 2 }, NOW);
  expect(entries.get(storedId(1))).toMatchObject({
    text: storedNode(1).text,
    endpoints: [{ host: '198.51.100.7', pongedAt: NOW, pingedAt: 0, findFails: 2 }],
  });
  expect(entries.findFails(storedId(1), '198.51.100.7')).toBe(2);
  expect(entries.findFails(storedId(1), '198.51.100.8')).toBe(0);
});

test('a node that moves has its four latest endpoints', () => {
  const { entries } = entriesOf();
  for (let index = 0; index < 9; index += 1)
    entries.note(storedId(1), `198.51.100.${index}`, { pongedAt: NOW }, NOW);
  const { endpoints } = entries.get(storedId(1))!;
  expect(endpoints.map(({ host }) => host)).toEqual(
    Array.from({ length: MAX_STORED_ENDPOINTS }, (_, index) => `198.51.100.${index + 5}`),
  );
});

describe('the bound', () => {
  test('the node that was alive longest ago leaves first', () => {
    const { entries, changes } = entriesOf();
    for (let index = 0; index < MAX_STORED_NODES; index += 1)
      entries.note(storedId(index), '198.51.100.7', { pongedAt: NOW + index }, NOW);
    entries.note(storedId(0), '198.51.100.7', { pongedAt: NOW + MAX_STORED_NODES }, NOW);
    changes.length = 0;
    entries.remember(storedNode(MAX_STORED_NODES), NOW);
    expect(entries.size).toBe(MAX_STORED_NODES);
    expect(changes).toEqual([storedId(MAX_STORED_NODES), storedId(1)]);
  });

  test('what does not fit after loading is removed', () => {
    const { entries, changes } = entriesOf();
    const loaded = Array.from({ length: MAX_STORED_NODES + 2 }, (_, index) => {
      const entry = { text: 'x', host: 'h', seq: 0, aliveAt: NOW - index, endpoints: [] };
      return [storedId(index), entry] as const;
    });
    entries.load(loaded, NOW);
    expect(entries.size).toBe(MAX_STORED_NODES);
    expect(changes.sort()).toEqual([storedId(MAX_STORED_NODES), storedId(MAX_STORED_NODES + 1)]);
  });
});

describe('expiry', () => {
  test('a node is forgotten 24 hours after its last answer, once an hour has passed', () => {
    const { entries, changes } = entriesOf();
    entries.note(storedId(1), '198.51.100.7', { pongedAt: NOW }, NOW);
    entries.note(storedId(2), '198.51.100.7', { pongedAt: NOW + HOUR_MS }, NOW);
    entries.note(storedId(3), '198.51.100.7', { pingedAt: NOW }, NOW + NODE_EXPIRY_MS);
    expect(entries.size).toBe(3);
    changes.length = 0;
    entries.note(storedId(3), '198.51.100.7', { pingedAt: NOW }, NOW + NODE_EXPIRY_MS + HOUR_MS);
    expect(entries.all().map(([id]) => id)).toEqual([storedId(3), storedId(2)]);
    expect(changes).toEqual([storedId(1), storedId(3)]);
  });

  test('after a start, answers of 5 days count, and older ones do not', () => {
    const { entries, changes } = entriesOf();
    const aged = (ms: number) =>
      ({ text: 'x', host: 'h', seq: 0, aliveAt: NOW - ms, endpoints: [] }) as const;
    entries.load(
      [
        [storedId(1), aged(SEED_AGE_MS)],
        [storedId(2), aged(SEED_AGE_MS + 1)],
      ],
      NOW,
    );
    expect(entries.all().map(([id]) => id)).toEqual([storedId(1)]);
    expect(changes).toEqual([storedId(2)]);
  });

  test('an answer from the future is one of now', () => {
    const { entries } = entriesOf();
    const entry = { text: 'x', host: 'h', seq: 0, aliveAt: NOW + SEED_AGE_MS, endpoints: [] };
    entries.load([[storedId(1), entry]], NOW);
    expect(entries.get(storedId(1))?.aliveAt).toBe(NOW);
  });

  test('what was known before loading is newer than what is loaded', () => {
    const { entries } = entriesOf();
    entries.remember(storedNode(1), NOW);
    const old = { text: 'old', host: 'h', seq: 0, aliveAt: NOW, endpoints: [] };
    entries.load(
      [
        [storedId(1), old],
        [storedId(2), old],
      ],
      NOW,
    );
    expect(entries.get(storedId(1))?.text).toBe(storedNode(1).text);
    expect(entries.size).toBe(2);
  });
});

describe('sealed values', () => {
  test('are read back as they were', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.jsonValue(), (key, value) => {
        fc.pre(value !== null);
        expect(JSON.stringify(unsealed(key, sealed(key, value)))).toBe(JSON.stringify(value));
      }),
    ));

  test('with any other bit or key are not read', () =>
    fc.assert(
      fc.property(fc.nat({ max: 10_000 }), fc.nat({ max: 7 }), (place, bit) => {
        const bytes = sealed('key', { text: 'enode://…', seq: 1 });
        const flipped = Uint8Array.from(bytes);
        flipped[place % bytes.length]! ^= 1 << bit;
        expect(unsealed('key', flipped)).toBeNull();
        expect(unsealed('other', bytes)).toBeNull();
        expect(unsealed('key', bytes.subarray(0, place % bytes.length))).toBeNull();
      }),
    ));
});

test.for([
  [storedId(1), true],
  [storedId(1).slice(1), false],
  ['Z'.repeat(64), false],
] as const)('%s as an id', ([text, is]) => {
  expect(isNodeId(text)).toBe(is);
});
