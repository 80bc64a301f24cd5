/** Defences of the table of nodes and of lookups, removed one by one. Part of the table of mutants. */

const TABLE = 'src/machines/discovery/table.ts';
const TABLE_TEST = 'test/machines/discovery/table.test.ts';

/** @type {readonly import('./mutants.d.mts').Mutant[]} */
export const TABLE_MUTANTS = [
  {
    id: 'K10 networks without a limit in the table',
    breaks: 'One network has as many nodes in the table as it likes.',
    file: TABLE,
    from: 'inBucket < MAX_PER_NETWORK_IN_BUCKET && inTable < MAX_PER_NETWORK;',
    to: 'inBucket < MAX_PER_NETWORK_IN_BUCKET;',
    test: [TABLE_TEST, 'networks the table has ten nodes of one /24 at most'],
  },
  {
    id: 'K10 networks without a limit in a bucket',
    breaks: 'One network fills a bucket.',
    file: TABLE,
    from: 'return inBucket < MAX_PER_NETWORK_IN_BUCKET && ',
    to: 'return ',
    test: [TABLE_TEST, 'networks a bucket has two nodes of one /24 at most'],
  },
  {
    id: 'K10 unchecked nodes are told to others',
    breaks: 'We spread addresses that were never checked.',
    file: TABLE,
    from: 'entriesOf(table).filter(({ isLive }) => isLive),',
    to: 'entriesOf(table),',
    test: [TABLE_TEST, 'the closest nodes for others are those that answered a check'],
  },
  {
    id: 'K10 a moved node stays live',
    breaks: 'A node that answered at one address is told to others at another one.',
    file: TABLE,
    from: "networks, isLive: false, list: 'fast' });",
    to: "networks, list: 'fast' });",
    test: [TABLE_TEST, 'known nodes that move are not live until they answer there'],
  },
  {
    id: 'K11 pings fill the first table',
    breaks: 'Pings to a node that has just started fill its table.',
    file: 'src/machines/discovery/table-maintenance.ts',
    from: 'hasRefreshed: ({ context }) => context.refreshes > 0,',
    to: 'hasRefreshed: () => true,',
    test: [
      'test/machines/discovery/eclipse.test.ts',
      'an attacker that only pings before the first refresh is in no table',
    ],
  },
  {
    id: 'K12 a lookup asks for ever',
    breaks: 'Nodes that invent ever closer ones keep a lookup going.',
    file: 'src/machines/discovery/lookup-search.ts',
    from: 'MAX_ASKED - asked.size);',
    to: 'LOOKUP_CONCURRENCY);',
    test: [
      'test/machines/discovery/lookup-search.test.ts',
      'nodes that invent ever closer ones are asked up to a bound',
    ],
  },
  {
    id: 'K13 unchecked nodes are stored',
    breaks: 'After a restart the first nodes may be those of an attacker that never answered.',
    file: TABLE,
    from: 'entry.isLive && entry.stored !== entry.node',
    to: 'entry.stored !== entry.node',
    test: [
      TABLE_TEST,
      'nodes for the store are live and long enough in the table, and are given once in each form',
    ],
  },
  {
    id: 'random walk: no pauses',
    breaks: 'A small network is looked through again and again at full speed.',
    file: 'src/io/discovery/random-walk.ts',
    from: 'Math.min(2 * this.#pauseMs, MAX_WALK_PAUSE_MS)',
    to: 'this.#pauseMs',
    test: [
      'test/io/discovery/random-walk.test.ts',
      'pauses grow to a minute while a small network has nothing new, and start over with something new',
    ],
  },
  {
    id: 'FairMix: a late source is waited for in full each time',
    breaks: 'One source that gives nothing slows down all others for ever.',
    file: 'src/io/discovery/fair-mix.ts',
    from: 'picked.waitMs = Math.floor(picked.waitMs / 2);',
    to: '{}',
    test: [
      'test/io/discovery/fair-mix.test.ts',
      'a slow source is waited for half as long each time, until it delivers in its turn',
    ],
  },
];
