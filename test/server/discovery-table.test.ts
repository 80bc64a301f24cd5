import { describe, expect, test } from 'vitest';

import type { WorldNode } from '../../src/testing/world/world-node.ts';
import { FOUND, network, tableOf } from '../support/discovery-network.ts';

describe('a lookup', () => {
  test('is one of 16 at most; one more finds nothing', async () => {
    const { world, nodes } = await network(2);
    await world.run('10s');
    const [a, b] = nodes as [WorldNode, WorldNode];
    const table = a.server.discovery;
    const iterators = Array.from({ length: 17 }, () =>
      table!.lookup(b.enode)[Symbol.asyncIterator](),
    );
    const first = await world.complete(Promise.all(iterators.map((one) => one.next())));
    expect(first.map(({ done }) => done)).toEqual([...Array(16).fill(false), true]);
    await world.complete(Promise.all(iterators.map((one) => one.return?.())));
  });

  test('ends when its iteration does, and when its signal is aborted', async () => {
    const { world, nodes } = await network(2);
    await world.run('10s');
    const [a, b] = nodes as [WorldNode, WorldNode];
    const table = a.server.discovery!;
    for await (const _ of table.lookup(b.enode)) break;
    const abort = new AbortController();
    const ids: string[] = [];
    for await (const { id } of table.lookup(b.enode, { signal: abort.signal })) {
      ids.push(id);
      abort.abort();
    }
    expect(ids).toHaveLength(1);
    const never: unknown[] = [];
    for await (const node of table.lookup(b.enode, { signal: abort.signal })) never.push(node);
    expect(never).toEqual([]);
  });

  test('needs a node as its target', async () => {
    const { nodes } = await network(1);
    expect(() => nodes[0]?.server.discovery?.lookup('enode://1')).toThrow(TypeError);
  });
});

describe('resolve', () => {
  test('finds a node that moved, and says so of one that does not exist', async () => {
    const { world, nodes } = await network(4);
    await world.run('30s');
    const [a, b] = nodes as [WorldNode, WorldNode];
    const moved = b.enode.replace(b.host.address, '45.200.0.1');
    const found = await world.complete(a.server.discovery!.resolve(moved));
    expect(found).toMatchObject({ id: b.id, host: b.host.address });

    const stranger = world.node(FOUND).enode;
    expect(await world.complete(a.server.discovery!.resolve(stranger))).toBeNull();
  });

  test('ends with null when its signal is aborted', async () => {
    const { world, nodes } = await network(1);
    const [a] = nodes as [WorldNode];
    const abort = new AbortController();
    const stranger = world.node(FOUND).enode;
    const resolving = a.server.discovery!.resolve(stranger, { signal: abort.signal });
    abort.abort();
    expect(await world.complete(resolving)).toBeNull();
    expect(await a.server.discovery!.resolve(stranger, { signal: abort.signal })).toBeNull();
  });
});

test('random nodes are live ones of the table, in any order', async () => {
  const { world, boot } = await network(6);
  await world.run('2m');
  const table = boot.server.discovery!;
  const ids = table.readRandomNodes(100).map(({ id }) => id);
  expect(ids.toSorted()).toEqual(tableOf(boot).toSorted());
  expect(table.readRandomNodes(2)).toHaveLength(2);
  const orders = Array.from({ length: 8 }, () =>
    table
      .readRandomNodes(6)
      .map(({ id }) => id)
      .join(),
  );
  expect(new Set(orders).size).toBeGreaterThan(1);
});
