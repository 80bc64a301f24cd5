import { describe, expect, test } from 'vitest';

import { createWorld, type World } from '../../src/testing/world/world.ts';
import type { WorldNode } from '../../src/testing/world/world-node.ts';
import { FOUND, network, tableOf } from '../support/discovery-network.ts';

async function lookUp(world: World, from: WorldNode, target: string): Promise<readonly string[]> {
  const ids: string[] = [];
  const reading = (async () => {
    for await (const { id } of from.server.discovery?.lookup(target) ?? []) ids.push(id);
  })();
  await world.complete(reading);
  return ids;
}

describe('servers that know one bootnode', () => {
  test('are in its table, and find each other by a lookup', async () => {
    const { world, boot, nodes } = await network(4);
    await world.run('10s');
    expect(tableOf(boot).toSorted()).toEqual(nodes.map(({ id }) => id).toSorted());
    const [a, b] = nodes as [WorldNode, WorldNode];
    expect(await lookUp(world, a, b.enode)).toContain(b.id);
    expect(tableOf(a)).toContain(b.id);
  });

  test('stop in the middle of lookups, which end', async () => {
    const { world, nodes } = await network(3);
    const [a, b] = nodes as [WorldNode, WorldNode];
    const looking = lookUp(world, a, b.enode);
    const stopping = a.server.stop();
    expect(await looking).not.toContain('');
    await world.complete(stopping);
    expect(a.server.discovery?.stats()).toBeNull();
    expect(tableOf(a)).toEqual([]);
    expect(await lookUp(world, a, b.enode)).toEqual([]);
  });
});

test('what ten networks see is claimed by our record', async () => {
  const { world, boot } = await network(10);
  await world.run('30s');
  const localNode = boot.server.actor.getSnapshot().children.localNode?.getSnapshot();
  expect(localNode?.context.votes.ipv4.statements.size).toBe(10);
  expect(localNode?.context.predicted.ipv4).toEqual({ host: boot.host.address, port: 30_303 });
});

test('a bootnode may be named by its host, and is looked up until there is an address', async () => {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  const boot = world.node(FOUND);
  const named = boot.enode.replace(boot.host.address, 'boot.example');
  const node = world.node({ ...FOUND, bootnodes: [named] });
  await world.start(boot, node);
  await world.run('5s');
  expect(tableOf(node)).toEqual([]);
  world.hostNames.set('boot.example', boot.host.address);
  await world.run('2m');
  expect(tableOf(boot)).toContain(node.id);
  expect(tableOf(node)).toEqual([boot.id]);
  await world.end();
});

test('a server that does not listen for connections finds nodes too', async () => {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  const boot = world.node(FOUND);
  const node = world.node({ ...FOUND, port: null, bootnodes: [boot.enode] });
  await world.start(boot, node);
  await world.run('10s');
  expect(tableOf(node)).toEqual([boot.id]);
  expect(tableOf(boot)).toEqual([node.id]);
  await world.end();
});

test('a server without discovery has no table, and binds no socket', async () => {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  const node = world.node({});
  await world.start(node);
  expect(node.server.discovery).toBeNull();
  expect(world.udp.bound).toEqual([]);
  await world.end();
});

test('a stop while the socket is being bound leaves no search for a bootnode behind', async () => {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  let bound = (): void => {};
  const late = new Promise<void>((resolve) => {
    bound = resolve;
  });
  const named = world.node(FOUND).enode.replace(/@[^:]+/, '@boot.example');
  const node = world.node({
    ...FOUND,
    bootnodes: [named],
    ports: {
      datagrams: async ({ port }, { onDatagram }) => {
        await late;
        return world.udp.bind(node.host, port, onDatagram);
      },
    },
  });
  const starting = node.server.start().catch((error: unknown) => error);
  await world.run('1s');
  await world.stop(node);
  expect(await starting).toMatchObject({ code: 'stopped' });
  bound();
  await world.run('1m');
  expect(node.clock.pending).toBe(0);
  await world.end();
});
