import { expect, test } from 'vitest';

import { createWorld } from '../../src/testing/world/world.ts';
import { FOUND, network } from '../support/discovery-network.ts';

test('servers count what they send, and prove their endpoints', async () => {
  const { world, boot, nodes } = await network(1);
  await world.run('10s');
  expect(boot.server.discovery?.stats()).toMatchObject({ proofs: 1, refused: {} });
  expect(nodes[0]?.server.discovery?.stats()?.sent.findNode).toBeGreaterThan(0);
});

test('counts are there while the socket is', async () => {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  const node = world.node(FOUND);
  expect(node.server.discovery?.stats()).toBeNull();
  await world.start(node);
  expect(node.server.discovery?.stats()).toMatchObject({ receivedDatagrams: 0 });
  await world.stop(node);
  expect(node.server.discovery?.stats()).toBeNull();
  await world.end();
});

test('an address that cannot be bound fails the start', async () => {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  const node = world.node(FOUND);
  const other = world.udp.bind(node.host, 30_303, () => {});
  await expect(world.start(node)).rejects.toMatchObject({
    code: 'startFailed',
    message: expect.stringMatching(/^start failed at discovery: .*EADDRINUSE/),
  });
  other.close();
  await world.start(node);
  await world.end();
});
