/** Known defects of what watches a network: the eth observer, the crawl, and what both send to NATS. */

const ETH = 'test/protocols/eth.test.ts';
const ETH_PEER = 'test/protocols/eth-peer.test.ts';
const RETRIEVAL = 'test/protocols/transaction-retrieval.test.ts';
const TRACKER = 'test/protocols/request-tracker.test.ts';
const FORK_ID = 'test/io/wire/fork-id.test.ts';
const WORK = 'test/crawl/crawl-work.test.ts';
const THREADS = 'test/crawl/crawl-threads.test.ts';
const MEMORY = 'test/crawl/memory-queue.test.ts';
const QUEUE = 'test/crawl/jetstream-queue.test.ts';
const PUBLISHER = 'test/jetstream/event-publisher.test.ts';

/** @type {readonly import('./mutants.d.mts').Mutant[]} */
export const OBSERVER_MUTANTS = [
  {
    id: 'P18 eth: requests without a limit',
    breaks: 'One peer keeps us busy with answers that have nothing in them.',
    file: 'src/protocols/eth-peer.ts',
    from: 'if (!this.#requests.take())',
    to: 'if (false)',
    test: [ETH, 'a session ends with P18: more requests than a node without blocks is asked'],
  },
  {
    id: 'eth: answers that come too late are never too many',
    breaks: 'A peer sends transactions that were not asked for, as answers, without an end.',
    file: 'src/protocols/eth-peer.ts',
    from: "why === 'noMatchingRequest' && this.#staleAnswers.take()",
    to: "why === 'noMatchingRequest'",
    test: [ETH_PEER, 'announced transactions may come too late now and then, and not all the time'],
  },
  {
    id: 'eth: every transaction in one turn',
    breaks: 'A peer that sends 10 MiB of transactions stops all other peers for as long.',
    file: 'src/protocols/eth-peer.ts',
    from: 'if (bytes < TURN_BYTES) continue;',
    to: 'continue;',
    test: [
      ETH_PEER,
      'announced transactions are hashed 64 KiB at a time, so that other peers have their turns',
    ],
  },
  {
    id: 'eth: a transaction is given out for each peer',
    breaks: 'A reader gets each transaction once for each peer that sends it.',
    file: 'src/protocols/eth-peer.ts',
    from: '!txHashes.hasReaders || !announced.add(announcement.hash)',
    to: '!txHashes.hasReaders',
    test: [ETH, 'what peers announce is each transaction once, announced or sent'],
  },
  {
    id: 'eth: a peer that does not give a transaction keeps it from us',
    breaks: 'One peer that is silent hides the transactions that others have, too.',
    file: 'src/protocols/transaction-retrieval.ts',
    from: '    for (const hash of asked.hashes) state.waiting.delete(hash);\n    this.#continue();',
    to: '    this.#continue();',
    test: [
      RETRIEVAL,
      'an announced transaction is asked from another peer after 5 s without an answer',
    ],
  },
  {
    id: 'eth: announced transactions without a bound',
    breaks: 'A peer fills our memory with hashes.',
    file: 'src/protocols/transaction-retrieval.ts',
    from: 'state.waiting.size >= MAX_WAITING_HASHES && !state.waiting.has(hash)',
    to: 'false',
    test: [RETRIEVAL, 'a peer has 4,096 waiting hashes at most; more are counted as missed'],
  },
  {
    id: 'eth: more is asked for than there is room',
    breaks: 'Transactions arrive that a slow reader has to drop.',
    file: 'src/protocols/transaction-retrieval.ts',
    from: 'this.#hooks.room() - this.#asked.size >= MAX_REQUESTED_HASHES',
    to: 'this.#hooks.room() >= MAX_REQUESTED_HASHES',
    test: [RETRIEVAL, 'a request counts what is asked for already as taken room'],
  },
  {
    id: 'eth: an answer may have any number of items',
    breaks: 'A peer sends more than it was asked for, and we take it.',
    file: 'src/protocols/request-tracker.ts',
    from: "if (items > request.maxItems) return 'tooManyItems';",
    to: '',
    test: [TRACKER, 'a request waits on after an answer of another type, or with too many items'],
  },
  {
    id: 'eth: requests wait for ever',
    breaks: 'Requests of a silent peer fill the tracker, and no metric shows that they are lost.',
    file: 'src/protocols/request-tracker.ts',
    from: 'if (this.#timer === null) this.#schedule();',
    to: '',
    test: [TRACKER, 'a request is lost after 5 min, together with those that are 5 ms younger'],
  },
  {
    id: 'eth: a stale chain is taken for ours',
    breaks: 'We stay with nodes that missed a fork.',
    file: 'src/io/wire/fork-id.ts',
    from: "BigInt(forks[known]!.at) === theirs.next ? 'compatible' : 'remoteStale'",
    to: "'compatible'",
    test: [
      FORK_ID,
      'checkForkId calls a node stale that has not passed a fork of ours and does not know it',
    ],
  },
  {
    id: 'eth: forks of the genesis count',
    breaks: 'On a chain whose first rules have a time, every node of it is refused.',
    file: 'src/io/wire/fork-id.ts',
    from: 'times.filter((time) => time > genesisTime)',
    to: 'times.filter((time) => time > 0)',
    test: [
      FORK_ID,
      'forkIdAt does not count forks up to the genesis, counts forks at one moment once, in any order',
    ],
  },
  {
    id: 'crawl: a task ends before its record is written',
    breaks: 'A crawl that is killed in between has lost a node.',
    file: 'src/crawl/crawl-work.ts',
    from: '      await results.write(record);',
    to: '      await task.ack();\n      await results.write(record);',
    test: [
      WORK,
      'the work of a crawl adds what is found to the queue, visits it, and writes the record before the task ends',
    ],
  },
  {
    id: 'crawl: visits without a limit',
    breaks: 'A node that answers slowly for ever holds a place of the crawl for ever.',
    file: 'src/crawl/crawl-work.ts',
    from: 'clock.setTimeout(() => visit.abort(), VISIT_TIMEOUT_MS)',
    to: 'clock.setTimeout(() => {}, VISIT_TIMEOUT_MS)',
    test: [WORK, 'the work of a crawl gives a visit back that takes too long'],
  },
  {
    id: 'crawl: a queue that got a node meanwhile is called empty',
    breaks: 'A crawl ends although there is a node to visit.',
    file: 'src/crawl/crawl-work.ts',
    from: 'while (task === null && before !== this.#added && !this.#isDraining)',
    to: 'while (false && before !== this.#added)',
    test: [
      WORK,
      'the work of a crawl does not call a queue empty that got a node while it was asked',
    ],
  },
  {
    id: 'crawl: a node that breaks visits comes again and again',
    breaks: 'A crawl does not end.',
    file: 'src/crawl/memory-queue.ts',
    from: 'known.deliveries < MAX_DELIVERIES',
    to: 'true',
    test: [MEMORY, 'a queue in memory gives up a node whose visits are given back again and again'],
  },
  {
    id: 'crawl: nodes without a bound',
    breaks: 'Nodes that do not exist fill the memory of a crawl.',
    file: 'src/crawl/memory-queue.ts',
    from: "this.#known.size >= this.#maxNodes) return 'full';",
    to: "false) return 'full';",
    test: [MEMORY, 'a queue in memory takes no more nodes than it has room for, and says so'],
  },
  {
    id: 'crawl: tasks of a lost thread are lost',
    breaks: 'A thread that runs out of memory takes its nodes with it.',
    file: 'src/crawl/crawl-threads.ts',
    from: 'await task.retry().catch(() => {}); // a queue',
    to: '// a queue',
    test: [
      THREADS,
      'a crawl by several threads a thread that is lost gives its tasks back, and the others visit them',
    ],
  },
  {
    id: 'crawl: a thread that hangs is waited for',
    breaks: 'A crawl does not end, and nothing says why.',
    file: 'src/crawl/crawl-threads.ts',
    from: '      silence.arm();\n',
    to: '',
    test: [THREADS, 'threads of Node: one that hangs is ended after 210 s without a word'],
  },
  {
    id: 'NATS: a task is acknowledged before its node is marked',
    breaks: 'A machine that is killed in between leaves a node that is visited again.',
    file: 'src/crawl/jetstream-queue.ts',
    from: '    if (!(await this.#markVisited(id))) this.#counts.duplicates += 1;\n    message.ack();',
    to: '    message.ack();\n    if (!(await this.#markVisited(id))) this.#counts.duplicates += 1;',
    test: [QUEUE, 'a queue on NATS the node is marked as visited before its task is acknowledged'],
  },
  {
    id: 'NATS: a task is given out without an end',
    breaks: 'A node that kills crawlers kills one after the other.',
    file: 'src/crawl/jetstream-queue.ts',
    from: '!stored || deliveryCount > MAX_DELIVERIES',
    to: '!stored',
    test: [
      QUEUE,
      'a queue on NATS a task of a lost worker is given out again, and given up the fourth time',
    ],
  },
  {
    id: 'NATS: a message of another program is a task',
    breaks: 'A crawler ends with an error when anyone else writes into its stream.',
    file: 'src/crawl/jetstream-queue.ts',
    from: 'return isTask ? { id, text, firstSeen } : null;',
    to: 'return { id, text, firstSeen };',
    test: [QUEUE, 'a queue on NATS a message that is no task is given up'],
  },
  {
    id: 'NATS: events wait without a bound',
    breaks: 'A node whose NATS server is away runs out of memory.',
    file: 'src/jetstream/event-publisher.ts',
    from: 'this.#waiting.length > MAX_WAITING_EVENTS',
    to: 'false',
    test: [
      PUBLISHER,
      'a publisher of events while there is no server a bounded number waits, and the oldest leaves first',
    ],
  },
  {
    id: 'NATS: a server that answers no more keeps the end',
    breaks: 'A node does not stop while its NATS server hangs.',
    file: 'src/jetstream/event-publisher.ts',
    from: 'await Promise.race([ended, this.#publishTo(jetStream)]);',
    to: 'await this.#publishTo(jetStream);',
    test: [
      PUBLISHER,
      'a publisher of events a server that answers no more does not keep the end either',
    ],
  },
];
