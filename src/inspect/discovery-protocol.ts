/** What a viewer gets of discovery: types only, shared with the page. Foreign text has been escaped and cut. */
import type { StatusText } from '../explain/discovery-status.ts';
import type { ReadFailure } from '../io/discovery/tree-reader.ts';

/** A node of the table. */
export type TableNode = {
  readonly id: string;
  /** `host:port` of UDP. */
  readonly remote: string;
};

export type TableEntryView = TableNode & {
  /** Whether it has answered a check at this address: only such nodes are told to others. */
  readonly isLive: boolean;
  /** Checks that were answered, less those that failed. */
  readonly checks: number;
  /** New nodes and those that failed a check are on the fast list. */
  readonly list: 'fast' | 'slow';
  /** Its check is under way. */
  readonly isChecked: boolean;
};

export type BucketView = {
  /** Log distance of its nodes from us; of the first bucket the largest. */
  readonly distance: number;
  /** At most 16. */
  readonly entries: readonly TableEntryView[];
  /** At most 10, the newest first: they wait for a place. */
  readonly replacements: readonly TableNode[];
};

/** Datagrams of the discovery socket since it was bound. */
export type PacketsView = {
  readonly datagramsIn: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Dropped instead of being sent. */
  readonly unsent: number;
  /** Valid packets, by type. */
  readonly byType: readonly {
    readonly packet: string;
    readonly received: number;
    readonly sent: number;
  }[];
  /** Datagrams that led to nothing, by reason, the most frequent first. */
  readonly refused: readonly { readonly reason: string; readonly count: number }[];
  /**
   * `requests` that wait for an answer and `sources` with a budget; of v4 `proofs` of nodes that have proven an address; of v5
   * `sessions` with keys, `handshakes` under way and `talks` that are being answered.
   */
  readonly budgets: readonly {
    readonly budget: string;
    readonly used: number;
    readonly of: number;
  }[];
};

/**
 * The table and the packets, as of a moment: at most once a second for a page, and every half minute in a recording,
 * where it is the row of the actor of `table-maintenance`.
 */
export type DiscoveryView = {
  readonly status: StatusText;
  /** The closest first; empty ones are included. */
  readonly buckets: readonly BucketView[];
  /** Refreshes that have ended, and how many of the latest no node answered. */
  readonly refreshes: number;
  readonly unanswered: number;
  /** Lookups that the refresh under way still wants. */
  readonly lookupsLeft: number;
  /** Longest pauses until the next refresh and the next check of each list, in ms. */
  readonly pauses: { readonly refresh: number; readonly fast: number; readonly slow: number };
  /** Null without a socket. */
  readonly packets: PacketsView | null;
};

/** Row of `table-maintenance` in a recording. */
export type DiscoveryRow = { readonly discovery: DiscoveryView };

/** Row of the server. */
export type ServerRow = { readonly discovers: boolean };

/** Row of `endpoint-proof`. */
export type ProofRow = TableNode;

/** Row of `dns-tree`. */
export type DnsTreeRow = {
  /** The `enrtree://` URL of the list. */
  readonly listUrl: string;
  /** Of its root; null until one was read. */
  readonly rootSeq: number | null;
  /** Node records that were read in this round, and entries that are known and unread. */
  readonly nodes: number;
  readonly unread: number;
  /** Why the last root or entry could not be read, a `ListFailure`; null when it could. */
  readonly lastFailure: string | null;
};

export type ListFailure = ReadFailure;

/** Row of `lookup`. */
export type LookupRow = {
  /** The node id that is looked for. */
  readonly target: string;
  /** Those that were asked, in that order; at most 64. */
  readonly path: readonly (TableNode & { readonly answer: 'none yet' | 'nodes' | 'nothing' })[];
  /** Nodes known to it, with those it began with. */
  readonly found: number;
};

/** Row of `local-node`. */
export type LocalNodeRow = {
  /** Of the latest record. */
  readonly seq: number;
  /** Its text; empty before the first. */
  readonly record: string;
  readonly ipv4: ClaimView | null;
  readonly ipv6: ClaimView | null;
};

/** What the record claims for one address family, and why. */
export type ClaimView = {
  readonly why: 'static' | 'gateway' | 'predicted' | 'fallback';
  /** `host:port` of UDP. */
  readonly remote: string;
};

/** Row of `port-mapper`. */
export type MapperRow = {
  /** The option `nat`. */
  readonly mechanism: string;
  /** Its kind and address; empty while none is found. */
  readonly gateway: string;
  /** The external addresses, with a comma between them; empty while there is none. */
  readonly external: string;
  /** TCP first, then UDP. */
  readonly mappings: readonly MappingView[];
  /** Why the latest call failed; empty after one that did not. */
  readonly fault: string;
};

export type MappingView = {
  readonly protocol: 'tcp' | 'udp';
  /** Ours, and that of the gateway; 0 when there is none. */
  readonly port: number;
  readonly externalPort: number;
  /** Renewals in a row that failed. */
  readonly failures: number;
};
