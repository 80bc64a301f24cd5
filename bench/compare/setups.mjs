/** Complete connection setups: TCP, both handshakes, and a peer on both sides. They are held until a batch is over. */
import { addSample } from './report.mjs';
import { rotated, withPairs } from './side.mjs';

/** How many are in progress at once. */
const AT_ONCE = [1, 16];

/** V8 takes some hundred setups until it has compiled what they need. */
const WARM_ROUNDS = 4;

export async function measureSetups(arms, { rounds, ms, isQuick }) {
  const batch = isQuick ? 4 : 64;
  return withPairs(arms, { maxPeers: 1_000 }, async (pairs) => {
    const names = Object.keys(arms);
    const samples = {};
    for (const name of names) {
      await pairs[name].dialer.ask('clients', { count: batch });
      if (!isQuick) await run(pairs[name], batch, 16, WARM_ROUNDS * ms); // the code is warm afterwards
    }
    for (let round = 0; round < rounds; round += 1)
      for (const atOnce of AT_ONCE)
        for (const name of rotated(names, round)) {
          const figures = await run(pairs[name], batch, atOnce, ms);
          const columns =
            atOnce === 1 ? { [ONE_BY_ONE]: figures.perSecond } : atOnceColumns(figures);
          for (const [column, value] of Object.entries(columns))
            addSample(samples, name, column, value);
        }
    return { title: 'Connection setups', columns: COLUMNS, samples };
  });
}

const ONE_BY_ONE = 'one by one, setups/s';
const COLUMNS = {
  [ONE_BY_ONE]: 'more',
  '16 at once, setups/s': 'more',
  'CPU of the dialer, ms': 'less',
  'CPU of the listener, ms': 'less',
};

const atOnceColumns = ({ perSecond, dialerMs, listenerMs }) => ({
  '16 at once, setups/s': perSecond,
  'CPU of the dialer, ms': dialerMs,
  'CPU of the listener, ms': listenerMs,
});

/** Batches until they took `ms` together; only the setups are timed, not the disconnects. */
async function run({ listener, dialer, enode }, batch, atOnce, ms) {
  const total = { count: 0, ms: 0, dialerMs: 0, listenerMs: 0 };
  const count = atOnce === 1 ? Math.min(batch, 16) : batch;
  while (total.ms < ms) {
    const before = await listener.ask('cpu');
    const figures = await dialer.ask('connect', { enode, index: 0, count, atOnce });
    await listener.ask('peers', { count });
    const after = await listener.ask('cpu');
    await dialer.ask('release');
    await listener.ask('peers', { count: 0 });
    total.count += count;
    total.ms += figures.ms;
    total.dialerMs += figures.cpuMs;
    total.listenerMs += after.cpuMs - before.cpuMs;
  }
  return {
    perSecond: (1_000 * total.count) / total.ms,
    dialerMs: total.dialerMs / total.count,
    listenerMs: total.listenerMs / total.count,
  };
}
