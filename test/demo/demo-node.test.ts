import { expect, test } from 'vitest';

import { MAX_PEERS, peerOf } from '../../src/demo/demo-node.ts';
import { DemoContext } from '../support/demo-context.ts';

test('it echoes, unless a peer has another handler', async () => {
  const at = await new DemoContext().start();
  const { context, demoNode } = at;
  const codes: number[] = [];
  for (const isMuffled of [false, true])
    await at.world.complete(
      context.withConnection('inbound', async (connection) => {
        const { id } = connection.remote.key;
        if (isMuffled) demoNode.handlers.set(id, () => new Promise(() => {}));
        await context.becomePeer(connection);
        expect(peerOf(demoNode, id)?.client).toBe(connection.remote.client);
        context.sendEcho(connection, 'hello');
        await context.wait(500);
        codes.push(connection.peer.unreadFrames.filter(({ code }) => code === 0x11).length);
        connection.peer.close();
      }),
    );
  expect(codes).toEqual([1, 0]);
  expect(demoNode.handlers.size).toBe(0);
  await at.end();
});

test('it has low limits, one peer for each subnet, and keeps no events', () => {
  const { demoNode } = new DemoContext();
  const { options, events } = demoNode.node;
  expect(options).toMatchObject({ maxPeers: MAX_PEERS, maxPeersPerSubnet: 1, staticExempt: true });
  expect(events).toEqual([]);
});
