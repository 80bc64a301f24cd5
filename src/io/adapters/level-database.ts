/** A folder with a LevelDB database, for the node store. The library is loaded when the first one is opened. */
import type { Database, DatabaseChange } from '../discovery/node-store.ts';
import type { DatabaseEntry } from '../discovery/stored-entries.ts';

/** Entries in one read. */
const READ_ENTRIES = 1_000;

/** What is used of `classic-level`; tests replace it. */
export type LevelLibrary = {
  readonly create: (folder: string) => Level;
  /** Rebuilds the list of files, from the files that are there. */
  readonly repair: (folder: string) => Promise<void>;
  /** Removes the files of the database. */
  readonly destroy: (folder: string) => Promise<void>;
};

export type Level = {
  open(): Promise<void>;
  iterator(options: { readonly reverse: boolean }): LevelIterator;
  batch(changes: readonly LevelChange[], options: { readonly sync: boolean }): Promise<void>;
  close(): Promise<void>;
};

export type LevelIterator = {
  nextv(entries: number): Promise<DatabaseEntry[]>;
  close(): Promise<void>;
};

export type LevelChange =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string };

/** @returns A function that opens the folder, which is created when it is missing, and repaired when it is damaged. */
export const levelDatabase =
  (folder: string, load: () => Promise<LevelLibrary> = classicLevel) =>
  async (): Promise<Database> => {
    const library = await load();
    const opened = await openOrRepair(folder, library);
    return databaseOf(folder, library, opened);
  };

/** A second process must not be disturbed: what it has locked is not repaired. */
async function openOrRepair(folder: string, library: LevelLibrary): Promise<Opened> {
  const level = library.create(folder);
  try {
    await level.open();
    return { level, isRepaired: false };
  } catch (error) {
    if (codeOf(error) === 'LEVEL_LOCKED') throw error;
    try {
      await library.repair(folder);
      return { level: await openLevel(folder, library), isRepaired: true };
    } catch {
      throw error; // the first one says what is wrong
    }
  }
}

type Opened = { readonly level: Level; readonly isRepaired: boolean };

async function openLevel(folder: string, library: LevelLibrary): Promise<Level> {
  const level = library.create(folder);
  await level.open();
  return level;
}

function databaseOf(folder: string, library: LevelLibrary, opened: Opened): Database {
  let { level } = opened;
  return {
    async read() {
      const first = await readAll(level, false);
      if (!first.fault) return { ...first, flaw: opened.isRepaired ? 'repaired' : 'none' };
      await level.close();
      await library.repair(folder);
      level = await openLevel(folder, library);
      const forward = await readAll(level, false);
      if (!forward.fault) return { ...forward, flaw: 'repaired' };
      const backward = await readAll(level, true); // what lies behind the damage
      const entries = new Map([...backward.entries, ...forward.entries, ...first.entries]);
      if (entries.size === 0) throw forward.fault;
      return { entries: [...entries], flaw: 'unreadable' };
    },
    async write(changes, isDurable) {
      await level.batch(changes.map(levelChange), { sync: isDurable });
    },
    async reset() {
      await level.close();
      await library.destroy(folder);
      level = await openLevel(folder, library);
    },
    close: () => level.close(),
  };
}

type Reading = { readonly entries: readonly DatabaseEntry[]; readonly fault: unknown };

/** As far as it can be read; the fault is why no further. */
async function readAll(level: Level, reverse: boolean): Promise<Reading> {
  const entries: DatabaseEntry[] = [];
  const iterator = level.iterator({ reverse });
  try {
    for (;;) {
      const some = await iterator.nextv(READ_ENTRIES);
      if (some.length === 0) return { entries, fault: null };
      entries.push(...some);
    }
  } catch (fault) {
    return { entries, fault };
  } finally {
    await iterator.close().catch(() => {});
  }
}

const levelChange = ([key, value]: DatabaseChange): LevelChange =>
  value ? { type: 'put', key, value } : { type: 'del', key };

/** LevelDB's own code is that of the cause, when there is one. */
function codeOf(error: unknown): unknown {
  const { code, cause } = Object(error) as { readonly code?: unknown; readonly cause?: unknown };
  return Object(cause).code ?? code;
}

async function classicLevel(): Promise<LevelLibrary> {
  const { ClassicLevel } = await import('classic-level');
  return {
    create: (folder) => {
      const level = new ClassicLevel<string, Uint8Array>(folder, { valueEncoding: 'view' });
      return {
        open: () => level.open({ passive: false }),
        iterator: (options) => level.iterator(options),
        batch: (changes, options) => level.batch([...changes], options),
        close: () => level.close(),
      };
    },
    repair: (folder) => ClassicLevel.repair(folder),
    destroy: (folder) => ClassicLevel.destroy(folder),
  };
}
