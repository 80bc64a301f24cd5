/** The network of `crawl`, from plain values: a thread makes its own. */
import type { Ports } from '../api/options.ts';
import { ethVerdicts } from '../crawl/eth-verdicts.ts';
import { ServerNetwork, type ServerNetworkOptions } from '../crawl/server-network.ts';
import { unixTimeMs } from '../io/process/wall-time.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import { isLoopbackAddress } from '../io/wire/ip-address.ts';
import { eth } from '../protocols/eth.ts';
import type { Network } from '../protocols/networks.ts';
import { type DiscoveryWays, readDiscovery } from './arguments.ts';
import { defined } from './defined.ts';
import { CommandError } from './error.ts';
import { headOf, networkNamed } from './network-option.ts';
import { DEFAULT_OFFER, offeredProtocol } from './offered-protocols.ts';

export type CrawlNetworkData = {
  /** A name, or the path of a file with a chain. */
  readonly network?: string;
  /** Such as `v4,dns`. */
  readonly discovery: string;
  readonly bootnodes?: readonly string[];
  readonly dnsTrees?: readonly string[];
  /** Most visits at once. */
  readonly parallel: number;
  /** Where datagrams of discovery are sent from. */
  readonly udp: Endpoint;
};

/** @throws {CommandError} There is nothing to begin with. */
export async function openCrawlNetwork(
  data: CrawlNetworkData,
  ports: Partial<Ports> = {},
): Promise<ServerNetwork> {
  const { parallel, udp } = data;
  const network = data.network === undefined ? null : networkNamed(data.network);
  const { versions, bootnodes, dnsTrees } = beginningOf(data, network);
  return ServerNetwork.open({
    ...{ parallel, ports, bootnodes, dnsTrees },
    discovery: versions,
    ...(versions.length > 0 && { discoveryListen: udp }),
    ...defined({ externalIp: isLoopbackAddress(udp.host) ? udp.host : undefined }),
    ...observerOf(network, ports.unixTimeMs ?? unixTimeMs),
  });
}

/** Checked before anything is opened. @throws {CommandError} */
export const checkCrawlNetwork = (data: CrawlNetworkData): void => {
  beginningOf(data, data.network === undefined ? null : networkNamed(data.network));
};

function beginningOf(
  { discovery, bootnodes, dnsTrees }: CrawlNetworkData,
  network: Network | null,
): Pick<DiscoveryWays, 'versions'> & { bootnodes: readonly string[]; dnsTrees: readonly string[] } {
  const { versions, isDns } = readDiscovery(discovery);
  const boot = bootnodes ?? network?.bootnodes ?? [];
  const trees = dnsTrees ?? (isDns ? (network?.dnsTrees ?? []) : []);
  if (isDns && trees.length === 0)
    throw new CommandError(
      'discovery by DNS needs a node list: name it with --dns-tree, or a network',
    );
  if (versions.length > 0 && boot.length === 0 && trees.length === 0)
    throw new CommandError(
      'a crawl needs nodes to begin with: name them with --bootnodes, or a network',
    );
  if (versions.length === 0 && trees.length === 0)
    throw new CommandError('a crawl needs a way to find nodes: v4, v5 or dns');
  return { versions, bootnodes: boot, dnsTrees: trees };
}

/** Without a network, eth is in our Hello and not spoken: a visit ends soon after Hello. */
function observerOf(
  network: Network | null,
  now: () => number,
): Pick<ServerNetworkOptions, 'protocols' | 'status'> {
  if (!network) return { protocols: DEFAULT_OFFER.map((one) => offeredProtocol(one)) };
  const observer = eth({ chain: network.chain, head: headOf(network, now) });
  return { protocols: observer.protocols, status: ethVerdicts(observer) };
}
