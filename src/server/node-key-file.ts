/**
 * The secret of a node on disk: 64 hex digits, as go-ethereum's `nodekey`, readable by its owner only.
 * No message contains what is in the file.
 */
import { constants, type Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { copyFile, link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

import type { NodeKey } from '../io/crypto/node-key.ts';
import { createNodeKey, exportSecret, generateNodeKey } from '../io/crypto/node-key.ts';
import { systemRandom } from '../io/crypto/primitives.ts';

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/** Permission bits of group and others. */
const OTHERS = 0o077;

/** Line ends behind the digits are harmless: editors and `echo` leave them. Source: go-ethereum crypto.LoadECDSA. */
const KEY_TEXT = /^([0-9a-f]{64})[\r\n]{0,2}$/i;
const MAX_FILE_BYTES = 66;

export type LoadOptions = {
  /** Accept a key file that other users can read, or that belongs to one of them; false by default. */
  readonly allowReadable?: boolean;
};

/** The part of `node:fs/promises` that saves a key; tests replace it. */
export type KeyFiles = {
  readonly copyFile: typeof copyFile;
  readonly link: typeof link;
  readonly mkdir: typeof mkdir;
  readonly open: typeof open;
  readonly unlink: typeof unlink;
};

const SYSTEM_FILES: KeyFiles = { copyFile, link, mkdir, open, unlink };

/** User number of the superuser, which may read every file. */
const ROOT = 0;

/**
 * Reads the key in this file; the file is created with a new key if it is missing. This is how a node keeps its id.
 * @throws {KeyFileError} As `loadNodeKey` and `saveNodeKey` do.
 */
export async function openNodeKey(path: string, options: LoadOptions = {}): Promise<NodeKey> {
  try {
    return await loadNodeKey(path, options);
  } catch (error) {
    if (!(error instanceof KeyFileError) || error.flaw !== 'missing') throw error;
  }
  const key = generateNodeKey();
  try {
    await saveNodeKey(path, key);
    return key;
  } catch (error) {
    if (!(error instanceof KeyFileError) || error.flaw !== 'exists') throw error;
    return loadNodeKey(path, options); // another process has written one meanwhile
  }
}

/**
 * @param user Number of the user that this process acts for; undefined on Windows, where files have no such owner.
 * @throws {KeyFileError} The file is missing, readable by others, of another user, or does not contain a key.
 */
export async function loadNodeKey(
  path: string,
  { allowReadable = false }: LoadOptions = {},
  user = process.geteuid?.(),
): Promise<NodeKey> {
  // non-blocking, or a named pipe at the path would keep us waiting for a writer
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error) => refuseSystem(path, error));
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new KeyFileError('notAFile', `${path} is not a file`);
    if (!allowReadable && user !== undefined) checkOthers(path, stat, user);
    return await readKey(path, file, stat.size);
  } finally {
    await file.close();
  }
}

/**
 * Creates the directory too. The name is given to a file that is complete and on the disk: whatever ends the process, there
 * is the whole key or none.
 * @throws {KeyFileError} `exists`: nothing is overwritten, not even a dangling link.
 */
export async function saveNodeKey(
  path: string,
  key: NodeKey,
  files: KeyFiles = SYSTEM_FILES,
): Promise<void> {
  const directory = dirname(path);
  await files.mkdir(directory, { recursive: true, mode: DIRECTORY_MODE }).catch((error: Error) => {
    throw new KeyFileError('system', `${directory} cannot be created: ${error.message}`, {
      cause: error,
    });
  });
  const suffix = bytesToHex(systemRandom(SUFFIX_BYTES));
  const temporary = join(directory, `.nodekey-${suffix}.tmp`);
  try {
    await writeKey(temporary, key, files);
    await giveName(temporary, path, files);
  } catch (error) {
    throw refuseSystem(path, error);
  } finally {
    await files.unlink(temporary).catch(() => {}); // it may not have been created
  }
  await syncPath(directory, files);
}

/** Random bytes in the name of a temporary file. */
const SUFFIX_BYTES = 8;

/** Names of the files that a key is written to first, beside its own. */
export const TEMPORARY_KEY = /^\.nodekey-[\da-f]{16}\.tmp$/;

async function writeKey(path: string, key: NodeKey, files: KeyFiles): Promise<void> {
  const file = await files.open(path, 'wx', FILE_MODE);
  const secret = exportSecret(key);
  try {
    await file.writeFile(bytesToHex(secret));
    await file.sync();
  } finally {
    secret.fill(0);
    await file.close();
  }
}

/** What `link` fails with where files cannot have two names, as on FAT and on some network and container mounts. */
const CANNOT_LINK = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Fails when the name exists: renaming would replace a key that another process has just written. */
async function giveName(temporary: string, path: string, files: KeyFiles): Promise<void> {
  try {
    await files.link(temporary, path);
  } catch (error) {
    if (!CANNOT_LINK.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await copyKey(temporary, path, files);
  }
}

/** The second best: a process that is killed during it leaves a part of the key. */
async function copyKey(temporary: string, path: string, files: KeyFiles): Promise<void> {
  try {
    await files.copyFile(temporary, path, constants.COPYFILE_EXCL);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      await files.unlink(path).catch(() => {});
    throw error;
  }
  await syncPath(path, files);
}

function checkOthers(path: string, { mode, uid }: Stats, user: number): void {
  if ((mode & OTHERS) !== 0) {
    const digits = (mode & 0o777).toString(8).padStart(4, '0');
    throw new KeyFileError(
      'permissions',
      `${path} is accessible to other users (mode ${digits}): run "chmod 600 ${path}"`,
    );
  }
  if (uid !== user && uid !== ROOT)
    throw new KeyFileError(
      'owner',
      `${path} belongs to user ${uid}, who can read it, and this is user ${user}: change its owner`,
    );
}

async function readKey(path: string, file: FileHandle, size: number): Promise<NodeKey> {
  const bytes = size > MAX_FILE_BYTES ? Buffer.alloc(0) : await file.readFile();
  const [, digits] = KEY_TEXT.exec(bytes.toString('latin1')) ?? [];
  bytes.fill(0);
  if (digits === undefined)
    throw new KeyFileError(
      'malformed',
      `${path} does not contain a key: expected 64 hex digits, got ${size} bytes of something else`,
    );
  const secret = hexToBytes(digits);
  try {
    return createNodeKey(secret);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new KeyFileError('outOfRange', `${path} does not contain a key: ${error.message}`);
  } finally {
    secret.fill(0);
  }
}

/** Makes a file, or a name in a directory, survive a power cut, on systems that can. */
async function syncPath(path: string, files: KeyFiles): Promise<void> {
  const handle = await files.open(path, constants.O_RDONLY).catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

const SYSTEM_FLAWS: Readonly<Record<string, readonly [KeyFileFlaw, string]>> = {
  ENOENT: ['missing', 'does not exist'],
  EEXIST: ['exists', 'already exists and is not overwritten'],
  EISDIR: ['notAFile', 'is not a file'],
  ENXIO: ['notAFile', 'is not a file'],
};

function refuseSystem(path: string, error: unknown): never {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const [flaw, sentence] =
    SYSTEM_FLAWS[code] ?? (['system', `cannot be used: ${message}`] as const);
  throw new KeyFileError(flaw, `${path} ${sentence}`, { cause: error });
}

export type KeyFileFlaw =
  | 'missing'
  | 'exists'
  | 'notAFile'
  | 'permissions'
  | 'owner'
  | 'malformed'
  | 'outOfRange'
  | 'system';

/** Why a key file was not read or written. Match on `flaw`. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
  readonly flaw: KeyFileFlaw;

  constructor(flaw: KeyFileFlaw, message: string, options?: ErrorOptions) {
    super(message, options);
    this.flaw = flaw;
  }
}
