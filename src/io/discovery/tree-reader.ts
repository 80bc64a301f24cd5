/**
 * Reads one DNS node list entry by entry: first its links, then its node records in random order, and those again when
 * all were read. When it reads is decided by the machine `dns-tree`.
 * Source: EIP-1459, devp2p/dnsdisc.md.
 */
import {
  readTreeEntry,
  readTreeRoot,
  type TreeEntry,
  type TreeLink,
  type TreeRoot,
} from '../crypto/dns-tree-entry.ts';
import type { Node } from '../crypto/node.ts';
import type { Primitives, Random } from '../crypto/primitives.ts';
import type { BoundedMap } from '../process/bounded-map.ts';
import { TreeError, type TreeFault } from '../wire/dns-tree.ts';
import { type Place, Subtree } from './subtree.ts';
import type { QueryFailure, TxtAnswer, TxtQueries } from './txt-queries.ts';

/** Entries that the lists of a server keep together, so that they are not asked for again. Source: go-ethereum p2p/dnsdisc/client.go. */
export const MAX_CACHED_ENTRIES = 1_000;

/** Links of one list to others that are followed. Ours. */
export const MAX_LINKS = 32;

/** Why a root or an entry was not read. */
export type ReadFailure = QueryFailure | TreeFault;

export type RootFact =
  | {
      readonly type: 'root.read';
      readonly seq: number;
      /** Entries that are known and unread. */
      readonly remaining: number;
    }
  | { readonly type: 'root.failed'; readonly why: ReadFailure };

/** Of the present round: each record is read once in it. */
type Round = {
  /** Entries that are known and unread. */
  readonly remaining: number;
  /** Node records that were read. */
  readonly nodes: number;
};

export type EntryFact = Round &
  (
    | { readonly type: 'entry.read'; readonly kind: TreeEntry['type'] }
    /** It is passed over in this round. */
    | { readonly type: 'entry.failed'; readonly why: ReadFailure }
  );

/** Entries by their hash, which proves their text. At most `MAX_CACHED_ENTRIES`. */
type EntryCache = BoundedMap<string, TreeEntry>;

export type TreeReaderOptions = {
  readonly link: TreeLink;
  readonly queries: Pick<TxtQueries, 'find'>;
  readonly cache: EntryCache;
  readonly primitives: Primitives;
  readonly random: Random;
  /** The links of the list were read. Called again when they are others. */
  readonly onLinks?: (links: readonly TreeLink[]) => void;
};

type Read<Value> = { readonly value: Value } | { readonly why: ReadFailure };

export class TreeReader {
  readonly #options: TreeReaderOptions;
  /** Null until one was read. */
  #root: TreeRoot | null = null;
  #links = new Subtree(null);
  #records = new Subtree(null);
  /** Of the last root whose links could all be read, by URL. At most `MAX_LINKS`. */
  #knownLinks = new Map<string, TreeLink>();
  /** Those that are read now. At most `MAX_LINKS`. */
  #newLinks = new Map<string, TreeLink>();
  /** How often each thing was wrong; one key for each member of the union. */
  readonly #failures = new Map<ReadFailure, number>();
  #nodesRead = 0;

  constructor(options: TreeReaderOptions) {
    this.#options = options;
  }

  /** What was read since it was made. */
  stats() {
    return {
      url: this.#options.link.url,
      /** Null until a root was read. */
      seq: this.#root?.seq ?? null,
      nodesRead: this.#nodesRead,
      remaining: this.#remaining,
      failures: Object.fromEntries(this.#failures) as Partial<Record<ReadFailure, number>>,
    };
  }

  /** @param done Called once, never before this returns. @returns Cancels: `done` is not called after it. */
  readRoot(done: (fact: RootFact) => void): () => void {
    const { link, queries, primitives } = this.#options;
    return queries.find(link.domain, (answer) => {
      const root = read(answer, (texts) =>
        readTreeRoot(texts, link.publicKey, this.#root?.seq ?? 0, primitives),
      );
      if ('why' in root) {
        this.#count(root.why);
        return done({ type: 'root.failed', why: root.why });
      }
      this.#begin(root.value);
      done({ type: 'root.read', seq: root.value.seq, remaining: this.#remaining });
    });
  }

  /**
   * Reads the next entry; before a root was read there is none.
   *
   * @param done Called once, perhaps before this returns; with the node if the entry is a node record.
   * @returns Cancels: `done` is not called after it.
   */
  readEntry(done: (fact: EntryFact, node: Node | null) => void): () => void {
    const { link, queries, cache, primitives, random } = this.#options;
    if (this.#remaining === 0) this.#records = new Subtree(this.#root?.recordRoot ?? null);
    const subtree = this.#links.size > 0 ? this.#links : this.#records;
    const place = subtree.take(random);
    if (!place) {
      done({ type: 'entry.failed', why: 'unknownEntry', ...this.#round }, null);
      return () => {};
    }
    const end = (entry: Read<TreeEntry>): void => {
      const used = 'why' in entry ? entry : this.#use(subtree, place, entry.value);
      if ('why' in used) {
        this.#count(used.why);
        subtree.failures += 1;
      }
      if (subtree === this.#links && subtree.size === 0) this.#endLinks();
      if ('why' in used) return done({ type: 'entry.failed', ...used, ...this.#round }, null);
      const { value } = used;
      const node = value.type === 'node' ? value.node : null;
      done({ type: 'entry.read', kind: value.type, ...this.#round }, node);
    };
    const known = cache.get(place.hash);
    if (known) {
      end({ value: known });
      return () => {};
    }
    return queries.find(`${place.hash}.${link.domain}`, (answer) => {
      const entry = read(answer, (texts) => readTreeEntry(texts, place.hash, primitives));
      if ('value' in entry) cache.set(place.hash, entry.value);
      end(entry);
    });
  }

  get #remaining(): number {
    return this.#links.size + this.#records.size;
  }

  get #round(): Round {
    return { remaining: this.#remaining, nodes: this.#records.leaves };
  }

  #begin(root: TreeRoot): void {
    this.#root = root;
    const { recordRoot, linkRoot } = root;
    const hasAllLinks = this.#links.size === 0 && this.#links.failures === 0;
    if (this.#links.root !== linkRoot || !hasAllLinks) {
      this.#links = new Subtree(linkRoot);
      this.#newLinks = new Map();
    }
    if (this.#records.root !== recordRoot || this.#records.size === 0)
      this.#records = new Subtree(recordRoot);
  }

  /** What is of the wrong kind for its half of the list is refused. */
  #use(subtree: Subtree, { depth }: Place, entry: TreeEntry): Read<TreeEntry> {
    if (entry.type === 'branch') {
      subtree.add(entry.children, depth + 1);
      return { value: entry };
    }
    if ((entry.type === 'link') !== (subtree === this.#links)) return { why: 'misplacedEntry' };
    subtree.leaves += 1;
    if (entry.type === 'node') this.#nodesRead += 1;
    else if (subtree.leaves <= MAX_LINKS) this.#newLinks.set(entry.link.url, entry.link);
    return { value: entry };
  }

  /** A link that could not be read may be one that is known: then none is forgotten. */
  #endLinks(): void {
    const found = [...this.#newLinks];
    const known = this.#links.failures > 0 ? [...this.#knownLinks] : [];
    this.#knownLinks = new Map([...known, ...found].slice(0, MAX_LINKS));
    this.#options.onLinks?.([...this.#knownLinks.values()]);
  }

  #count(why: ReadFailure): void {
    this.#failures.set(why, (this.#failures.get(why) ?? 0) + 1);
  }
}

function read<Value>(answer: TxtAnswer, parse: (texts: readonly string[]) => Value): Read<Value> {
  if ('failure' in answer) return { why: answer.failure };
  try {
    return { value: parse(answer.texts) };
  } catch (error) {
    if (error instanceof TreeError) return { why: error.fault };
    throw error;
  }
}
