import { expect, test } from 'vitest';

import { MAX_PEERS, peerOf } from '../../src/demo/demo-node.ts';
import { DemoStage } from '../support/demo-stage.ts';

test('it echoes, unless a peer has met with other manners', async () => {
  const at = await new DemoStage().start();
  const { stage, observed } = at;
  const codes: number[] = [];
  for (const isMuffled of [false, true])
    await at.world.complete(
      stage.withGuest('inbound', async (guest) => {
        const { id } = guest.stranger.key;
        if (isMuffled) observed.manners.set(id, () => new Promise(() => {}));
        await stage.join(guest);
        expect(peerOf(observed, id)?.client).toBe(guest.stranger.client);
        stage.say(guest, 'hello');
        await stage.wait(500);
        codes.push(guest.wire.unreadFrames.filter(({ code }) => code === 0x11).length);
        guest.wire.close();
      }),
    );
  expect(codes).toEqual([1, 0]);
  expect(observed.manners.size).toBe(0);
  await at.end();
});

test('it has few places, one of them for each subnet, and keeps no record of what it told', () => {
  const { observed } = new DemoStage();
  const { options, events } = observed.node;
  expect(options).toMatchObject({ maxPeers: MAX_PEERS, maxPeersPerSubnet: 1, staticExempt: true });
  expect(events).toEqual([]);
});
