/** Faults apply to single nodes only. The scenes show their effects. */
import { expect, test } from 'vitest';

import { Faults } from '../../src/demo/faults.ts';
import { ENC_HANDSHAKE_TIMEOUT_MS } from '../../src/machines/connection/connection-setup.ts';
import { createWorld } from '../../src/testing/world/world.ts';
import { DemoContext } from '../support/demo-context.ts';

test('the end of the node is available while the connection is open', async () => {
  const at = await new DemoContext().start();
  const { faults } = at.demoNode;
  let address = '';
  const visit = at.context.withConnection('inbound', async (connection) => {
    address = connection.remote.host.address;
    await at.context.becomePeer(connection);
    expect(faults.nodeEndAt(address)?.stream.remote.host).toBe(address);
    connection.peer.close();
  });
  await at.world.complete(visit);
  expect(faults.nodeEndAt(address)).toBeUndefined();
  await at.end();
});

test('clear removes the faults of one node only', () => {
  const faults = new Faults(createWorld({ seed: 1, crypto: 'fast' }));
  faults.records.set('ab', { tcpPort: 0 });
  for (const address of ['80.1.1.1', '80.1.1.2'])
    faults.dials.set(address, { type: 'connect.failed', detail: 'no files' });
  faults.withoutDeadline.add('80.1.1.1');
  faults.clear('ab', '80.1.1.1');
  expect([faults.records.size, faults.withoutDeadline.size]).toEqual([0, 0]);
  expect([...faults.dials.keys()]).toEqual(['80.1.1.2']);
});

test('the clock drops no deadline without a fault', () => {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  const { clock } = new Faults(world).portsAt('45.0.0.1');
  const timer = clock.setTimeout(() => {}, ENC_HANDSHAKE_TIMEOUT_MS);
  expect(world.clock.pending).toBe(1);
  clock.clearTimeout(timer);
  expect(world.clock.pending).toBe(0);
});
