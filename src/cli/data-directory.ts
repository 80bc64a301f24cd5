/** The folder that a node keeps: its key, as go-ethereum's `nodekey`, and its node database. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { CommandError } from './error.ts';

/** Other users may not read a folder that we create. */
const MODE = 0o700;

export type DataDirectory = {
  readonly nodekey: string;
  /** Folder of the node database. */
  readonly nodes: string;
};

export const placesIn = (folder: string): DataDirectory => ({
  nodekey: join(folder, 'nodekey'),
  nodes: join(folder, 'nodes'),
});

/** The folder is created when it is missing. @throws {CommandError} It cannot be. */
export async function openDataDirectory(folder: string): Promise<DataDirectory> {
  const { nodekey, nodes } = placesIn(folder);
  try {
    await mkdir(nodes, { recursive: true, mode: MODE });
  } catch (error) {
    throw new CommandError(`${folder} cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return { nodekey, nodes };
}
