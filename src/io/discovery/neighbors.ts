/** Nodes in Neighbors: which of ours another node learns, and which of theirs we take. */
import { type Node, nodeAt } from '../crypto/node.ts';
import type { Primitives } from '../crypto/primitives.ts';
import { parseRawPublicKey, publicKeyHex, rawPublicKey } from '../crypto/public-key.ts';
import type { DiscoveredNode } from '../wire/discv4-message.ts';
import { WireError } from '../wire/error.ts';
import { hexOf } from '../wire/hex.ts';
import { mayRelay } from './relay-rules.ts';

/** Nodes in one packet: with IPv6 addresses they have 1,100 bytes. Source: go-ethereum v4wire, `MaxNeighbors`. */
const MAX_NODES_PER_PACKET = 12;

/** Nodes in one answer, in all packets together: a bucket. Source: devp2p/discv4.md, "Kademlia Table". */
const MAX_NODES_PER_ANSWER = 16;

/** Packets of one answer. Source: security limits. */
const MAX_PACKETS_PER_ANSWER = 5;

/** Ports up to this one belong to other services: no node is sent to them. Source: go-ethereum, `errLowPort`. */
export const MAX_LOW_PORT = 1_024;

/** The packets of an answer to `requester`, in order. The last one, or only one, may be empty. */
export function packetsOf(
  nodes: readonly Node[],
  requester: { readonly id: string; readonly host: string },
  ownId: string,
): readonly (readonly DiscoveredNode[])[] {
  const relayed = nodes
    .filter(({ id }) => id !== requester.id && id !== ownId)
    .filter(({ host, udpPort }) => udpPort !== 0 && mayRelay(host, requester.host))
    .slice(0, MAX_NODES_PER_ANSWER)
    .map(({ host, udpPort, tcpPort, publicKey }) => ({
      ...{ host, udpPort, tcpPort, publicKey: publicKeyHex(publicKey) },
    }));
  const first = relayed.slice(0, MAX_NODES_PER_PACKET);
  const rest = relayed.slice(MAX_NODES_PER_PACKET);
  return rest.length === 0 ? [first] : [first, rest];
}

/** Takes what one node says about others, in as many packets as it likes, up to the limits of an answer. */
export class NeighborsAnswer {
  readonly #options: NeighborsOptions;
  /** At most MAX_NODES_PER_ANSWER. */
  readonly #nodes: Node[] = [];
  /** Keys that were named, usable or not. At most MAX_NODES_PER_ANSWER. */
  readonly #named = new Set<string>();
  #packets = 0;

  constructor(options: NeighborsOptions) {
    this.#options = options;
  }

  /** Usable ones, without doubles. */
  get nodes(): readonly Node[] {
    return [...this.#nodes];
  }

  get packets(): number {
    return this.#packets;
  }

  /** @returns Whether no more is read. */
  add(nodes: readonly DiscoveredNode[]): boolean {
    this.#packets += 1;
    for (const said of nodes) {
      if (this.#named.size >= MAX_NODES_PER_ANSWER) break;
      const isNew = !this.#named.has(said.publicKey);
      this.#named.add(said.publicKey);
      const node = isNew ? this.#usable(said) : null;
      if (node) this.#nodes.push(node);
    }
    return this.#named.size >= MAX_NODES_PER_ANSWER || this.#packets >= MAX_PACKETS_PER_ANSWER;
  }

  #usable({ publicKey: digits, host, udpPort, tcpPort }: DiscoveredNode): Node | null {
    const { ownId, from, isAllowed, primitives } = this.#options;
    if (udpPort <= MAX_LOW_PORT || !mayRelay(host, from) || !isAllowed(host)) return null;
    try {
      const publicKey = parseRawPublicKey(Buffer.from(digits, 'hex'));
      const id = hexOf(primitives.keccak256(rawPublicKey(publicKey)));
      return id === ownId ? null : nodeAt({ publicKey, id, host, udpPort, tcpPort });
    } catch (error) {
      if (error instanceof WireError) return null; // the key is not a point
      throw error;
    }
  }
}

type NeighborsOptions = {
  readonly ownId: string;
  /** Address of the node that answers. */
  readonly from: string;
  readonly isAllowed: (host: string) => boolean;
  readonly primitives: Primitives;
};
