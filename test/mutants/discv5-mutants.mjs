/** Defences of sessions, requests and budgets of discovery v5, removed one by one. Part of the table of mutants. */

const HANDSHAKES = 'test/io/discovery/discv5-handshakes.test.ts';
const SESSIONS = 'test/io/discovery/discv5-sessions.test.ts';
const REQUESTS = 'test/io/discovery/discv5-requests.test.ts';
const NODES = 'test/io/discovery/discv5-nodes.test.ts';
const CLASS = 'test/io/discovery/discv5.test.ts';
const TALKS = 'test/io/discovery/talk-handlers.test.ts';

/** @type {readonly import('./mutants.d.mts').Mutant[]} */
export const DISCV5_MUTANTS = [
  {
    id: 'K14 challenges without a budget',
    breaks: 'Packets with forged sources make us send as many challenges to their victims.',
    file: 'src/io/discovery/discv5-handshakes.ts',
    from: "if (!budgets.takeWhoareyou(from.host)) return 'whoareyouBudget';",
    to: "if (!budgets.takeWhoareyou(from.host) && from.port === 0) return 'whoareyouBudget';",
    test: [
      HANDSHAKES,
      'challenges K14: of packets of one source are two at once, then one a second',
    ],
  },
  {
    id: 'discv5 a challenge that is sent again',
    breaks: 'After one lost datagram a node is not reached for seconds, although it answers.',
    file: 'src/io/discovery/discv5-requests.ts',
    from: ' ?? this.#after(hexOf(nonce))',
    to: '',
    test: [
      CLASS,
      'two nodes make a session with the next request within a second when the challenge was lost',
    ],
  },
  {
    id: 'K14 a new challenge each time',
    breaks: 'A node that sends two requests at once cannot answer the first challenge.',
    file: 'src/io/discovery/discv5-handshakes.ts',
    from: "if (pending?.role === 'recipient' && pending.challenge) {",
    to: "if (pending?.role === 'initiator' && pending.challenge) {",
    test: [
      HANDSHAKES,
      'a challenge of ours is sent again byte for byte within a second, and made anew afterwards',
    ],
  },
  {
    id: 'K15 handshakes without a bound',
    breaks: 'Packets of many addresses fill our memory.',
    file: 'src/io/discovery/discv5-sessions.ts',
    from: 'if (this.#handshakes.size >= MAX_HANDSHAKES)',
    to: 'if (this.#handshakes.size >= 2 * MAX_HANDSHAKES)',
    test: [SESSIONS, 'handshakes under way are 512 at most, and never push out keys'],
  },
  {
    id: 'K15 the newest session is evicted',
    breaks: 'Keys of one endpoint push out those in use.',
    file: 'src/io/discovery/discv5-sessions.ts',
    from: 'this.#evict(kept?.newest ?? null);',
    to: 'this.#evict(kept?.other ?? null);',
    test: [
      SESSIONS,
      'keys of 1,024 endpoints are kept; those that were used longest ago leave first, overwritten',
    ],
  },
  {
    id: 'K15 sessions of one source without a bound',
    breaks: 'One address pushes out the sessions of all others.',
    file: 'src/io/discovery/discv5-sessions.ts',
    from: 'if (ofSource.length >= MAX_SESSIONS_PER_SOURCE) this.#evictKept(ofSource[0]);',
    to: 'if (ofSource.length >= MAX_SESSIONS) this.#evictKept(ofSource[0]);',
    test: [
      SESSIONS,
      'K15: one IPv4 address or IPv6 /64 has keys of 256 endpoints at most, and pushes out only its own',
    ],
  },
  {
    id: 'K15 keys are not overwritten',
    breaks: 'Keys of a session stay in memory after its end.',
    file: 'src/io/discovery/discv5-sessions.ts',
    from: 'if (this.keys) wipeKeys(this.keys);',
    to: 'if (this.keys && !this.#isOver) wipeKeys(this.keys);',
    test: [SESSIONS, 'keys are overwritten when they are forgotten'],
  },
  {
    id: 'K16 a challenge that may be answered again',
    breaks: 'One challenge makes us check any number of forged handshakes.',
    file: 'src/io/discovery/discv5-handshakes.ts',
    from: "if (session.steps.handshake) return 'handshakeUnderWay';",
    to: "if (session.steps.handshake && session.isOver) return 'handshakeUnderWay';",
    test: [
      HANDSHAKES,
      'a challenge of ours K16: is checked against one handshake, while others are dropped',
    ],
  },
  {
    id: 'K16 challenges of other endpoints',
    breaks: 'One that sees our packet answers in place of the node, from anywhere.',
    file: 'src/io/discovery/discv5-requests.ts',
    from: "if (host !== from.host || port !== from.port) return 'challengeOfOtherEndpoint';",
    to: "if (host !== from.host && port !== from.port) return 'challengeOfOtherEndpoint';",
    test: [
      REQUESTS,
      'a challenge needs the nonce of a packet of a request, comes from its endpoint, and once',
    ],
  },
  {
    id: 'K16 a request that is challenged again and again',
    breaks: 'A node makes us compute keys as often as it likes.',
    file: 'src/io/discovery/discv5-requests.ts',
    from: "if (turn.isChallenged) return 'secondChallenge';",
    to: "if (turn.isChallenged && turn.isSent) return 'secondChallenge';",
    test: [
      REQUESTS,
      'a challenge needs the nonce of a packet of a request, comes from its endpoint, and once',
    ],
  },
  {
    id: 'K16 answers that drip in',
    breaks: 'A node that sends a packet every 600 ms keeps a request for ever.',
    file: 'src/io/discovery/discv5-requests.ts',
    from: 'turn.whole.arm();',
    to: 'turn.packet.arm();',
    test: [REQUESTS, 'the time of a request is 3.5 s in all when answers drip in'],
  },
  {
    id: 'K16 answers to any request',
    breaks: 'A late answer counts for the next request.',
    file: 'src/io/discovery/discv5-requests.ts',
    from: "if (turn.message.requestId !== answer.requestId) return 'otherRequestId';",
    to: "if (turn.message.requestId === '') return 'otherRequestId';",
    test: [REQUESTS, 'an answer needs a request, its id and its kind'],
  },
  {
    id: 'K16 records of any distance',
    breaks: 'A node fills a lookup with nodes that were not asked for.',
    file: 'src/io/discovery/discv5-nodes.ts',
    from: 'if (!this.#asked.has(distanceOf(from.id, record.id))) return null;',
    to: 'if (!this.#asked.has(distanceOf(from.id, from.id)) && this.#asked.size === 0) return null;',
    test: [
      NODES,
      'the records that we take from another node are those at the distances that we asked for',
    ],
  },
  {
    id: 'K16 as many packets as they say',
    breaks: 'An answer that announces a million packets never ends.',
    file: 'src/io/discovery/discv5-nodes.ts',
    from: 'Math.min(Math.max(total, 1), MAX_NODES_PACKETS)',
    to: 'Math.max(total, 1)',
    test: [
      NODES,
      'the records that we take from another node K16: come in as many packets as the first one says, five at most',
    ],
  },
  {
    id: 'K1 questions in a session without a budget',
    breaks: 'One node with a session keeps us busy.',
    file: 'src/io/discovery/discv5-answers.ts',
    from: "if (!this.#budgets.takePacket(session.target.endpoint.host)) return 'sourceBudget';",
    to: "if (session.target.endpoint.host === '') return 'sourceBudget';",
    test: [CLASS, 'a session answers 20 questions at once'],
  },
  {
    id: 'K6 copies of questions in a session',
    breaks:
      'A recorded question makes us answer again and again, and takes the budget of its sender.',
    file: 'src/io/discovery/discv5-answers.ts',
    from: "if (cameAt !== undefined && now - cameAt < RECENT_PACKET_MS) return 'duplicatePacket';",
    to: "if (cameAt !== undefined && now < cameAt) return 'duplicatePacket';",
    test: [
      'test/io/discovery/discv5-answers.test.ts',
      'K6: a copy of a question is dropped for 20 s, and takes nothing of the budget of its sender',
    ],
  },
  {
    id: 'K17 handlers without a bound',
    breaks: 'TALKREQs keep any number of handlers at work.',
    file: 'src/io/discovery/talk-handlers.ts',
    from: 'this.#waits.size >= MAX_TALKS',
    to: 'this.#waits.size >= 2 * MAX_TALKS',
    test: [
      TALKS,
      '64 handlers are at work at the same time, and further requests are answered with nothing',
    ],
  },
];
