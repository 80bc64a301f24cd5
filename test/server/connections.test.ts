/** Connections in setup, dials and peers together. */
import { expect, test } from 'vitest';

import { Inspection } from '../../src/actors/inspection.ts';
import { Traffic } from '../../src/io/link/traffic.ts';
import { echo } from '../../src/protocols/echo.ts';
import { checkOptions } from '../../src/server/config.ts';
import { Connections, type ConnectionsHooks } from '../../src/server/connections.ts';
import { FakeActor } from '../../src/testing/machine/fake-actor.ts';
import { dummyStream } from '../support/dummy-stream.ts';
import { runSetup } from '../support/setup-run.ts';
import { StepClock } from '../support/step-clock.ts';
import { keyOf, World } from '../support/world.ts';

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

/** One of each kind: a dial that is never answered, a silent caller and a peer. */
function oneOfEach() {
  const clock = new StepClock();
  const nothing = () => {};
  const dialer = new FakeActor().logic as never;
  const config = checkOptions({ nodeKey: keyOf(1), ports: { clock, dialer } });
  const connections = new Connections(config, {
    ...{ sendToRunLoop: nothing, isTrusted: () => false, onPeer: nothing, onMessage: nothing },
    ...{ onEnded: nothing, onFailedDial: nothing, onState: nothing, onFault: nothing },
    ...{ runLoop: runSetup('inbound').actor, inspection: new Inspection(nothing) },
  } as unknown as ConnectionsHooks);
  const { id } = keyOf(2);
  const publicKey = 'ab'.repeat(64);
  const target = { id, publicKey, host: '192.0.2.2', hostKind: 'ipv4', tcpPort: 1 } as const;
  connections.dials.start({ target, direction: 'static', mayResolve: false });
  connections.setups.accept(dummyStream(1), 1);
  const link = {
    ...{ attach: nothing, detach: nothing, command: nothing, openPorts: () => [] },
    ...{ closePorts: nothing, release: nothing, toJSON: () => '' },
  };
  const hello = { version: 5, client: '', capabilities: [], listenPort: 0, publicKey };
  connections.peers.start(
    {
      ...{ connectionId: 'peer', direction: 'inbound', stream: dummyStream(2), link },
      traffic: new Traffic(),
    },
    { outcome: 'admitted', state: 'admitted', id, publicKey, hello },
  );
  const kinds = () => connections.live.map(({ chart }) => chart);
  expect(kinds()).toEqual(['dial-task', 'connection-setup', 'peer']);
  return { connections, clock, kinds };
}

test('dials and connections in setup that are aborted end, and peers stay', () => {
  const { connections, kinds } = oneOfEach();
  connections.abort();
  expect(kinds()).toEqual(['peer']);
  connections.destroy();
});

test('whatever is destroyed ends at once and leaves no timer', () => {
  const { connections, clock, kinds } = oneOfEach();
  connections.destroy();
  expect([kinds(), clock.pending]).toEqual([[], 0]);
});
