import { describe, expect, test } from 'vitest';
import type { AnyActorRef } from 'xstate';

import { createWorld, type World } from '../../src/testing/world/world.ts';
import type { WorldNode, WorldNodeOptions } from '../../src/testing/world/world-node.ts';
import { network, tableV5Of } from '../support/discovery-network.ts';

const V5: WorldNodeOptions = { discovery: 'v5', noDial: true };

async function lookUp(world: World, from: WorldNode, target: string): Promise<readonly string[]> {
  const ids: string[] = [];
  const reading = (async () => {
    for await (const { id } of from.server.discoveryV5?.lookup(target) ?? []) ids.push(id);
  })();
  await world.complete(reading);
  return ids;
}

test('servers that know one bootnode are in its table, and find each other by a lookup', async () => {
  const { world, boot, nodes } = await network(3, V5);
  await world.run('10s');
  expect(tableV5Of(boot).toSorted()).toEqual(nodes.map(({ id }) => id).toSorted());
  const [a, b] = nodes as [WorldNode, WorldNode];
  expect(await lookUp(world, a, b.enode)).toContain(b.id);
  expect(tableV5Of(a)).toContain(b.id);
  // an enode URL has no record: it came with the first check
  await world.run('1m');
  expect(a.server.discoveryV5?.nodes().map(({ record }) => record?.seq ?? 0)).not.toContain(0);
});

test('sessions are actors, of which none is left after the stop', async () => {
  const sessions = new Set<string>();
  const { world, nodes } = await network(1, {
    ...V5,
    inspect: ({ actorRef }) => {
      const { id } = actorRef as AnyActorRef;
      if (id.startsWith('discv5-session')) sessions.add(id);
    },
  });
  await world.run('10s');
  const [node] = nodes as [WorldNode];
  expect(sessions.size).toBeGreaterThan(1);
  expect(node.server.discoveryV5?.stats()).toMatchObject({ sessions: 1, handshakes: 0 });
  await world.stop(node);
  expect(node.server.discoveryV5?.stats()).toBeNull();
  expect(node.clock.pending).toBe(0);
  expect(await lookUp(world, node, node.enode)).toEqual([]);
});

test('a stop in the middle of handshakes and lookups ends them', async () => {
  const { world, nodes } = await network(2, V5);
  const [a, b] = nodes as [WorldNode, WorldNode];
  const looking = lookUp(world, a, b.enode);
  const stopping = a.server.stop();
  await looking;
  await world.complete(stopping);
  expect(a.clock.pending).toBe(0);
});

test('a node behind a NAT is in the tables of others once its record claims what they see', async () => {
  const { world, boot, nodes } = await network(10, V5);
  await world.run('30s');
  const { localNode } = boot.server.actor.getSnapshot().children;
  const { predicted } = localNode!.getSnapshot().context;
  expect(predicted.ipv4).toEqual({ host: boot.host.address, port: 30_303 });
  const nat = world.nat('fullCone');
  const bootnodes = [boot, ...nodes].map(({ enode }) => enode);
  const hidden = world.node({ ...V5, nat, bootnodes });
  await world.start(hidden);
  await world.run('3m');
  const found = boot.server.discoveryV5?.nodes().find(({ id }) => id === hidden.id);
  expect(found?.host).toBe(nat.address);
});

test('a node whose record names an address where it does not answer is in no table', async () => {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  const boot = world.node(V5);
  await world.start(boot);
  await world.run('30s');
  const liar = world.node({ ...V5, externalIp: '45.9.9.9', bootnodes: [boot.enode] });
  await world.start(liar);
  for (let step = 0; step < 40; step += 1) {
    await world.run('500ms');
    expect(tableV5Of(boot)).toEqual([]);
  }
  expect(tableV5Of(liar)).toEqual([boot.id]);
  expect(boot.server.discoveryV5?.stats()?.sessions).toBe(1);
  await world.end();
});

test('resolve gives the node with its record, though an enode URL has none', async () => {
  const { world, boot, nodes } = await network(1, V5);
  await world.run('1m');
  const found = await world.complete(nodes[0]!.server.discoveryV5!.resolve(boot.enode));
  expect(found).toMatchObject({ id: boot.id, host: boot.host.address, udpPort: 30_303 });
  expect(found?.record).not.toBeNull();
});

describe('messages of other protocols', () => {
  const hello = new TextEncoder().encode('hello');

  test('are answered by the handler of the protocol', async () => {
    const { world, boot, nodes } = await network(1, V5);
    const [node] = nodes as [WorldNode];
    const talk = (protocol: string) =>
      world.complete(node.server.discoveryV5!.talk(boot.enode, protocol, hello));
    const remove = boot.server.discoveryV5!.handleTalk('echo', ({ node: from, payload }) =>
      Buffer.from(`${from.id.slice(0, 4)} ${Buffer.from(payload)}`),
    );
    expect(`${Buffer.from(await talk('echo'))}`).toBe(`${node.id.slice(0, 4)} hello`);
    expect(await talk('other')).toHaveLength(0);
    remove();
    remove();
    expect(await talk('echo')).toHaveLength(0);
  });

  test('a handler is there before the start and after a replacement', async () => {
    const world = createWorld({ seed: 1, crypto: 'fast' });
    const [a, b] = [world.node(V5), world.node(V5)];
    const first = a.server.discoveryV5!.handleTalk('echo', () => Buffer.from('first'));
    await world.start(a, b);
    const talk = async () =>
      `${Buffer.from(await world.complete(b.server.discoveryV5!.talk(a.enode, 'echo', hello)))}`;
    expect(await talk()).toBe('first');
    a.server.discoveryV5!.handleTalk('echo', () => Buffer.from('second'));
    first();
    expect(await talk()).toBe('second');
    await world.end();
  });

  test('fail when the node is silent, is ourselves, or the message is too large', async () => {
    const { world, boot, nodes } = await network(1, V5);
    const [node] = nodes as [WorldNode];
    const { talk, handleTalk } = boundTo(node);
    const silent = world.node(V5).enode;
    await expect(world.complete(talk(silent, 'echo', hello))).rejects.toMatchObject({
      ...{ name: 'TalkError', code: 'timedOut' },
    });
    await expect(talk(node.enode, 'echo', hello)).rejects.toMatchObject({ code: 'ownNode' });
    const large = new Uint8Array(1_200);
    await expect(talk(boot.enode, 'echo', large)).rejects.toMatchObject({ code: 'tooLarge' });
    for (let number = 0; number < 64; number += 1) handleTalk(`p${number}`, () => large);
    expect(() => handleTalk('one more', () => large)).toThrow(RangeError);
    expect(() => talk('no node', 'echo', hello)).toThrow(TypeError);
    await world.stop(node);
    await expect(talk(boot.enode, 'echo', hello)).rejects.toMatchObject({ code: 'closed' });
  });

  test('are cancelled by a signal', async () => {
    const { world, nodes } = await network(1, V5);
    const { talk } = boundTo(nodes[0]!);
    const abort = new AbortController();
    const { signal } = abort;
    const talking = talk(world.node(V5).enode, 'echo', hello, { signal });
    abort.abort(new Error('enough'));
    await expect(talking).rejects.toThrow('enough');
    await expect(talk(nodes[0]!.enode, 'echo', hello, { signal })).rejects.toThrow('enough');
  });
});

function boundTo({ server }: WorldNode) {
  const table = server.discoveryV5!;
  return { talk: table.talk.bind(table), handleTalk: table.handleTalk.bind(table) };
}
