/** The folder of a node: its lock, its key, its node database and its lists of nodes. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Node } from '../io/crypto/node.ts';
import { generateNodeKey, type NodeKey } from '../io/crypto/node-key.ts';
import type { Clock } from '../io/process/clock.ts';
import { openNodeKey, TEMPORARY_KEY } from '../server/node-key-file.ts';
import { lockDirectory } from './directory-lock.ts';
import { readNodeList } from './node-list.ts';

/** Other users may not read a folder that we create. */
const MODE = 0o700;

export type DataPlaces = {
  readonly nodekey: string;
  /** Folder of the node database. */
  readonly nodes: string;
  readonly staticNodes: string;
  readonly trustedNodes: string;
  /** Socket of the admin API. */
  readonly ipc: string;
};

export const placesIn = (folder: string): DataPlaces => ({
  nodekey: join(folder, 'nodekey'),
  nodes: join(folder, 'nodes'),
  staticNodes: join(folder, 'static-nodes.json'),
  trustedNodes: join(folder, 'trusted-nodes.json'),
  ipc: join(folder, 'peerchart.ipc'),
});

/** What a node reads before anything else. */
export type DataDirectory = {
  readonly key: NodeKey;
  /** Folder of the node database; null: memory. */
  readonly nodes: string | null;
  /** Null when there is no such file. */
  readonly staticNodes: readonly Node[] | null;
  readonly trustedNodes: readonly Node[] | null;
  release(): Promise<void>;
};

export type DataDirectoryOptions = {
  /** Absolute; null: nothing is kept. */
  readonly folder: string | null;
  /** Null: the key of `keyFile`. */
  readonly key: NodeKey | null;
  /** Null: that of the folder, or a new key without a folder. */
  readonly keyFile: string | null;
  readonly allowReadableKey: boolean;
  readonly clock: Clock;
};

/**
 * The folder is created when it is missing, and locked until `release`. What fails leaves it unlocked.
 * @throws {DirectoryInUseError} @throws {KeyFileError} @throws {TypeError} A list of nodes is wrong. Rejects with an error of
 * the system when the folder cannot be used.
 */
export async function openDataDirectory({
  folder,
  ...options
}: DataDirectoryOptions): Promise<DataDirectory> {
  if (folder === null)
    return {
      key: await keyOf(null, options),
      nodes: null,
      staticNodes: null,
      trustedNodes: null,
      release: async () => {},
    };
  const places = placesIn(folder);
  await mkdir(places.nodes, { recursive: true, mode: MODE });
  const lock = await lockDirectory(folder, options.clock);
  try {
    await removeUnfinishedKeys(folder);
    return {
      key: await keyOf(places.nodekey, options),
      nodes: places.nodes,
      staticNodes: await readNodeList(places.staticNodes),
      trustedNodes: await readNodeList(places.trustedNodes),
      release: () => lock.release(),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function keyOf(
  file: string | null,
  { key, keyFile, allowReadableKey }: Omit<DataDirectoryOptions, 'folder'>,
): Promise<NodeKey> {
  const path = keyFile ?? file;
  if (key) return key;
  return path === null ? generateNodeKey() : openNodeKey(path, { allowReadable: allowReadableKey });
}

/** A process that is killed while it saves a new key leaves a file with one that nothing uses. */
async function removeUnfinishedKeys(folder: string): Promise<void> {
  for (const file of await readdir(folder))
    if (TEMPORARY_KEY.test(file)) await rm(join(folder, file), { force: true });
}
