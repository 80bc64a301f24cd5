/**
 * Remote nodes without a server, driven by scenes: a client name, a key and an address each. There are so many that the
 * throttle has expired when one is used again.
 */
import { formatEnode } from '../io/crypto/enode.ts';
import { createNodeKey, type NodeKey } from '../io/crypto/node-key.ts';
import { FAST_SECRETS, fastPrimitives } from '../testing/raw-peer/fast-crypto.ts';
import type { Host } from '../testing/world/internet.ts';
import type { World } from '../testing/world/world.ts';
import { DEFAULT_PORT } from '../testing/world/world-node.ts';

/** Lower private keys belong to the nodes of the world, which start at 1. */
const FIRST_SECRET = 51;

/** Client names as real clients send them. */
export const CLIENTS = [
  'Geth/v1.16.7-stable/linux-amd64/go1.25.1',
  'Nethermind/v1.35.2/linux-x64/dotnet9.0.10',
  'reth/v1.9.3/x86_64-unknown-linux-gnu',
  'besu/v25.11.0/linux-x86_64/openjdk-java-21',
  'erigon/v3.2.2/linux-amd64/go1.25.1',
  'nimbus-eth1/v0.2.2/linux-amd64/nim-2.2.4',
  'EthereumJS/10.0.0/linux/node22',
] as const;

export type RemoteNode = {
  readonly key: NodeKey;
  readonly host: Host;
  readonly enode: string;
  readonly client: string;
};

export class RemoteNodes {
  /** Least recently used first. */
  readonly #available: RemoteNode[] = [];

  constructor(world: Pick<World, 'internet'>) {
    for (let secret = FIRST_SECRET; secret <= FAST_SECRETS; secret += 1) {
      const remote = remoteNodeOf(secret);
      world.internet.join(remote.host);
      this.#available.push(remote);
    }
  }

  get available(): number {
    return this.#available.length;
  }

  /** @throws {RangeError} All are in use. */
  take(): RemoteNode {
    const remote = this.#available.shift();
    if (!remote) throw new RangeError('every remote node is in use');
    return remote;
  }

  release(remote: RemoteNode): void {
    this.#available.push(remote);
  }
}

/** An enode URL with the key of `remote` and another host. */
export function enodeAt(
  { key }: Pick<RemoteNode, 'key'>,
  host: string,
  hostKind: 'ipv4' | 'name' = 'ipv4',
): string {
  const { publicKey, id } = key;
  return formatEnode({
    publicKey,
    id,
    host,
    hostKind,
    tcpPort: DEFAULT_PORT,
    udpPort: DEFAULT_PORT,
  });
}

/** Each has a /24 of its own. */
function remoteNodeOf(secret: number): RemoteNode {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(28, secret);
  const key = createNodeKey(bytes, fastPrimitives);
  const host: Host = { address: `80.${secret}.7.1`, nat: null };
  return {
    key,
    host,
    enode: enodeAt({ key }, host.address),
    client: CLIENTS[secret % CLIENTS.length]!,
  };
}
