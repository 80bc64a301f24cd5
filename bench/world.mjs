/**
 * How fast a simulated world runs: `npm run build && node bench/world.mjs [nodes] [virtual minutes] [fast|real]`.
 * Every node knows four others; nobody misbehaves. Last, the same once more, to see that it was the same.
 */
import { echo } from '../dist/protocols/echo.js';
import { createWorld } from '../dist/testing.js';

const [nodes = 50, minutes = 5, crypto = 'fast'] = process.argv.slice(2);

async function live() {
  const world = createWorld({ seed: 1, crypto });
  const begun = process.cpuUsage();
  const all = Array.from({ length: Number(nodes) }, () =>
    world.node({ protocols: [echo({ say: 'hello' })] }),
  );
  await world.start(...all);
  all.forEach(({ server }, index) => {
    for (const step of [1, 2, 5, 11]) {
      const other = all[(index + step) % all.length];
      if (other.server !== server) server.addPeer(other.enode);
    }
  });
  await world.run(`${minutes}m`);
  const peers = all.reduce((sum, { server }) => sum + server.peerCount, 0);
  await world.end();
  const { user, system } = process.cpuUsage(begun);
  return { seconds: (user + system) / 1e6, peers, fingerprint: world.fingerprint };
}

const first = await live();
const second = await live();
for (const { seconds, peers } of [first, second])
  console.log(
    `${nodes} nodes, ${peers} ends of sessions, ${crypto} crypto: ${seconds.toFixed(2)} s of CPU,`,
    `${((nodes * minutes) / seconds).toFixed(0)} node-minutes a second`,
  );
console.log(first.fingerprint === second.fingerprint ? 'the same run' : 'NOT THE SAME RUN');
