/** What a world has left once everybody has stopped; nothing, if all is well. */
import type { MemoryTcp } from './memory-tcp.ts';
import type { MemoryUdp } from './memory-udp.ts';
import type { WorldNode } from './world-node.ts';

export function leftovers(
  nodes: readonly WorldNode[],
  tcp: Pick<MemoryTcp, 'listening'>,
  udp: Pick<MemoryUdp, 'bound'>,
  living: readonly { readonly node: string; readonly id: string }[],
): string[] {
  const idle = new Set(nodes.filter(isUnstarted).map(({ label }) => label));
  return [
    ...living
      .filter(({ node, id }) => !(id === 'server' && idle.has(node)))
      .map(({ node, id }) => `${node}: the actor ${id} has not ended`),
    ...nodes.flatMap((node) => [
      ...counted(node.clock.pending, `timers of ${node.label} wait`),
      ...counted(node.server.peers.length, `peers of ${node.label} stay`),
      ...counted(slotsInUse(node), `slots of ${node.label} are taken`),
    ]),
    ...tcp.listening.map((place) => `somebody still listens at ${place}`),
    ...udp.bound.map((place) => `somebody is still bound to ${place}`),
  ];
}

/** Connections of which one end is open, once there was time for the last FIN to arrive. */
export function unclosed(tcp: Pick<MemoryTcp, 'connections'>): string[] {
  return [...tcp.connections].map(
    ({ number, from, to }) => `connection ${number} from ${from.address} to ${to.address} is open`,
  );
}

/** Inbound handshakes that hold a slot; 0 before the server listens. */
export function slotsInUse({ server }: Pick<WorldNode, 'server'>): number {
  return server.actor.getSnapshot().children.listener?.getSnapshot().context.held.used ?? 0;
}

const isUnstarted = ({ server }: WorldNode): boolean => server.actor.getSnapshot().matches('idle');

const counted = (count: number, sentence: string): string[] =>
  count > 0 ? [`${count} ${sentence}`] : [];
