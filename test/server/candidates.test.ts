import { describe, expect, onTestFinished, test } from 'vitest';
import { type EventObject, fromCallback } from 'xstate';

import type { NodeLike } from '../../src/io/crypto/node.ts';
import type { DialTarget } from '../../src/machines/dialing/dial-task.ts';
import { eth } from '../../src/protocols/eth.ts';
import { NETWORKS } from '../../src/protocols/networks.ts';
import { withSources } from '../../src/server/candidates.ts';
import { checkOptions } from '../../src/server/config.ts';
import { Discoveries, type DiscoveriesHooks } from '../../src/server/discoveries.ts';
import { createWorld } from '../../src/testing/world/world.ts';
import type { WorldNode, WorldNodeOptions } from '../../src/testing/world/world-node.ts';
import { enodeOf, keyOf } from '../support/world.ts';

async function* nodes(...numbers: number[]): AsyncGenerator<NodeLike> {
  for (const number of numbers) yield enodeOf(number);
}

const NONE = new Discoveries(checkOptions({ nodeKey: keyOf(1) }), {} as DiscoveriesHooks);

const protocol = (name: string, version: number, dialCandidates?: AsyncIterable<NodeLike>) => ({
  ...{ name, version, length: 1, run: async () => {} },
  ...(dialCandidates && { dialCandidates }),
});

const NO_FILTER = { filter: null, onSourceEnded: () => {} };

async function take(source: AsyncIterable<NodeLike>, count: number): Promise<NodeLike[]> {
  const taken: NodeLike[] = [];
  for await (const node of source) if (taken.push(node) === count) break;
  return taken;
}

describe('sources of nodes to dial', () => {
  test('one alone is read as it is', () => {
    const config = checkOptions({ nodeKey: keyOf(1), candidates: nodes(2) });
    expect(withSources(config, NONE, null, NO_FILTER)).toBe(config);
  });

  test('of the option and of protocols take turns, one for each name', async () => {
    const config = checkOptions({
      nodeKey: keyOf(1),
      candidates: nodes(2, 3, 4),
      protocols: [
        protocol('eth', 68, nodes(12, 13, 14)),
        protocol('eth', 69, nodes(22)),
        protocol('snap', 1),
      ],
    });
    const mixed = withSources(config, NONE, null, NO_FILTER);
    expect(mixed.hasCandidates).toBe(true);
    const urls = await take(mixed.candidates, 6);
    expect(urls).toEqual([2, 12, 3, 13, 4, 14].map((number) => enodeOf(number)));
  });

  test('of eth are one source, for all of its versions', async () => {
    const { protocols } = eth({ chain: NETWORKS.hoodi.chain, candidates: nodes(12, 13) });
    const config = checkOptions({ nodeKey: keyOf(1), candidates: nodes(2, 3), protocols });
    const mixed = withSources(config, NONE, null, NO_FILTER);
    const urls = await take(mixed.candidates, 4);
    expect(urls).toEqual([2, 12, 3, 13].map((number) => enodeOf(number)));
  });

  test('that fails is reported, and the others go on', async () => {
    const failing: AsyncIterable<NodeLike> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('oops')) }),
    };
    const ended: string[] = [];
    const config = checkOptions({
      nodeKey: keyOf(1),
      candidates: failing,
      protocols: [protocol('eth', 68, nodes(12))],
    });
    const mixed = withSources(config, NONE, null, {
      filter: null,
      onSourceEnded: (name, error) => ended.push(`${name}: ${error}`),
    });
    expect(await take(mixed.candidates, 1)).toEqual([enodeOf(12)]);
    expect(ended).toEqual(['candidates: Error: oops']);
  });
});

const DISCOVERY: WorldNodeOptions = { discovery: 'v4', maxPeers: 20 };

async function world(count: number, options: WorldNodeOptions = DISCOVERY) {
  const made = createWorld({ seed: 3, crypto: 'fast' });
  onTestFinished(() => made.end());
  const boot = made.node(options);
  await made.start(boot);
  const others = Array.from({ length: count }, () =>
    made.node({ ...options, bootnodes: [boot.enode] }),
  );
  await made.start(...others);
  return { made, boot, others };
}

test('dials of a server with discovery resolve nodes by it, unless another resolver is given', () => {
  const config = checkOptions({ nodeKey: keyOf(1), discovery: 'v4' });
  const discovery = {
    ...{ isEmpty: false, walks: () => [], hasFound: () => false },
    resolver: () => 'by discovery',
  } as unknown as Discoveries;
  expect(withSources(config, discovery, null, NO_FILTER).ports.nodeResolver).toBe('by discovery');
  const nodeResolver = fromCallback<EventObject, DialTarget>(() => {});
  const given = checkOptions({ nodeKey: keyOf(1), discovery: 'v4', ports: { nodeResolver } });
  expect(withSources(given, discovery, null, NO_FILTER).ports.nodeResolver).toBe(nodeResolver);
});

describe('servers that know one bootnode', () => {
  test('become peers of each other', async () => {
    const { made, others } = await world(4);
    await made.until(() => others.every(({ server }) => server.peerCount >= 3), '2m');
    const [first] = others as [WorldNode];
    const directions = first.server.peers.map(({ direction }) => direction);
    for (const direction of directions) expect(['inbound', 'dynamic']).toContain(direction);
  });

  test('on the LAN become peers too: who is on the LAN may name another one there', async () => {
    const { made, others } = await world(3, { ...DISCOVERY, lan: true });
    await made.run('1m');
    for (const { server } of others) expect(server.peerCount).toBe(3);
  });
});
