/** Messages of random bytes in one direction over one connection, with snappy, and round trips, one after the other. */
import { addSample } from './report.mjs';
import { rotated, withPairs } from './side.mjs';

/** Bytes of a payload, by name. */
export const SIZES = { '32 B': 32, '1 KiB': 1_024, '100 KiB': 102_400, '1 MiB': 1_048_576 };

const COLUMNS = {
  'messages/s': 'more',
  'MB/s': 'more',
  'CPU to send, µs': 'less',
  'CPU to receive, µs': 'less',
  'round trip, ms': 'less',
};

export async function measureMessages(arms, { rounds, ms, isQuick }) {
  const sizes = Object.entries(SIZES).slice(0, isQuick ? 2 : undefined);
  return withPairs(arms, { maxPeers: 10 }, async (pairs) => {
    const names = Object.keys(arms);
    const samples = {};
    for (const name of names) {
      const { dialer, enode } = pairs[name];
      await dialer.ask('clients', { count: 1 });
      await dialer.ask('connect', { enode, index: 0, count: 1, atOnce: 1 });
      for (const size of isQuick ? [] : Object.values(SIZES))
        await dialer.ask('flood', { size, ms: Math.ceil(ms / 4) });
    }
    for (let round = 0; round < rounds; round += 1)
      for (const [label, size] of sizes)
        for (const name of rotated(names, round)) {
          const figures = await run(pairs[name], size, ms);
          samples[label] ??= {};
          for (const column of Object.keys(COLUMNS))
            addSample(samples[label], name, column, figures[column]);
        }
    return Object.entries(samples).map(([label, rows]) => ({
      title: `Messages of ${label}`,
      columns: COLUMNS,
      samples: rows,
    }));
  });
}

async function run({ listener, dialer }, size, ms) {
  const before = await listener.ask('cpu');
  const sent = await dialer.ask('flood', { size, ms });
  const after = await listener.ask('cpu');
  const trip = await dialer.ask('trips', { size, ms: Math.ceil(ms / 4) });
  const perSecond = (1_000 * sent.messages) / sent.ms;
  return {
    'messages/s': perSecond,
    'MB/s': (perSecond * size) / 1e6,
    'CPU to send, µs': (1_000 * sent.cpuMs) / sent.messages,
    'CPU to receive, µs': (1_000 * (after.cpuMs - before.cpuMs)) / sent.messages,
    'round trip, ms': trip.ms,
  };
}
