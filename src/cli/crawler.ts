/**
 * Asks one node after the other for the nodes it knows, beginning with some, until none is left to ask or the time is over.
 * Many are asked at once. What is done with the results is decided by the command.
 */
import { type Node, nodeAt } from '../io/crypto/node.ts';
import { endpointOf, type NodeRecord } from '../io/crypto/node-record.ts';
import type { Random } from '../io/crypto/primitives.ts';
import type { Discv4 } from '../io/discovery/discv4.ts';
import type { PingResult } from '../io/discovery/request-results.ts';
import type { Clock } from '../io/process/clock.ts';
import { hexOf } from '../io/wire/hex.ts';

/** Nodes asked at once. Ours: each has one request under way, of the 512 that there may be. */
const MAX_ASKED = 64;

/** Questions to one node, each for another random place. Ours: an answer has 16 nodes of the 272 of a table. */
const QUESTIONS = 8;

/** Nodes that are remembered; more are not asked. Ours. */
export const MAX_CRAWLED = 100_000;

/** Wait for the ping of a node that answered ours, in ms. Source: go-ethereum p2p/discover/v4_udp.go, `ensureBond`. */
const THEIR_PING_MS = 500;

/** Bytes of a target: a public key. */
const TARGET_BYTES = 64;

/** What was learned of one node. */
export type CrawledNode = {
  readonly id: string;
  readonly enode: string;
  readonly record: NodeRecord | null;
  /** From ping to pong, in ms; null when it did not answer. */
  readonly rttMs: number | null;
  /** Different nodes that it named. */
  readonly named: number;
};

export type CrawlCounts = {
  /** Nodes heard of. */
  readonly known: number;
  readonly asked: number;
  readonly answered: number;
};

export type CrawlerParts = {
  readonly discv4: Pick<Discv4, 'ping' | 'onPingOf' | 'findNode' | 'requestRecord'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Most nodes to ask. */
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly onNode: (node: CrawledNode) => void;
};

export class Crawler {
  readonly #parts: CrawlerParts;
  /** Ids of all nodes heard of; at most `limit`. */
  readonly #known = new Set<string>();
  /** Nodes to ask, the oldest first; a part of the known ones. */
  readonly #queue: Node[] = [];
  #asked = 0;
  #answered = 0;
  #running = 0;
  #end = (): void => {};

  constructor(parts: CrawlerParts) {
    this.#parts = parts;
  }

  get counts(): CrawlCounts {
    return { known: this.#known.size, asked: this.#asked, answered: this.#answered };
  }

  /** Ends when every node was asked, or with the signal; then nodes that are being asked are left out. */
  async crawl(bootnodes: readonly Node[]): Promise<void> {
    const { signal } = this.#parts;
    for (const node of bootnodes) this.#add(node);
    const ended = new Promise<void>((resolve) => {
      this.#end = resolve;
    });
    signal.addEventListener('abort', this.#end);
    this.#fill();
    await ended;
    signal.removeEventListener('abort', this.#end);
  }

  #add(node: Node): void {
    const isAskable = node.hostKind === 'ipv4' || node.hostKind === 'ipv6';
    if (!isAskable || this.#known.has(node.id) || this.#known.size >= this.#parts.limit) return;
    this.#known.add(node.id);
    this.#queue.push(node);
  }

  #fill(): void {
    const { signal } = this.#parts;
    while (!signal.aborted && this.#running < MAX_ASKED && this.#queue.length > 0) {
      this.#running += 1;
      void this.#visit(this.#queue.shift()!).finally(() => {
        this.#running -= 1;
        this.#fill();
      });
    }
    if (this.#running === 0 || signal.aborted) this.#end();
  }

  async #visit(node: Node): Promise<void> {
    const pong = await this.#bond(node);
    const record = pong ? await this.#record(node) : null;
    const named = new Set<string>();
    for (let question = 0; pong && question < QUESTIONS; question += 1) {
      const found = await this.#neighbors(node);
      if (found.length === 0) break; // it answers no more, or knows no node
      for (const one of found) {
        named.add(one.id);
        this.#add(one);
      }
    }
    if (this.#parts.signal.aborted) return;
    this.#asked += 1;
    if (pong) this.#answered += 1;
    const { id } = node;
    this.#parts.onNode({
      ...{ id, enode: placeOf(node, record).text, record },
      rttMs: pong && Math.round(pong.rttMs),
      named: named.size,
    });
  }

  /** A node answers questions once it has pinged us and we have answered, or when it remembers that. */
  async #bond(node: Node): Promise<Extract<PingResult, { type: 'pong' }> | null> {
    const { discv4, clock } = this.#parts;
    let endWait = (): void => {};
    const pinged = new Promise<void>((resolve) => {
      const cancel = discv4.onPingOf(node, resolve);
      const timer = clock.setTimeout(resolve, THEIR_PING_MS * 2);
      endWait = () => {
        cancel?.();
        clock.clearTimeout(timer);
      };
    });
    const result = await new Promise<PingResult>((resolve) => void discv4.ping(node, resolve));
    if (result.type === 'pong') await pinged;
    endWait();
    return result.type === 'pong' ? result : null;
  }

  #record(node: Node): Promise<NodeRecord | null> {
    return new Promise((resolve) => {
      this.#parts.discv4.requestRecord(node, (result) =>
        resolve(result.type === 'record' ? result.record : null),
      );
    });
  }

  #neighbors(node: Node): Promise<readonly Node[]> {
    const target = hexOf(this.#parts.random(TARGET_BYTES));
    return new Promise((resolve) => {
      this.#parts.discv4.findNode(node, target, (result) =>
        resolve(result.type === 'neighbors' ? result.nodes : []),
      );
    });
  }
}

/** With the TCP port of the record: packets do not always have it. */
function placeOf(node: Node, record: NodeRecord | null): Node {
  if (!record) return node;
  const { id, publicKey, host, udpPort, tcpPort } = node;
  return nodeAt({ id, publicKey, host, udpPort, tcpPort: endpointOf(record).tcpPort || tcpPort });
}
