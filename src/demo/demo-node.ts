/** The node that the demo is about: a real server with few places, what befalls it, and how it treats single peers. */
import type { Peer } from '../api/peer.ts';
import type { Protocol } from '../api/protocol.ts';
import { echo } from '../protocols/echo.ts';
import type { World } from '../testing/world/world.ts';
import type { WorldNode } from '../testing/world/world-node.ts';
import { Faults } from './faults.ts';

export const MAX_PEERS = 12;

/** Handshakes at once, and dials at once. */
export const MAX_PENDING = 8;

/** Longest message of echo/1, in bytes. */
export const MAX_MESSAGE_BYTES = 400_000;

/** Where everybody is whom it deals with: nodes of the world, and strangers. */
const NETWORKS = ['45.0.0.0/8', '80.0.0.0/8'];

const ADDRESS = '45.0.0.1';

export type DemoNode = {
  readonly node: WorldNode;
  readonly mishaps: Faults;
  /** What its handler does with single peers in place of echoing, by node id. */
  readonly manners: Map<string, Protocol['run']>;
};

/** Not started. @param candidates Whom to try, see `ServerOptions`. */
export function createDemoNode(world: World, candidates: AsyncIterable<string>): DemoNode {
  const mishaps = new Faults(world);
  const manners: DemoNode['manners'] = new Map();
  const echoing = echo();
  const node = world.node({
    label: 'observed',
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
        ...echoing,
        maxMessageBytes: MAX_MESSAGE_BYTES,
        run: (peer, port) => (manners.get(peer.id) ?? echoing.run)(peer, port),
      },
    ],
    ports: mishaps.portsAt(ADDRESS),
  });
  return { node, mishaps, manners };
}

export const peerOf = ({ node }: DemoNode, id: string): Peer | undefined =>
  node.server.peers.find((peer) => peer.id === id);
