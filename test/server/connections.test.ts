/** Connections in setup, dials and peers together. */
import { expect, test } from 'vitest';

import { echo } from '../../src/protocols/echo.ts';
import { World } from '../support/world.ts';

test('two nodes that dial each other at the same moment keep one connection', async () => {
  const world = new World();
  const [a, b] = [1, 2].map((seed) => world.add(seed, { protocols: [echo()] }));
  await world.start(a!, b!);
  a!.server.addPeer(b!.enode);
  b!.server.addPeer(a!.enode);
  await world.advance(60_000);

  expect([a!.server.peers.length, b!.server.peers.length]).toEqual([1, 1]);
  await world.end();
});
