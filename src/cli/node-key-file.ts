/**
 * The secret of a node on disk: 64 hex digits, as go-ethereum's `nodekey`, readable by its owner only.
 * No message contains what is in the file.
 */
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

import type { NodeKey } from '../io/crypto/node-key.ts';
import { createNodeKey, exportSecret } from '../io/crypto/node-key.ts';

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/** Permission bits of group and others. */
const OTHERS = 0o077;

/** Line ends behind the digits are harmless: editors and `echo` leave them. Source: go-ethereum crypto.LoadECDSA. */
const KEY_TEXT = /^([0-9a-f]{64})[\r\n]{0,2}$/i;
const MAX_FILE_BYTES = 66;

export type LoadOptions = {
  /** Accept a key file that other users can read. */
  readonly allowReadable: boolean;
};

/** @throws {KeyFileError} The file is missing, readable by others, or does not contain a key. */
export async function loadNodeKey(path: string, { allowReadable }: LoadOptions): Promise<NodeKey> {
  // non-blocking, or a named pipe at the path would keep us waiting for a writer
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error) => refuseSystem(path, error));
  try {
    const { size } = await checkFile(path, file, allowReadable);
    return await readKey(path, file, size);
  } finally {
    await file.close();
  }
}

/** Creates the directory too. @throws {KeyFileError} `exists`: nothing is overwritten, not even a dangling link. */
export async function saveNodeKey(path: string, key: NodeKey): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE }).catch((error: Error) => {
    throw new KeyFileError('system', `${directory} cannot be created: ${error.message}`, {
      cause: error,
    });
  });
  const file = await open(path, 'wx', FILE_MODE).catch((error) => refuseSystem(path, error));
  const secret = exportSecret(key);
  try {
    await file.writeFile(bytesToHex(secret));
    await file.sync();
  } catch (error) {
    await unlink(path); // a partly written key cannot be used
    throw refuseSystem(path, error);
  } finally {
    secret.fill(0);
    await file.close();
  }
  await syncDirectory(directory);
}

async function checkFile(path: string, file: FileHandle, allowReadable: boolean) {
  const stat = await file.stat();
  if (!stat.isFile()) throw new KeyFileError('notAFile', `${path} is not a file`);
  const open = stat.mode & OTHERS;
  if (open !== 0 && !allowReadable && process.platform !== 'win32') {
    const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
    throw new KeyFileError(
      'permissions',
      `${path} is accessible to other users (mode ${mode}): run "chmod 600 ${path}", or accept it with --allow-readable-key`,
    );
  }
  return stat;
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

/** Makes the new name survive a power cut, on systems that can. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY).catch(() => null);
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
