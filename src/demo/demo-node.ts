/** The node that the demo shows: a real server with low limits, injectable faults, and replaceable handlers. */
import type { Peer } from '../api/peer.ts';
import type { Protocol } from '../api/protocol.ts';
import { echo } from '../protocols/echo.ts';
import type { World } from '../testing/world/world.ts';
import type { WorldNode } from '../testing/world/world-node.ts';
import { Faults } from './faults.ts';

export const MAX_PEERS = 12;

/** Concurrent handshakes, and concurrent dials. */
export const MAX_PENDING = 8;

/** Longest message of echo/1, in bytes. */
export const MAX_MESSAGE_BYTES = 400_000;

/** Networks of its peers: nodes of the world and remote nodes. */
const NETWORKS = ['45.0.0.0/8', '80.0.0.0/8'];

const ADDRESS = '45.0.0.1';

export type DemoNode = {
  readonly node: WorldNode;
  readonly faults: Faults;
  /** Handlers that replace the echo for single peers, by node id. */
  readonly handlers: Map<string, Protocol['run']>;
};

/** Creates the node without starting it. @param candidates See `ServerOptions`. */
export function createDemoNode(world: World, candidates: AsyncIterable<string>): DemoNode {
  const faults = new Faults(world);
  const handlers: DemoNode['handlers'] = new Map();
  const echoProtocol = echo();
  const node = world.node({
    label: 'demo node',
    address: ADDRESS,
    name: 'peerchart/demo',
    maxPeers: MAX_PEERS,
    maxPendingPeers: MAX_PENDING,
    maxPeersPerSubnet: 1,
    staticExempt: true,
    netRestrict: NETWORKS,
    candidates,
    keepsEvents: false,
    protocols: [
      {
        ...echoProtocol,
        maxMessageBytes: MAX_MESSAGE_BYTES,
        run: (peer, port, tools) => (handlers.get(peer.id) ?? echoProtocol.run)(peer, port, tools),
      },
    ],
    ports: faults.portsAt(ADDRESS),
  });
  return { node, faults, handlers };
}

export const peerOf = ({ node }: DemoNode, id: string): Peer | undefined =>
  node.server.peers.find((peer) => peer.id === id);
