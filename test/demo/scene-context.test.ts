import { describe, expect, test } from 'vitest';
import type { RemoteConnection } from '../../src/demo/scene-context.ts';
import { DemoEnded } from '../../src/demo/scene-context.ts';
import { RawPeerError } from '../../src/testing/raw-peer/raw-peer-error.ts';
import { DemoContext } from '../support/demo-context.ts';

const started = (): Promise<DemoContext> => new DemoContext().start();

describe('a connection', () => {
  test.for(['inbound', 'dialled'] as const)(
    '%s becomes a peer, and the remote node is released',
    async (role) => {
      const at = await started();
      const { context, remoteNodes } = at;
      const before = remoteNodes.available;
      const visit = context.withConnection(role, async (connection) => {
        await context.becomePeer(connection);
        expect(context.server.peers).toMatchObject([
          { id: connection.remote.key.id, direction: role === 'inbound' ? 'inbound' : 'static' },
        ]);
        connection.peer.sendDisconnect('requested', 'compressed');
      });
      await at.world.complete(visit);
      expect(at.occurrences).toEqual(['ending.refused.requested']);
      expect(remoteNodes.available).toBe(before);
      await at.world.run('2m'); // the static node was removed
      expect(at.occurrences).toHaveLength(1);
      await at.end();
    },
  );

  test('is released when the scene throws', async () => {
    const at = await started();
    const before = at.remoteNodes.available;
    const visit = at.context.withConnection('inbound', () => Promise.reject(new Error('no')));
    await expect(at.world.complete(visit)).rejects.toThrow('no');
    expect(at.remoteNodes.available).toBe(before);
    await at.end();
  });

  test('can use the key and the address of another node', async () => {
    const at = await started();
    const { key } = at.remoteNodes.take();
    const visit = at.context.withConnection(
      'inbound',
      async (connection) => {
        await at.context.handshake(connection);
        connection.peer.sendHello(at.context.helloOf({ ...connection.remote, key }));
        await at.context.wait(500);
        expect(at.context.server.peers).toMatchObject([
          { id: key.id, remote: { host: '80.99.7.9' } },
        ]);
        connection.peer.close();
      },
      { key, address: '80.99.7.9' },
    );
    await at.world.complete(visit);
    await at.end();
  });

  test('that is not accepted throws', async () => {
    const at = await started();
    const visit = at.context.withConnection(
      'inbound',
      (connection) => at.context.becomePeer(connection),
      {
        key: at.demoNode.node.key,
      },
    );
    await expect(at.world.complete(visit)).rejects.toThrow(RawPeerError);
    await at.end();
  });

  test('that is not dialled throws', async () => {
    const at = await started();
    const dialling = at.context.withConnection(
      'dialled',
      () => {},
      {},
      ({ key }) => at.demoNode.faults.records.set(key.id, { tcpPort: 0 }),
    );
    await expect(at.world.complete(dialling)).rejects.toThrow('the demo node did not dial');
    await at.end();
  });
});

test('roleWithRoom is dialled when there are many inbound peers', async () => {
  const at = await started();
  const { context } = at;
  const roles = () => new Set(Array.from({ length: 30 }, () => context.roleWithRoom));
  expect(roles()).toEqual(new Set(['inbound', 'dialled']));
  const connections: RemoteConnection[] = [];
  const visits = Array.from({ length: 6 }, () =>
    context.withConnection('inbound', async (connection) => {
      await context.becomePeer(connection);
      connections.push(connection);
    }),
  );
  await at.world.until(() => connections.length === 6);
  expect(roles()).toEqual(new Set(['dialled']));
  for (const { peer } of connections) peer.close();
  await at.world.complete(Promise.all(visits));
  await at.end();
});

test('end rejects current and later waits', async () => {
  const at = await started();
  const waits = [
    at.context.wait(1_000),
    at.context.withConnection('inbound', () => at.context.wait(60_000)),
  ];
  const ends = Promise.allSettled(waits);
  await at.world.run(500);
  at.context.end();
  for (const { reason } of (await at.world.complete(ends)) as PromiseRejectedResult[])
    expect(reason).toBeInstanceOf(DemoEnded);
  await expect(at.context.wait(0)).rejects.toThrow(DemoEnded);
  await at.end();
  expect(at.world.clock.pending).toBe(0);
});
