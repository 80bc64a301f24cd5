/**
 * A process that stood still: suspended, or blocked for seconds. What arrived meanwhile is unread, and every timer is
 * late. No peer is dropped for that, and no storm of dials follows.
 */
import { expect, test } from 'vitest';

import { PONG_TIMEOUT_MS, READ_TIMEOUT_MS } from '../../src/io/link/link-timeouts.ts';
import { FAREWELL_MS } from '../../src/machines/connection/connection.ts';
import { PING_INTERVAL_MS } from '../../src/machines/peer/peer.ts';
import { echo } from '../../src/protocols/echo.ts';
import { createWorld, type World } from '../../src/testing/world/world.ts';
import type { WorldNode } from '../../src/testing/world/world-node.ts';

/** Half of them dial the hub, and the hub dials the others. */
const PEERS = 24;

/** Nodes that the hub tries to reach all the time, and that are not there. */
const ABSENT = 10;

/** See docs/faults.md, row 8. */
const MAX_DIALS_IN_A_MINUTE = 50;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const LEAPS = {
  '1 s': 1_000,
  '10 s': 10_000,
  '20 s': 20_000,
  '1 h': HOUR_MS,
  '8 h': 8 * HOUR_MS,
  '10 years': 10 * 365 * 24 * HOUR_MS,
};

async function crowd() {
  const dials = { made: 0 };
  const world: World = createWorld({
    seed: 8,
    crypto: 'fast',
    link: { latencyMs: 100 },
    onConnection: ({ from }) => {
      if (from === hub.host) dials.made += 1;
    },
  });
  const options = { protocols: [echo()], maxPeers: 100, dialRatio: 2 };
  const hub: WorldNode = world.node(options);
  const others = Array.from({ length: PEERS }, () => world.node(options));
  const absent = Array.from({ length: ABSENT }, () => world.node(options));
  hub.server.on('dialFailed', () => {
    dials.made += 1;
  });
  await world.start(hub, ...others);
  for (const [at, other] of others.entries())
    if (at % 2 === 0) hub.server.addPeer(other.enode);
    else other.server.addPeer(hub.enode);
  for (const { enode } of absent) hub.server.addPeer(enode);
  await world.until(() => hub.server.peerCount === PEERS);
  return { world, hub, others, dials };
}

const dropsOf = ({ events }: WorldNode) => events.filter(({ type }) => type === 'drop');

/** While the pings of the hub are in flight. */
const beforePongs = async (world: World, hub: WorldNode): Promise<void> => {
  let pings = 0;
  const forget = world.observe(({ node, snapshot }) => {
    const { value } = snapshot as { readonly value?: unknown };
    if (node === hub.label && JSON.stringify(value)?.includes('awaitingPong')) pings += 1;
  });
  await world.until(() => pings > 0);
  forget();
};

test.for(Object.entries(LEAPS))(
  'scenario 8: a suspend of %s costs no peer and starts no storm of dials',
  async ([, ms]) => {
    const { world, hub, dials } = await crowd();
    await world.run('47s');
    dials.made = 0;
    hub.clock.leap(ms);
    await world.run('1m');
    expect(dials.made).toBeLessThanOrEqual(MAX_DIALS_IN_A_MINUTE);
    expect(dials.made).toBeGreaterThan(0);
    await world.run('5m');
    expect([dropsOf(hub), hub.server.peerCount]).toEqual([[], PEERS]);
    await world.end();
  },
);

test.for([10_000, PONG_TIMEOUT_MS + 1_500, 40_000])(
  'scenario 22: blocking the event loop for %i ms while pongs arrive costs no peer',
  async (ms) => {
    const { world, hub } = await crowd();
    await beforePongs(world, hub);
    hub.clock.leap(ms);
    await world.run('5m');
    expect([dropsOf(hub), hub.server.peerCount]).toEqual([[], PEERS]);
    await world.end();
  },
);

test('a peer that vanished during a suspend is noticed as fast as without one', async () => {
  const { world, hub } = await crowd();
  world.partition([hub]);
  hub.clock.leap(8 * HOUR_MS);
  await world.run(`${(READ_TIMEOUT_MS + FAREWELL_MS + PING_INTERVAL_MS) / 1_000}s`);
  expect([dropsOf(hub).length, hub.server.peerCount]).toEqual([PEERS, 0]);
  await world.end();
});
