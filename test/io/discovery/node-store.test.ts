import { describe, expect, test } from 'vitest';

import { levelDatabase } from '../../../src/io/adapters/level-database.ts';
import { sealed } from '../../../src/io/discovery/node-entries.ts';
import {
  BoundedNodeStore,
  MAX_UNWRITTEN,
  OPEN_TIMEOUT_MS,
  WRITE_DELAY_MS,
} from '../../../src/io/discovery/node-store.ts';
import { KEY_PREFIX } from '../../../src/io/discovery/stored-entries.ts';
import { CALL_SITES, type CallSite, FakeLevel } from '../../support/fake-level.ts';
import { StepClock } from '../../support/step-clock.ts';
import {
  OWN_ID,
  ownRecord,
  realNode,
  storedId,
  storedNode,
  textOf,
} from '../../support/stored-nodes.ts';
import { turns } from '../../support/turn.ts';

const NOW = 1_700_000_000_000;
const DAY_MS = 86_400_000;
const FOLDER = 'nodes';

function storeOn(level: FakeLevel | null) {
  const clock = new StepClock();
  const faults: string[] = [];
  let drawn = 0;
  const store = new BoundedNodeStore({
    clock,
    unixTimeMs: () => NOW + clock.now(),
    random: (bytes) => {
      drawn += 37;
      return new Uint8Array(bytes).fill(drawn);
    },
    openDatabase: level && levelDatabase(FOLDER, level.load),
  });
  const open = () => store.open((message) => faults.push(message));
  return { store, open, clock, faults, level };
}

/** One that is opened again, as after a new start of the process. */
async function reopened(level: FakeLevel) {
  const run = storeOn(level);
  await run.open();
  return run;
}

/** Without the number of entries. */
const keysIn = (level: FakeLevel): string[] =>
  [...(level.folders.get(FOLDER)?.keys() ?? [])].filter((key) => key !== `${KEY_PREFIX}count`);

describe.for(['in memory', 'with a database'])('%s', (form) => {
  const begin = () => storeOn(form === 'in memory' ? null : new FakeLevel());

  test('a node that answered is a seed, for as long as its answer is new enough', async () => {
    const { store, open, clock } = begin();
    await open();
    store.remember(realNode(1));
    store.ponged(realNode(1).id, realNode(1).host, NOW);
    clock.advance(DAY_MS);
    expect((await store.seeds(5, DAY_MS)).map(({ id }) => id)).toEqual([realNode(1).id]);
    clock.advance(1);
    expect(await store.seeds(5, DAY_MS)).toEqual([]);
    await store.close();
  });

  test('a node that never answered, or answered from another address, is no seed', async () => {
    const { store, open } = begin();
    await open();
    store.remember(realNode(1));
    store.pinged(realNode(1).id, realNode(1).host, NOW);
    store.remember(realNode(2));
    store.ponged(realNode(2).id, '198.51.100.99', NOW);
    store.ponged(storedId(3), '198.51.100.7', NOW); // only endpoints are known
    expect(await store.seeds(5, DAY_MS)).toEqual([]);
    await store.close();
  });

  test('seeds are as many different nodes as were asked for', async () => {
    const { store } = begin();
    for (let number = 1; number <= 9; number += 1) {
      store.remember(realNode(number));
      store.ponged(realNode(number).id, realNode(number).host, NOW);
    }
    const seeds = await store.seeds(4, DAY_MS);
    expect(new Set(seeds.map(({ id }) => id)).size).toBe(4);
    expect(await store.seeds(20, DAY_MS)).toHaveLength(9);
    await store.close();
  });

  test('failed requests are counted until one is answered', async () => {
    const { store } = begin();
    const at = [storedId(1), '198.51.100.7'] as const;
    expect([store.findFailed(...at), store.findFailed(...at)]).toEqual([1, 2]);
    store.findOk(...at);
    expect(store.findFailed(...at)).toBe(1);
    await store.close();
  });

  test('proofs are the endpoints of the nodes that were alive last', async () => {
    const { store } = begin();
    for (const number of [1, 2, 3]) store.ponged(storedId(number), '198.51.100.7', NOW + number);
    store.pinged(storedId(3), '198.51.100.7', NOW);
    expect(await store.proofs(2)).toEqual([
      { id: storedId(3), host: '198.51.100.7', pongedAtMs: NOW + 3, pingedAtMs: NOW },
      { id: storedId(2), host: '198.51.100.7', pongedAtMs: NOW + 2, pingedAtMs: 0 },
    ]);
    await store.close();
  });

  test('a node with a host name is not kept: it has no endpoint', async () => {
    const { store } = begin();
    store.remember({ ...realNode(1), host: 'node.example', hostKind: 'name' });
    expect(store.size).toBe(0);
    await store.close();
  });

  test('the last record of each key is known, of the 16 latest keys', async () => {
    const { store } = begin();
    const records = Array.from({ length: 17 }, (_, index) => ownRecord(index, index + 1));
    for (const record of records) store.setLocalRecord(record);
    expect(store.localRecord(records[0]!.id)).toBeNull();
    expect(store.localRecord(records[1]!.id)).toEqual(records[1]);
    expect(store.localRecord(records[16]!.id)).toEqual(records[16]);
    await store.close();
  });
});

describe('writing', () => {
  test('changes are collected, and written within half a second in one batch', async () => {
    const { store, clock, level } = await reopened(new FakeLevel());
    store.remember(storedNode(1));
    store.remember(storedNode(2));
    store.setLocalRecord(ownRecord(4));
    clock.advance(WRITE_DELAY_MS - 1);
    await turns();
    expect(keysIn(level!)).toEqual([]);
    clock.advance(1);
    await turns();
    expect(keysIn(level!)).toHaveLength(3);
    expect(level!.calls.filter((call) => call === 'batch')).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test('everything is read back after a new start', async () => {
    const level = new FakeLevel();
    const { store } = await reopened(level);
    store.remember(realNode(1));
    store.ponged(realNode(1).id, realNode(1).host, NOW);
    store.setLocalRecord(ownRecord(4));
    await store.close();
    expect(level.live).toBe(0);
    const { store: next, faults } = await reopened(level);
    expect(await next.seeds(5, DAY_MS)).toMatchObject([
      { id: realNode(1).id, host: '198.51.100.7' },
    ]);
    expect(next.localRecord(OWN_ID)).toEqual(ownRecord(4));
    expect(faults).toEqual([]);
  });

  test('what is remembered while the database is opened is written too', async () => {
    const level = new FakeLevel();
    const { store, open } = storeOn(level);
    const opening = open();
    store.remember(storedNode(1));
    await opening;
    await store.close();
    expect(keysIn(level)).toHaveLength(1);
  });

  test('a closed store can be opened again, and has lost nothing', async () => {
    const level = new FakeLevel();
    const { store, open } = await reopened(level);
    store.remember(storedNode(1));
    await store.close();
    await store.close();
    await open();
    store.remember(storedNode(2));
    await store.close();
    expect(keysIn(level)).toHaveLength(2);
    expect(level.live).toBe(0);
  });

  test('a node that is forgotten leaves the database', async () => {
    const { store, clock, level } = await reopened(new FakeLevel());
    store.remember(storedNode(1));
    await store.flush();
    clock.advance(2 * DAY_MS);
    store.remember(storedNode(2));
    await store.flush();
    expect(keysIn(level!)).toEqual([`${KEY_PREFIX}node/${storedId(2)}`]);
  });

  test('a stored text that is no node any more is forgotten', async () => {
    const { store, level } = await reopened(new FakeLevel());
    store.remember(storedNode(1)); // its key is not on the curve
    store.ponged(storedId(1), storedNode(1).host, NOW);
    await store.close();
    const { store: next } = await reopened(level!);
    expect(await next.seeds(5, DAY_MS)).toEqual([]);
    await next.close();
    expect(keysIn(level!)).toEqual([]);
  });
});

describe('what was on the disk', () => {
  async function withEntries(entries: Readonly<Record<string, Uint8Array>>) {
    const level = new FakeLevel();
    level.folders.set(FOLDER, new Map(Object.entries(entries)));
    return { ...(await reopened(level)), level };
  }
  const recordKey = `${KEY_PREFIX}record/${OWN_ID}`;

  test('entries that the disk has changed are dropped, with one warning that counts them', async () => {
    const { store, level, faults } = await withEntries({
      [recordKey]: sealed(recordKey, textOf(ownRecord(7))),
      [`${KEY_PREFIX}node/${storedId(1)}`]: sealed('another key', {}),
      [`${KEY_PREFIX}node/xx`]: new Uint8Array(9),
    });
    expect(store.localRecord(OWN_ID)).toEqual(ownRecord(7));
    expect(faults).toEqual([expect.stringContaining('0 nodes are kept, 2 entries were dropped')]);
    await store.close();
    expect(keysIn(level)).toEqual([recordKey]);
  });

  test('entries that are missing without an error of the database are noticed', async () => {
    const level = new FakeLevel();
    const { store } = await reopened(level);
    for (const number of [1, 2, 3]) store.remember(storedNode(number));
    await store.close();
    level.folders.get(FOLDER)!.delete(`${KEY_PREFIX}node/${storedId(2)}`);
    const { store: next, faults } = await reopened(level);
    expect(faults).toEqual([expect.stringContaining('2 nodes are kept, 1 entries were dropped')]);
    next.remember(storedNode(4));
    await next.close();
    expect((await reopened(level)).faults).toEqual([]);
  });

  test.for([
    ['a number', 7],
    ['no record', '7'],
    ['of another key', textOf(ownRecord(7, 8))],
    ['numbered too high to count up', textOf(ownRecord(2 ** 53 - 1))],
  ] as const)('an own record that is %s is not used', async ([, content]) => {
    const { store } = await withEntries({ [recordKey]: sealed(recordKey, content) });
    expect(store.localRecord(OWN_ID)).toBeNull();
  });

  test('the data of another program is left as it is', async () => {
    const theirs = { LastBlock: new Uint8Array(32) };
    const { store, level, faults } = await withEntries(theirs);
    store.remember(storedNode(1));
    await store.close();
    expect(keysIn(level)).toEqual(['LastBlock']);
    expect(faults).toEqual([expect.stringContaining('the folder has data of another program')]);
  });
});

describe('a disk that fails', () => {
  const FULL = FakeLevel.error('IO error: No space left on device', 'LEVEL_IO_ERROR');
  const EIO = FakeLevel.error('IO error: Input/output error', 'LEVEL_IO_ERROR');
  const READ_ONLY = FakeLevel.error('IO error: Read-only file system', 'LEVEL_IO_ERROR');
  const LOCKED = FakeLevel.error('IO error: lock: already held by process', 'LEVEL_LOCKED');

  async function useAll(level: FakeLevel) {
    const run = await reopened(level);
    const { store } = run;
    store.remember(realNode(1));
    store.ponged(realNode(1).id, realNode(1).host, NOW);
    store.setLocalRecord(ownRecord(4));
    await store.flush();
    store.remember(realNode(2));
    await store.flush();
    expect(await store.seeds(5, DAY_MS)).toHaveLength(1);
    expect(store.localRecord(OWN_ID)).toEqual(ownRecord(4));
    await store.close();
    return run;
  }

  test('without a fault, nothing is said', async () => {
    const { faults } = await useAll(new FakeLevel());
    expect(faults).toEqual([]);
  });

  for (const [name, error] of Object.entries({ FULL, EIO, READ_ONLY }))
    test.for<CallSite>(CALL_SITES)(
      `${name} at %s costs at most one warning, and the store goes on in memory`,
      async (site) => {
        const level = new FakeLevel();
        level.faults.set(site, error);
        const { faults, clock } = await useAll(level);
        // a second look at a database that works is never taken, and an iterator that cannot be closed is harmless
        const isUnused = ['repair', 'destroy', 'iterator.close'].includes(site);
        expect(faults).toHaveLength(isUnused ? 0 : 1);
        for (const fault of faults) expect(fault).toMatch(/IO error/);
        expect(clock.pending).toBe(0);
      },
    );

  test('a store that another process has open is not repaired', async () => {
    const level = new FakeLevel();
    level.faults.set('open', LOCKED);
    const { faults } = await useAll(level);
    expect(faults).toEqual([expect.stringContaining('already held by process')]);
    expect(level.calls).not.toContain('repair');
  });

  test('a library that is not installed costs one warning', async () => {
    const faults: string[] = [];
    const store = new BoundedNodeStore({
      clock: new StepClock(),
      unixTimeMs: () => NOW,
      random: (bytes) => new Uint8Array(bytes),
      openDatabase: levelDatabase(FOLDER, () => Promise.reject(new Error('Cannot find module'))),
    });
    await store.open((message) => faults.push(message));
    store.remember(storedNode(1));
    await store.close();
    expect(faults).toEqual([
      'the node store cannot be used, nodes are kept in memory: Cannot find module',
    ]);
  });

  test('a disk that becomes full later costs one warning, and what was written stays', async () => {
    const level = new FakeLevel();
    const { store, faults, clock } = await reopened(level);
    store.remember(storedNode(1));
    await store.flush();
    level.faults.set('batch', FULL);
    for (let number = 2; number < 9; number += 1) {
      store.remember(storedNode(number));
      clock.advance(WRITE_DELAY_MS);
      await turns();
    }
    await store.close();
    expect(faults).toHaveLength(1);
    expect(keysIn(level)).toHaveLength(1);
    expect(store.size).toBe(8);
    expect(level.live).toBe(0);
  });

  test('a database that does not open within 5 s is not waited for, and closed when it does', async () => {
    const { store, clock, faults, level } = storeOn(new FakeLevel());
    let finish = (): void => {};
    const load = level!.load;
    Object.assign(level!, {
      load: () => new Promise((resolve) => (finish = () => resolve(load()))),
    });
    const slow = storeOn(level!);
    const opening = slow.open();
    slow.clock.advance(OPEN_TIMEOUT_MS);
    await opening;
    expect(slow.faults).toEqual([expect.stringContaining('it took more than 5000 ms')]);
    finish();
    await turns();
    expect(level!.live).toBe(0);
    await slow.store.close();
    expect([clock.pending, faults.length, store.size]).toEqual([0, 0, 0]);
  });

  test('a database that never takes a write is given up when too much waits for it', async () => {
    const { store, level, faults } = await reopened(new FakeLevel());
    level!.hangs.add('batch');
    for (let number = 0; number <= MAX_UNWRITTEN; number += 1)
      store.ponged(storedId(number), '198.51.100.7', NOW);
    expect(faults).toEqual([expect.stringContaining('is too slow')]);
  });

  test('a damaged database is repaired, and what cannot be read then is dropped', async () => {
    const level = new FakeLevel();
    const { store } = await reopened(level);
    store.remember(storedNode(1));
    store.setLocalRecord(ownRecord(4));
    await store.close();
    level.faults.set('open', FakeLevel.error('Corruption: no meta-nextfile', 'LEVEL_CORRUPTION'));
    const load = level.load;
    const repairing = async () => {
      const library = await load();
      return {
        ...library,
        repair: (folder: string) => {
          level.faults.delete('open');
          return library.repair(folder);
        },
      };
    };
    Object.assign(level, { load: repairing });
    const { store: next, faults } = await reopened(level);
    expect(faults).toEqual([expect.stringContaining('is repaired: 1 nodes are kept')]);
    expect(next.localRecord(OWN_ID)).toEqual(ownRecord(4));
    expect(next.isPersistent).toBe(true);
    await next.close();
  });
});
