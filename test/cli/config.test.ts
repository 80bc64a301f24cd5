import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configurationOf } from '../../src/cli/configuration.ts';
import { scratch } from './scratch.ts';
import { tryOut } from './try-out.ts';

test('each setting is a line, with where its value came from', async () => {
  const path = join(await scratch(), 'node.toml');
  await writeFile(path, '[Node.P2P]\nMaxPeers = 7\n[Eth]\nSyncMode = "snap"\n');
  const { code, output, errors } = await tryOut(['config', '--config', path, '--port', '5']);
  expect(code).toBe(0);
  expect(output).toMatch(/^server\.maxPeers = 7 +# .*node\.toml:2$/m);
  expect(output).toMatch(/^server\.listen\.port = 5 +# --port$/m);
  expect(output).toMatch(/^server\.dialRatio = 3 +# default$/m);
  expect(output).toMatch(/^# datadir +# a new key each time, nodes in memory$/m);
  expect(errors).toMatch(/^peerchart: .*ignored, of no use here: \[Eth\]\n$/);
});

test('what it prints is a file with the same settings', async () => {
  const words = 'config --port 5 --nodial --offer eth/69 mine/1 --datadir a"b\\c --nat any';
  const { output } = await tryOut(words.split(' '));
  const path = join(await scratch(), 'node.toml');
  await writeFile(path, output);
  const again = await tryOut(['config', '--json', '--config', path]);
  const first = await tryOut([...words.split(' '), '--json']);
  const values = (text: string) =>
    JSON.parse(text).settings.map(({ name, value }: { name: string; value: unknown }) => [
      name,
      value,
    ]);
  expect(values(again.output)).toEqual(values(first.output));
  expect((await configurationOf({}, path)).settings.datadir).toBe('a"b\\c');
});

test('settings that do not go together are refused, as by run', async () => {
  const { code, errors } = await tryOut(['config', '--discovery', 'dns']);
  expect([code, errors]).toEqual([1, expect.stringMatching(/with --dns-tree/)]);
});

test('each wrong field of a file is a line on stderr', async () => {
  const path = join(await scratch(), 'node.toml');
  await writeFile(path, 'a = 1\nb = 2\n');
  const { code, output, errors } = await tryOut(['config', '--config', path]);
  expect([code, output]).toEqual([1, '']);
  expect(errors).toBe(
    `peerchart: ${path}:1: a: there is no such setting\npeerchart: ${path}:2: b: there is no such setting\n`,
  );
});
