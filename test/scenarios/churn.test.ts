/** A full server that lets a new node in now and then, because one of its peers makes room. */
import { expect, test } from 'vitest';

import type { ServerEvents } from '../../src/api/server-events.ts';
import { MAX_CHURN_PAUSE_MS, YOUNG_PEER_MS } from '../../src/machines/dialing/churn.ts';
import { scrape } from '../support/metrics.ts';
import { World } from '../support/world.ts';

test('with churn one peer leaves with 0x03, no trusted one, and a new node gets its place', async () => {
  const world = new World();
  const caller = (seed: number) => world.add(seed, { maxPeers: 1 });
  const callers = [2, 3, 4].map(caller);
  const [kept] = callers;
  const hub = world.add(1, {
    ...{ churn: true, noDial: true, maxPeers: 3, maxPeersPerSubnet: 9 },
    trustedNodes: [kept!.enode],
  });
  const gone: ServerEvents['drop'][] = [];
  hub.server.on('drop', (drop) => gone.push(drop));
  const told = new Map<string, string[]>();
  for (const { key, server } of callers)
    server.on('drop', ({ state }) => told.set(key.id, [...(told.get(key.id) ?? []), state]));
  await world.start(hub, ...callers);
  for (const { server } of callers) server.addPeer(hub.enode);
  await world.advance(1_000, 100);
  expect(hub.server.peerCount).toBe(3);
  await world.advance(YOUNG_PEER_MS + MAX_CHURN_PAUSE_MS, 5_000);

  expect(gone.map(({ state }) => state)).toContain('ending.rejected.churned');
  expect(gone.map(({ peer }) => peer.id)).not.toContain(kept!.key.id);
  expect(told.get(gone[0]!.peer.id)?.[0]).toBe('ending.refused.uselessPeer');
  expect(gone[0]!.explanation.verdict).toContain('made room');
  expect(await scrape(hub.server.metrics)).toMatchObject({ 'churn inbound': gone.length });
  await world.end();
});
