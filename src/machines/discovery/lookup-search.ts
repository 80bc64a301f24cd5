/**
 * A search for the nodes closest to an id, as a value: whom to ask next, and what is known so far.
 * How long to wait for answers is decided by `lookup.ts`. Source: devp2p/discv4.md, "Recursive Lookup".
 */
import type { Node } from '../../io/crypto/node.ts';
import { PersistentSet } from '../persistent-map.ts';
import { closestOf } from './distance.ts';
import { BUCKET_SIZE } from './table.ts';

/** Nodes that are asked at once, alpha of Kademlia. Source: devp2p/discv4.md. */
const LOOKUP_CONCURRENCY = 3;

/** Nodes that are asked in all. Ours: nodes that invent ever closer ones must not keep a lookup going. */
export const MAX_ASKED = 64;

/** Nodes taken from one answer. Source: devp2p/discv4.md: a node returns the 16 that are closest. */
export const MAX_NODES_PER_ANSWER = 16;

export type LookupSearch = {
  readonly targetId: string;
  /** The nodes closest to the target so far, closest first; at most `BUCKET_SIZE`. */
  readonly closest: readonly Node[];
  /** Every node that was returned or known at the start, without ourselves; each once. At most `MAX_ASKED` answers. */
  readonly found: readonly Node[];
  /** Ids of `found`, and ours. */
  readonly seen: PersistentSet;
  /** At most `MAX_ASKED`. */
  readonly asked: PersistentSet;
  /** At most `LOOKUP_CONCURRENCY`. */
  readonly pending: ReadonlySet<string>;
  /** Ids of those that returned a node. */
  readonly answered: readonly string[];
  /** Ids of those that did not answer, or returned nothing. */
  readonly failed: readonly string[];
};

export type SearchStart = {
  readonly targetId: string;
  readonly selfId: string;
  readonly seeds: readonly Node[];
};

export function beginSearch({ targetId, selfId, seeds }: SearchStart): LookupSearch {
  const nothing: LookupSearch = {
    targetId,
    closest: [],
    found: [],
    seen: PersistentSet.from([selfId]),
    asked: PersistentSet.from(),
    pending: new Set(),
    answered: [],
    failed: [],
  };
  return withNodes(nothing, seeds);
}

/** The closest nodes that were not asked, as many as may be asked now. */
export function takeToAsk(search: LookupSearch): {
  readonly search: LookupSearch;
  readonly nodes: readonly Node[];
} {
  const { pending, asked } = search;
  const free = Math.min(LOOKUP_CONCURRENCY - pending.size, MAX_ASKED - asked.size);
  const nodes = unasked(search).slice(0, Math.max(0, free));
  if (nodes.length === 0) return { search, nodes };
  const ids = nodes.map(({ id }) => id);
  const next = {
    ...search,
    asked: ids.reduce((set, id) => set.with(id), asked),
    pending: new Set([...pending, ...ids]),
  };
  return { search: next, nodes };
}

/** @param nodes What it returned. Those that are new to the search are at the end of `found` afterwards. */
export function withAnswer(search: LookupSearch, id: string, nodes: readonly Node[]): LookupSearch {
  if (nodes.length === 0) return withFailure(search, id);
  const rest = { ...withoutPending(search, id), answered: [...search.answered, id] };
  return withNodes(rest, nodes.slice(0, MAX_NODES_PER_ANSWER));
}

export const withFailure = (search: LookupSearch, id: string): LookupSearch => ({
  ...withoutPending(search, id),
  failed: [...search.failed, id],
});

/** Whether no node is being asked, and none may be asked. */
export const isOver = ({ pending, ...search }: LookupSearch): boolean =>
  pending.size === 0 && (search.asked.size >= MAX_ASKED || unasked(search).length === 0);

/** Whether there are closer nodes that may not be asked any more. */
export const isAtLimit = (search: LookupSearch): boolean =>
  search.asked.size >= MAX_ASKED && unasked(search).length > 0;

const unasked = ({ closest, asked }: Pick<LookupSearch, 'closest' | 'asked'>): readonly Node[] =>
  closest.filter(({ id }) => !asked.has(id));

function withoutPending(search: LookupSearch, id: string): LookupSearch {
  const pending = new Set(search.pending);
  pending.delete(id);
  return { ...search, pending };
}

function withNodes(search: LookupSearch, nodes: readonly Node[]): LookupSearch {
  let { seen } = search;
  const fresh: Node[] = [];
  for (const node of nodes) {
    if (seen.has(node.id)) continue;
    seen = seen.with(node.id);
    fresh.push(node);
  }
  if (fresh.length === 0) return search;
  return {
    ...search,
    seen,
    found: [...search.found, ...fresh],
    closest: closestOf([...search.closest, ...fresh], search.targetId, BUCKET_SIZE),
  };
}
