/**
 * The addresses of the nodes that the user named as trusted or static. Which key a caller has is known only after its
 * handshake, so its address decides whether that handshake waits behind those of strangers. Names are not looked up.
 */
import type { Enode } from '../io/crypto/enode.ts';
import { parseIp } from '../io/wire/ip-address.ts';

type Role = 'trusted' | 'static';
type Node = Pick<Enode, 'id' | 'host'>;

export class ExpectedHosts {
  /** The host of each node, by node id. Bounded as the static and the trusted nodes of the server are. */
  readonly #hosts: Readonly<Record<Role, Map<string, string>>>;

  constructor(nodes: { readonly [R in Role]: readonly Node[] }) {
    this.#hosts = { trusted: byId(nodes.trusted), static: byId(nodes.static) };
  }

  add(role: Role, { id, host }: Node): void {
    const address = canonical(host);
    if (address === null) this.#hosts[role].delete(id);
    else this.#hosts[role].set(id, address);
  }

  remove(role: Role, id: string): void {
    this.#hosts[role].delete(id);
  }

  has(host: string): boolean {
    const address = canonical(host);
    if (address === null) return false;
    const { trusted, static: kept } = this.#hosts;
    return [...trusted.values(), ...kept.values()].includes(address);
  }
}

const canonical = (host: string): string | null => parseIp(host)?.toNormalizedString() ?? null;

const byId = (nodes: readonly Node[]): Map<string, string> =>
  new Map(
    nodes.flatMap(({ id, host }) => {
      const address = canonical(host);
      return address === null ? [] : [[id, address] as const];
    }),
  );
