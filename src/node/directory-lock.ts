/**
 * One process at a time uses a data directory: each that wants it makes a file of its own in the folder `LOCK`, whose
 * name has its process id. Files of processes that have ended do not count, so a killed process leaves nothing to remove
 * by hand. A file name is never used twice, so removing one never ends the claim of another process.
 */
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesToHex } from '@noble/hashes/utils.js';
import { systemRandom } from '../io/crypto/primitives.ts';
import type { Clock } from '../io/process/clock.ts';

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/** Random bytes in the name of a claim. */
const TOKEN_BYTES = 8;

/** Between two looks at a claim that is neither held nor withdrawn, in ms. */
const PAUSE_MS = 10;

/** Looks at it, before its process counts as the one that holds the lock: 1 s. */
const MAX_LOOKS = 100;

const CLAIM = /^(?<name>(?<pid>\d{1,10})-(?<since>\d{0,20})-[\da-f]{16})\.claim$/;

export type DirectoryLock = {
  release(): Promise<void>;
};

/** Another process uses the directory, or another node of this process. */
export class DirectoryInUseError extends Error {
  override readonly name = 'DirectoryInUseError';
  readonly pid: number;

  constructor(directory: string, pid: number) {
    super(`${directory} is in use by process ${pid}`);
    this.pid = pid;
  }
}

type Claim = {
  readonly name: string;
  readonly pid: number;
  /** When the process started, as the system counts it; empty where it does not say. */
  readonly since: string;
  readonly isHeld: boolean;
};

/** @throws {DirectoryInUseError} Rejects with an error of the system when the folder cannot be written. */
export async function lockDirectory(
  directory: string,
  clock: Pick<Clock, 'setTimeout'>,
): Promise<DirectoryLock> {
  const folder = join(directory, 'LOCK');
  await mkdir(folder, { recursive: true, mode: DIRECTORY_MODE });
  const token = bytesToHex(systemRandom(TOKEN_BYTES));
  const { start } = await statOf(process.pid);
  const own = `${process.pid}-${start}-${token}`;
  const release = (): Promise<void> => removeClaim(folder, own);
  try {
    await createEmpty(join(folder, `${own}.claim`));
    const other = await otherClaim(folder, own, clock);
    if (other) throw new DirectoryInUseError(directory, other.pid);
    await createEmpty(join(folder, `${own}.held`)); // the claim stays: a rename might hide both names for a moment
    return { release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function createEmpty(path: string): Promise<void> {
  await (await open(path, 'wx', FILE_MODE)).close();
}

async function removeClaim(folder: string, name: string): Promise<void> {
  for (const state of ['held', 'claim'])
    await rm(join(folder, `${name}.${state}`), { force: true });
}

/** The process that uses this directory; null: none. */
export async function lockHolder(directory: string): Promise<number | null> {
  const claims = await liveClaims(join(directory, 'LOCK')).catch(() => []);
  return claims[0]?.pid ?? null;
}

/**
 * Of several that claim at the same time the first one by name waits until the others have withdrawn or hold the lock;
 * the others withdraw.
 */
async function otherClaim(
  folder: string,
  own: string,
  clock: Pick<Clock, 'setTimeout'>,
): Promise<Claim | null> {
  for (let looks = 1; ; looks += 1) {
    const others = (await liveClaims(folder)).filter(({ name }) => name !== own);
    const [first] = others;
    if (!first) return null;
    const inTheWay = others.find(({ isHeld, name }) => isHeld || name < own);
    if (inTheWay || looks === MAX_LOOKS) return inTheWay ?? first;
    await new Promise<void>((resolve) => void clock.setTimeout(resolve, PAUSE_MS));
  }
}

/** Claims of processes that run, by name; the others are removed. */
async function liveClaims(folder: string): Promise<readonly Claim[]> {
  const live: Claim[] = [];
  const files = (await readdir(folder)).sort();
  for (const file of files) {
    const { name, pid, since } = CLAIM.exec(file)?.groups ?? {};
    if (name === undefined || pid === undefined || since === undefined) continue;
    const claim = { name, pid: Number(pid), since, isHeld: files.includes(`${name}.held`) };
    if (await isAlive(claim)) live.push(claim);
    else await removeClaim(folder, name);
  }
  return live;
}

/** A process id is used again after a while, and in a container at once: the start says whether it is the same process. */
async function isAlive({ pid, since }: Claim): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const { state, start } = await statOf(pid);
  return state !== ENDED && (start === '' || since === '' || start === since);
}

/** State of a process that has ended, and whose parent has not asked how. Source: proc(5). */
const ENDED = 'Z';

/** `start` is in ticks since the start of the system. Both are empty where the system does not say. Source: proc(5). */
async function statOf(pid: number): Promise<{ readonly state: string; readonly start: string }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before may have blanks
  return { state: fields[0] ?? '', start: fields[19] ?? '' };
}
