/**
 * Entries of DNS node lists with everything checked that a signature or a hash can prove, and the signing of a root.
 * Source: EIP-1459, devp2p/dnsdisc.md.
 */
import { utf8ToBytes } from '@noble/hashes/utils.js';

import { decodeBase32, encodeBase32 } from '../wire/base32.ts';
import {
  formatLink,
  formatRoot,
  NAME_HASH_BYTES,
  parseEntry,
  parseLink,
  parseRoot,
  ROOT_PREFIX,
  rootContent,
  TreeError,
  type UnverifiedRoot,
} from '../wire/dns-tree.ts';
import { RecordError, recordBytes } from '../wire/enr.ts';
import { WireError } from '../wire/error.ts';
import { type Node, nodeOfRecord } from './node.ts';
import type { NodeKey } from './node-key.ts';
import { readRecord } from './node-record.ts';
import { noblePrimitives, type Primitives } from './primitives.ts';
import { compressedPublicKey, type PublicKey, parseCompressedPublicKey } from './public-key.ts';

/** A node list that can be read: where it is, and who signs it. */
export type TreeLink = {
  readonly publicKey: PublicKey;
  readonly domain: string;
  /** `enrtree://…`, always in the same spelling. */
  readonly url: string;
};

/** A root that the key of the list has signed. */
export type TreeRoot = Pick<UnverifiedRoot, 'recordRoot' | 'linkRoot' | 'seq'>;

export type TreeEntry =
  | { readonly type: 'branch'; readonly children: readonly string[] }
  | { readonly type: 'link'; readonly link: TreeLink }
  | { readonly type: 'node'; readonly node: Node };

/** @throws {TreeError} */
export function parseTreeUrl(url: string): TreeLink {
  const { key, domain } = parseLink(url);
  return treeLink(keyOf(key), domain);
}

export const treeLink = (publicKey: PublicKey, domain: string): TreeLink => ({
  publicKey,
  domain,
  url: formatLink({ key: compressedPublicKey(publicKey), domain: domain.toLowerCase() }),
});

/**
 * The root among the TXT records of the domain of a list.
 *
 * @param texts The strings of each TXT record, joined.
 * @param minSeq Sequence number of the root that is known.
 * @throws {TreeError} Why the first text that claims to be one is not; `malformedRoot` when there is none.
 */
export function readTreeRoot(
  texts: readonly string[],
  publicKey: PublicKey,
  minSeq: number,
  primitives: Primitives = noblePrimitives,
): TreeRoot {
  const claiming = texts.filter((text) => text.startsWith(ROOT_PREFIX));
  return firstGood(
    claiming,
    (text) => {
      const { recordRoot, linkRoot, seq, signature, signedText } = parseRoot(text);
      const hash = primitives.keccak256(utf8ToBytes(signedText));
      if (!primitives.verify(hash, signature.subarray(0, 64), publicKey))
        throw new TreeError('badRootSignature', 'the key of the list did not sign it');
      if (seq < minSeq) throw new TreeError('staleRoot', `sequence number ${seq} after ${minSeq}`);
      return { recordRoot, linkRoot, seq };
    },
    () => new TreeError('malformedRoot', 'no TXT record is the root of a node list'),
  );
}

/**
 * The entry of that hash among the TXT records of its name.
 *
 * @param texts The strings of each TXT record, joined.
 * @param hash As a branch or the root has it, in base32.
 * @throws {TreeError} Why the first text that claims to be one is not; `unknownEntry` when there is none.
 */
export function readTreeEntry(
  texts: readonly string[],
  hash: string,
  primitives: Primitives = noblePrimitives,
): TreeEntry {
  const wanted = decodeBase32(hash) ?? new Uint8Array(0);
  const claiming = texts.filter((text) => /^enr(?::|tree-branch:|tree:\/\/)/.test(text));
  return firstGood(
    claiming,
    (text) => {
      const actual = primitives.keccak256(utf8ToBytes(text)).subarray(0, wanted.length);
      if (wanted.length === 0 || !primitives.equal(actual, wanted))
        throw new TreeError('hashMismatch', `its hash is not ${hash}`);
      const entry = parseEntry(text);
      if (entry.type === 'branch') return entry;
      if (entry.type === 'link')
        return { type: 'link', link: treeLink(keyOf(entry.key, primitives), entry.domain) };
      return { type: 'node', node: nodeIn(entry.text, primitives) };
    },
    () => new TreeError('unknownEntry', 'no TXT record is an entry of a node list'),
  );
}

/** The name of an entry below the domain of its list. */
export const entryName = (text: string, primitives: Primitives = noblePrimitives): string =>
  encodeBase32(primitives.keccak256(utf8ToBytes(text)).subarray(0, NAME_HASH_BYTES));

/** @returns The text of the root. @throws {RangeError} `seq` is not a safe integer from 0 on. */
export function signTreeRoot(root: TreeRoot, key: NodeKey): string {
  const content = rootContent(root);
  return formatRoot(content, key.sign(noblePrimitives.keccak256(utf8ToBytes(content))));
}

function firstGood<Result>(
  texts: readonly string[],
  read: (text: string) => Result,
  none: () => TreeError,
): Result {
  let first: TreeError | null = null;
  for (const text of texts)
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof TreeError)) throw error;
      first ??= error;
    }
  throw first ?? none();
}

function keyOf(bytes: Uint8Array, primitives: Primitives = noblePrimitives): PublicKey {
  try {
    return parseCompressedPublicKey(bytes, primitives);
  } catch (error) {
    if (error instanceof WireError) throw new TreeError('invalidPublicKey', error.detail);
    throw error;
  }
}

function nodeIn(text: string, primitives: Primitives): Node {
  try {
    return nodeOfRecord(readRecord(recordBytes(text), primitives));
  } catch (error) {
    if (error instanceof RecordError) throw new TreeError('invalidRecord', error.message);
    throw error;
  }
}
