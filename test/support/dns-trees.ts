/** Makes and signs DNS node lists, and malformed ones. */

import { entryName, signTreeRoot, treeLink } from '../../src/io/crypto/dns-tree-entry.ts';
import type { NodeKey } from '../../src/io/crypto/node-key.ts';
import { recordValue, signRecord } from '../../src/io/crypto/node-record.ts';
import { formatBranch, MAX_BRANCH_CHILDREN } from '../../src/io/wire/dns-tree.ts';
import { formatRecord } from '../../src/io/wire/enr.ts';
import { keyOf } from './world.ts';

/** The text of each name, as a name server of that domain would have it. */
type Zone = ReadonlyMap<string, string>;

export type MadeTree = { readonly url: string; readonly domain: string; readonly zone: Zone };

export type TreeParts = {
  readonly domain?: string;
  readonly key?: NodeKey;
  readonly seq?: number;
  /** `enr:` texts, or any others: they are signed as they are. */
  readonly records?: readonly string[];
  /** `enrtree://` texts. */
  readonly links?: readonly string[];
};

/** A list in the shape that go-ethereum gives it. */
export function makeTree({
  domain = 'nodes.example.org',
  key = keyOf(900),
  seq = 1,
  records = [],
  links = [],
}: TreeParts): MadeTree {
  const zone = new Map<string, string>();
  const put = (text: string): string => {
    const hash = entryName(text);
    zone.set(`${hash}.${domain}`, text);
    return hash;
  };
  const recordRoot = subtree(records, put);
  const linkRoot = subtree(links, put);
  zone.set(domain, signTreeRoot({ recordRoot, linkRoot, seq }, key));
  return { url: treeLink(key.publicKey, domain).url, domain, zone };
}

/** The text of a signed record of that node. */
export const recordText = (index: number, seq = 1): string =>
  formatRecord(
    signRecord(
      {
        seq,
        entries: new Map([
          ['ip', recordValue(Uint8Array.of(10, 1, index >> 8, index & 0xff))],
          ['tcp', recordValue(30_303)],
          ['udp', recordValue(30_303)],
        ]),
      },
      keyOf(index),
    ).bytes,
  );

function subtree(texts: readonly string[], put: (text: string) => string): string {
  const hashes = texts.map(put);
  if (hashes.length === 1) return hashes[0]!;
  if (hashes.length <= MAX_BRANCH_CHILDREN) return put(formatBranch(hashes));
  const branches: string[] = [];
  for (let at = 0; at < texts.length; at += MAX_BRANCH_CHILDREN)
    branches.push(formatBranch(hashes.slice(at, at + MAX_BRANCH_CHILDREN)));
  return subtree(branches, put);
}
