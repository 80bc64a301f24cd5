import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { openDataDirectory, placesIn } from '../../src/cli/data-directory.ts';
import { CommandError } from '../../src/cli/error.ts';
import { scratch } from './scratch.ts';

test('a missing folder is created, for us only', async () => {
  const folder = join(await scratch(), 'a', 'node');
  expect(await openDataDirectory(folder)).toEqual(placesIn(folder));
  for (const path of [folder, placesIn(folder).nodes])
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  await openDataDirectory(folder); // an existing one is used as it is
});

test('a folder that is a file is the mistake of the user', async () => {
  const file = join(await scratch(), 'file');
  await writeFile(file, '');
  await expect(openDataDirectory(file)).rejects.toThrow(CommandError);
});
