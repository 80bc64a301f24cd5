/** Our addresses in local networks, and where the router of each may be. Source: go-ethereum p2p/nat/natpmp.go, `potentialGateways`. */
import { networkInterfaces } from 'node:os';

import { bytesOfHost, hostOfBytes, kindOfHost } from '../wire/ip-address.ts';

export type LocalNetworks = {
  /** Our private IPv4 addresses. */
  readonly hosts: readonly string[];
  /** The first address of each of their networks. */
  readonly routers: readonly string[];
};

/** Networks that are used. Ours: a machine with many virtual interfaces does not search in all of them. */
const MAX_NETWORKS = 8;

/** @param interfaces Replaced by tests. */
export function localNetworks(interfaces = networkInterfaces()): LocalNetworks {
  const addresses = Object.values(interfaces)
    .flatMap((list) => list ?? [])
    .filter(({ family, address }) => family === 'IPv4' && kindOfHost(address) === 'lan')
    .slice(0, MAX_NETWORKS);
  return {
    hosts: addresses.map(({ address }) => address),
    routers: [
      ...new Set(
        addresses.map(({ address, netmask }) => {
          const mask = bytesOfHost(netmask);
          const network = bytesOfHost(address).map((byte, index) => byte & mask[index]!);
          network[3]! |= 1;
          return hostOfBytes(network);
        }),
      ),
    ],
  };
}
