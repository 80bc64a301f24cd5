/** Twenty nodes in one process: a ring of static nodes, shortcuts by chance, and a rumour that reaches all of them. */
import type { Port, Protocol } from 'peerchart';
import { createWorld, type WorldNode } from 'peerchart/testing';

const NODES = 20;

const world = createWorld({ seed: 20, crypto: 'fast', link: { latencyMs: 50, jitterMs: 20 } });

type Member = { readonly node: WorldNode; readonly gossip: Gossip };
const members: Member[] = [];

/** `gossip/1`: forwards the first message to every peer. The one byte of a message counts its hops. */
class Gossip {
  hops: number | null = null;
  heardAt = 0;
  readonly #ports = new Set<Port>();

  hear(hops: number): void {
    if (this.hops !== null) return;
    [this.hops, this.heardAt] = [hops, world.clock.now()];
    for (const port of this.#ports) port.send(0, Uint8Array.of(hops + 1)).catch(() => {});
  }

  readonly protocol: Protocol = {
    name: 'gossip',
    version: 1,
    length: 1,
    maxMessageBytes: 1,
    run: async (_peer, port) => {
      this.#ports.add(port);
      try {
        for await (const { payload } of port) this.hear(payload[0] ?? 0);
      } finally {
        this.#ports.delete(port);
      }
    },
  };
}

/** Some of the others in any order, as discovery would find them. */
async function* found(random = world.random.fork(`found by ${members.length}`)) {
  for (const { node } of random.shuffled(members)) yield node.enode; // begins when the server does
}

for (let index = 0; index < NODES; index += 1) {
  const gossip = new Gossip();
  const node = world.node({
    protocols: [gossip.protocol],
    maxPeers: 5,
    dialRatio: 2, // two of the five by dials of its own
    bootnodes: members.slice(0, 1).map(({ node }) => node.enode),
    candidates: found(),
  });
  members.push({ node, gossip });
}
await world.start(...members.map(({ node }) => node));
for (const [index, { node }] of members.entries())
  node.server.addPeer(members[(index + 1) % NODES]!.node.enode);
await world.run('2m');

const begun = world.clock.now();
members[0]!.gossip.hear(0);
await world.until(() => members.every(({ gossip }) => gossip.hops !== null));

/** How far the rumour travelled, and how long that took on the clock of the world. */
export const travelled = {
  nodes: members.length,
  sessions: members.reduce((ends, { node }) => ends + node.server.peerCount, 0) / 2,
  hops: Math.max(...members.map(({ gossip }) => gossip.hops!)),
  ms: Math.max(...members.map(({ gossip }) => gossip.heardAt)) - begun,
};
const { nodes, sessions, hops, ms } = travelled;
console.log(
  `${nodes} nodes, ${sessions} sessions: all nodes reached after ${hops} hops, ${ms.toFixed(0)} ms`,
);
await world.end();
