/**
 * What other nodes state as our endpoint, and which endpoint follows from it. One value holds one address family.
 * Sources: go-ethereum p2p/netutil/iptrack.go and p2p/enode/localnode.go. One vote for each network is ours.
 */
import type { Endpoint } from '../../io/wire/endpoint.ts';

/** Statements that an endpoint needs. Source: go-ethereum p2p/enode/localnode.go, iptrackMinStatements. */
const MIN_STATEMENTS = 10;

/** Age up to which a statement counts, in ms. Source: go-ethereum p2p/enode/localnode.go, iptrackWindow. */
const STATEMENT_WINDOW_MS = 300_000;

/** Age up to which a contact counts, in ms. Source: go-ethereum p2p/enode/localnode.go, iptrackContactWindow. */
const CONTACT_WINDOW_MS = 600_000;

/** Voters whose statement, or whose contact, is kept. Source: ChainSafe/discv5 service/addrVotes.ts. */
export const MAX_VOTERS = 200;

export type VoteRules = {
  readonly minStatements: number;
  readonly statementMs: number;
  readonly contactMs: number;
};

export const VOTE_RULES: VoteRules = Object.freeze({
  minStatements: MIN_STATEMENTS,
  statementMs: STATEMENT_WINDOW_MS,
  contactMs: CONTACT_WINDOW_MS,
});

/** Immutable. A voter is a network: all addresses of one network have one vote together. */
export type IpVotes = {
  /** The latest statement of each voter, oldest first; at most `MAX_VOTERS`, the oldest leaves first. */
  readonly statements: ReadonlyMap<string, Statement>;
  /** When we last sent something to each voter, oldest first; at most `MAX_VOTERS`, the oldest leaves first. */
  readonly contacts: ReadonlyMap<string, number>;
};

type Statement = { readonly endpoint: Endpoint; readonly at: number };

export const NO_VOTES: IpVotes = Object.freeze({ statements: new Map(), contacts: new Map() });

/** @param at Time of a clock that never goes back, in ms, as everywhere in this file. */
export const withStatement = (
  votes: IpVotes,
  { voter, endpoint, at }: Statement & { readonly voter: string },
): IpVotes => ({ ...votes, statements: withLatest(votes.statements, voter, { endpoint, at }) });

export const withContact = (votes: IpVotes, voter: string, at: number): IpVotes => ({
  ...votes,
  contacts: withLatest(votes.contacts, voter, at),
});

/** The endpoint that most voters state. Null when they are too few, and when two endpoints have equally many. */
export function predictedEndpoint(
  { statements }: IpVotes,
  now: number,
  { minStatements, statementMs }: VoteRules = VOTE_RULES,
): Endpoint | null {
  const counts = new Map<string, { readonly endpoint: Endpoint; readonly votes: number }>();
  for (const { endpoint, at } of statements.values()) {
    if (now - at > statementMs) continue;
    const key = `${endpoint.host} ${endpoint.port}`;
    counts.set(key, { endpoint, votes: (counts.get(key)?.votes ?? 0) + 1 });
  }
  const [first, second] = [...counts.values()].sort((a, b) => b.votes - a.votes);
  if (!first || first.votes < minStatements || first.votes === second?.votes) return null;
  return first.endpoint;
}

/** Whether a voter reached us before, or without, a packet of ours: our NAT lets in packets from every address. */
export function isFullCone(
  { statements, contacts }: IpVotes,
  now: number,
  { statementMs, contactMs }: VoteRules = VOTE_RULES,
): boolean {
  return [...statements].some(([voter, { at }]) => {
    const contacted = contacts.get(voter);
    const isOwn = contacted !== undefined && now - contacted <= contactMs && contacted <= at;
    return now - at <= statementMs && !isOwn;
  });
}

/** At the end, which is what a new entry is: the first one is always the oldest. */
function withLatest<Value>(
  map: ReadonlyMap<string, Value>,
  voter: string,
  value: Value,
): ReadonlyMap<string, Value> {
  const next = new Map(map);
  next.delete(voter);
  next.set(voter, value);
  const [oldest] = next.keys();
  if (next.size > MAX_VOTERS && oldest !== undefined) next.delete(oldest);
  return next;
}
