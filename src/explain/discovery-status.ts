/** Whether discovery finds nodes, and if not why, in one sentence with a remedy. Pure. */

export type DiscoveryFacts = {
  /** State of the machine `table-maintenance`. */
  readonly state: string;
  /** Why it is ending or has failed; empty otherwise. */
  readonly fault: string;
  /** Bootnodes that were given. */
  readonly bootnodes: number;
  /** Of them, those whose host is an address, or a name whose address is known. */
  readonly knownBootnodes: number;
  /** Of these, how many netRestrict excludes. */
  readonly excludedBootnodes: number;
  /** Entries of the table. */
  readonly nodes: number;
  /** Of them, those that answered a check at their present endpoint. */
  readonly live: number;
  /** Of the live ones, those that are no bootnodes. */
  readonly liveOthers: number;
  /** Refreshes that have ended. */
  readonly refreshes: number;
  /** Refreshes in a row that no node answered. */
  readonly unanswered: number;
  /** Datagrams sent and received; null without a socket. */
  readonly traffic: { readonly sent: number; readonly received: number } | null;
  /** By how much our clock is behind those of others, in ms; null while it seems right. */
  readonly clockBehindMs: number | null;
};

/** What is so, for people, and what to do about it. */
export type StatusText = {
  /** `bad` needs a person, `waiting` may become good by itself. */
  readonly tone: 'good' | 'waiting' | 'bad';
  /** One sentence, with the numbers. */
  readonly sentence: string;
  /** What to do; empty when nothing is. */
  readonly remedy: string;
};

const GIVE_BOOTNODES = 'Give bootnodes: --bootnodes, or bootnodes in a program.';

const CHECK_UDP =
  'Check that a firewall or NAT lets UDP through, and that the addresses of the bootnodes are current.';

/** States in which there is nothing to say about nodes, by their first name. */
const PHASES: Readonly<Record<string, string>> = {
  binding: 'Discovery is binding its UDP address.',
  loading: 'Discovery is reading the nodes of the store.',
  saving: 'Discovery is stopping: its nodes are being saved.',
  closing: 'Discovery is stopping: its socket is being closed.',
  closed: 'Discovery has stopped.',
};

export function explainDiscovery(facts: DiscoveryFacts): StatusText {
  const { state, fault } = facts;
  const phase = state.split('.')[0]!;
  if (phase === 'failed')
    return bad(
      `Discovery has failed: ${fault}.`,
      'Fix what it names, then start the server again.',
    );
  if (phase === 'offline')
    return bad(
      'Discovery has lost its UDP socket, and tries to bind it again.',
      'Check the network of this machine, and that no other process uses the UDP port.',
    );
  const sentence = PHASES[phase];
  if (sentence !== undefined) return waiting(sentence);
  return wrongClock(facts) ?? (facts.live > 0 ? withNodes(facts) : withoutNodes(facts));
}

function wrongClock({ clockBehindMs }: DiscoveryFacts): StatusText | null {
  if (clockBehindMs === null) return null;
  const seconds = Math.round(Math.abs(clockBehindMs) / 1_000);
  const where = clockBehindMs > 0 ? 'behind' : 'ahead of';
  return bad(
    `No node answers: the clock of this machine is ${seconds} s ${where} those of other nodes.`,
    'Set the clock: packets with a wrong time are dropped.',
  );
}

function withNodes({ live, liveOthers, nodes, refreshes, unanswered }: DiscoveryFacts): StatusText {
  if (unanswered > 0)
    return waiting(
      `No node answered ${refreshesInWords(unanswered)}; ${live} of ${nodes} in the table answered before.`,
      'Check the network of this machine.',
    );
  if (liveOthers === 0 && refreshes > 0)
    return waiting(
      `Alone in the network: ${live === 1 ? 'one bootnode answers' : `${live} bootnodes answer`}, and no other node.`,
      'Wait for other nodes, or give other bootnodes.',
    );
  return {
    tone: 'good',
    sentence: `Discovery works: ${live} of ${amountOf(nodes, 'node')} in the table ${live === 1 ? 'has' : 'have'} answered a check.`,
    remedy: '',
  };
}

function withoutNodes(facts: DiscoveryFacts): StatusText {
  const { bootnodes, knownBootnodes, excludedBootnodes, nodes, refreshes } = facts;
  const { unanswered, traffic } = facts;
  if (bootnodes === 0 && nodes === 0)
    return bad('Discovery has no node to ask: there are no bootnodes.', GIVE_BOOTNODES);
  if (bootnodes > 0 && excludedBootnodes === bootnodes)
    return bad(
      'Discovery may ask no bootnode: netRestrict excludes all of them.',
      'Add the network of the bootnodes to netRestrict, or take the restriction away.',
    );
  if (knownBootnodes === 0 && nodes === 0)
    return waiting(
      'No address is known yet for the host names of the bootnodes.',
      'Check the name servers of this machine, or give addresses instead of names.',
    );
  if (refreshes === 0) return waiting('Discovery asks its first nodes.');
  const asked = bootnodes === 0 ? 'node' : 'bootnode';
  if (!traffic || traffic.received === 0)
    return bad(
      `No ${asked} has answered: ${amountOf(traffic?.sent ?? 0, 'packet')} sent, none received.`,
      CHECK_UDP,
    );
  if (unanswered > 0)
    return bad(`No ${asked} answered ${refreshesInWords(unanswered)}.`, CHECK_UDP);
  return waiting(
    nodes > 0
      ? 'No node of the table has answered a check yet.'
      : 'The last node of the table did not answer its check; bootnodes are asked again soon.',
    'Check the network of this machine.',
  );
}

const amountOf = (count: number, noun: string): string =>
  `${count} ${count === 1 ? noun : `${noun}s`}`;

const refreshesInWords = (count: number): string =>
  count === 1 ? 'the last refresh' : `the last ${count} refreshes`;

const bad = (sentence: string, remedy: string): StatusText => ({
  tone: 'bad',
  sentence,
  remedy,
});

const waiting = (sentence: string, remedy = ''): StatusText => ({
  tone: 'waiting',
  sentence,
  remedy,
});
