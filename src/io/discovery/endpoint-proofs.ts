/**
 * Which nodes have proven that they are reached at an address, and to which we have proven it. For each node id and
 * address, so that a proof of one node is none for another, and none for another address.
 * Source: devp2p/discv4.md, "Endpoint Proof". What is kept on disk is left to others.
 */
import { BoundedMap } from '../process/bounded-map.ts';

/** How long a pong of theirs proves their endpoint to us, in ms. Source: devp2p/discv4.md, "Endpoint Proof". */
export const THEIR_PROOF_MS = 12 * 60 * 60 * 1_000;

/** How long a ping of theirs, which we answered, proves our endpoint to them, in ms. Source: go-ethereum, `bondExpiration`. */
export const OUR_PROOF_MS = 24 * 60 * 60 * 1_000;

/** Requests without an answer after which we prove our endpoint again. Source: go-ethereum, `maxFindnodeFailures`. */
export const MAX_FIND_FAILURES = 5;

/** Nodes that have proven an address. Ours. */
export const MAX_PROVEN = 16_384;

/** Nodes that have not, and pinged us or were asked. Kept apart: forged pings must not push out proofs. Ours. */
export const MAX_STRANGERS = 4_096;

/** Nodes at one address, so that one address cannot push out all others. Ours. */
export const MAX_NODES_PER_HOST = 256;

/** What is known of one node at one address. Unix times in ms; 0 for never. */
export type KnownProof = {
  readonly id: string;
  readonly host: string;
  /** Their last pong to us. */
  readonly pongedAtMs: number;
  /** Their last ping to us. */
  readonly pingedAtMs: number;
};

type Entry = { pongedAtMs: number; pingedAtMs: number; findFailures: number };

export class EndpointProofs {
  readonly #unixTimeMs: () => number;
  readonly #proven = new NodesByHost(MAX_PROVEN);
  readonly #strangers = new NodesByHost(MAX_STRANGERS);

  constructor(unixTimeMs: () => number) {
    this.#unixTimeMs = unixTimeMs;
  }

  /** Nodes that have proven an address, now or before. */
  get size(): number {
    return this.#proven.size;
  }

  /** What was kept from before. What is known already stays. */
  restore(known: Iterable<KnownProof>): void {
    for (const { id, host, pongedAtMs, pingedAtMs } of known) {
      if (this.#proven.get(id, host) || pongedAtMs === 0) continue;
      this.#proven.set(id, host, { pongedAtMs, pingedAtMs, findFailures: 0 });
    }
  }

  /** Whether any node has a proof at this address: all that can be said before the signature is checked. */
  hasAny(host: string): boolean {
    return this.#proven.hasHost(host);
  }

  /** Whether the node has proven this address to us. */
  isProven(id: string, host: string): boolean {
    return this.#isRecent(this.#proven.get(id, host)?.pongedAtMs ?? 0, THEIR_PROOF_MS);
  }

  /** Whether we have probably proven our address to the node: otherwise it does not answer large questions. */
  haveProvenOurs(id: string, host: string): boolean {
    const entry = this.#find(id, host);
    if (!entry || entry.findFailures > MAX_FIND_FAILURES) return false;
    return this.#isRecent(entry.pingedAtMs, OUR_PROOF_MS);
  }

  notePong(id: string, host: string): void {
    const entry = this.#entry(id, host);
    entry.pongedAtMs = this.#unixTimeMs();
    this.#strangers.delete(id, host);
    this.#proven.set(id, host, entry);
  }

  /** Their ping, which we answer. */
  notePing(id: string, host: string): void {
    const entry = this.#entry(id, host);
    entry.pingedAtMs = this.#unixTimeMs();
    entry.findFailures = 0;
  }

  noteFindFailed(id: string, host: string): void {
    this.#entry(id, host).findFailures += 1;
  }

  noteFindAnswered(id: string, host: string): void {
    this.#entry(id, host).findFailures = 0;
  }

  #find(id: string, host: string): Entry | undefined {
    return this.#proven.get(id, host) ?? this.#strangers.get(id, host);
  }

  #entry(id: string, host: string): Entry {
    const known = this.#find(id, host);
    if (known) return known;
    const entry = { pongedAtMs: 0, pingedAtMs: 0, findFailures: 0 };
    this.#strangers.set(id, host, entry);
    return entry;
  }

  /** In both directions: the time of day may have been set back since. */
  #isRecent(atMs: number, limitMs: number): boolean {
    return Math.abs(this.#unixTimeMs() - atMs) <= limitMs;
  }
}

/** The address that was used longest ago leaves first, and at one address the node that was used longest ago. */
class NodesByHost {
  readonly #maxNodes: number;
  /** At most `#maxNodes`, as each has a node. */
  readonly #hosts: BoundedMap<string, BoundedMap<string, Entry>>;
  #size = 0;

  constructor(maxNodes: number) {
    this.#maxNodes = maxNodes;
    this.#hosts = new BoundedMap(maxNodes);
  }

  get size(): number {
    return this.#size;
  }

  hasHost(host: string): boolean {
    return this.#hosts.has(host);
  }

  get(id: string, host: string): Entry | undefined {
    return this.#hosts.get(host)?.get(id);
  }

  set(id: string, host: string, entry: Entry): void {
    if (!this.#hosts.get(host)?.has(id) && this.#size >= this.#maxNodes) this.#removeOldest();
    const nodes = this.#hosts.get(host) ?? new BoundedMap<string, Entry>(MAX_NODES_PER_HOST);
    this.#hosts.set(host, nodes);
    this.#size -= nodes.size;
    nodes.set(id, entry);
    this.#size += nodes.size;
  }

  delete(id: string, host: string): void {
    const nodes = this.#hosts.get(host);
    if (!nodes) return;
    this.#size -= nodes.size;
    nodes.delete(id);
    this.#size += nodes.size;
    if (nodes.size === 0) this.#hosts.delete(host);
  }

  #removeOldest(): void {
    const [host, nodes] = this.#hosts.oldest() ?? [];
    const [id] = nodes?.oldest() ?? [];
    if (host !== undefined && id !== undefined) this.delete(id, host);
  }
}
