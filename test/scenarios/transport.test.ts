/** Servers over a transport that the user provides. */
import { expect, test } from 'vitest';

import { type EchoMessage, echo } from '../../src/protocols/echo.ts';
import { plainTransport } from '../support/plain-link.ts';
import { storyOf, World } from '../support/world.ts';

const noPrimitives = new Proxy({} as never, {
  get: (_, name) => () => {
    throw new Error(`${String(name)} was not to be used`);
  },
});

/** Messages that echo/1 of one server received. */
function listening(say: string) {
  const heard: string[] = [];
  const onMessage = ({ kind, bytes }: EchoMessage): void =>
    void heard.push(`${kind} ${new TextDecoder().decode(bytes)}`);
  return { heard, protocol: echo({ say, onMessage }) };
}

test('two servers exchange messages over a transport without cryptography', async () => {
  const world = new World();
  const [first, second] = [listening('from a'), listening('from b')];
  const ports = { transport: plainTransport, primitives: noPrimitives };
  const a = world.add(1, { protocols: [first.protocol], ports });
  const b = world.add(2, { protocols: [second.protocol], ports });
  await world.start(a, b);
  a.server.addPeer(b.enode);
  await world.settle();

  expect([a, b].map(({ server }) => server.peers.map(({ id }) => id))).toEqual([
    [b.key.id],
    [a.key.id],
  ]);
  expect(first.heard.sort()).toEqual(['echoed from a', 'said from b']);
  expect(second.heard.sort()).toEqual(['echoed from b', 'said from a']);

  await world.advance(60_000); // pings are answered
  expect(world.network.connections).toHaveLength(1);
  await a.server.removePeer(b.enode);
  await world.settle();
  expect([a, b].map(storyOf)).toEqual([
    ['add', 'drop ending.rejected.requested'],
    ['add', 'drop ending.refused.requested'],
  ]);
  await world.end();
});

test('gets the id of a dialled node, and none for an inbound one', async () => {
  const world = new World();
  const destinations: boolean[] = [];
  const a = world.add(1, {
    ports: {
      transport: (options) => {
        destinations.push(options.destination !== null);
        return plainTransport(options);
      },
    },
  });
  const b = world.add(2, { ports: { transport: plainTransport } });
  await world.start(a, b);
  a.server.addPeer(b.enode);
  await world.settle();
  b.server.peers[0]!.disconnect();
  await world.settle();
  b.server.addPeer(a.enode);
  await world.settle();

  expect(destinations).toEqual([true, false]);
  await world.end();
});

test('a transport that throws ends its connection, is logged, and frees the slot', async () => {
  const world = new World();
  const a = world.add(1, {
    ports: {
      transport: () => {
        throw new Error('on purpose');
      },
    },
  });
  const b = world.add(2);
  await world.start(a, b);
  b.server.addPeer(a.enode);
  await world.settle();
  a.server.addPeer(b.enode);
  await world.settle();

  expect(storyOf(a)).toEqual([
    'ended failed.internalError',
    'ended failed.internalError',
    'dialFailed setupFailed',
  ]);
  expect(a.log[0]).toMatchObject({ direction: 'inbound', facts: { message: 'Error: on purpose' } });
  expect(world.faults.splice(0)).toEqual([
    'link 10.0.0.1: on purpose',
    'link 192.0.2.1: on purpose',
  ]);
  await world.end();
});
