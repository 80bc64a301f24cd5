/** Connections in setup: what each costs is given back. */
import { expect, test } from 'vitest';
import { Inspection } from '../../src/actors/inspection.ts';
import { brokenLink } from '../../src/io/link/broken-link.ts';
import { Traffic } from '../../src/io/link/traffic.ts';
import { Budget } from '../../src/io/process/budget.ts';
import { echo } from '../../src/protocols/echo.ts';
import { checkOptions } from '../../src/server/config.ts';
import {
  ConnectionSetups,
  type ConnectionSetupsHooks,
} from '../../src/server/connection-setups.ts';
import { ExpectedHosts } from '../../src/server/expected-hosts.ts';
import { seededRandom } from '../support/crypto.ts';
import { dummyStream } from '../support/dummy-stream.ts';
import { runSetup } from '../support/setup-run.ts';
import { StepClock } from '../support/step-clock.ts';
import { keyOf, slotsInUse, storyOf, World } from '../support/world.ts';

test('every handshake returns its slot, however it ends', async () => {
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

test('a connection that ends in its setup releases its link, with the state it ended in', async () => {
  const released: string[] = [];
  const world = new World();
  const hub = world.add(1, {
    ports: {
      transport: () => ({
        ...brokenLink(new Error('on purpose')),
        release: ({ message }) => void released.push(message),
      }),
    },
  });
  await world.start(hub);
  world.network.connect(hub.server.self.address!)!.a.destroy();
  await world.settle();
  expect(released).toEqual(['the connection ended: failed.internalError']);
  await world.end();
});

test('slotHolders lists each inbound connection until its setup ends', () => {
  const config = checkOptions({ nodeKey: keyOf(1), ports: { clock: new StepClock() } });
  const setups = new ConnectionSetups(config, {
    ...({
      sendToRunLoop: () => {},
      onEnded: () => {},
      onState: () => {},
      onFault: () => {},
    } as Partial<ConnectionSetupsHooks>),
    runLoop: runSetup('inbound').actor,
    traffic: new Traffic(),
    budgets: { received: new Budget(1_000), unsent: new Budget(1_000) },
    inspection: new Inspection(() => {}),
    expectedHosts: new ExpectedHosts({ trusted: [], static: [] }),
    onAdmitted: () => {},
  } as ConnectionSetupsHooks);
  setups.accept(dummyStream(1), 7);
  setups.start({
    ...{ stream: dummyStream(2), direction: 'inbound', slot: null, target: null },
    onEnd: () => {},
  });
  setups.accept(dummyStream(3), 5);
  expect([...setups.slotHolders]).toEqual([
    [7, '1'],
    [5, '3'],
  ]);
  setups.destroy();
  expect(setups.slotHolders.size).toBe(0);
});
