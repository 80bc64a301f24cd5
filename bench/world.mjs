/**
 * How fast a simulated world runs: `npm run build && node bench/world.mjs [nodes] [virtual minutes] [fast|real] [known|found]`.
 * Every node knows four others; none misbehaves. With `found` it knows two, has 8 places, and learns of all others
 * as candidates, as in test/scenarios/world-fifty.test.ts. Last, the same once more, to see that it was the same.
 */

import { createWorld } from '../dist/exports/testing.js';
import { echo } from '../dist/protocols/echo.js';

const [nodes = 50, minutes = 5, crypto = 'fast', mode = 'known'] = process.argv.slice(2);

async function live() {
  const world = createWorld({ seed: 1, crypto });
  const begun = process.cpuUsage();
  const begunAt = performance.now();
  const all = [];
  async function* candidates(index) {
    for (const { enode } of world.random.fork(`candidates ${index}`).shuffled(all)) yield enode;
  }
  for (let index = 0; index < Number(nodes); index += 1) {
    const found = { maxPeers: 8, dialRatio: 2, candidates: candidates(index) };
    all.push(
      world.node({ protocols: [echo({ say: 'hello' })], ...(mode === 'found' ? found : {}) }),
    );
  }
  await world.start(...all);
  all.forEach(({ server }, index) => {
    for (const step of mode === 'found' ? [1, 2] : [1, 2, 5, 11]) {
      const other = all[(index + step) % all.length];
      if (other.server !== server) server.addPeer(other.enode);
    }
  });
  await world.run(`${minutes}m`);
  const peers = all.reduce((sum, { server }) => sum + server.peerCount, 0);
  await world.end();
  const { user, system } = process.cpuUsage(begun);
  const wall = (performance.now() - begunAt) / 1000;
  return { seconds: (user + system) / 1e6, wall, peers, fingerprint: world.fingerprint };
}

const first = await live();
const second = await live();
for (const { seconds, wall, peers } of [first, second])
  console.log(
    `${nodes} nodes, ${peers} ends of sessions, ${crypto} crypto: ${seconds.toFixed(2)} s of CPU, ${wall.toFixed(2)} s of wall time,`,
    `${((nodes * minutes) / seconds).toFixed(0)} node-minutes a second`,
  );
console.log(first.fingerprint === second.fingerprint ? 'the same run' : 'NOT THE SAME RUN');
