/** What `doctor.ts` judges: facts of a machine, gathered by `cli/doctor.ts`, and of a running server, by `admin/server-facts.ts`. */
import type { Endpoint } from '../io/wire/endpoint.ts';
import type { DiscoveryFacts } from './discovery-status.ts';

/** A fact, or why it is not known. */
export type Known<Fact> = Fact | { readonly why: string };

export type DoctorFacts = {
  /** Null when none is used. */
  readonly datadir: DatadirFacts | null;
  /** Null when the key is new in each run. `flaw` is that of a `KeyFileError`; null: the key can be used. */
  readonly key: { readonly flaw: string | null; readonly message: string } | null;
  readonly files: { readonly limit: number; readonly needed: number };
  /** By how much the clock of a time server is ahead of ours, in ms. */
  readonly clock: Known<{ readonly aheadMs: number }>;
  /** The address at which a server on the internet sees this machine. */
  readonly seenAt: Known<{ readonly host: string }>;
  /** Addresses of the network interfaces. */
  readonly ownHosts: readonly string[];
  /** Not known when it does not start, or does not answer. */
  readonly server: Known<ServerFacts>;
};

type DatadirFacts = {
  readonly path: string;
  readonly exists: boolean;
  /** Why it cannot be used; null when it can. */
  readonly problem: string | null;
  /** The process that uses it; null: none. */
  readonly usedBy: number | null;
};

/** Of connections in one direction. `errors` are those of docs/metrics.md, by reason. */
export type ConnectionFacts = {
  readonly attempts: number;
  readonly successes: number;
  readonly errors: Readonly<Record<string, number>>;
};

/** What a running server says. All of it is JSON. */
export type ServerFacts = {
  /** How long it was observed, in ms. */
  readonly observedMs: number;
  readonly peers: number;
  readonly maxPeers: number;
  readonly offersNothing: boolean;
  /** Whether it may dial at all. */
  readonly isDialling: boolean;
  /** Static nodes, and lists of nodes in DNS or of a program: ways to find nodes besides discovery. */
  readonly otherSources: number;
  /** Null while it does not listen. */
  readonly listening: Endpoint | null;
  /** What the node record claims; null without a record. */
  readonly record: { readonly hosts: readonly string[] } | null;
  /** Null with the option `nat` at `none` or `extip:…`. */
  readonly gateway: GatewayFacts | null;
  readonly discovery: Readonly<Record<'v4' | 'v5', DiscoveryFacts | null>>;
  readonly dials: ConnectionFacts;
  readonly inbound: ConnectionFacts;
};

export type GatewayFacts = {
  /** Null while none is found. */
  readonly name: string | null;
  /** The address that it says it has; null: none. */
  readonly host: string | null;
  /** Its TCP port that leads to ours; null: none. */
  readonly tcpPort: number | null;
  /** Why the latest call failed; empty otherwise. */
  readonly fault: string;
};
