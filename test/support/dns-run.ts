/** Name servers of a test, and what reads DNS node lists from them. */

import { parseTreeUrl, type TreeEntry, type TreeLink } from '../../src/io/crypto/dns-tree-entry.ts';
import { noblePrimitives, type Random } from '../../src/io/crypto/primitives.ts';
import { MAX_CACHED_ENTRIES, TreeReader } from '../../src/io/discovery/tree-reader.ts';
import { TxtQueries, type TxtResolver } from '../../src/io/discovery/txt-queries.ts';
import { BoundedMap } from '../../src/io/process/bounded-map.ts';
import type { MadeTree } from './dns-trees.ts';
import { StepClock } from './step-clock.ts';

/** Longer texts are given in two strings, as name servers do. */
const MAX_STRING_CHARS = 255;

/** A name server with these lists. `silent` names are never answered, and `broken` ones with an error. */
export class NameServer {
  readonly names = new Map<string, string>();
  readonly silent = new Set<string>();
  readonly broken = new Set<string>();
  /** In the order of the queries. */
  readonly asked: string[] = [];
  aborted = 0;

  constructor(...trees: readonly Pick<MadeTree, 'zone'>[]) {
    for (const tree of trees) this.serve(tree);
  }

  serve({ zone }: Pick<MadeTree, 'zone'>): void {
    for (const [name, text] of zone) this.names.set(name, text);
  }

  readonly resolve: TxtResolver = async (name, { signal }) => {
    this.asked.push(name);
    signal.addEventListener('abort', () => {
      this.aborted += 1;
    });
    if (this.silent.has(name)) return new Promise(() => {});
    if (this.broken.has(name)) throw Object.assign(new Error('SERVFAIL'), { code: 'ESERVFAIL' });
    const text = this.names.get(name);
    if (text === undefined) throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
    return [[text.slice(0, MAX_STRING_CHARS), text.slice(MAX_STRING_CHARS)]];
  };
}

/** Counts up, so that every choice is made. */
export function countingRandom(): Random {
  let count = 0;
  return (bytes) => {
    count += 1;
    const drawn = new Uint8Array(bytes);
    new DataView(drawn.buffer).setUint32(0, count);
    return drawn;
  };
}

/** Reads one list; queries wait for nothing but the name server. */
export function readerOf({ url }: Pick<MadeTree, 'url'>, server: NameServer) {
  const clock = new StepClock();
  const queries = new TxtQueries(server.resolve, clock);
  const cache = new BoundedMap<string, TreeEntry>(MAX_CACHED_ENTRIES);
  const links: (readonly TreeLink[])[] = [];
  const reader = new TreeReader({
    ...{ link: parseTreeUrl(url), queries, cache },
    ...{ primitives: noblePrimitives, random: countingRandom() },
    onLinks: (found) => links.push(found),
  });
  return { reader, clock, cache, links };
}

/** Lets promises that are settled go on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
}
