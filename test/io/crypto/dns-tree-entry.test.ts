import { describe, expect, test } from 'vitest';

import {
  entryName,
  parseTreeUrl,
  readTreeEntry,
  readTreeRoot,
  signTreeRoot,
  treeLink,
} from '../../../src/io/crypto/dns-tree-entry.ts';
import { parseCompressedPublicKey } from '../../../src/io/crypto/public-key.ts';
import { encodeBase32 } from '../../../src/io/wire/base32.ts';
import { TreeError, type TreeFault } from '../../../src/io/wire/dns-tree.ts';
import {
  chosenPrimitives,
  hex,
  type InvalidPoints,
  loadVectors,
  toHex,
} from '../../support/crypto.ts';
import { makeTree, recordText } from '../../support/dns-trees.ts';
import { keyOf } from '../../support/world.ts';
import vectors from '../../vectors/dns-eip1459.json' with { type: 'json' };

const faultOf = (read: () => unknown): TreeFault | null => {
  try {
    read();
  } catch (error) {
    if (error instanceof TreeError) return error.fault;
    throw error;
  }
  return null;
};

const rootOf = (texts: readonly string[], key: string, minSeq = 0) =>
  readTreeRoot(texts, parseCompressedPublicKey(hex(key)), minSeq, chosenPrimitives);

describe('parseTreeUrl', () => {
  for (const { name, text, expect: verdict, parsed } of vectors.links)
    test(`${name}: ${verdict}`, () => {
      if (!parsed)
        return expect(faultOf(() => parseTreeUrl(text))).toMatch(/^(missing|invalid)PublicKey$/);
      const link = parseTreeUrl(text);
      expect(toHex(link.publicKey)).toBe(parsed.publicKeyUncompressed);
      expect(link.domain).toBe(parsed.domain);
      expect(link.url).toBe(text);
      expect(treeLink(link.publicKey, link.domain)).toEqual(link);
    });

  const { malformed } = loadVectors<InvalidPoints>('invalid-secp256k1-points.json');
  const bad = malformed.filter(({ why, bytes }) => bytes.length <= 66 && !why.endsWith('residue')); // that one is a point
  for (const { why, bytes } of bad)
    test(`the key of a list: ${why} is refused`, () => {
      const url = `enrtree://${encodeBase32(hex(bytes))}@nodes.example.org`;
      expect(faultOf(() => parseTreeUrl(url))).toBe('invalidPublicKey');
    });
});

describe('readTreeRoot', () => {
  for (const { name, text, parsed } of vectors.roots) {
    const key = parsed?.recoveredPublicKey;
    if (key)
      test(`${name}: the signature is right, and with one more bit it is not`, () => {
        expect(rootOf([text], key)).toEqual({
          recordRoot: parsed.enrRoot,
          linkRoot: parsed.linkRoot,
          seq: parsed.seq,
        });
        const changed = text.replace(/seq=(\d+)/, (_, seq: string) => `seq=${Number(seq) + 1}`);
        expect(faultOf(() => rootOf([changed], key))).toBe('badRootSignature');
      });
    else
      test(`${name} has no root`, () => {
        const { publicKey } = vectors.gethSigningKeyForTesting;
        expect(faultOf(() => rootOf([text], publicKey))).not.toBeNull();
      });
  }

  const key = keyOf(7);
  const hash = encodeBase32(new Uint8Array(16));
  const signed = (seq: number) => signTreeRoot({ recordRoot: hash, linkRoot: hash, seq }, key);
  const read = (texts: readonly string[], minSeq = 0) =>
    readTreeRoot(texts, key.publicKey, minSeq, chosenPrimitives);

  test('other TXT records of the domain are passed over', () => {
    expect(read(['v=spf1 -all', '', signed(3)]).seq).toBe(3);
    expect(faultOf(() => read(['v=spf1 -all', 'enrtree:v1']))).toBe('malformedRoot');
    expect(faultOf(() => read([]))).toBe('malformedRoot');
  });

  test('a forged root beside the right one does not hide it', () => {
    const forged = signTreeRoot({ recordRoot: hash, linkRoot: hash, seq: 9 }, keyOf(8));
    expect(read([forged, signed(3)]).seq).toBe(3);
    expect(faultOf(() => read([forged]))).toBe('badRootSignature');
  });

  test('a root may be as old as the known one, and not older', () => {
    expect(read([signed(3)], 3).seq).toBe(3);
    expect(faultOf(() => read([signed(3)], 4))).toBe('staleRoot');
  });
});

describe('readTreeEntry', () => {
  for (const { text, hash } of vectors.entryHashes)
    test(`the name of ${text.slice(0, 24)}… is ${hash}`, () => {
      expect(entryName(text, chosenPrimitives)).toBe(hash);
      expect(faultOf(() => readTreeEntry([text], hash, chosenPrimitives))).toBeNull();
    });

  for (const { name, text, expect: verdict, nodeId } of vectors.enrEntries)
    test(`record ${name}: ${verdict}`, () => {
      const read = () => readTreeEntry([text], entryName(text), chosenPrimitives);
      if (nodeId) return expect(read()).toMatchObject({ type: 'node', node: { id: nodeId, text } });
      expect(faultOf(read)).toMatch(/^(invalidRecord|unknownEntry)$/);
    });

  test('an entry whose hash is another one is refused, whatever it says', () => {
    const text = recordText(1);
    const other = entryName(recordText(2));
    expect(faultOf(() => readTreeEntry([text], other, chosenPrimitives))).toBe('hashMismatch');
    expect(readTreeEntry([recordText(2), text], other, chosenPrimitives)).toMatchObject({
      node: { id: keyOf(2).id },
    });
  });

  test('as many bytes of the hash are compared as its name has', () => {
    const text = recordText(1);
    const whole = encodeBase32(chosenPrimitives.keccak256(new TextEncoder().encode(text)));
    for (const chars of [20, 26, 52])
      expect(faultOf(() => readTreeEntry([text], whole.slice(0, chars)))).toBeNull();
    const wrongEnd = `${whole.slice(0, 25)}${whole[25] === 'A' ? 'Q' : 'A'}${'A'.repeat(26)}`;
    expect(faultOf(() => readTreeEntry([text], wrongEnd))).toBe('hashMismatch');
    expect(faultOf(() => readTreeEntry([text], ''))).toBe('hashMismatch');
  });

  test('a name without an entry has an unknown one', () => {
    expect(faultOf(() => readTreeEntry(['foo', ''], entryName('foo')))).toBe('unknownEntry');
    const bad = 'enrtree://nodes.example.org';
    expect(faultOf(() => readTreeEntry([bad], entryName(bad)))).toBe('missingPublicKey');
  });
});

type Tree = {
  readonly url: string;
  readonly zone: Readonly<Record<string, string>>;
  readonly want: Readonly<Record<string, unknown>>;
};

/** All entries below the root of a tree that can be read, and the names of those that cannot. */
function walk({ url, zone }: Pick<Tree, 'url' | 'zone'>) {
  const { domain, publicKey } = parseTreeUrl(url);
  const root = readTreeRoot([zone[domain]!], publicKey, 0, chosenPrimitives);
  const nodes: string[] = [];
  const links: string[] = [];
  const failed: string[] = [];
  const left = [root.linkRoot, root.recordRoot];
  for (let hash = left.pop(); hash !== undefined; hash = left.pop()) {
    const text = zone[`${hash}.${domain}`];
    const fault = faultOf(() => {
      const entry = readTreeEntry(text === undefined ? [] : [text], hash!, chosenPrimitives);
      if (entry.type === 'branch') left.push(...entry.children);
      else if (entry.type === 'link') links.push(entry.link.url);
      else nodes.push(entry.node.id);
    });
    if (fault) failed.push(hash);
  }
  return { seq: root.seq, nodes, links, failed };
}

describe('whole trees', () => {
  const trees = vectors.trees as unknown as readonly (Tree & { readonly name: string })[];
  const [example, badNode, holesky, twoLevel] = trees;

  test('that of the specification', () => {
    const { seq, nodes, links, failed } = walk(example!);
    expect({ seq, nodeIdsSorted: nodes.sort(), links, failed }).toEqual({
      ...example!.want,
      failed: [],
    });
  });

  test('that of go-ethereum with a record that cannot be read', () => {
    expect(walk(badNode!)).toMatchObject({ nodes: [], failed: ['INDMVBZEEQ4ESVYAKGIYU74EAA'] });
  });

  test('a list of Holesky whose long branches were cut by a resolver: those are refused', () => {
    const { nodes, failed } = walk(holesky!);
    expect(nodes).toHaveLength(holesky!.want['strictReachableNodes'] as number);
    expect(holesky!.want['truncatedBranches']).toEqual(expect.arrayContaining(failed));
    expect(failed).not.toEqual([]);
  });

  test('two levels, as go-ethereum makes them', () => {
    const { seq, nodes, links, failed } = walk(twoLevel!);
    expect(new Set(nodes).size).toBe(twoLevel!.want['nodeCount']);
    expect({ seq, links, failed }).toEqual({
      seq: twoLevel!.want['seq'],
      links: twoLevel!.want['links'],
      failed: [],
    });
  });

  test('and those that the tests make', () => {
    const records = Array.from({ length: 30 }, (_, index) => recordText(index + 1));
    const links = [example!.url];
    const { url, zone } = makeTree({ seq: 4, records, links });
    const walked = walk({ url, zone: Object.fromEntries(zone) });
    expect(walked).toMatchObject({ seq: 4, links, failed: [] });
    expect(new Set(walked.nodes).size).toBe(30);
  });
});
