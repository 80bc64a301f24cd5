/** What befalls single nodes, and nobody else. How it ends is shown by the scenes that need it. */
import { expect, test } from 'vitest';

import { Faults } from '../../src/demo/faults.ts';
import { ENC_HANDSHAKE_TIMEOUT_MS } from '../../src/machines/connection/connection-setup.ts';
import { createWorld } from '../../src/testing/world/world.ts';
import { DemoStage } from '../support/demo-stage.ts';

test('the end of the node is known for as long as the connection is open', async () => {
  const at = await new DemoStage().start();
  const { mishaps } = at.observed;
  let address = '';
  const visit = at.stage.withGuest('inbound', async (guest) => {
    address = guest.stranger.host.address;
    await at.stage.join(guest);
    expect(mishaps.endAt(address)?.stream.remote.host).toBe(address);
    guest.wire.close();
  });
  await at.world.complete(visit);
  expect(mishaps.endAt(address)).toBeUndefined();
  await at.end();
});

test('what was aimed at somebody is over when it is forgotten', () => {
  const mishaps = new Faults(createWorld({ seed: 1, crypto: 'fast' }));
  mishaps.records.set('ab', { tcpPort: 0 });
  for (const address of ['80.1.1.1', '80.1.1.2'])
    mishaps.dials.set(address, { type: 'connect.failed', detail: 'no files' });
  mishaps.withoutDeadline.add('80.1.1.1');
  mishaps.forget('ab', '80.1.1.1');
  expect([mishaps.records.size, mishaps.withoutDeadline.size]).toEqual([0, 0]);
  expect([...mishaps.dials.keys()]).toEqual(['80.1.1.2']);
});

test('the clock loses nothing that nobody aimed at', () => {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  const { clock } = new Faults(world).portsAt('45.0.0.1');
  const timer = clock.setTimeout(() => {}, ENC_HANDSHAKE_TIMEOUT_MS);
  expect(world.clock.pending).toBe(1);
  clock.clearTimeout(timer);
  expect(world.clock.pending).toBe(0);
});
