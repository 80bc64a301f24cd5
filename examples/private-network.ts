/** Twenty nodes in one process: a ring of static nodes, random additional dials, and a message that reaches all. */
import type { Port, Protocol } from 'peerchart';
import { createWorld, type WorldNode } from 'peerchart/testing';

const NODES = 20;

const world = createWorld({ seed: 20, crypto: 'fast', link: { latencyMs: 50, jitterMs: 20 } });

type Member = { readonly node: WorldNode; readonly gossip: Gossip };
const members: Member[] = [];

/** `gossip/1`: forwards the first message to every peer. The one byte of a message counts its hops. */
class Gossip {
  hops: number | null = null;
  receivedAt = 0;
  readonly #ports = new Set<Port>();

  receive(hops: number): void {
    if (this.hops !== null) return;
    [this.hops, this.receivedAt] = [hops, world.clock.now()];
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
        for await (const { payload } of port) this.receive(payload[0] ?? 0);
      } finally {
        this.#ports.delete(port);
      }
    },
  };
}

/** The earlier nodes in random order, as discovery would find them. */
async function* candidates(random = world.random.fork(`candidates ${members.length}`)) {
  for (const { node } of random.shuffled(members)) yield node.enode; // starts with the server
}

for (let index = 0; index < NODES; index += 1) {
  const gossip = new Gossip();
  const node = world.node({
    protocols: [gossip.protocol],
    maxPeers: 5,
    dialRatio: 2, // it dials two of the five itself
    bootnodes: members.slice(0, 1).map(({ node }) => node.enode),
    candidates: candidates(),
  });
  members.push({ node, gossip });
}
await world.start(...members.map(({ node }) => node));
for (const [index, { node }] of members.entries())
  node.server.addPeer(members[(index + 1) % NODES]!.node.enode);
await world.run('2m');

const startedAt = world.clock.now();
members[0]!.gossip.receive(0);
await world.until(() => members.every(({ gossip }) => gossip.hops !== null));

/** Hops of the message, and its time in ms on the world's clock. */
export const result = {
  nodes: members.length,
  sessions: members.reduce((ends, { node }) => ends + node.server.peerCount, 0) / 2,
  hops: Math.max(...members.map(({ gossip }) => gossip.hops!)),
  ms: Math.max(...members.map(({ gossip }) => gossip.receivedAt)) - startedAt,
};
const { nodes, sessions, hops, ms } = result;
console.log(
  `${nodes} nodes, ${sessions} sessions: all nodes reached after ${hops} hops, ${ms.toFixed(0)} ms`,
);
await world.end();
