import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfigFile } from '../../src/cli/config-file.ts';
import { scratch } from './scratch.ts';

async function entries(text: string | Uint8Array) {
  const path = join(await scratch(), 'node.toml');
  await writeFile(path, text);
  return (await readConfigFile(path)).map(({ name, value, line }) => [line, name, value]);
}

test('each entry has the names of its tables and its line', async () => {
  const text = [
    ...['datadir = "x" # a comment', '"echo" = true', '', '[ server ]', 'maxPeers = 3'],
    ...['listen.port = 1', 'staticNodes = [', '  "enode://maxPeers = 3",', ']'],
    ...['[server.listen]'.replace('listen', 'other'), "'host' = '::'", '[Node.P2P]'],
    ...['NAT = { mode = "any" }', '[[twice]]', 'x = 1', '[empty]'],
  ].join('\r\n');
  expect(await entries(text)).toEqual([
    [1, 'datadir', 'x'],
    [2, 'echo', true],
    [5, 'server.maxPeers', 3],
    [6, 'server.listen.port', 1],
    [7, 'server.staticNodes', ['enode://maxPeers = 3']],
    [11, 'server.other.host', '::'],
    [13, 'Node.P2P.NAT.mode', 'any'],
    [14, 'twice', [{ x: 1 }]],
    [16, 'empty', {}],
  ]);
});

test('an empty file has no entries', async () => {
  expect(await entries('')).toEqual([]);
});

test('a file that is no text is refused', async () => {
  await expect(entries(Uint8Array.of(0xff, 0xfe))).rejects.toThrow(/node\.toml: cannot be read: /);
});

test('a file of more than 4 MiB is refused', async () => {
  await expect(entries(new Uint8Array(4 * 1024 * 1024 + 1))).rejects.toThrow(
    /more than 4194304 bytes/,
  );
});

test.for([
  ['a folder', '/', '/: cannot be read: it is not a file'],
  ['a file that is missing', '/nonexistent/x', '/nonexistent/x: cannot be read: ENOENT'],
])('%s is refused', async ([, path, message]) => {
  await expect(readConfigFile(path!)).rejects.toThrow(message!);
});
