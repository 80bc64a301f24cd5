/**
 * The nodes that discovery remembers, and our own record. Everything is in memory; with a database,
 * it is read once and changes are written behind. A database that fails is given up: the store goes on in memory.
 */
import { type Node, parseNode, parseRecord } from '../crypto/node.ts';
import type { NodeRecord } from '../crypto/node-record.ts';
import type { Random } from '../crypto/primitives.ts';
import type { Clock } from '../process/clock.ts';
import { thrownText } from '../process/thrown.ts';
import { formatRecord } from '../wire/enr.ts';
import { printable } from '../wire/printable.ts';
import { NodeEntries, type NodeEntry, sealed } from './node-entries.ts';
import {
  COUNT_KEY,
  type DatabaseEntry,
  NODE_PREFIX,
  RECORD_PREFIX,
  sortEntries,
} from './stored-entries.ts';

/** Time in which changes are collected before they are written, in ms. Ours: an entry is on the disk 1 s later. */
export const WRITE_DELAY_MS = 500;

/** Longest opening of a database, in ms. */
export const OPEN_TIMEOUT_MS = 5_000;

/** Changes in one batch. */
const MAX_BATCH = 1_000;

/** Changes that wait for the disk; with more, the database is given up as too slow. */
export const MAX_UNWRITTEN = 110_000;

/** Nodes kept as they were remembered, so that their records need not be checked again. */
const MAX_PARSED = 1_000;

/** Own records. Ours: a folder serves one key, or a few. */
const MAX_RECORDS = 16;

/** A higher sequence number in a database is none that we have written: it leaves no room to count up. */
const MAX_SEQ = 2 ** 52;

/** Longest reason in a sentence, in UTF-16 units. */
const MAX_REASON_CHARS = 200;

/** An endpoint that answered us, or pinged us. Times are of the day, in ms; 0 is never. */
export type StoredProof = {
  readonly id: string;
  readonly host: string;
  readonly pongedAtMs: number;
  readonly pingedAtMs: number;
};

/** Nodes by id, and facts about their endpoints by id and IP address. Times are of the day, in ms. */
export type NodeStore = {
  /** Whether changes are written to a database. */
  readonly isPersistent: boolean;
  /**
   * Reads the database, if there is one. Never rejects: without a database that works, the store is one in memory.
   * @param onFault Called with a sentence when the database was damaged, and when it is given up: once for each.
   */
  open(onFault: (message: string) => void): Promise<void>;
  /** Nodes that answered within the last `maxAgeMs`, at most `count`, chosen at random. */
  seeds(count: number, maxAgeMs: number): Promise<readonly Node[]>;
  /** A node whose record is older than the known one changes nothing. */
  remember(node: Node): void;
  /** The node answered our ping from this address. */
  ponged(id: string, host: string, atMs: number): void;
  /** The node pinged us from this address. */
  pinged(id: string, host: string, atMs: number): void;
  /** @returns How often findnode failed in a row. */
  findFailed(id: string, host: string): number;
  findOk(id: string, host: string): void;
  /** The endpoints of the nodes that were alive last, at most `limit`. */
  proofs(limit: number): Promise<readonly StoredProof[]>;
  /** The last record of ours with this id; null when none is known. */
  localRecord(id: string): NodeRecord | null;
  setLocalRecord(record: NodeRecord): void;
  /** Writes what waits to be written. Never rejects. */
  flush(): Promise<void>;
  /** Writes what waits, and closes the database. The store can be opened again. Never rejects. */
  close(): Promise<void>;
};

/** What a store needs of a database. Each method may reject. */
export type Database = {
  /** Every entry that can be read. */
  read(): Promise<{ readonly entries: readonly DatabaseEntry[]; readonly flaw: DatabaseFlaw }>;
  /** @param isDurable Whether it must survive a power cut. */
  write(changes: readonly DatabaseChange[], isDurable: boolean): Promise<void>;
  /** Removes everything and begins anew. */
  reset(): Promise<void>;
  close(): Promise<void>;
};

/** `repaired`: something may have been lost. `unreadable`: something is there that cannot be read. */
type DatabaseFlaw = 'none' | 'repaired' | 'unreadable';

/** Null: the key is removed. */
export type DatabaseChange = readonly [key: string, value: Uint8Array | null];

export type NodeStoreParts = {
  readonly clock: Clock;
  /** The time of day, in ms. */
  readonly unixTimeMs: () => number;
  readonly random: Random;
  /** Null: in memory only. */
  readonly openDatabase: (() => Promise<Database>) | null;
};

/** The store in memory, over a database if there is one. */
export class BoundedNodeStore implements NodeStore {
  readonly #parts: NodeStoreParts;
  readonly #entries = new NodeEntries((id) => this.#onChange(`${NODE_PREFIX}${id}`));
  /** Our own, by id. At most `MAX_RECORDS`; the oldest leaves first. */
  readonly #records = new Map<string, NodeRecord>();
  /** By id. At most `MAX_PARSED`; the oldest leaves first. */
  readonly #parsed = new Map<string, Node>();
  /** Keys that the database has once every batch so far is written. */
  readonly #stored = new Set<string>();
  /** Keys of what is not written. At most `MAX_UNWRITTEN`. */
  #unwritten = new Set<string>();
  #database: Database | null = null;
  #onFault: (message: string) => void = () => {};
  #opening: Promise<void> | null = null;
  #closing: Promise<void> = Promise.resolve();
  #timer: unknown = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: NodeStoreParts) {
    this.#parts = parts;
  }

  get isPersistent(): boolean {
    return this.#database !== null;
  }

  get size(): number {
    return this.#entries.size;
  }

  async open(onFault: (message: string) => void): Promise<void> {
    const { openDatabase } = this.#parts;
    if (!openDatabase || this.#database) return;
    this.#onFault = onFault;
    this.#opening ??= this.#load(openDatabase).finally(() => {
      this.#opening = null;
    });
    await this.#opening;
  }

  async seeds(count: number, maxAgeMs: number): Promise<readonly Node[]> {
    const now = this.#parts.unixTimeMs();
    const isSeed = ({ host, endpoints }: NodeEntry): boolean =>
      endpoints.some(
        (one) => one.host === host && one.pongedAt > 0 && now - one.pongedAt <= maxAgeMs,
      );
    const ids = this.#entries
      .all()
      .filter(([, entry]) => entry.text !== '' && isSeed(entry))
      .map(([id]) => id);
    return shuffled(ids, count, this.#parts.random).flatMap((id) => this.#nodeOf(id) ?? []);
  }

  remember(node: Node): void {
    if (node.hostKind !== 'ipv4' && node.hostKind !== 'ipv6') return;
    this.#entries.remember(node, this.#parts.unixTimeMs());
    if (this.#entries.get(node.id)?.text !== node.text) return; // its record is an old one
    this.#keepParsed(node);
  }

  ponged(id: string, host: string, atMs: number): void {
    this.#entries.note(id, host, { pongedAt: atMs }, this.#parts.unixTimeMs());
  }

  pinged(id: string, host: string, atMs: number): void {
    this.#entries.note(id, host, { pingedAt: atMs }, this.#parts.unixTimeMs());
  }

  findFailed(id: string, host: string): number {
    const findFails = this.#entries.findFails(id, host) + 1;
    this.#entries.note(id, host, { findFails }, this.#parts.unixTimeMs());
    return findFails;
  }

  findOk(id: string, host: string): void {
    if (this.#entries.findFails(id, host) > 0)
      this.#entries.note(id, host, { findFails: 0 }, this.#parts.unixTimeMs());
  }

  async proofs(limit: number): Promise<readonly StoredProof[]> {
    const proofs: StoredProof[] = [];
    for (const [id, { endpoints }] of this.#entries.all())
      for (const { host, pongedAt: pongedAtMs, pingedAt: pingedAtMs } of endpoints)
        if (proofs.length < limit) proofs.push({ id, host, pongedAtMs, pingedAtMs });
        else return proofs;
    return proofs;
  }

  localRecord(id: string): NodeRecord | null {
    return this.#records.get(id) ?? null;
  }

  setLocalRecord(record: NodeRecord): void {
    const { id } = record;
    this.#records.delete(id);
    this.#records.set(id, record);
    this.#onChange(`${RECORD_PREFIX}${id}`);
    const [oldest] = this.#records.keys();
    if (this.#records.size <= MAX_RECORDS || oldest === undefined) return;
    this.#records.delete(oldest);
    this.#onChange(`${RECORD_PREFIX}${oldest}`);
  }

  async flush(): Promise<void> {
    await this.#opening;
    this.#disarm();
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
  }

  async close(): Promise<void> {
    await this.flush();
    const database = this.#database;
    this.#database = null;
    this.#disarm();
    this.#closing = closed(database, (error) => this.#lose('cannot be closed', error));
    await this.#closing;
  }

  async #load(openDatabase: () => Promise<Database>): Promise<void> {
    const { clock } = this.#parts;
    const opened = this.#closing.then(openDatabase); // or the folder would still be locked
    let timer: unknown;
    const late = new Promise<null>((resolve) => {
      timer = clock.setTimeout(() => resolve(null), OPEN_TIMEOUT_MS);
    });
    try {
      const database = await Promise.race([opened, late]);
      if (database) await this.#read(database);
      else {
        opened.then((slow) => slow.close()).catch(() => {});
        this.#lose('cannot be opened', new Error(`it took more than ${OPEN_TIMEOUT_MS} ms`));
      }
    } catch (error) {
      this.#lose('cannot be used', error);
    } finally {
      clock.clearTimeout(timer);
    }
  }

  async #read(database: Database): Promise<void> {
    try {
      const { entries, flaw } = await database.read();
      const { records, nodes, damaged, missing } = sortEntries(entries);
      if (flaw === 'unreadable' && nodes.length + records.length === 0)
        throw new Error('nothing in it can be read; delete the folder to begin anew');
      for (const [id, text] of records) {
        const record = this.#records.get(id) ?? ownRecord(id, text);
        if (record) this.#records.set(id, record);
      }
      this.#stored.clear();
      for (const [key] of entries) if (key !== COUNT_KEY) this.#stored.add(key);
      this.#database = database; // from here on, changes are noted
      this.#entries.load(nodes, this.#parts.unixTimeMs());
      if (flaw === 'unreadable') await this.#rewrite(database);
      else for (const key of damaged) this.#onChange(key);
      const dropped = damaged.length + missing;
      if (flaw !== 'none' || dropped > 0) this.#reportDamage(dropped, nodes.length);
    } catch (error) {
      this.#database = null;
      await database.close().catch(() => {});
      throw error;
    }
  }

  async #rewrite(database: Database): Promise<void> {
    await database.reset();
    this.#stored.clear();
    for (const [id] of this.#entries.all()) this.#onChange(`${NODE_PREFIX}${id}`);
    for (const id of this.#records.keys()) this.#onChange(`${RECORD_PREFIX}${id}`);
  }

  #reportDamage(dropped: number, kept: number): void {
    this.#onFault(
      `the node store was damaged and is repaired: ${kept} nodes are kept, ${dropped} entries were dropped, besides those that could not be read`,
    );
  }

  #onChange(key: string): void {
    if (!this.#database && !this.#opening) return;
    this.#unwritten.add(key);
    if (this.#unwritten.size > MAX_UNWRITTEN) return this.#lose('is too slow', new Error('full'));
    this.#timer ??= this.#parts.clock.setTimeout(() => void this.flush(), WRITE_DELAY_MS);
  }

  async #write(): Promise<void> {
    while (this.#database && this.#unwritten.size > 0) {
      const keys = [...this.#unwritten].slice(0, MAX_BATCH);
      for (const key of keys) this.#unwritten.delete(key);
      const isDurable = keys.some((key) => key.startsWith(RECORD_PREFIX));
      try {
        await this.#database.write(this.#batchOf(keys), isDurable);
      } catch (error) {
        this.#lose('cannot be written', error);
      }
    }
  }

  #batchOf(keys: readonly string[]): readonly DatabaseChange[] {
    const changes = keys.map((key) => this.#changeOf(key));
    for (const [key, value] of changes)
      if (value) this.#stored.add(key);
      else this.#stored.delete(key);
    return [...changes, [COUNT_KEY, sealed(COUNT_KEY, this.#stored.size)]];
  }

  #changeOf(key: string): DatabaseChange {
    const own = this.#records.get(key.slice(RECORD_PREFIX.length));
    const value = key.startsWith(RECORD_PREFIX)
      ? own && formatRecord(own.bytes)
      : this.#entries.get(key.slice(NODE_PREFIX.length));
    return [key, value === undefined ? null : sealed(key, value)];
  }

  /** The database is given up; closing it may fail as well. */
  #lose(why: string, error: unknown): void {
    const database = this.#database;
    this.#database = null;
    this.#unwritten.clear();
    this.#disarm();
    database?.close().catch(() => {});
    this.#onFault(`the node store ${why}, nodes are kept in memory: ${reasonOf(error)}`);
  }

  #disarm(): void {
    if (this.#timer !== null) this.#parts.clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #nodeOf(id: string): Node | null {
    const parsed = this.#parsed.get(id);
    if (parsed) return parsed;
    try {
      const node = parseNode(this.#entries.get(id)?.text ?? '');
      if (node.id !== id) throw new TypeError('the text names another node');
      return node;
    } catch {
      this.#entries.forget(id); // a text that another version of this program has accepted
      return null;
    }
  }

  #keepParsed(node: Node): void {
    this.#parsed.delete(node.id);
    this.#parsed.set(node.id, node);
    const [oldest] = this.#parsed.keys();
    if (this.#parsed.size > MAX_PARSED && oldest !== undefined) this.#parsed.delete(oldest);
  }
}

/** Null when another version of this program has written it. */
function ownRecord(id: string, text: string): NodeRecord | null {
  try {
    const record = parseRecord(text);
    return record.id === id && record.seq <= MAX_SEQ ? record : null;
  } catch {
    return null;
  }
}

async function closed(database: Database | null, onFault: (error: unknown) => void): Promise<void> {
  await database?.close().catch(onFault);
}

/** So many of them, each subset with the same chance. */
function shuffled<Item>(items: readonly Item[], count: number, random: Random): readonly Item[] {
  const rest = [...items];
  const chosen: Item[] = [];
  while (rest.length > 0 && chosen.length < count) {
    const at = new DataView(random(4).slice().buffer).getUint32(0) % rest.length;
    chosen.push(rest[at]!);
    rest[at] = rest.at(-1)!;
    rest.pop();
  }
  return chosen;
}

/** LevelDB says why in the cause. */
function reasonOf(error: unknown): string {
  const { cause } = Object(error) as { readonly cause?: unknown };
  return printable(thrownText(Object(cause ?? error).message ?? error), MAX_REASON_CHARS);
}
