import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';

import {
  KeyFileError,
  type KeyFileFlaw,
  loadNodeKey,
  saveNodeKey,
} from '../../src/cli/node-key-file.ts';
import { createNodeKey, exportSecret, generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { scratch } from './scratch.ts';

const DIGITS = '11'.repeat(32);
/** Source: SEC 2, 2.4.1, the order of secp256k1. */
const ORDER = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';

const strict = { allowReadable: false };

async function keyFile(content: string | Uint8Array, mode = 0o600): Promise<string> {
  const path = join(await scratch(), 'nodekey');
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

async function flawOf(attempt: Promise<unknown>): Promise<KeyFileFlaw> {
  const error = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KeyFileError);
  return (error as KeyFileError).flaw;
}

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

describe('saving', () => {
  test('creates a file that only its owner can read, in the format of go-ethereum', async () => {
    const path = join(await scratch(), 'nodekey');
    const key = generateNodeKey();

    await saveNodeKey(path, key);

    expect(await readFile(path, 'latin1')).toBe(bytesToHex(exportSecret(key)));
    expect(await modeOf(path)).toBe(0o600);
    expect((await loadNodeKey(path, strict)).id).toBe(key.id);
  });

  test('creates directories that only their owner can enter', async () => {
    const outer = join(await scratch(), 'data');
    const inner = join(outer, 'peerchart');

    await saveNodeKey(join(inner, 'nodekey'), generateNodeKey());

    expect(await modeOf(outer)).toBe(0o700);
    expect(await modeOf(inner)).toBe(0o700);
    expect(await readdir(inner)).toEqual(['nodekey']);
  });

  test('overwrites no file', async () => {
    const path = await keyFile('something dear');

    expect(await flawOf(saveNodeKey(path, generateNodeKey()))).toBe('exists');

    expect(await readFile(path, 'latin1')).toBe('something dear');
  });

  test('does not write through a link, not even a dangling one', async () => {
    const directory = await scratch();
    const path = join(directory, 'nodekey');
    await symlink(join(directory, 'elsewhere'), path);

    expect(await flawOf(saveNodeKey(path, generateNodeKey()))).toBe('exists');

    expect(await readdir(directory)).toEqual(['nodekey']);
  });

  test('reports a directory in the place of the file, and a file in the place of a directory', async () => {
    const directory = await scratch();
    const file = join(directory, 'file');
    await writeFile(file, '');

    expect(await flawOf(saveNodeKey(directory, generateNodeKey()))).toBe('exists');
    expect(await flawOf(saveNodeKey(join(file, 'nodekey'), generateNodeKey()))).toBe('system');
  });
});

describe('loading', () => {
  test.for([
    ['64 digits', DIGITS],
    ['a final line end', `${DIGITS}\n`],
    ['a line end of Windows', `${DIGITS}\r\n`],
    ['capitals', 'AB'.repeat(32)],
  ])('takes %s', async ([, content]) => {
    const path = await keyFile(content!);
    const secret = Buffer.from(content!.trim(), 'hex');
    expect((await loadNodeKey(path, strict)).id).toBe(createNodeKey(secret).id);
  });

  test.for<[string, string | Uint8Array, KeyFileFlaw]>([
    ['an empty file', '', 'malformed'],
    ['31 bytes', '11'.repeat(31), 'malformed'],
    ['33 bytes', '11'.repeat(33), 'malformed'],
    ['half a byte less', DIGITS.slice(1), 'malformed'],
    ['what is not hex', 'zz'.repeat(32), 'malformed'],
    ['a prefix', `0x${DIGITS}`, 'malformed'],
    ['a space in front', ` ${DIGITS}`, 'malformed'],
    ['32 bytes that are not text', new Uint8Array(32).fill(7), 'malformed'],
    ['a large file', 'x'.repeat(1_000_000), 'malformed'],
    ['zero', '00'.repeat(32), 'outOfRange'],
    ['the order of the curve', ORDER, 'outOfRange'],
    ['more than the order', 'ff'.repeat(32), 'outOfRange'],
  ])('refuses %s', async ([, content, flaw]) => {
    expect(await flawOf(loadNodeKey(await keyFile(content), strict))).toBe(flaw);
  });

  test('accepts the largest valid secret', async () => {
    const path = await keyFile(ORDER.replace(/1$/, '0'));
    await expect(loadNodeKey(path, strict)).resolves.toHaveProperty('id');
  });

  test('errors do not contain what is in the file', async () => {
    const path = await keyFile(`${DIGITS}22`);
    const error = await loadNodeKey(path, strict).catch((reason: KeyFileError) => reason);
    expect((error as KeyFileError).message).not.toContain('1111');
    expect((error as KeyFileError).message).toContain('66 bytes');
  });

  test.for(['644', '640', '604', '660', '620', '601', '777'])(
    'refuses mode %s, unless that is allowed',
    async (mode) => {
      const path = await keyFile(DIGITS, Number.parseInt(mode, 8));
      expect(await flawOf(loadNodeKey(path, strict))).toBe('permissions');
      await expect(loadNodeKey(path, { allowReadable: true })).resolves.toHaveProperty('id');
    },
  );

  test.for(['600', '400', '700'])('takes mode %s', async (mode) => {
    await expect(
      loadNodeKey(await keyFile(DIGITS, Number.parseInt(mode, 8)), strict),
    ).resolves.toHaveProperty('id');
  });

  test('follows a link and checks its target', async () => {
    const closed = await keyFile(DIGITS);
    const open = await keyFile(DIGITS, 0o644);
    const directory = await scratch();
    await symlink(closed, join(directory, 'closed'));
    await symlink(open, join(directory, 'open'));
    await symlink(join(directory, 'nowhere'), join(directory, 'dangling'));

    await expect(loadNodeKey(join(directory, 'closed'), strict)).resolves.toHaveProperty('id');
    expect(await flawOf(loadNodeKey(join(directory, 'open'), strict))).toBe('permissions');
    expect(await flawOf(loadNodeKey(join(directory, 'dangling'), strict))).toBe('missing');
  });

  test('refuses what is not a file, without waiting', async () => {
    const directory = await scratch();
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', ['-m', '600', pipe]);
    await mkdir(join(directory, 'inner'), { mode: 0o700 });

    expect(await flawOf(loadNodeKey(join(directory, 'inner'), strict))).toBe('notAFile');
    expect(await flawOf(loadNodeKey(pipe, strict))).toBe('notAFile');
    expect(await flawOf(loadNodeKey(join(directory, 'nothing'), strict))).toBe('missing');
    expect(await flawOf(loadNodeKey('a\0b', strict))).toBe('system');
  });
});
