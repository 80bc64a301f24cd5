import { describe, expect, test } from 'vitest';

import { checkOptions } from '../../src/server/config.ts';
import { Discoveries, type DiscoveriesHooks } from '../../src/server/discoveries.ts';
import { createWorld } from '../../src/testing/world/world.ts';
import type { WorldNode, WorldNodeOptions } from '../../src/testing/world/world-node.ts';
import { network, tableOf, tableV5Of } from '../support/discovery-network.ts';
import { keyOf } from '../support/world.ts';

const BOTH: WorldNodeOptions = { discovery: ['v4', 'v5'], noDial: true };

test('without a version there is nothing', () => {
  const none = new Discoveries(checkOptions({ nodeKey: keyOf(1) }), {} as DiscoveriesHooks);
  expect(none).toMatchObject({ isEmpty: true, tableV4: null, tableV5: null, address: null });
  expect([none.machines, none.walks(), none.resolver()]).toEqual([{}, [], null]);
  expect(none.hasFound('45.0.0.1')).toBe(false);
  none.abort();
  none.destroy();
});

test('each version is a source of nodes with a name', () => {
  const config = checkOptions({ nodeKey: keyOf(1), discovery: ['v5', 'v4', 'v5'] });
  const both = new Discoveries(config, {} as DiscoveriesHooks);
  expect(both.walks().map(({ name }) => name)).toEqual(['discv4', 'discv5']);
  expect(Object.keys(both.machines)).toEqual(['discovery', 'discoveryV5']);
});

describe('both versions', () => {
  test('share one socket, and each finds nodes', async () => {
    const { world, boot, nodes } = await network(2, BOTH);
    expect(world.udp.bound).toHaveLength(3);
    await world.run('10s');
    const ids = nodes.map(({ id }) => id).toSorted();
    expect(tableOf(boot).toSorted()).toEqual(ids);
    expect(tableV5Of(boot).toSorted()).toEqual(ids);
    // what is a packet of v5 is no mistake of v4
    const refused = boot.server.discovery?.stats()?.refused ?? {};
    expect(Object.keys(refused).filter((why) => why !== 'unprovenEndpoint')).toEqual([]);
  });

  test('know the records of their nodes, which `peersInfo` shows of those that we dialled', async () => {
    const { world, boot, nodes } = await network(1, { ...BOTH, noDial: false });
    await world.run('10s');
    const [node] = nodes;
    node!.server.addPeer(boot.enode);
    await world.run('10s');
    expect(node!.server.peersInfo()).toMatchObject([{ id: boot.id, enr: boot.server.self.enr }]);
    expect(boot.server.peersInfo()[0]).not.toHaveProperty('enr');
  });

  test('find nodes of their own version beside each other', async () => {
    const world = createWorld({ seed: 1, crypto: 'fast' });
    const boot = world.node(BOTH);
    await world.start(boot);
    const bootnodes = [boot.enode];
    const v4 = world.node({ ...BOTH, discovery: 'v4', bootnodes });
    const v5 = world.node({ ...BOTH, discovery: 'v5', bootnodes });
    await world.start(v4, v5);
    await world.run('10s');
    expect([tableOf(boot), tableV5Of(boot)]).toEqual([[v4.id], [v5.id]]);
    expect([v4.server.discoveryV5, v5.server.discovery]).toEqual([null, null]);
    await world.end();
  });

  test('have a socket each with `discv5Listen`; the record claims the port of v4', async () => {
    const world = createWorld({ seed: 1, crypto: 'fast' });
    const v5 = world.node({ ...BOTH, discovery: 'v5' });
    const node = world.node({
      ...{ ...BOTH, discv5Listen: { host: '0.0.0.0', port: 9_000 } },
      bootnodesV5: [v5.enode],
    });
    await world.start(v5, node);
    const ports = world.udp.bound.map((at) => at.split(':').at(-1));
    expect(ports).toEqual(['30303', '30303', '9000']);
    expect(node.server.self.enode).toMatch(/:30303$/);
    await world.run('10s');
    expect([tableOf(node), tableV5Of(node)]).toEqual([[], [v5.id]]);
    await world.end();
  });

  test('a dial finds a node that moved by either version', async () => {
    const world = createWorld({ seed: 1, crypto: 'fast' });
    const boot = world.node(BOTH);
    await world.start(boot);
    const bootnodes = [boot.enode];
    const v5 = world.node({ ...BOTH, discovery: 'v5', bootnodes });
    const node = world.node({ discovery: ['v4', 'v5'], bootnodes });
    await world.start(v5, node);
    await world.run('10s');
    const elsewhere = v5.enode.replace(v5.host.address, '45.9.9.9');
    node.server.addPeer(elsewhere);
    await world.until(() => node.server.peers.some(({ id }) => id === v5.id), '2m');
    await world.end();
  });
});

test('a v5 alone binds the address of discovery, and our enode and record name its port', async () => {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  const node = world.node({
    ...BOTH,
    discovery: 'v5',
    discoveryListen: { host: '0.0.0.0', port: 9_000 },
  });
  await world.start(node);
  expect(node.server.self.enode).toMatch(/discport=9000$/);
  expect(node.server.nodeInfo().ports.discovery).toBe(9_000);
  await world.end();
});

test('after a failed start our enode names no port for datagrams', async () => {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  const node = world.node({ ...BOTH, discv5Listen: { host: '0.0.0.0', port: 9_000 }, port: 4_000 });
  world.udp.bind(node.host, 9_000, () => {});
  await expect(world.start(node)).rejects.toThrow('EADDRINUSE');
  expect(node.server.nodeInfo().ports.discovery).toBe(0);
  await world.stop(node);
});

test('the port that the system chose for the listener is not needed for datagrams', async () => {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  const taken: WorldNode = world.node({
    ...BOTH,
    port: 0,
    ports: {
      datagrams: async ({ port }, { onDatagram }) => {
        if (port !== 0) throw Object.assign(new Error('EADDRINUSE'), { code: 'EADDRINUSE' });
        return world.udp.bind(taken.host, port, onDatagram);
      },
    },
  });
  await world.start(taken);
  expect(taken.server.nodeInfo().ports.discovery).toBeGreaterThan(0);
  await world.end();
});
