import { chmod, cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { levelDatabase } from '../../../src/io/adapters/level-database.ts';
import { BoundedNodeStore } from '../../../src/io/discovery/node-store.ts';
import { systemClock } from '../../../src/io/process/clock.ts';
import { scratch } from '../../cli/scratch.ts';
import { isExhaustive } from '../../support/exhaustive.ts';
import { OWN_ID, ownRecord, storedId, storedNode } from '../../support/stored-nodes.ts';

const NOW = 1_700_000_000_000;
const NODES = 2_000;
const SEQ = 1_700_000_000_123;

async function opened(folder: string) {
  const faults: string[] = [];
  const store = new BoundedNodeStore({
    clock: systemClock,
    unixTimeMs: () => NOW,
    random: (bytes) => new Uint8Array(bytes),
    openDatabase: levelDatabase(folder),
  });
  await store.open((message) => faults.push(message));
  return { store, faults };
}

/** With tables, a log, and a sequence number. */
async function filled(folder: string): Promise<void> {
  for (const half of [0, 1]) {
    const { store } = await opened(folder);
    for (let number = half; number < NODES; number += 2) {
      store.remember(storedNode(number));
      store.ponged(storedId(number), storedNode(number).host, NOW);
    }
    store.setLocalRecord(ownRecord(SEQ + half));
    await store.close();
  }
}

test('a store in a folder has everything after it is opened again', async () => {
  const folder = join(await scratch(), 'deep', 'nodes');
  await filled(folder);
  const { store, faults } = await opened(folder);
  expect([store.size, store.localRecord(OWN_ID)?.seq, faults]).toEqual([NODES, SEQ + 1, []]);
  expect(await store.proofs(NODES * 2)).toHaveLength(NODES);
  await store.close();
});

test('a second store on the same folder is in memory, and the first one goes on', async () => {
  const folder = await scratch();
  const first = await opened(folder);
  const second = await opened(folder);
  expect(second.faults).toEqual([expect.stringMatching(/cannot be used.*lock/)]);
  expect([first.store.isPersistent, second.store.isPersistent]).toEqual([true, false]);
  second.store.remember(storedNode(1));
  await second.store.close();
  first.store.remember(storedNode(2));
  await first.store.close();
  const { store } = await opened(folder);
  expect(store.size).toBe(1);
  await store.close();
});

test('a folder that is a file costs one warning', async () => {
  const path = join(await scratch(), 'file');
  await writeFile(path, '');
  const { store, faults } = await opened(path);
  expect(faults).toHaveLength(1);
  store.remember(storedNode(1));
  await store.close();
  expect(store.size).toBe(1);
});

test.skipIf(process.getuid?.() === 0)(
  'a folder that cannot be written costs one warning',
  async () => {
    const folder = await scratch();
    await chmod(folder, 0o500);
    const { store, faults } = await opened(folder);
    expect(faults).toHaveLength(1);
    await store.close();
  },
);

describe('a damaged store', () => {
  const HARMS = isExhaustive
    ? ['empty', 'half', ...Array.from({ length: 12 }, (_, place) => `flip ${(place + 0.5) / 12}`)]
    : ['empty', 'half', 'flip 0.3', 'flip 0.9'];

  test('starts within 2 s, says what was dropped, and works, whatever file is truncated or has a flipped bit', async () => {
    const parent = await scratch();
    const [whole, harmed] = [join(parent, 'whole'), join(parent, 'harmed')];
    await filled(whole);
    const files = (await readdir(whole)).filter((name) => !/^(LOG.*|LOCK)$/.test(name));
    for (const file of files)
      for (const harm of HARMS) {
        await rm(harmed, { recursive: true, force: true });
        await cp(whole, harmed, { recursive: true });
        await damage(join(harmed, file), harm);
        const begun = performance.now();
        const { store, faults } = await opened(harmed);
        const what = `${file}, ${harm}`;
        expect(performance.now() - begun, what).toBeLessThan(2_000);
        expect(store.isPersistent, what).toBe(true);
        expect(faults.length, what).toBeLessThanOrEqual(1);
        const seq = store.localRecord(OWN_ID)?.seq;
        expect([undefined, SEQ, SEQ + 1], what).toContain(seq);
        // the tail of a log may be missing after every end of a process, so that it is no damage
        if (store.size < NODES && !file.endsWith('.log'))
          expect(faults, what).toEqual([
            expect.stringContaining(`is repaired: ${store.size} nodes are kept`),
          ]);
        store.remember(storedNode(NODES));
        await store.close();
        const again = await opened(harmed);
        expect([again.faults, again.store.size], what).toEqual([[], store.size]);
        await again.store.close();
      }
  }, 60_000);
});

async function damage(path: string, harm: string): Promise<void> {
  const bytes = await readFile(path);
  if (harm === 'empty') return truncate(path, 0);
  if (harm === 'half') return truncate(path, bytes.length >> 1);
  const place = Math.floor(bytes.length * Number(harm.split(' ')[1]));
  bytes[place]! ^= 1 << (place % 8);
  await writeFile(path, bytes);
}
