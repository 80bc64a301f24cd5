import { describe, expect, test } from 'vitest';
import type { Guest } from '../../src/demo/stage.ts';
import { StageClosed } from '../../src/demo/stage.ts';
import { RawPeerError } from '../../src/testing/raw-peer/raw-peer-error.ts';
import { DemoStage } from '../support/demo-stage.ts';

const started = (): Promise<DemoStage> => new DemoStage().start();

describe('a guest', () => {
  test.for(['inbound', 'dialled'] as const)('%s becomes a peer, and is put away', async (role) => {
    const at = await started();
    const { stage, strangers } = at;
    const before = strangers.away;
    const visit = stage.withGuest(role, async (guest) => {
      await stage.join(guest);
      expect(stage.server.peers).toMatchObject([
        { id: guest.stranger.key.id, direction: role === 'inbound' ? 'inbound' : 'static' },
      ]);
      guest.wire.sendDisconnect('requested', 'compressed');
    });
    await at.world.complete(visit);
    expect(at.happened).toEqual(['ending.refused.requested']);
    expect(strangers.away).toBe(before);
    await at.world.run('2m'); // nobody is kept connected any more
    expect(at.happened).toHaveLength(1);
    await at.end();
  });

  test('is put away when the scene breaks', async () => {
    const at = await started();
    const before = at.strangers.away;
    const visit = at.stage.withGuest('inbound', () => Promise.reject(new Error('no')));
    await expect(at.world.complete(visit)).rejects.toThrow('no');
    expect(at.strangers.away).toBe(before);
    await at.end();
  });

  test('may come with the key and the address of somebody else', async () => {
    const at = await started();
    const { key } = at.strangers.take();
    const visit = at.stage.withGuest(
      'inbound',
      async (guest) => {
        await at.stage.agree(guest);
        guest.wire.sendHello(at.stage.helloOf({ ...guest.stranger, key }));
        await at.stage.wait(500);
        expect(at.stage.server.peers).toMatchObject([
          { id: key.id, remote: { host: '80.99.7.9' } },
        ]);
        guest.wire.close();
      },
      { key, address: '80.99.7.9' },
    );
    await at.world.complete(visit);
    await at.end();
  });

  test('that is not let in hears so', async () => {
    const at = await started();
    const visit = at.stage.withGuest('inbound', (guest) => at.stage.join(guest), {
      key: at.observed.node.key,
    });
    await expect(at.world.complete(visit)).rejects.toThrow(RawPeerError);
    await at.end();
  });

  test('that nobody dials gives up', async () => {
    const at = await started();
    const dialling = at.stage.withGuest(
      'dialled',
      () => {},
      {},
      ({ key }) => at.observed.mishaps.records.set(key.id, { tcpPort: 0 }),
    );
    await expect(at.world.complete(dialling)).rejects.toThrow('nobody dialled');
    await at.end();
  });
});

test('who surely wants to be let in is dialled when there are many inbound peers', async () => {
  const at = await started();
  const { stage } = at;
  const roles = () => new Set(Array.from({ length: 30 }, () => stage.openRole));
  expect(roles()).toEqual(new Set(['inbound', 'dialled']));
  const guests: Guest[] = [];
  const visits = Array.from({ length: 6 }, () =>
    stage.withGuest('inbound', async (guest) => {
      await stage.join(guest);
      guests.push(guest);
    }),
  );
  await at.world.until(() => guests.length === 6);
  expect(roles()).toEqual(new Set(['dialled']));
  for (const { wire } of guests) wire.close();
  await at.world.complete(Promise.all(visits));
  await at.end();
});

test('when it is closed every wait is over, and no other one begins', async () => {
  const at = await started();
  const waits = [at.stage.wait(1_000), at.stage.withGuest('inbound', () => at.stage.wait(60_000))];
  const ends = Promise.allSettled(waits);
  await at.world.run(500);
  at.stage.close();
  for (const { reason } of (await at.world.complete(ends)) as PromiseRejectedResult[])
    expect(reason).toBeInstanceOf(StageClosed);
  await expect(at.stage.wait(0)).rejects.toThrow(StageClosed);
  await at.end();
  expect(at.world.clock.pending).toBe(0);
});
