/**
 * DNS node lists of one server: those of its option and the ones that they link to, each a root actor with a reader. They
 * begin when their nodes are read, and end with it.
 */
import type { Inspection } from '../actors/inspection.ts';
import type { DnsTreeStats } from '../api/dns-tree-stats.ts';
import { treeReaderActor } from '../io/adapters/tree-reader-actor.ts';
import type { TreeEntry, TreeLink } from '../io/crypto/dns-tree-entry.ts';
import type { Node } from '../io/crypto/node.ts';
import { DnsNodes, MAX_TREES } from '../io/discovery/dns-nodes.ts';
import {
  MAX_CACHED_ENTRIES,
  type ReadFailure,
  type RootFact,
  TreeReader,
} from '../io/discovery/tree-reader.ts';
import { TxtQueries } from '../io/discovery/txt-queries.ts';
import { BoundedMap } from '../io/process/bounded-map.ts';
import { dnsTreeMachine } from '../machines/discovery/dns-tree.ts';
import { ActorRoster } from './actor-roster.ts';
import type { ServerConfig } from './config.ts';

export type DnsTreesHooks = {
  /** The root of a list could not be read; called once, until it was read again. */
  readonly onRootFailed: (url: string, why: ReadFailure) => void;
  readonly onFault: (error: unknown, where: string) => void;
  readonly inspection: Inspection;
};

type Parts = Pick<ServerConfig, 'dnsTrees'> & {
  readonly ports: Pick<ServerConfig['ports'], 'clock' | 'random' | 'primitives' | 'txtResolver'>;
};

type Tree = {
  readonly reader: TreeReader;
  links: readonly TreeLink[];
  hasFailed: boolean;
};

export class DnsTrees {
  readonly #config: Parts;
  readonly #hooks: DnsTreesHooks;
  readonly #actors: ActorRoster<typeof dnsTreeMachine>;
  readonly #queries: TxtQueries;
  /** At most `MAX_CACHED_ENTRIES`. */
  readonly #cache = new BoundedMap<string, TreeEntry>(MAX_CACHED_ENTRIES);
  /** By URL, those of the option first. At most `MAX_TREES`. */
  readonly #trees = new Map<string, Tree>();
  /** Null while no node is read. */
  #nodes: DnsNodes | null = null;
  #count = 0;

  constructor(config: Parts, hooks: DnsTreesHooks) {
    this.#config = config;
    this.#hooks = hooks;
    const { clock, txtResolver } = config.ports;
    const { inspection, onFault } = hooks;
    this.#queries = new TxtQueries(txtResolver, clock);
    const reader = treeReaderActor(
      (url) => this.#readerOf(url),
      (url, node) => this.#nodes?.deliver(url, node),
    );
    this.#actors = new ActorRoster({
      logic: dnsTreeMachine.provide({ actors: { reader } }),
      ...{ name: 'dns-tree', clock, inspection, onFault },
    });
  }

  /** Each list that is read, with what it has given since the start. */
  stats(): readonly DnsTreeStats[] {
    const states = new Map(this.#actors.states.map(({ key, state }) => [key, state]));
    return [...this.#trees].map(([url, { reader }]) => ({
      state: states.get(url) ?? 'closed',
      ...reader.stats(),
    }));
  }

  /** Nodes of random lists, as long as they are wanted. Who reads it again takes the place of who read it before. */
  walk(): AsyncIterable<Node> {
    return { [Symbol.asyncIterator]: () => this.#open() };
  }

  /** Ends every list. Who waits for a node gets the end. */
  close(): void {
    this.#nodes?.close();
  }

  /** Ends them at once. */
  destroy(): void {
    this.close();
    this.#actors.destroy();
  }

  #open(): AsyncIterator<Node> {
    this.close();
    const nodes = new DnsNodes({
      random: this.#config.ports.random,
      want: (url) => this.#actors.get(url)?.send({ type: 'node.wanted' }),
      onClosed: () => {
        this.#nodes = null;
        this.#actors.sendToAll({ type: 'stop' });
        this.#trees.clear();
      },
    });
    this.#nodes = nodes;
    for (const link of this.#config.dnsTrees) this.#add(link);
    return nodes;
  }

  #add(link: TreeLink): void {
    const { url } = link;
    const nodes = this.#nodes;
    if (!nodes || this.#trees.has(url) || this.#trees.size >= MAX_TREES) return;
    const { primitives, random } = this.#config.ports;
    const reader = new TreeReader({
      ...{ link, queries: this.#queries, cache: this.#cache, primitives, random },
      onLinks: (links) => this.#onLinks(url, links),
    });
    this.#trees.set(url, { reader, links: [], hasFailed: false });
    this.#count += 1;
    this.#actors.start({
      key: url,
      label: `${this.#count}`,
      input: { url },
      otherwise: { outcome: 'closed' },
      onEnd: ({ outcome }) => {
        if (outcome === 'broken') this.#hooks.onFault(new Error(`the reader of ${url} broke`), url);
        nodes.remove(url);
      },
    });
    nodes.add(url);
  }

  #remove(url: string): void {
    this.#trees.delete(url);
    this.#nodes?.remove(url);
    this.#actors.get(url)?.send({ type: 'stop' });
  }

  /** Lists that no other one links to any more are not read any more. */
  #onLinks(url: string, links: readonly TreeLink[]): void {
    const tree = this.#trees.get(url);
    if (!tree) return;
    tree.links = links;
    const linked = this.#linked();
    for (const known of [...this.#trees.keys()]) if (!linked.has(known)) this.#remove(known);
    for (const link of linked.values()) this.#add(link);
  }

  /** Those of the option, and all that they lead to. At most `MAX_TREES` and the links of those. */
  #linked(): ReadonlyMap<string, TreeLink> {
    const linked = new Map(this.#config.dnsTrees.map((link) => [link.url, link]));
    for (const url of linked.keys())
      for (const link of this.#trees.get(url)?.links ?? [])
        if (!linked.has(link.url)) linked.set(link.url, link); // it is visited by this loop as well
    return linked;
  }

  #readerOf(url: string): Pick<TreeReader, 'readRoot' | 'readEntry'> {
    const tree = this.#trees.get(url);
    if (!tree) throw new Error(`no list is read at ${url}`);
    const note = (fact: RootFact): void => {
      const hasFailed = fact.type === 'root.failed';
      if (fact.type === 'root.failed' && !tree.hasFailed) this.#hooks.onRootFailed(url, fact.why);
      tree.hasFailed = hasFailed;
    };
    return {
      readRoot: (done) =>
        tree.reader.readRoot((fact) => {
          note(fact);
          done(fact);
        }),
      readEntry: (done) => tree.reader.readEntry(done),
    };
  }
}
