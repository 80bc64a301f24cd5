/** Dials: each reports its own end, once. */
import { expect, test } from 'vitest';

import { echo } from '../../src/protocols/echo.ts';
import { enodeOf, storyOf, World } from '../support/world.ts';

test('a refused dial ends in connectionRefused, and the node is dialled again after 35 s', async () => {
  const world = new World();
  const a = world.add(1, { protocols: [echo()], staticNodes: [enodeOf(2)] });
  await world.start(a);
  await world.advance(34_000);
  expect(storyOf(a)).toEqual(['dialFailed connectionRefused']);
  await world.advance(1_000);
  expect(storyOf(a)).toEqual(['dialFailed connectionRefused', 'dialFailed connectionRefused']);
  await world.end();
});

test('removing a node cancels its dial and prevents another one', async () => {
  const world = new World();
  world.network.silence({ host: '192.0.2.1', port: 30_002 });
  const a = world.add(1, { protocols: [echo()], staticNodes: [enodeOf(2)] });
  await world.start(a);
  await a.server.removePeer(enodeOf(2));
  await world.advance(60_000);
  expect(storyOf(a)).toEqual(['dialFailed cancelled']);
  expect(world.network.dials).toBe(1);
  await world.end();
});
