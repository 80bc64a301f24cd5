/** Two nodes are separated for ten minutes and reconnect, on virtual time. */
import { createWorld } from 'peerchart/testing';

const world = createWorld({ seed: 7, crypto: 'fast', link: { latencyMs: 80, lossRate: 0.02 } });
const [a, b] = [world.node(), world.node()];
await world.start(a, b);
a.server.addPeer(b.enode);
const isConnected = () => b.server.peerCount === 1;
await world.until(isConnected); // virtual time: no real second passes
world.partition([a]);
await world.run('10m');
world.heal();
await world.until(isConnected);
await world.end(); // stops all nodes; throws if a timer, actor, stream, slot or peer is left

/** The events of b: connected, disconnected, connected again, and stopped. */
export const events = b.events.map(({ type }) => type);
