/** Key files: every flaw, and every call to the file system that can fail. Longer than 300 lines: each flaw is a row. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import { createNodeKey, exportSecret, generateNodeKey } from '../../src/io/crypto/node-key.ts';
import {
  KeyFileError,
  type KeyFileFlaw,
  type KeyFiles,
  loadNodeKey,
  openNodeKey,
  saveNodeKey,
} from '../../src/server/node-key-file.ts';
import { scratch } from '../cli/scratch.ts';

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

/** The files of the system, with a report of each operation before it, which may throw in its place. */
function reportingFiles(before: (operation: string) => unknown): KeyFiles {
  const short = (path: unknown): string =>
    String(path)
      .replace(/^.*\//, '')
      .replace(/[0-9a-f]{16}/, '*');
  return {
    mkdir: (async () => undefined) as typeof fs.mkdir,
    link: async (from, to) => {
      await before(`link ${short(from)} ${short(to)}`);
      await fs.link(from, to);
    },
    copyFile: async (from, to, mode) => {
      await before(`copy ${short(from)} ${short(to)}`);
      await fs.copyFile(from, to, mode);
    },
    unlink: async (path) => {
      await before(`unlink ${short(path)}`);
      await fs.unlink(path);
    },
    open: async (path, flags, mode) => {
      await before(`open ${short(path)}`);
      const file = await fs.open(path, flags, mode);
      const { writeFile: write, sync, close } = file;
      file.writeFile = async (...args) => {
        await before(`write ${short(path)}`);
        await write.apply(file, args);
      };
      file.sync = async () => {
        await before(`sync ${short(path)}`);
        await sync.call(file);
      };
      file.close = async () => {
        await close.call(file);
        await before(`closed ${short(path)}`);
      };
      return file;
    },
  };
}

/** As the system throws it. */
const systemError = (code: string): Error => Object.assign(new Error(code), { code });

describe('saving, step by step', () => {
  const TEMPORARY = '.nodekey-*.tmp';
  const STEPS = [
    `open ${TEMPORARY}`,
    `write ${TEMPORARY}`,
    `sync ${TEMPORARY}`,
    `closed ${TEMPORARY}`,
    `link ${TEMPORARY} nodekey`,
    `unlink ${TEMPORARY}`,
    'open data',
    'sync data',
    'closed data',
  ];

  /** Of a path whose directory is called `data`. */
  async function somePath(): Promise<string> {
    const directory = join(await scratch(), 'data');
    await mkdir(directory);
    return join(directory, 'nodekey');
  }

  test('writes and syncs a temporary file, links it, removes it, and syncs the directory', async () => {
    const path = await somePath();
    const steps: string[] = [];
    await saveNodeKey(
      path,
      generateNodeKey(),
      reportingFiles((step) => steps.push(step)),
    );
    expect(steps).toEqual(STEPS);
    expect(await readdir(join(path, '..'))).toEqual(['nodekey']);
  });

  test('has the whole key or none at the path before every step, so a kill there is harmless', async () => {
    const path = await somePath();
    const key = generateNodeKey();
    const seen: string[] = [];
    const look = async (): Promise<void> => {
      seen.push(await readFile(path, 'latin1').catch(() => 'none'));
    };
    await saveNodeKey(path, key, reportingFiles(look));
    const whole = bytesToHex(exportSecret(key));
    expect(seen).toEqual([...Array(5).fill('none'), ...Array(4).fill(whole)]);
  });

  test.for(STEPS.slice(0, 5))('that fails at "%s" leaves no file', async (failing) => {
    const path = await somePath();
    const files = reportingFiles((step) => {
      if (step === failing) throw systemError('EIO');
    });
    expect(await flawOf(saveNodeKey(path, generateNodeKey(), files))).toBe('system');
    expect(await readdir(join(path, '..'))).toEqual([]);
  });

  test('keeps a key that another process has written meanwhile', async () => {
    const path = await somePath();
    const files = reportingFiles(async (step) => {
      if (step.startsWith('link')) await writeFile(path, DIGITS);
    });
    expect(await flawOf(saveNodeKey(path, generateNodeKey(), files))).toBe('exists');
    expect(await readFile(path, 'latin1')).toBe(DIGITS);
    expect(await readdir(join(path, '..'))).toEqual(['nodekey']);
  });

  describe('where files cannot have two names', () => {
    const refusing = (then: (step: string) => unknown = () => {}): KeyFiles =>
      reportingFiles((step) => {
        if (step.startsWith('link')) throw systemError('EPERM');
        return then(step);
      });

    test('copies the file, for its owner only, and syncs it', async () => {
      const path = await somePath();
      const key = generateNodeKey();
      const steps: string[] = [];
      await saveNodeKey(
        path,
        key,
        refusing((step) => steps.push(step)),
      );
      expect(await readFile(path, 'latin1')).toBe(bytesToHex(exportSecret(key)));
      expect(await modeOf(path)).toBe(0o600);
      expect(await readdir(join(path, '..'))).toEqual(['nodekey']);
      expect(steps).toContain('sync nodekey');
    });

    test('overwrites no file either', async () => {
      const path = await somePath();
      await writeFile(path, DIGITS);
      expect(await flawOf(saveNodeKey(path, generateNodeKey(), refusing()))).toBe('exists');
      expect(await readFile(path, 'latin1')).toBe(DIGITS);
    });

    test('leaves no part of a key when copying fails', async () => {
      const path = await somePath();
      const files = refusing(async (step) => {
        if (!step.startsWith('copy')) return;
        await writeFile(path, DIGITS.slice(1));
        throw systemError('ENOSPC');
      });
      expect(await flawOf(saveNodeKey(path, generateNodeKey(), files))).toBe('system');
      expect(await readdir(join(path, '..'))).toEqual([]);
    });
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

  test('refuses a file of another user, unless that is allowed or it is the superuser', async () => {
    const path = await keyFile(DIGITS);
    const { uid } = await stat(path);
    await expect(loadNodeKey(path, strict, uid)).resolves.toHaveProperty('id');
    const asOther = loadNodeKey(path, strict, uid + 1);
    if (uid === 0) await expect(asOther).resolves.toHaveProperty('id');
    else expect(await flawOf(asOther)).toBe('owner');
    await expect(loadNodeKey(path, { allowReadable: true }, uid + 1)).resolves.toHaveProperty('id');
  });

  test.runIf(process.geteuid?.() === 0)(
    'refuses a file of another user when it is the superuser',
    async () => {
      const path = await keyFile(DIGITS);
      await fs.chown(path, 12_345, 12_345);
      expect(await flawOf(loadNodeKey(path, strict))).toBe('owner');
      expect(await flawOf(loadNodeKey(path, strict, 12_346))).toBe('owner');
      await expect(loadNodeKey(path, strict, 12_345)).resolves.toHaveProperty('id');
      await expect(loadNodeKey(path, { allowReadable: true })).resolves.toHaveProperty('id');
    },
  );

  test('does not read a file that is too large for a key', async () => {
    const path = await keyFile('');
    await fs.truncate(path, 3 * 1024 ** 3); // Node reads no file of more than 2 GiB
    expect(await flawOf(loadNodeKey(path, strict))).toBe('malformed');
  });

  test.runIf(process.platform === 'linux')('leaves no file open, whatever it finds', async () => {
    const good = await keyFile(DIGITS);
    const wrong = await keyFile('');
    await loadNodeKey(good, strict);
    await loadNodeKey(wrong, strict).catch(() => {});
    const open = await readdir('/proc/self/fd');
    const paths = await Promise.all(
      open.map((fd) => fs.readlink(`/proc/self/fd/${fd}`).catch(() => '')),
    );
    expect(paths.filter((path) => path === good || path === wrong)).toEqual([]);
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

describe('opening', () => {
  test('creates the file the first time, and reads it after that', async () => {
    const path = join(await scratch(), 'nodekey');
    const key = await openNodeKey(path);
    expect((await openNodeKey(path)).id).toBe(key.id);
  });

  test('gives two that create the file at the same time the same key', async () => {
    const path = join(await scratch(), 'nodekey');
    const keys = await Promise.all([openNodeKey(path), openNodeKey(path), openNodeKey(path)]);
    expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
  });

  test('never replaces a file that it cannot use', async () => {
    const path = await keyFile('not a key');
    await expect(openNodeKey(path)).rejects.toMatchObject({ flaw: 'malformed' });
    expect(await readFile(path, 'utf8')).toBe('not a key');
  });
});
