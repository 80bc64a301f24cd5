/**
 * Those who meet the node and have no server of their own: a name, a key and an address for each. There are so many
 * of them that one who comes back has been forgotten by the throttle.
 */
import { formatEnode } from '../io/crypto/enode.ts';
import { createNodeKey, type NodeKey } from '../io/crypto/node-key.ts';
import { FAST_SECRETS, fastPrimitives } from '../testing/raw-peer/fast-crypto.ts';
import type { Host } from '../testing/world/internet.ts';
import type { World } from '../testing/world/world.ts';
import { DEFAULT_PORT } from '../testing/world/world-node.ts';

/** Secrets up to this one are left to the nodes of the world, which count theirs from 1. */
const FIRST_SECRET = 51;

/** As clients call themselves. */
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
  /** The one who has been away for longest comes first. */
  readonly #away: RemoteNode[] = [];

  constructor(world: Pick<World, 'internet'>) {
    for (let secret = FIRST_SECRET; secret <= FAST_SECRETS; secret += 1) {
      const stranger = strangerOf(secret);
      world.internet.join(stranger.host);
      this.#away.push(stranger);
    }
  }

  get away(): number {
    return this.#away.length;
  }

  /** @throws {RangeError} All of them are here. */
  take(): RemoteNode {
    const stranger = this.#away.shift();
    if (!stranger) throw new RangeError('every stranger is here already');
    return stranger;
  }

  giveBack(stranger: RemoteNode): void {
    this.#away.push(stranger);
  }
}

/** Where `stranger` would be with another address or port, or under another name. */
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

/** Each in a /24 of its own. */
function strangerOf(secret: number): RemoteNode {
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
