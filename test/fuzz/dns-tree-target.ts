/** TXT records of node lists: a byte says what is read, and whether it is signed or named by its hash, because noise is neither. */
import {
  entryName,
  parseTreeUrl,
  readTreeEntry,
  readTreeRoot,
  signTreeRoot,
} from '../../src/io/crypto/dns-tree-entry.ts';
import {
  formatBranch,
  MAX_BRANCH_CHILDREN,
  parseRoot,
  TreeError,
} from '../../src/io/wire/dns-tree.ts';
import { loadVectors } from '../support/crypto.ts';
import { keyOf } from '../support/world.ts';
import { demand, demandEqual, type Target, textBytes, textOf } from './target.ts';

type Texts = readonly { readonly text: string }[];
type Vectors = Readonly<Record<'roots' | 'branches' | 'links' | 'enrEntries', Texts>>;

const ROOT = 0;
const LINK = 1;
const HASH = 'A'.repeat(26);

export const dnsTree: Target = {
  name: 'dns-tree',
  maxBytes: 1_100,
  words: [
    'enrtree-root:v1 e=',
    ' l=',
    ' seq=',
    ' sig=',
    'enrtree-branch:',
    'enrtree://',
    '@',
    'enr:',
    HASH,
  ].map(textBytes),
  seeds() {
    const { roots, branches, links, enrEntries } = loadVectors<Vectors>('dns-eip1459.json');
    const kinds = [roots, links, [...branches, ...links, ...enrEntries]];
    return kinds.flatMap((texts, kind) =>
      texts.map(({ text }) => Uint8Array.of(kind, ...textBytes(text))),
    );
  },
  run(input) {
    const text = textOf(input.subarray(1));
    if (input[0] === ROOT) return root(text);
    if (input[0] === LINK) return link(text);
    return entry(text);
  },
};

function root(text: string) {
  const parsed = treeErrorOr(() => parseRoot(text));
  if (!parsed) return null;
  const { recordRoot, linkRoot, seq } = parsed;
  const signed = signTreeRoot({ recordRoot, linkRoot, seq }, keyOf(1));
  const read = readTreeRoot([text, signed], keyOf(1).publicKey, 0);
  demandEqual(read, { recordRoot, linkRoot, seq }, 'what we sign is read');
  return read;
}

function link(text: string) {
  const parsed = treeErrorOr(() => parseTreeUrl(text));
  if (parsed) demandEqual(parseTreeUrl(parsed.url).url, parsed.url, 'written out, it is the same');
  return parsed;
}

function entry(text: string) {
  const read = treeErrorOr(() => readTreeEntry([text], entryName(text)));
  if (read?.type === 'branch') {
    demand(read.children.length <= MAX_BRANCH_CHILDREN, 'a branch is small');
    demandEqual(formatBranch(read.children), text, 'written out, it is the same');
  }
  return read;
}

function treeErrorOr<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof TreeError) return null;
    throw error;
  }
}
