import { describe, expect, test } from 'vitest';

import { levelDatabase } from '../../../src/io/adapters/level-database.ts';
import {
  type NodeStoreCommand,
  type NodeStoreEvent,
  nodeStoreActor,
} from '../../../src/io/adapters/node-store-actor.ts';
import { BoundedNodeStore } from '../../../src/io/discovery/node-store.ts';
import { FakeLevel } from '../../support/fake-level.ts';
import { runAdapter } from '../../support/reports.ts';
import { StepClock } from '../../support/step-clock.ts';
import { OWN_ID, ownRecord } from '../../support/stored-nodes.ts';
import { turns } from '../../support/turn.ts';

const NOW = 1_700_000_000_000;

/** @param level Null: in memory. @param now The time of day. */
function run(level: FakeLevel | null, now = NOW) {
  const store = new BoundedNodeStore({
    clock: new StepClock(),
    unixTimeMs: () => now,
    random: (bytes) => new Uint8Array(bytes),
    openDatabase: level && levelDatabase('nodes', level.load),
  });
  const actor = nodeStoreActor({ id: OWN_ID, store, unixTimeMs: () => now });
  return { ...runAdapter<NodeStoreEvent, NodeStoreCommand, unknown>(actor, undefined), store };
}

/** Opens the store, saves what was told, and closes it, as one run of a server. */
async function once(level: FakeLevel | null, now: number, records = 1): Promise<number> {
  const { reports, send } = run(level, now);
  const { nextSeq } = await reports.next('store.opened');
  for (let index = 0; index < records; index += 1)
    send({ type: 'record.save', record: ownRecord(nextSeq + index) });
  send({ type: 'close' });
  await reports.next('store.closed');
  return nextSeq;
}

describe('the number of the next record', () => {
  test('is the time of day when there is no store', async () => {
    expect(await once(null, NOW)).toBe(NOW);
  });

  test('is whole when the time of day is not', async () => {
    expect(await once(null, NOW + 0.4)).toBe(NOW);
  });

  test('goes up when the clock went back', async () => {
    const level = new FakeLevel();
    expect(await once(level, NOW, 5)).toBe(NOW);
    expect(await once(level, NOW - 1_000_000)).toBe(NOW + 5);
    expect(await once(level, 0)).toBe(NOW + 6);
  });

  test('goes up when the store is lost, or is an old copy', async () => {
    const level = new FakeLevel();
    await once(level, NOW);
    const copy = new Map(level.folders.get('nodes'));
    const last = await once(level, NOW + 10, 3);
    level.folders.set('nodes', copy);
    expect(await once(level, NOW + 20)).toBeGreaterThan(last + 2);
    level.folders.clear();
    expect(await once(level, NOW + 30)).toBeGreaterThan(last + 2);
  });
});

test('a fault of the store is reported, and it is open all the same', async () => {
  const level = new FakeLevel();
  level.faults.set('open', FakeLevel.error('IO error: full', 'LEVEL_IO_ERROR'));
  const { reports } = run(level);
  expect(await reports.next('store.faulted')).toMatchObject({
    message: expect.stringContaining('full'),
  });
  expect(await reports.next('store.opened')).toMatchObject({ nextSeq: NOW });
});

test('a record is on the disk at once', async () => {
  const level = new FakeLevel();
  const { reports, send } = run(level);
  await reports.next('store.opened');
  send({ type: 'record.save', record: ownRecord(5) });
  await turns();
  expect(level.calls).toContain('batch');
});

test('a store in memory is closed at once, one on a disk when it is written', async () => {
  const memory = run(null);
  await memory.reports.next('store.opened');
  memory.send({ type: 'close' });
  expect(memory.reports.types).toEqual(['store.opened', 'store.closed']);
  const level = new FakeLevel();
  const disk = run(level);
  await disk.reports.next('store.opened');
  disk.send({ type: 'close' });
  expect(disk.reports.types).toEqual(['store.opened']);
  await disk.reports.next('store.closed');
  expect(level.live).toBe(0);
});

test('an actor that is stopped closes the store', async () => {
  const level = new FakeLevel();
  const { reports, stop } = run(level);
  await reports.next('store.opened');
  stop();
  await turns();
  expect(level.live).toBe(0);
});
