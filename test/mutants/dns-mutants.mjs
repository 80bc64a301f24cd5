/** Defences of DNS node lists, removed one by one. Part of the table of mutants. */

const ENTRY = 'test/io/crypto/dns-tree-entry.test.ts';
const TEXTS = 'test/io/wire/dns-tree.test.ts';
const READER = 'test/io/discovery/tree-reader.test.ts';
const SUBTREE = 'test/io/discovery/subtree.test.ts';
const QUERIES = 'test/io/discovery/txt-queries.test.ts';
const TREES = 'test/server/dns-trees.test.ts';

/** @type {readonly import('./mutants.d.mts').Mutant[]} */
export const DNS_MUTANTS = [
  {
    id: 'K20 dns: the signature of a root is not checked',
    breaks: 'A name server, or who speaks for it, decides which nodes we find.',
    file: 'src/io/crypto/dns-tree-entry.ts',
    from: 'if (!primitives.verify(hash, signature.subarray(0, 64), publicKey))',
    to: 'if (hash.length === 0)',
    test: [ENTRY, 'readTreeRoot a forged root beside the right one does not hide it'],
  },
  {
    id: 'K20 dns: the hash of an entry is not checked',
    breaks: 'A name server gives nodes that the owner of the list did not sign.',
    file: 'src/io/crypto/dns-tree-entry.ts',
    from: 'if (wanted.length === 0 || !primitives.equal(actual, wanted))',
    to: 'if (wanted.length === 0)',
    test: [ENTRY, 'readTreeEntry an entry whose hash is another one is refused, whatever it says'],
  },
  {
    id: 'K20 dns: an older root replaces a newer one',
    breaks: 'Nodes that the owner of a list removed come back.',
    file: 'src/io/crypto/dns-tree-entry.ts',
    from: 'if (seq < minSeq) throw',
    to: 'if (seq < 0) throw',
    test: [READER, 'another root with a lower sequence number is refused, and the known one stays'],
  },
  {
    id: 'K20 dns: long branches are read',
    breaks: 'One entry makes us ask for as many others as fit into it.',
    file: 'src/io/wire/dns-tree.ts',
    from: 'if (children.length > MAX_BRANCH_CHILDREN)',
    to: 'if (children.length > MAX_ENTRY_CHARS)',
    test: [TEXTS, 'limits a branch has 13 children, and not one more'],
  },
  {
    id: 'K20 dns: an entry is read as often as it is named',
    breaks: 'Branches that lead to each other are read for ever.',
    file: 'src/io/discovery/subtree.ts',
    from: 'if (this.#seen.has(hash) || ',
    to: 'if (',
    test: [SUBTREE, 'the unread entries of half a list are not added again, so that a circle ends'],
  },
  {
    id: 'K20 dns: a list of any size is remembered',
    breaks: 'A list of a million entries takes all memory.',
    file: 'src/io/discovery/subtree.ts',
    from: 'this.#seen.size >= MAX_TREE_ENTRIES',
    to: 'this.#seen.size < 0',
    test: [SUBTREE, 'the unread entries of half a list are 10000 at most in one round'],
  },
  {
    id: 'K20 dns: links among the nodes are followed',
    breaks: 'An entry of the wrong kind is taken for one of its half.',
    file: 'src/io/discovery/tree-reader.ts',
    from: "if ((entry.type === 'link') !== (subtree === this.#links)) return { why: 'misplacedEntry' };",
    to: '',
    test: [READER, 'reading a list one broken leaf costs that leaf only'],
  },
  {
    id: 'K20 dns: what could not be checked is kept',
    breaks: 'A wrong answer of a name server stays in the cache.',
    file: 'src/io/discovery/tree-reader.ts',
    from: 'const known = cache.get(place.hash);',
    to: "const known = cache.get(place.hash) ?? (this.#failures.size > 0 ? { type: 'branch' as const, children: [] } : undefined);",
    test: [READER, 'reading a list an entry that is not what its name says is not kept'],
  },
  {
    id: 'K20 dns: queries have no rate',
    breaks: 'A list with many entries makes us flood a name server.',
    file: 'src/io/discovery/txt-queries.ts',
    from: 'if (!this.#bucket.take()) break;',
    to: '',
    test: [QUERIES, 'the rate of queries 10 may follow each other, then 3 a second'],
  },
  {
    id: 'K20 dns: a query has no time limit',
    breaks: 'A silent name server ends the reading of a list.',
    file: 'src/io/discovery/txt-queries.ts',
    from: '    deadline.arm();\n',
    to: '',
    test: [QUERIES, 'a query for TXT records ends after its time, and the others meanwhile'],
  },
  {
    id: 'K20 dns: lists without an end',
    breaks: 'Lists that link to ever more lists are all read at once.',
    file: 'src/server/dns-trees.ts',
    from: ' || this.#trees.size >= MAX_TREES) return;',
    to: ') return;',
    test: [TREES, 'DNS node lists of a server are 32 at most, the linked ones included'],
  },
  {
    id: 'dns: a list that is not linked any more is read on',
    breaks: 'Who was once linked gives us nodes for ever.',
    file: 'src/server/dns-trees.ts',
    from: 'if (!linked.has(known)) this.#remove(known);',
    to: '{}',
    test: [
      TREES,
      'DNS node lists of a server that no other one links to any more are not read any more',
    ],
  },
];
