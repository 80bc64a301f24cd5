/** What a scrape says of discovery, after two nodes of a simulated world have met. */
import { expect, test } from 'vitest';
import { createWorld } from '../../src/testing/world/world.ts';
import { countedOf, scrape } from '../support/metrics.ts';

const BOTH = ['v4', 'v5'] as const;

test('packets and nodes of both versions of discovery are counted as their statistics say', async () => {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  const boot = world.node({ discovery: BOTH });
  const other = world.node({ discovery: BOTH, bootnodes: [boot.enode] });
  await world.start(boot, other);
  await world.run('1m');
  const scraped = await scrape(other.server.metrics);
  for (const [version, table] of [
    ['v4', other.server.discovery],
    ['v5', other.server.discoveryV5],
  ] as const) {
    const { received, receivedBytes, sent, sentBytes } = table!.stats()!;
    expect(scraped).toMatchObject({
      [`discovery_nodes ${version}`]: 1,
      [`discovery_received_bytes ${version}`]: receivedBytes,
      [`discovery_sent_bytes ${version}`]: sentBytes,
    });
    expect(scraped[`discovery_received_packets ${version} pong`]).toBe(received.pong);
    expect(scraped[`discovery_sent_packets ${version} ping`]).toBe(sent.ping);
    expect([received.pong > 0, sent.ping > 0]).toEqual([true, true]);
  }
  expect(countedOf(scraped, 'discovery_dropped')).toEqual({});
  await world.end();
});

test('a server without discovery has no samples of it', async () => {
  const world = createWorld({ seed: 1 });
  const { server } = world.node({});
  const names = Object.keys(await scrape(server.metrics));
  expect(names.filter((name) => name.startsWith('discovery'))).toEqual([]);
  await world.end();
});
