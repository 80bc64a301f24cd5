import { expect, test } from 'vitest';

import { enodeAt, RemoteNodes } from '../../src/demo/remote-nodes.ts';
import { parseEnode } from '../../src/io/crypto/enode.ts';
import { subnetOf } from '../../src/io/wire/ip-address.ts';
import { createWorld } from '../../src/testing/world/world.ts';

const world = () => createWorld({ seed: 1, crypto: 'fast' });

test('each has a key of its own, which no node of the world has, and a subnet of its own', () => {
  const simulated = world();
  const strangers = new RemoteNodes(simulated);
  const ids = new Set(Array.from({ length: 50 }, () => simulated.node().id));
  const subnets = new Set<string | null>();
  const count = strangers.away;
  for (let left = count; left > 0; left -= 1) {
    const { key, host, enode, client } = strangers.take();
    ids.add(key.id);
    subnets.add(subnetOf(host.address));
    expect(parseEnode(enode)).toMatchObject({ id: key.id, host: host.address, tcpPort: 30_303 });
    expect(client).not.toBe('');
    expect(simulated.internet.find(host.address, host)).toBe(host);
  }
  expect(ids.size).toBe(50 + count);
  expect(subnets.size).toBe(count);
});

test('who has been away for longest comes first, and nobody twice at once', () => {
  const strangers = new RemoteNodes(world());
  const [first, second] = [strangers.take(), strangers.take()];
  strangers.giveBack(second);
  strangers.giveBack(first);
  const rest = Array.from({ length: strangers.away }, () => strangers.take());
  expect(rest.slice(-2)).toEqual([second, first]);
  expect(() => strangers.take()).toThrow('every stranger is here already');
});

test('they can be said to be anywhere', () => {
  const stranger = new RemoteNodes(world()).take();
  const { id } = stranger.key;
  expect(parseEnode(enodeAt(stranger, '80.0.0.1'))).toMatchObject({ id, host: '80.0.0.1' });
  expect(parseEnode(enodeAt(stranger, 'a.example', 'name'))).toMatchObject({
    id,
    host: 'a.example',
    hostKind: 'name',
  });
});
