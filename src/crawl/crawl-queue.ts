/** The queue of a crawl: which nodes are to be visited, each once a day. In memory, in a file, or shared by many machines. */

/** A node to visit, as text: it goes through files and to other processes. */
export type NodeText = {
  /** Node id, 64 hex digits. */
  readonly id: string;
  /** An enode URL or a node record (`enr:…`). */
  readonly text: string;
};

/** One node that was taken to be visited. Exactly one of `ack` and `retry` ends it. */
export type CrawlTask = {
  readonly node: NodeText;
  /** When the node was offered first, in ms since 1970. */
  readonly firstSeen: number;
  /** The record of the visit is written: the node is not visited again for a day. */
  ack(): Promise<void>;
  /** The visit was not completed: the node goes back into the queue, {@link MAX_DELIVERIES} times at most. */
  retry(): Promise<void>;
  /** The visit goes on: a queue that gives tasks to another worker after some time waits longer. */
  extend(): Promise<void>;
};

/** `full`: the queue knows as many nodes as it has room for; it is not visited. */
export type OfferResult = 'added' | 'known' | 'full';

export type CrawlQueue = {
  /**
   * Adds a node that is not known by its id, or was visited a day ago. When it resolves with `added`, the node is not lost any
   * more, within what the queue promises. Calls may overlap.
   */
  offer(node: NodeText): Promise<OfferResult>;
  /**
   * The next node to visit. Null: there is none for now, or the signal was aborted. Another call may find one: a node that
   * was offered meanwhile, or a task that another worker gave back.
   */
  take(signal: AbortSignal): Promise<CrawlTask | null>;
  /** Tasks that are taken and not ended are given back. */
  close(): Promise<void>;
};

/** Time between two visits of one node, in ms: one handshake a day is polite. Ours. */
export const VISIT_INTERVAL_MS = 86_400_000;

/** How often one task is given out before the node is given up. Ours: a node whose visits break a worker must not break all. */
export const MAX_DELIVERIES = 3;
