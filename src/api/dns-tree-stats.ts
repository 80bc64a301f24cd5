/** What a server knows of one DNS node list. */
import type { ReadFailure } from '../io/discovery/tree-reader.ts';

export type DnsTreeStats = {
  /** Where the list is, and its key: `enrtree://…`. */
  readonly url: string;
  /** State of the chart `dns-tree`, such as `withRoot.resting`. */
  readonly state: string;
  /** Sequence number of the root; null until one was read. */
  readonly seq: number | null;
  /** Node records that were read since the start; those of a further round count again. */
  readonly nodesRead: number;
  /** Entries of this round that are known and unread. */
  readonly remaining: number;
  /** How often a root or an entry could not be read, by reason. */
  readonly failures: Readonly<Partial<Record<ReadFailure, number>>>;
};
