import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { CommandError } from '../../src/cli/error.ts';
import { keyNew, keyShow } from '../../src/cli/key.ts';
import { parseEnode } from '../../src/io/crypto/enode.ts';
import { createNodeKey } from '../../src/io/crypto/node-key.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { scratch } from './scratch.ts';

const LOCAL = { host: '127.0.0.1', port: 30303 };

async function newKey(): Promise<{ path: string; secret: string; id: string }> {
  const path = join(await scratch(), 'nodekey');
  const terminal = new FakeTerminal();
  expect(await keyNew(path, {}, terminal)).toBe(0);
  const secret = await readFile(path, 'latin1');
  expect(await terminal.line((line) => line.startsWith('file'))).toBe(`file  ${path}`);
  expect(terminal.output).not.toContain(secret);
  return { path, secret, id: createNodeKey(Buffer.from(secret, 'hex')).id };
}

describe('key new', () => {
  test('writes the secret to the file and prints only the id', async () => {
    const { path, id } = await newKey();
    const terminal = new FakeTerminal();
    await keyShow(path, LOCAL, terminal);
    expect(await terminal.line((line) => line.startsWith('id'))).toBe(`id     ${id}`);
  });

  test('does not overwrite an existing key', async () => {
    const { path, secret } = await newKey();
    const again = keyNew(path, {}, new FakeTerminal());
    await expect(again).rejects.toMatchObject({ flaw: 'exists' });
    expect(await readFile(path, 'latin1')).toBe(secret);
  });

  test('prints the secret with --stdout', async () => {
    const terminal = new FakeTerminal();
    expect(await keyNew(undefined, { stdout: true }, terminal)).toBe(0);
    expect(await terminal.line(() => true)).toMatch(/^[0-9a-f]{64}$/);
  });

  test.for([
    ['neither a file nor stdout', undefined, {}],
    ['both', 'nodekey', { stdout: true }],
  ] as const)('is not told what to do by %s', async ([, file, options]) => {
    const terminal = new FakeTerminal();
    await expect(keyNew(file, options, terminal)).rejects.toBeInstanceOf(CommandError);
    expect(terminal.output).toBe('');
  });
});

describe('key show', () => {
  test.for(['192.0.2.1', '2001:db8::1', '[2001:db8::1]', 'node.example.org'])(
    'prints an enode with the host %s, and no secret',
    async (host) => {
      const { path, secret, id } = await newKey();
      const terminal = new FakeTerminal();

      expect(await keyShow(path, { host, port: 4000 }, terminal)).toBe(0);

      const line = await terminal.line((text) => text.startsWith('enode'));
      const enode = parseEnode(line.replace(/^enode +/, ''));
      expect(enode).toMatchObject({ id, host: host.replace(/[[\]]/g, ''), tcpPort: 4000 });
      expect(terminal.output).not.toContain(secret);
    },
  );

  test('a key file that others can read is refused unless the option allows it', async () => {
    const { path } = await newKey();
    await chmod(path, 0o640);
    const terminal = new FakeTerminal();

    await expect(keyShow(path, LOCAL, terminal)).rejects.toMatchObject({ flaw: 'permissions' });
    expect(await keyShow(path, { ...LOCAL, allowReadableKey: true }, terminal)).toBe(0);
  });

  test('an impossible host is refused', async () => {
    const { path } = await newKey();
    const shown = keyShow(path, { host: 'a b', port: 1 }, new FakeTerminal());
    await expect(shown).rejects.toBeInstanceOf(CommandError);
  });
});
