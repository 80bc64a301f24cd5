import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { openDataDirectory, placesIn } from '../../src/node/data-directory.ts';
import { DirectoryInUseError } from '../../src/node/directory-lock.ts';
import { scratch } from '../cli/scratch.ts';

const open = (folder: string | null, more = {}) =>
  openDataDirectory({
    ...{ folder, key: null, keyFile: null, allowReadableKey: false, clock: systemClock },
    ...more,
  });

test('is made for its owner alone, and keeps the key', async () => {
  const folder = join(await scratch(), 'outer', 'data');
  const first = await open(folder);
  for (const made of [folder, placesIn(folder).nodes])
    expect((await stat(made)).mode & 0o777).toBe(0o700);
  await expect(open(folder)).rejects.toThrow(DirectoryInUseError);
  await first.release();
  const second = await open(folder);
  expect(second.key.id).toBe(first.key.id);
  expect(second).toMatchObject({ nodes: join(folder, 'nodes'), staticNodes: null });
  await second.release();
});

test('without a folder nothing is kept', async () => {
  const [one, two] = [await open(null), await open(null)];
  expect(one.key.id).not.toBe(two.key.id);
  expect(one.nodes).toBeNull();
  await one.release();
});

test('another key is used when it is given', async () => {
  const folder = await scratch();
  const key = generateNodeKey();
  const given = await open(folder, { key });
  expect(given.key.id).toBe(key.id);
  await given.release();
  const keyFile = join(folder, 'mine');
  const ofFile = await open(folder, { keyFile });
  expect(await readdir(folder)).toEqual(['LOCK', 'mine', 'nodes']);
  await ofFile.release();
});

test('an unfinished key of a process that was killed is removed', async () => {
  const folder = await scratch();
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `.nodekey-${'ab'.repeat(8)}.tmp`), '11');
  await writeFile(join(folder, '.nodekey-mine.tmp'), 'not ours');
  await (await open(folder)).release();
  expect(await readdir(folder)).toEqual(['.nodekey-mine.tmp', 'LOCK', 'nodekey', 'nodes']);
});

test('what fails leaves it unlocked', async () => {
  const folder = await scratch();
  const { staticNodes } = placesIn(folder);
  await writeFile(staticNodes, '{');
  await expect(open(folder)).rejects.toThrow('is not JSON');
  await writeFile(staticNodes, '[]');
  const directory = await open(folder);
  expect(directory.staticNodes).toEqual([]);
  await directory.release();
});
