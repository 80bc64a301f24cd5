/** Defences of discovery, removed one by one, under their rows of docs/security.md. Part of the table of mutants. */

const CHECK = 'test/io/discovery/packet-check.test.ts';
const MATCHER = 'test/io/discovery/request-matcher.test.ts';
const QUESTIONS = 'test/io/discovery/discv4-questions.test.ts';

/** @type {readonly import('./mutants.d.mts').Mutant[]} */
export const DISCOVERY_MUTANTS = [
  {
    id: 'local node: votes without a network',
    breaks: 'One network with many addresses decides which endpoint our record claims.',
    file: 'src/machines/discovery/ip-votes.ts',
    from: 'next.set(voter, value);',
    to: 'next.set(voter + next.size, value);',
    test: [
      'test/machines/discovery/local-node.test.ts',
      'the endpoint that one network states a thousand times is not predicted',
    ],
  },
  {
    id: 'local node: predictions without a pause',
    breaks: 'Other nodes make us sign a new record as often as they like.',
    file: 'src/machines/discovery/local-node.ts',
    from: "after: { pause: 'awaited' },",
    to: "always: 'awaited',",
    test: [
      'test/machines/discovery/local-node.test.ts',
      'the endpoint changes once in 10 minutes by predictions, however often they change',
    ],
  },
  {
    id: 'local node: a sequence number that goes down',
    breaks: 'After a lost store, other nodes keep the old record.',
    file: 'src/io/adapters/node-store-actor.ts',
    from: 'Math.max((last?.seq ?? 0) + 1, Math.floor(unixTimeMs()))',
    to: '(last?.seq ?? 0) + 1',
    test: [
      'test/io/adapters/node-store-actor.test.ts',
      'the number of the next record goes up when the store is lost, or is an old copy',
    ],
  },
  {
    id: 'local node: a record of another port is kept',
    breaks: 'After a restart on another port, other nodes dial the old one.',
    file: 'src/io/crypto/node-record.ts',
    from: 'Buffer.compare(record.entries.get(key) ?? NO_BYTES, value) === 0;',
    to: 'record.entries.has(key) && value.length > 0;',
    test: [
      'test/io/adapters/record-signer.test.ts',
      'the last record is replaced when it has another port',
    ],
  },
  {
    id: 'node store: a damaged entry is believed',
    breaks: 'A flipped bit on the disk becomes a node.',
    file: 'src/io/discovery/node-entries.ts',
    from: 'if (sum !== crc32(content, crc32(key))) return null;',
    to: '',
    test: [
      'test/io/discovery/node-entries.test.ts',
      'sealed values with any other bit or key are not read',
    ],
  },
  {
    id: 'node store: the database of another program',
    breaks: 'A folder that was named by mistake loses its data.',
    file: 'src/io/discovery/stored-entries.ts',
    from: "throw new Error('the folder has data of another program');",
    to: ';',
    test: [
      'test/io/discovery/node-store.test.ts',
      'what was on the disk the data of another program is left as it is',
    ],
  },
  {
    id: 'node store: a failed write is tried for ever',
    breaks: 'A full disk costs a warning for each write.',
    file: 'src/io/discovery/node-store.ts',
    from: "this.#lose('cannot be written', error);",
    to: "this.#onFault('cannot be written');",
    test: [
      'test/io/discovery/node-store.test.ts',
      'a disk that fails a disk that becomes full later costs one warning, and what was written stays',
    ],
  },
  {
    id: 'K1 signatures of strangers',
    breaks: 'A question from an address without any proof costs a key recovery.',
    file: 'src/io/discovery/packet-check.ts',
    from: "if (message.type !== 'ping' && !proofs.hasAny(from.host)) return 'unprovenEndpoint';",
    to: '',
    test: [CHECK, 'before the signature K1: every check that needs no curve has passed'],
  },
  {
    id: 'K1 recoveries without a price',
    breaks: 'On a coarse clock a flood of signatures costs nothing.',
    file: 'src/io/discovery/source-budgets.ts',
    from: 'Math.min(MAX_RECOVERY_MS, Math.max(MIN_RECOVERY_MS, ms))',
    to: 'Math.min(MAX_RECOVERY_MS, ms)',
    test: [
      'test/io/discovery/source-budgets.test.ts',
      'recoveries cost something on a clock that stands still',
    ],
  },
  {
    id: 'K2 nodes for strangers',
    breaks: 'Another key at a proven address gets ten times the bytes of its question.',
    file: 'src/io/discovery/discv4.ts',
    from: "if (!this.#proofs.isProven(id, from.host)) return 'unprovenEndpoint';\n        return this.#answerFindNode",
    to: 'return this.#answerFindNode',
    test: [
      QUESTIONS,
      'a question for nodes K2: from another address, or of another node at the same one, is not answered',
    ],
  },
  {
    id: 'K2 pings for strangers without end',
    breaks: 'Each ping of a stranger makes us send a ping, however many wait.',
    file: 'src/io/discovery/discv4.ts',
    from: "const isUnderWay = this.#requests.isWaiting('pong', endpoint);",
    to: 'const isUnderWay = false;',
    test: [
      'test/io/discovery/discv4.test.ts',
      'a ping that comes in gets no second ping while the first one waits for its pong',
    ],
  },
  {
    id: 'K2 pongs for strangers without end',
    breaks: 'A forged source is sent as many pongs as pings come in its name.',
    file: 'src/io/discovery/discv4.ts',
    from: "if (!isProven && !this.#budgets.takePong(host)) return 'answerBudget';",
    to: '',
    test: [CHECK, 'a datagram is dropped, and counted, as answerBudget'],
  },
  {
    id: 'K3 strangers among the proven',
    breaks: 'Forged pings push out the proofs of others.',
    file: 'src/io/discovery/endpoint-proofs.ts',
    from: '    this.#strangers.set(id, host, entry);',
    to: '    this.#proven.set(id, host, entry);',
    test: [
      'test/io/discovery/endpoint-proofs.test.ts',
      'what is kept K3: pings of strangers push out no proof',
    ],
  },
  {
    id: 'K4 a socket that stays broken',
    breaks: 'After one error of the socket discovery is over.',
    file: 'src/io/discovery/udp-socket.ts',
    from: '    this.#retryLater(message);',
    to: '',
    test: [
      'test/io/discovery/udp-socket.test.ts',
      'K4: a socket that breaks is replaced after a second, at the same port',
    ],
  },
  {
    id: 'K6 expired packets',
    breaks: 'A recorded packet is answered for ever.',
    file: 'src/io/discovery/packet-check.ts',
    from: "if (aheadMs < 0) return 'expired';",
    to: '',
    test: [CHECK, 'expirations K6: a second ago is past'],
  },
  {
    id: 'K6 copies from elsewhere',
    breaks: 'A ping that was seen on its way is answered to another address.',
    file: 'src/io/discovery/packet-check.ts',
    from: "return message.type === 'findNode' || before.source !== source;",
    to: "return message.type === 'findNode';",
    test: [CHECK, 'copies K6: of a ping are dropped when they come from elsewhere'],
  },
  {
    id: 'K7 the hash of the ping',
    breaks: 'A pong proves an endpoint that never saw our ping.',
    file: 'src/io/discovery/request-matcher.ts',
    from: 'return Buffer.compare(repeated, hash) === 0;',
    to: 'return true;',
    test: [
      MATCHER,
      'an answer K7: of another kind, from another port, with another hash or of another node is refused',
    ],
  },
  {
    id: 'K7 the key of the answer',
    breaks: 'A pong of one node proves the endpoint of another.',
    file: 'src/io/discovery/request-matcher.ts',
    from: 'request.id === id && repeats(answer, request.hash)',
    to: 'repeats(answer, request.hash)',
    test: [
      MATCHER,
      'an answer K7: of another kind, from another port, with another hash or of another node is refused',
    ],
  },
  {
    id: 'K7 an answer that drips',
    breaks: 'Each packet of an answer starts the time limit again.',
    file: 'src/io/discovery/request-matcher.ts',
    from: 'if (isComplete) this.#remove(request);',
    to: 'if (isComplete) this.#remove(request);\n      else request.deadline.arm();',
    test: [MATCHER, 'an answer leaves the request when it is not, without more time'],
  },
  {
    id: 'K8 our LAN for everyone',
    breaks: 'Addresses of our LAN are told to the internet.',
    file: 'src/io/discovery/relay-rules.ts',
    from: 'if (isLan(address)) return isLan(asking);',
    to: 'if (isLan(address)) return true;',
    test: ['test/io/discovery/relay-rules.test.ts', 'a LAN address is not for the internet'],
  },
  {
    id: 'K8 neighbours outside NetRestrict',
    breaks: 'A node makes us send packets outside of our networks.',
    file: 'src/io/discovery/neighbors.ts',
    from: ' || !isAllowed(host)) return null;',
    to: ') return null;',
    test: [QUESTIONS, 'a question of ours for nodes leaves out nodes that cannot be asked'],
  },
  {
    id: 'discv4 packets that are too long',
    breaks: 'The answer to a question for nodes is longer than others read.',
    file: 'src/io/discovery/neighbors.ts',
    from: 'const MAX_NODES_PER_PACKET = 12;',
    to: 'const MAX_NODES_PER_PACKET = 16;',
    test: [
      QUESTIONS,
      'a question for nodes is answered with the closest nodes, in packets of 12, 16 in all',
    ],
  },
];
