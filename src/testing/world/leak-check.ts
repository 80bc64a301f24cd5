/** Leak check of a world whose servers have stopped. */
import type { MemoryTcp } from './memory-tcp.ts';
import type { MemoryUdp } from './memory-udp.ts';
import type { WorldNode } from './world-node.ts';

/** @returns One sentence for each leak. */
export function findLeaks(
  nodes: readonly WorldNode[],
  tcp: Pick<MemoryTcp, 'listening'>,
  udp: Pick<MemoryUdp, 'bound'>,
  activeActors: readonly { readonly node: string; readonly id: string }[],
): string[] {
  return [
    ...activeActors.map(({ node, id }) => `${node}: the actor ${id} has not ended`),
    ...nodes.flatMap((node) => [
      ...counted(node.clock.pending, `timers of ${node.label} are pending`),
      ...counted(node.server.peers.length, `peers of ${node.label} are left`),
      ...counted(slotsInUse(node), `slots of ${node.label} are in use`),
    ]),
    ...tcp.listening.map((place) => `a listener is left at ${place}`),
    ...udp.bound.map((place) => `a UDP socket is left at ${place}`),
  ];
}

/** Connections with an open end. Call it after the last FIN had time to arrive. */
export function openConnections(tcp: Pick<MemoryTcp, 'connections'>): string[] {
  return [...tcp.connections].map(
    ({ number, from, to }) => `connection ${number} from ${from.address} to ${to.address} is open`,
  );
}

/** Inbound handshakes that hold a slot; 0 before the server listens. */
export function slotsInUse({ server }: Pick<WorldNode, 'server'>): number {
  return server.actor.getSnapshot().children.listener?.getSnapshot().context.held.used ?? 0;
}

const counted = (count: number, sentence: string): string[] =>
  count > 0 ? [`${count} ${sentence}`] : [];
