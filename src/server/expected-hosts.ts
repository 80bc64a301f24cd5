/**
 * The addresses of the nodes that the user named as trusted or static. Which key a caller has is known only after its
 * handshake, so its address decides whether that handshake waits behind those of strangers. Names are not looked up.
 */
import type { Node } from '../io/crypto/node.ts';
import { parseIp } from '../io/wire/ip-address.ts';

type Role = 'trusted' | 'static';
type NamedNode = Pick<Node, 'id' | 'host'>;

export class ExpectedHosts {
  /** The host of each node, by node id. Bounded as the static and the trusted nodes of the server are. */
  readonly #hosts = { trusted: new Map<string, string>(), static: new Map<string, string>() };

  /** How many of them there are at each host; never zero. */
  readonly #nodesAt = new Map<string, number>();

  constructor(nodes: { readonly [R in Role]: readonly NamedNode[] }) {
    for (const role of ['trusted', 'static'] as const)
      for (const node of nodes[role]) this.add(role, node);
  }

  add(role: Role, { id, host }: NamedNode): void {
    this.remove(role, id);
    const address = canonical(host);
    if (address === null) return;
    this.#hosts[role].set(id, address);
    this.#count(address, 1);
  }

  remove(role: Role, id: string): void {
    const address = this.#hosts[role].get(id);
    if (address === undefined) return;
    this.#hosts[role].delete(id);
    this.#count(address, -1);
  }

  has(host: string): boolean {
    if (this.#nodesAt.size === 0) return false;
    const address = canonical(host);
    return address !== null && this.#nodesAt.has(address);
  }

  #count(address: string, step: 1 | -1): void {
    const count = (this.#nodesAt.get(address) ?? 0) + step;
    if (count > 0) this.#nodesAt.set(address, count);
    else this.#nodesAt.delete(address);
  }
}

const canonical = (host: string): string | null => parseIp(host)?.toNormalizedString() ?? null;
