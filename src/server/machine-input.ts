/** The input of the server machine, made from the options. */
import type { Node } from '../io/crypto/node.ts';
import type { Random } from '../io/crypto/primitives.ts';
import { publicKeyHex } from '../io/crypto/public-key.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import { isHostAddress, tableNetworksOf } from '../io/wire/ip-address.ts';
import type { DialTarget } from '../machines/dialing/dial-task.ts';
import type { PerFamily } from '../machines/discovery/endpoint-claims.ts';
import type {
  DiscoveryVersionName,
  TableMaintenanceInput,
} from '../machines/discovery/table-maintenance.ts';
import type { ServerMachineInput } from '../machines/server/server-events.ts';
import type { ServerConfig } from './config.ts';

export function machineInput(config: ServerConfig): ServerMachineInput {
  const { key, hello, listen, maxPeers, maxInbound, maxDialed, maxPendingPeers } = config;
  const { netRestrict, isStaticExempt, noDial, ports } = config;
  const trusted = config.trustedNodes.map(({ id }) => id);
  return {
    rules: {
      self: key.id,
      maxPeers,
      maxInbound,
      maxPerSubnet: config.maxPeersPerSubnet,
      isStaticExempt,
      capabilities: hello.capabilities,
    },
    localNode: {
      externalHosts: byFamily(config.externalHost),
      fallbackHosts: byFamily(fallbackHost(listen)),
    },
    listen,
    slots: maxPendingPeers,
    discovery: config.discovery.includes('v4') ? tableInput('v4', config.bootnodes, config) : null,
    discoveryV5: config.discovery.includes('v5')
      ? tableInput('v5', config.bootnodesV5, config)
      : null,
    portMapping: config.findGateway && { mechanism: config.nat },
    dial: {
      rules: {
        self: key.id,
        maxDialed,
        maxActive: noDial ? 0 : maxPendingPeers,
        isStaticExempt,
        canResolve: ports.nodeResolver !== null,
        backsOff: config.redialBackOff,
        churns: config.churn,
        maxInbound,
        isInNetRestrict: netRestrict,
        isCandidateHost: config.isCandidateHost,
      },
      generator: ports.dialGenerator,
      statics: config.staticNodes.map(targetOf),
      bootnodes: config.bootnodes.map(targetOf),
      hasCandidates: config.hasCandidates,
      seed: seedOf(ports.random),
      trusted,
    },
    trusted,
  };
}

function tableInput(
  version: DiscoveryVersionName,
  bootnodes: readonly Node[],
  { key, netRestrict, ports }: ServerConfig,
): TableMaintenanceInput {
  return {
    version,
    rules: { selfId: key.id, isInNetRestrict: netRestrict, networksOf: tableNetworksOf },
    publicKey: publicKeyHex(key.publicKey),
    bootnodes: bootnodes.filter(({ hostKind }) => hostKind !== 'name'),
    seed: seedOf(ports.random),
  };
}

/** The address we listen at; source of the other one: go-ethereum p2p/server.go, setupLocalNode. */
function fallbackHost(listen: Endpoint | null): string {
  const { host = '' } = listen ?? {};
  return isHostAddress(host) ? host : LOOPBACK;
}

const LOOPBACK = '127.0.0.1';

function byFamily(host: string | null): PerFamily<string | null> {
  const isIpv6 = host?.includes(':') === true;
  return { ipv4: isIpv6 ? null : host, ipv6: isIpv6 ? host : null };
}
const seedOf = (random: Random): number => new DataView(random(4).slice().buffer).getUint32(0);

export const targetOf = ({ id, publicKey, host, hostKind, tcpPort }: Node): DialTarget => ({
  id,
  publicKey: publicKeyHex(publicKey),
  host,
  hostKind,
  tcpPort,
});
