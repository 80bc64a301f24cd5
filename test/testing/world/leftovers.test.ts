import { expect, test } from 'vitest';

import { leftovers, slotsInUse, unclosed } from '../../../src/testing/world/leftovers.ts';
import { createWorld } from '../../../src/testing/world/world.ts';

test('of a world that was not stopped are everything that lives', async () => {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  const [a, b, idle] = [world.node(), world.node(), world.node()];
  await world.start(a, b);
  a.server.addPeer(b.enode);
  await world.until(() => b.server.peerCount === 1);
  const socket = world.udp.bind(a.host, 9, () => {});
  const living = [
    { node: 'node 1', id: 'server' },
    { node: 'node 3', id: 'server' },
  ];
  const left = leftovers(world.nodes, world.tcp, world.udp, living);
  expect(left).toContain('node 1: the actor server has not ended');
  expect(left).not.toContain('node 3: the actor server has not ended'); // it never began
  expect(left.filter((line) => /^\d+ timers of node [12] wait$/.test(line))).toHaveLength(2);
  expect(left).toContain('1 peers of node 2 stay');
  expect(left).toContain('somebody still listens at 45.0.1.1:30303');
  expect(left).toContain('somebody is still bound to 45.0.1.1:9');
  expect(unclosed(world.tcp)).toEqual(['connection 1 from 45.0.1.1 to 45.0.2.1 is open']);
  socket.close();
  await world.end();
  expect(leftovers([a, b, idle], { listening: [] }, { bound: [] }, [])).toEqual([]);
});

test('a slot is in use from the moment a connection is accepted until it is a peer', async () => {
  const world = createWorld({ seed: 1, crypto: 'fast', link: { latencyMs: 100, jitterMs: 0 } });
  const [a, b] = [world.node(), world.node()];
  expect(slotsInUse(b)).toBe(0);
  await world.start(a, b);
  a.server.addPeer(b.enode);
  await world.run(301);
  expect(slotsInUse(b)).toBe(1);
  expect(leftovers([b], world.tcp, world.udp, [])).toContain('1 slots of node 2 are taken');
  await world.until(() => b.server.peerCount === 1);
  expect(slotsInUse(b)).toBe(0);
  await world.end();
});
