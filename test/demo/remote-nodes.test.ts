import { expect, test } from 'vitest';

import { enodeAt, RemoteNodes } from '../../src/demo/remote-nodes.ts';
import { parseEnode } from '../../src/io/crypto/enode.ts';
import { subnetOf } from '../../src/io/wire/ip-address.ts';
import { createWorld } from '../../src/testing/world/world.ts';

const world = () => createWorld({ seed: 1, crypto: 'fast' });

test('each has its own key, which no node of the world has, and its own subnet', () => {
  const simulated = world();
  const remoteNodes = new RemoteNodes(simulated);
  const ids = new Set(Array.from({ length: 50 }, () => simulated.node().id));
  const subnets = new Set<string | null>();
  const count = remoteNodes.available;
  for (let left = count; left > 0; left -= 1) {
    const { key, host, enode, client } = remoteNodes.take();
    ids.add(key.id);
    subnets.add(subnetOf(host.address));
    expect(parseEnode(enode)).toMatchObject({ id: key.id, host: host.address, tcpPort: 30_303 });
    expect(client).not.toBe('');
    expect(simulated.internet.find(host.address, host)).toBe(host);
  }
  expect(ids.size).toBe(50 + count);
  expect(subnets.size).toBe(count);
});

test('the least recently used one comes first, and none is used twice at once', () => {
  const remoteNodes = new RemoteNodes(world());
  const [first, second] = [remoteNodes.take(), remoteNodes.take()];
  remoteNodes.release(second);
  remoteNodes.release(first);
  const rest = Array.from({ length: remoteNodes.available }, () => remoteNodes.take());
  expect(rest.slice(-2)).toEqual([second, first]);
  expect(() => remoteNodes.take()).toThrow('every remote node is in use');
});

test('their enode can have any host', () => {
  const remote = new RemoteNodes(world()).take();
  const { id } = remote.key;
  expect(parseEnode(enodeAt(remote, '80.0.0.1'))).toMatchObject({ id, host: '80.0.0.1' });
  expect(parseEnode(enodeAt(remote, 'a.example', 'name'))).toMatchObject({
    id,
    host: 'a.example',
    hostKind: 'name',
  });
});
