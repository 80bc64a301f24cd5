import { expect, test } from 'vitest';

import { findLeaks, openConnections, slotsInUse } from '../../../src/testing/world/leak-check.ts';
import { createWorld } from '../../../src/testing/world/world.ts';

test('a running world has leaks of every kind', async () => {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  const [a, b, idle] = [world.node(), world.node(), world.node()];
  await world.start(a, b);
  a.server.addPeer(b.enode);
  await world.until(() => b.server.peerCount === 1);
  const socket = world.udp.bind(a.host, 9, () => {});
  const active = [
    { node: 'node 1', id: 'server' },
    { node: 'node 3', id: 'server' },
  ];
  const left = findLeaks(world.nodes, world.tcp, world.udp, active);
  expect(left).toContain('node 1: the actor server has not ended');
  expect(left).toContain('node 3: the actor server has not ended');
  expect(left.filter((line) => /^\d+ timers of node [12] are pending$/.test(line))).toHaveLength(2);
  expect(left).toContain('1 peers of node 2 are left');
  expect(left).toContain('a listener is left at 45.0.1.1:30303');
  expect(left).toContain('a UDP socket is left at 45.0.1.1:9');
  expect(openConnections(world.tcp)).toEqual(['connection 1 from 45.0.1.1 to 45.0.2.1 is open']);
  socket.close();
  await world.end();
  expect(findLeaks([a, b, idle], { listening: [] }, { bound: [] }, [])).toEqual([]);
});

test('a slot is in use from the accept until the connection is a peer', async () => {
  const world = createWorld({ seed: 1, crypto: 'fast', link: { latencyMs: 100, jitterMs: 0 } });
  const [a, b] = [world.node(), world.node()];
  expect(slotsInUse(b)).toBe(0);
  await world.start(a, b);
  a.server.addPeer(b.enode);
  await world.run(301);
  expect(slotsInUse(b)).toBe(1);
  expect(findLeaks([b], world.tcp, world.udp, [])).toContain('1 slots of node 2 are in use');
  await world.until(() => b.server.peerCount === 1);
  expect(slotsInUse(b)).toBe(0);
  await world.end();
});
