/**
 * A database library in memory, of which each call can be made to fail. It stands for `classic-level` in tests of the node
 * store; folders outlive the databases that are opened on them.
 */
import type {
  Level,
  LevelChange,
  LevelIterator,
  LevelLibrary,
} from '../../src/io/adapters/level-database.ts';

export const CALL_SITES = [
  'open',
  'iterator',
  'nextv',
  'iterator.close',
  'batch',
  'close',
  'repair',
  'destroy',
] as const;
export type CallSite = (typeof CALL_SITES)[number];

export class FakeLevel {
  /** What is on the disk, by folder. */
  readonly folders = new Map<string, Map<string, Uint8Array>>();
  /** Names of calls, in order. */
  readonly calls: CallSite[] = [];
  /** Calls that fail, with the error. */
  readonly faults = new Map<CallSite, Error>();
  /** Calls that never end. */
  readonly hangs = new Set<CallSite>();
  /** Databases that are open now. */
  live = 0;

  readonly load = async (): Promise<LevelLibrary> => ({
    create: (folder) => this.#level(folder),
    repair: (_folder) => this.#call('repair', () => {}),
    destroy: (folder) => this.#call('destroy', () => void this.folders.delete(folder)),
  });

  /** An error as `classic-level` makes it: what LevelDB says is its cause. */
  static error(message: string, code: string): Error {
    const cause = Object.assign(new Error(message), { code });
    return Object.assign(new Error('Database failed'), { code: 'LEVEL_DATABASE_NOT_OPEN', cause });
  }

  #level(folder: string): Level {
    let isOpen = false;
    return {
      open: () =>
        this.#call('open', () => {
          isOpen = true;
          this.live += 1;
          if (!this.folders.has(folder)) this.folders.set(folder, new Map());
        }),
      iterator: (options) => this.#iterator(folder, options),
      batch: (changes) => this.#call('batch', () => this.#write(folder, changes)),
      close: () =>
        this.#call('close', () => {
          if (isOpen) this.live -= 1;
          isOpen = false;
        }),
    };
  }

  #iterator(folder: string, { reverse }: { readonly reverse: boolean }): LevelIterator {
    this.#note('iterator');
    const entries = [...(this.folders.get(folder) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    if (reverse) entries.reverse();
    return {
      nextv: (count) => this.#call('nextv', () => entries.splice(0, count)),
      close: () => this.#call('iterator.close', () => {}),
    };
  }

  #write(folder: string, changes: readonly LevelChange[]): void {
    const entries = this.folders.get(folder)!;
    for (const change of changes)
      if (change.type === 'put') entries.set(change.key, change.value.slice());
      else entries.delete(change.key);
  }

  async #call<Result>(site: CallSite, run: () => Result): Promise<Result> {
    this.#note(site);
    if (this.hangs.has(site)) await new Promise(() => {});
    return run();
  }

  #note(site: CallSite): void {
    this.calls.push(site);
    const fault = this.faults.get(site);
    if (fault) throw fault;
  }
}
