/** Connections in setup: what each costs is given back. */
import { expect, test } from 'vitest';

import { echo } from '../src/protocols/echo.ts';
import { seededRandom } from './support/crypto.ts';
import { slotsInUse, storyOf, World } from './support/world.ts';

test('room for handshakes is given back by each of them, however it ends', async () => {
  const world = new World();
  const hub = world.add(1, { protocols: [echo()], maxPendingPeers: 3 });
  await world.start(hub);
  const knock = () => world.network.connect(hub.server.self.address!)!;

  const silent = [knock(), knock(), knock()];
  const turnedAway = knock();
  await world.settle();
  expect(slotsInUse(hub.server)).toBe(3);
  expect(turnedAway.a.duplex.resume() && turnedAway.delivered).toEqual({ aToB: 0, bToA: 0 });

  silent[0]!.a.destroy();
  silent[1]!.a.duplex.write(seededRandom('noise')(2_000));
  await world.settle();
  expect(slotsInUse(hub.server)).toBe(1);
  await world.advance(5_000);
  expect(slotsInUse(hub.server)).toBe(0);
  expect(storyOf(hub)).toEqual([
    'ended failed.connectionClosed',
    'ended failed.handshakeSizeOutOfRange',
    'ended failed.encHandshakeTimeout',
  ]);
  for (const { a } of [...silent, turnedAway]) a.destroy();
  await world.end();
});
