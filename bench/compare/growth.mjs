/**
 * How costs of peerchart grow with the number of peers: one more inbound connection, one message, one static node of
 * many that is dialled again, and the stop of the server. The others are go-ethereum peers in another process.
 */
import { addSample } from './report.mjs';
import { DIALS_FAST, withPair } from './side.mjs';

/** Further connections for each figure, and dials again for each figure. */
const MORE = 16;
const QUICK_MORE = 1;

/** Setups before the first figure, so that the code is as warm with few peers as with many. */
const WARM = 320;

const COLUMNS = {
  'one more inbound, CPU ms': 'less',
  'message of 32 B, CPU µs': 'less',
  'dial again, CPU ms': 'less',
  'dial again, ms': 'less',
  'stop, ms': 'less',
};

export async function measureGrowth(arms, { rounds, ms, isQuick }) {
  const counts = isQuick ? [2, 4] : [10, 100, 1_000];
  const samples = {};
  const more = isQuick ? QUICK_MORE : MORE;
  for (const count of counts) {
    const row = `${count} peers`;
    const note = (column, value) => addSample(samples, row, column, value);
    const options = { maxPeers: count + more + 1 };
    const use = async (measure, dials) =>
      withPair(arms.peerchart, arms[DIALS_FAST], { ...options, dials }, (pair) =>
        measure(pair, {
          count,
          more,
          rounds,
          ms,
          note,
          warm: isQuick ? 1 : Math.ceil(WARM / more),
        }),
      );
    await use(measureInbound, false);
    await use(measureStatic, true);
  }
  return { title: 'Growth with the number of peers', columns: COLUMNS, samples, base: 0 };
}

async function measureInbound(
  { listener, dialer, enode },
  { count, more, warm, rounds, ms, note },
) {
  await dialer.ask('clients', { count: count + more });
  await dialer.ask('connect', { enode, index: 0, count, atOnce: 8 });
  await listener.ask('peers', { count });
  const cpu = async () => (await listener.ask('cpu')).cpuMs;
  for (let round = -warm; round < rounds; round += 1) {
    const before = await cpu();
    await dialer.ask('connect', { enode, index: count, count: more, atOnce: 1 });
    await listener.ask('peers', { count: count + more });
    const after = await cpu();
    const { messages } = await dialer.ask('flood', { size: 32, ms: round < 0 ? 1 : ms });
    const received = await cpu();
    for (let i = 0; i < more; i += 1) await dialer.ask('drop', { index: count + i });
    await listener.ask('peers', { count });
    if (round < 0) continue;
    note('one more inbound, CPU ms', (after - before) / more);
    note('message of 32 B, CPU µs', (1_000 * (received - after)) / messages);
  }
  note('stop, ms', (await listener.ask('stop')).ms);
}

async function measureStatic({ listener, dialer }, { count, more, warm, rounds, note }) {
  const { enodes } = await dialer.ask('clients', { count, listens: true });
  await listener.ask('keep', { enodes });
  for (let round = -warm; round < rounds; round += 1) {
    const before = await listener.ask('cpu');
    let took = 0;
    for (let i = 0; i < more; i += 1) {
      const index = (i * 7) % count;
      await dialer.ask('drop', { index });
      await listener.ask('peers', { count: count - 1 });
      const begun = performance.now();
      await listener.ask('redial', { enode: enodes[index] });
      took += performance.now() - begun;
    }
    const after = await listener.ask('cpu');
    if (round < 0) continue;
    note('dial again, CPU ms', (after.cpuMs - before.cpuMs) / more);
    note('dial again, ms', took / more);
  }
}
