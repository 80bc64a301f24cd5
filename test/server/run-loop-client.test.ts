/** What a running server is asked, and who leaves it when, on virtual time. */
import { describe, expect, test } from 'vitest';
import type { Port } from '../../src/api/protocol.ts';
import { FAREWELL_MS } from '../../src/machines/connection/connection.ts';
import { PROTOCOL_GRACE_MS } from '../../src/machines/peer/peer.ts';
import { echo } from '../../src/protocols/echo.ts';
import type { Server } from '../../src/server.ts';
import { settledHeap } from '../fuzz/watchdog.ts';
import { enodeOf, type Member, meet, storyOf, World } from '../support/world.ts';

const NOT_RUNNING = { name: 'ServerError', code: 'notRunning' };

describe('withPeers', () => {
  test('calls the function once with the peers, and resolves with its result', async () => {
    const { world, a } = await meet();
    let calls = 0;
    const answer = await a.server.withPeers((peers) => {
      calls += 1;
      return { peers };
    });
    expect([calls, answer.peers]).toEqual([1, a.server.peers]);
    expect(answer.peers).toHaveLength(1);
    expect(await a.server.withPeers(async ({ length }) => length)).toBe(1);
    await world.end();
  });

  test('does not hold the function afterwards', async () => {
    const { world, a } = await meet();
    const call = async () => {
      const use = () => 'used';
      expect(await a.server.withPeers(use)).toBe('used');
      return new WeakRef(use);
    };
    const left = await call();
    await new Promise((resolve) => setImmediate(resolve));
    await settledHeap();
    expect(left.deref()).toBeUndefined();
    await world.end();
  });

  test('rejects with what the function throws, and the run loop continues', async () => {
    const { world, a } = await meet();
    const mistake = new Error('a mistake');
    await expect(
      a.server.withPeers(() => {
        throw mistake;
      }),
    ).rejects.toBe(mistake);
    await expect(a.server.withPeers(() => Promise.reject(mistake))).rejects.toBe(mistake);
    expect(await a.server.withPeers(({ length }) => length)).toBe(1);
    await world.end();
  });

  test('no peer leaves during the call, even when one is disconnected in it', async () => {
    const { world, a, b } = await meet();
    const order: string[] = [];
    a.server.on('drop', () => order.push('drop'));
    await a.server.withPeers(([peer]) => {
      peer!.disconnect();
      void a.server.removePeer(b.enode).then(() => order.push('removed'));
      a.server.addTrustedPeer(b.enode);
      order.push(`${a.server.peerCount} ${peer!.trusted}`);
    });
    expect(order).toEqual(['1 false']);
    await world.settle();
    expect(order).toEqual(['1 false', 'drop', 'removed']);
    await world.end();
  });

  test('a nested call runs after the outer one', async () => {
    const { world, a } = await meet();
    const order: string[] = [];
    const outer = a.server.withPeers(async () => {
      const inner = a.server.withPeers(() => order.push('inner'));
      order.push('outer');
      await inner;
    });
    await outer;
    expect(order).toEqual(['outer', 'inner']);
    await world.end();
  });

  test('a call inside add or drop sees the peer added or gone', async () => {
    const world = new World();
    const [a, b] = [1, 2].map((seed) => world.add(seed, { protocols: [echo()] }));
    const counts: Promise<number>[] = [];
    for (const type of ['add', 'drop'] as const)
      a!.server.on(type, () => counts.push(a!.server.withPeers(({ length }) => length)));
    await world.start(a!, b!);
    a!.server.addPeer(b!.enode);
    await world.settle();
    a!.server.peers[0]!.disconnect();
    await world.settle();
    expect(await Promise.all(counts)).toEqual([1, 0]);
    await world.end();
  });

  test('rejects when the server is stopped before the call runs', async () => {
    const { world, a, b } = await meet();
    let answers: Promise<unknown>[] = [];
    await a.server.withPeers(() => {
      void a.server.stop(); // has its turn first
      answers = [
        a.server.withPeers(() => 'called').catch((error: unknown) => error),
        a.server.removePeer(b.enode).catch((error: unknown) => error),
      ];
    });
    await world.settle();
    for (const answer of await Promise.all(answers)) expect(answer).toMatchObject(NOT_RUNNING);
    await world.end();
  });

  test('rejects when the server has stopped before the call runs', async () => {
    const world = new World();
    const a = world.add(1, { listen: null });
    await world.start(a);
    let answer: Promise<unknown> | undefined;
    await a.server.withPeers(() => {
      void a.server.stop();
      answer = a.server.withPeers(() => 'called').catch((error: unknown) => error);
    });
    expect(await answer).toMatchObject(NOT_RUNNING);
    expect(a.server.actor.getSnapshot().status).toBe('done');
    await world.end();
  });
});

describe('removePeer inside a handler', () => {
  test('without awaiting it removes the peer as usual', async () => {
    const { world, hub, guest } = await visit(async ({ server, guest, port }) => {
      void server.removePeer(guest);
      for await (const _ of port);
    });
    expect(storyOf(hub)).toEqual(['add', 'drop ending.rejected.requested']);
    expect(dropOf(hub).abandoned).toEqual([]);
    expect(storyOf(guest)).toEqual(['add', 'drop ending.refused.requested']);
    await world.end();
  });

  test('awaited, resolves after the time limit of handlers', async () => {
    const order: string[] = [];
    const { world, hub, guest } = await visit(async ({ server, guest }) => {
      await server.removePeer(guest);
      order.push(`handler goes on, ${server.peerCount} peers`);
    });
    hub.server.on('drop', () => order.push('drop'));
    expect(storyOf(guest)).toEqual(['add', 'drop ending.refused.requested']);

    await world.advance(PROTOCOL_GRACE_MS - 1, PROTOCOL_GRACE_MS);
    expect(order).toEqual([]);
    await world.advance(1);
    expect(order).toEqual(['drop', 'handler goes on, 0 peers']);
    expect(dropOf(hub)).toMatchObject({
      state: 'ending.rejected.requested',
      abandoned: ['echo/1'],
    });
    await world.end();
  });

  test('awaited while they do not hang up, resolves after 4 s', async () => {
    let went = false;
    const { world, hub } = await visit(async (self) => {
      const { cut, delivered } = self.world.network.connections[0]!;
      cut('stall', delivered.aToB, 'aToB'); // the guest dialled: nothing of it comes any more
      cut('stall', delivered.bToA, 'bToA');
      await self.server.removePeer(self.guest);
      went = true;
    });
    await world.advance(FAREWELL_MS + PROTOCOL_GRACE_MS - 1);
    expect(went).toBe(false);
    await world.advance(1);
    expect(went).toBe(true);
    expect(hub.server.peers).toEqual([]);
    await world.end();
  });

  test('of another peer waits for that peer only', async () => {
    let went = false;
    const { world, hub } = await visit(async ({ server, port }) => {
      await server.removePeer(enodeOf(3));
      went = true;
      for await (const _ of port);
    });
    expect(went).toBe(true);
    expect(hub.server.peerCount).toBe(1);
    await world.end();
  });
});

type Visit = {
  readonly world: World;
  readonly server: Server;
  readonly guest: string;
  readonly port: Port;
};

/** A hub with one guest; the hub's handler for it is given. */
async function visit(handler: (visit: Visit) => Promise<void>) {
  const world = new World();
  const guest = world.add(2, { protocols: [echo()] });
  const hub: Member = world.add(1, {
    protocols: [
      {
        ...echo(),
        run: (_, port) => handler({ world, server: hub.server, guest: guest.enode, port }),
      },
    ],
  });
  await world.start(hub, guest);
  guest.server.addPeer(hub.enode);
  await world.settle();
  return { world, hub, guest };
}

/** How the one peer ended. */
function dropOf({ log }: Member) {
  const drops = log.filter((event) => event.type === 'drop');
  expect(drops).toHaveLength(1);
  return drops[0]!;
}
