/** What joins discovery and the server, broken in one place each. Part of the table of mutants. */

const DISCOVERY = 'src/server/discovery.ts';
const TABLE_TEST = 'test/server/discovery-table.test.ts';
const NETWORK = 'src/io/adapters/udp-network.ts';
const NETWORK_TEST = 'test/io/adapters/udp-network.test.ts';
const RESOLVER = 'src/io/adapters/discovery-resolver.ts';
const RESOLVER_TEST = 'test/io/adapters/discovery-resolver.test.ts';

/** @type {readonly import('./mutants.d.mts').Mutant[]} */
export const WIRING_MUTANTS = [
  {
    id: 'wiring lookups without a limit',
    breaks: 'A program that asks for many lookups floods the network.',
    file: DISCOVERY,
    from: '!table || this.#lookups.actors.length >= MAX_LOOKUPS',
    to: '!table',
    test: [TABLE_TEST, 'a lookup is one of 16 at most; one more finds nothing'],
  },
  {
    id: 'wiring the table does not learn what a lookup found',
    breaks: 'Nodes that a program or a walk found are forgotten.',
    file: DISCOVERY,
    from: "this.#tell({ type: 'nodes.found', nodes, answered, failed });",
    to: 'void [nodes, answered, failed];',
    test: [
      'test/server/discovery.test.ts',
      'servers that know one bootnode are in its table, and find each other by a lookup',
    ],
  },
  {
    id: 'wiring names of bootnodes',
    breaks: 'A bootnode that is named by its host is never asked.',
    file: DISCOVERY,
    from: "if (node.hostKind === 'name') this.#findName(node);",
    to: "if (node.hostKind === 'none') this.#findName(node);",
    test: [
      'test/server/discovery.test.ts',
      'a bootnode may be named by its host, and is looked up until there is an address',
    ],
  },
  {
    id: 'wiring nodes on the LAN',
    breaks: 'A network on a LAN finds its nodes and dials none of them.',
    file: 'src/server/candidates.ts',
    from: 'config.isCandidateHost(host) || discoveries.hasFound(host)',
    to: 'config.isCandidateHost(host)',
    test: [
      'test/server/candidates.test.ts',
      'servers that know one bootnode on the LAN become peers too: who is on the LAN may name another one there',
    ],
  },
  {
    id: 'wiring a socket that is bound too late',
    breaks: 'A start that was stopped leaves a socket behind.',
    file: NETWORK,
    from: 'if (isClosed) return discovery.close();',
    to: '',
    test: [NETWORK_TEST, 'the socket that is bound after a close is closed'],
  },
  {
    id: 'wiring a record without an address',
    breaks: 'A node without an address in its record is lost when it gives it.',
    file: NETWORK,
    from: "return found.hostKind === 'none' || found.udpPort === 0 ? node : found;",
    to: 'return found;',
    test: [NETWORK_TEST, 'a record without an address leaves a node where it answered'],
  },
  {
    id: 'wiring addresses that others give for a node',
    breaks: 'Others can make us ask as many addresses as they like.',
    file: RESOLVER,
    from: 'if (place.asks === 0 && places.size === MAX_PLACES) return;',
    to: '',
    test: [RESOLVER_TEST, 'a node is asked at 8 addresses at most, and twice at each'],
  },
  {
    id: 'wiring a lookup that ends before the checks',
    breaks: 'A node that answers after the lookup has ended is not found.',
    file: RESOLVER,
    from: 'if (open === 0) end(null);',
    to: 'end(null);',
    test: [
      RESOLVER_TEST,
      'a node that moved is found where others say, once it has answered there',
    ],
  },
  {
    id: 'wiring requests of a lookup that has ended',
    breaks: 'Requests of lookups that have ended use up their number.',
    file: 'src/io/adapters/node-asker.ts',
    from: 'for (const cancel of pending.values()) cancel();',
    to: '',
    test: [
      'test/io/adapters/node-asker.test.ts',
      'cancels what it waits for when its lookup ends, and nothing else',
    ],
  },
  {
    id: 'K18 datagrams that wait for v5 without a bound',
    breaks: 'Junk that is no packet of v4 fills the memory.',
    file: 'src/io/discovery/shared-socket.ts',
    from: 'if (this.#waiting.length >= MAX_WAITING_DATAGRAMS) {',
    to: 'if (false) {',
    test: [
      'test/io/discovery/shared-socket.test.ts',
      'at most 100 datagrams wait for v5; more are dropped and counted',
    ],
  },
  {
    id: 'K19 records of v5 that name the address of another node',
    breaks: 'A node with a session puts any address that it likes into our table.',
    file: 'src/server/discovery-v5.ts',
    from: "if (type === 'pong') reports.onProven(node);",
    to: 'reports.onProven(node);',
    test: [
      'test/server/discovery-v5.test.ts',
      'a node whose record names an address where it does not answer is in no table',
    ],
  },
  {
    id: 'wiring distances of a lookup with v5',
    breaks: 'A lookup asks each node for other nodes than those near the target.',
    file: 'src/machines/discovery/lookup-distances.ts',
    from: 'const best = logDistance(targetId, nodeId);',
    to: 'const best = logDistance(nodeId, nodeId);',
    test: [
      'test/machines/discovery/lookup-distances.test.ts',
      'three different distances from 0 to 256, the best one first',
    ],
  },
  {
    id: 'wiring records of v5 that changed',
    breaks: 'Who has a session with a node never learns its new address.',
    file: 'src/server/discovery-v5.ts',
    from: 'onPing: ({ node, from, seq }) => this.#readNewer(node, from, seq),',
    to: '',
    test: [
      'test/server/discovery-v5.test.ts',
      'a node behind a NAT is in the tables of others once its record claims what they see',
    ],
  },
];
