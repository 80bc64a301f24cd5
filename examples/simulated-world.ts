/** Two nodes are cut off from each other for ten minutes and meet again, in no time of yours. */
import { createWorld } from 'peerchart/testing';

const world = createWorld({ seed: 7, crypto: 'fast', link: { latencyMs: 80, lossRate: 0.02 } });
const [a, b] = [world.node(), world.node()];
await world.start(a, b);
a.server.addPeer(b.enode);
const met = () => b.server.peerCount === 1;
await world.until(met); // no second of yours passes
world.partition([a]);
await world.run('10m');
world.heal();
await world.until(met);
await world.end(); // stops all nodes; throws if a timer, actor, stream, slot or peer is left

/** What b went through: met, lost, met again, and the end of the world. */
export const story = b.events.map(({ type }) => type);
