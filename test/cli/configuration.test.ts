import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../src/cli/config-file.ts';
import { configurationOf } from '../../src/cli/configuration.ts';
import type { Settings } from '../../src/cli/settings.ts';
import { BROKEN_FILES } from './broken-files.ts';
import { scratch } from './scratch.ts';

async function fileWith(text: string): Promise<string> {
  const path = join(await scratch(), 'node.toml');
  await writeFile(path, text);
  return path;
}

const readText = async (text: string, flags: Settings = {}) =>
  configurationOf(flags, await fileWith(text));

async function problemsOf(text: string): Promise<readonly string[]> {
  const path = await fileWith(text);
  const error = await configurationOf({}, path).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConfigurationError);
  return (error as ConfigurationError).problems.map((line) => {
    expect(line).toContain(path);
    return line.slice(path.length);
  });
}

test('a flag comes before the file, and the file before the default', async () => {
  const { settings, origins, note } = await readText('[server]\nmaxPeers = 3\nlisten.port = 4\n', {
    'server.listen.port': 5,
  });
  expect(settings).toMatchObject({
    'server.maxPeers': 3,
    'server.listen.port': 5,
    'server.listen.host': '::',
  });
  expect(origins.get('server.maxPeers')).toMatch(/node\.toml:2$/);
  expect(origins.get('server.listen.port')).toBe('--port');
  expect(origins.get('server.listen.host')).toBe('default');
  expect(origins.has('datadir')).toBe(false);
  expect(note).toBeNull();
});

test('false from a flag comes before true from the file', async () => {
  const { settings } = await readText('echo = true\n', { echo: false });
  expect(settings.echo).toBe(false);
});

describe('a broken file gives one message that names the field and its line', () => {
  test.for(BROKEN_FILES)('%s', async ([, text, message]) => {
    const problems = await problemsOf(text);
    expect(problems).toEqual([
      message.endsWith(' ') ? expect.stringMatching(new RegExp(`^${message}.{15,}`)) : message,
    ]);
  });
});

test('all bad fields of a file are named', async () => {
  const text = 'colour = 1\n[Node.P2P]\nMaxPeers = -1\nNAT = 7\nMaxPendingPeers = 9\n';
  expect(await problemsOf(text)).toEqual([
    ':1: colour: there is no such setting',
    expect.stringContaining(':3: Node.P2P.MaxPeers: '),
    ':4: Node.P2P.NAT: expected a text, got 7',
  ]);
});

test('a long value is shortened in a message', async () => {
  const [problem] = await problemsOf(`datadir = [${'"long",'.repeat(1_000)}]\n`);
  expect(problem!.length).toBeLessThan(150);
});

test('what is of no use here is ignored with one note', async () => {
  const { note } = await readText(
    '[Eth]\nSyncMode = "snap"\nMiner.GasCeil = 1\n[Node]\nKeyStoreDir = "keys"\n[Node.P2P]\nMaxPeers = 1\n[Metrics]\n',
  );
  expect(note).toMatch(
    /node\.toml: ignored, of no use here: \[Eth\], Node\.KeyStoreDir, \[Metrics\]$/,
  );
});
