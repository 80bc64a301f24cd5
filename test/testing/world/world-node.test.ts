import { expect, test } from 'vitest';

import { parseEnode } from '../../../src/io/crypto/enode.ts';
import { createWorld } from '../../../src/testing/world/world.ts';

const world = () => createWorld({ seed: 'nodes', crypto: 'fast' });

test('every node has a label, a key and a public address in its own subnet', () => {
  const { node } = named(world());
  const nodes = [node(), node(), node()];
  expect(nodes.map(({ label }) => label)).toEqual(['node 1', 'node 2', 'node 3']);
  expect(nodes.map(({ host }) => host.address)).toEqual(['45.0.1.1', '45.0.2.1', '45.0.3.1']);
  expect(new Set(nodes.map(({ id }) => id)).size).toBe(3);
  for (const { enode, id, host } of nodes)
    expect(parseEnode(enode)).toMatchObject({ id, host: host.address, tcpPort: 30_303 });
});

test('label, address, local network and port can be set', () => {
  const { node } = named(world());
  expect(node({ label: 'boot', address: '2001:db8::1', port: 7 })).toMatchObject({
    label: 'boot',
    enode: expect.stringContaining('@[2001:db8::1]:7'),
  });
  expect(node({ lan: true }).host.address).toMatch(/^10\./);
});

test('a node with port null binds nothing', async () => {
  const simulated = world();
  const silent = simulated.node({ port: null });
  await simulated.start(silent);
  expect(simulated.tcp.listening).toEqual([]);
  await simulated.end();
});

test('options reach the server, and so does an inspector of the test', async () => {
  const simulated = world();
  const types = new Set<string>();
  const node = simulated.node({
    name: 'Simulated/1',
    inspect: ({ type }) => types.add(type),
    ports: { random: (bytes) => new Uint8Array(bytes).fill(1) },
  });
  await simulated.start(node);
  expect(node.server.nodeInfo().name).toBe('Simulated/1');
  expect([...types]).toContain('@xstate.microstep');
  await simulated.end();
});

test('the events of a server are kept in order', async () => {
  const simulated = world();
  const [a, b] = [simulated.node(), simulated.node()];
  await simulated.start(a, b);
  a.server.addPeer(b.enode);
  await simulated.until(() => a.server.peerCount === 1);
  await simulated.stop(b);
  await simulated.until(() => a.server.peerCount === 0);
  expect(a.events.map(({ type }) => type)).toEqual(['add', 'drop']);
  await simulated.end();
});

test('an internal error that the server survives is a problem', async () => {
  const simulated = world();
  const node = simulated.node({
    inspect: () => {
      throw new Error('my inspector broke');
    },
  });
  await simulated.start(node);
  expect(simulated.problems.splice(0)).toEqual([
    expect.stringContaining('node 1: the inspector: Error: my inspector broke'),
  ]);
  await simulated.end();
});

/** Methods detached from their object. */
const named = (simulated: ReturnType<typeof world>) => ({
  node: (...options: Parameters<typeof simulated.node>) => simulated.node(...options),
});

test('with keepsEvents false no events are kept, but they are still reported', async () => {
  const simulated = world();
  const [a, b] = [simulated.node({ keepsEvents: false }), simulated.node()];
  const reported: string[] = [];
  a.server.on('add', ({ type }) => reported.push(type));
  await simulated.start(a, b);
  a.server.addPeer(b.enode);
  await simulated.run('1s');
  expect(reported).toEqual(['add']);
  expect(a.events).toEqual([]);
  expect(b.events).not.toEqual([]);
  await simulated.end();
});
