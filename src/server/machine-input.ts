/** The input of the server machine, made from the options. */
import type { Node } from '../io/crypto/node.ts';
import { publicKeyHex } from '../io/crypto/public-key.ts';
import type { DialTarget } from '../machines/dialing/dial-task.ts';
import type { ServerMachineInput } from '../machines/server/server-events.ts';
import type { ServerConfig } from './config.ts';

export function machineInput(config: ServerConfig): ServerMachineInput {
  const { key, hello, listen, maxPeers, maxInbound, maxDialed, maxPendingPeers } = config;
  const { netRestrict, isCandidateHost, isStaticExempt, noDial, ports } = config;
  return {
    rules: {
      self: key.id,
      maxPeers,
      maxInbound,
      maxPerSubnet: config.maxPeersPerSubnet,
      isStaticExempt,
      capabilities: hello.capabilities,
    },
    listen,
    slots: maxPendingPeers,
    dial: {
      rules: {
        self: key.id,
        maxDialed,
        maxActive: noDial ? 0 : maxPendingPeers,
        isStaticExempt,
        canResolve: ports.nodeResolver !== null,
        isInNetRestrict: netRestrict,
        isCandidateHost,
      },
      generator: ports.dialGenerator,
      statics: config.staticNodes.map(targetOf),
      bootnodes: config.bootnodes.map(targetOf),
      hasCandidates: config.hasCandidates,
      seed: new DataView(ports.random(4).slice().buffer).getUint32(0),
    },
    trusted: config.trustedNodes.map(({ id }) => id),
  };
}

export const targetOf = ({ id, publicKey, host, hostKind, tcpPort }: Node): DialTarget => ({
  id,
  publicKey: publicKeyHex(publicKey),
  host,
  hostKind,
  tcpPort,
});
