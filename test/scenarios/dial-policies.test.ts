/** Which nodes a whole server dials: candidates, bootnodes, static nodes that moved; and by which policy. */
import { describe, expect, test } from 'vitest';
import type { EventObject } from 'xstate';

import type { ServerEvents } from '../../src/api/server-events.ts';
import type { NodeResolverEvent } from '../../src/io/adapters/node-resolver.ts';
import { formatEnode, parseEnode } from '../../src/io/crypto/enode.ts';
import { createNodeKey } from '../../src/io/crypto/node-key.ts';
import { dialGenerator } from '../../src/machines/dialing/dial-generator.ts';
import type { DialTarget } from '../../src/machines/dialing/dial-task.ts';
import { echo } from '../../src/protocols/echo.ts';
import { FakeActor } from '../../src/testing/machine/fake-actor.ts';
import { enodeOf, keyOf, storyOf, World } from '../support/world.ts';

const protocols = [echo()];
const near = { protocols, netRestrict: ['192.0.2.0/24'] };
const elsewhere = (seed: number, host: string): string =>
  formatEnode({ ...parseEnode(enodeOf(seed)), host });

/** Yields what was added, in order; counts what was read, and records `return()`. */
class Feed implements AsyncIterable<string> {
  read = 0;
  returned = false;
  readonly #urls: readonly string[];
  readonly #isEndless: boolean;

  constructor(urls: readonly string[], isEndless = true) {
    this.#urls = urls;
    this.#isEndless = isEndless;
  }

  [Symbol.asyncIterator](): AsyncIterator<string> {
    return {
      next: () => {
        const value = this.#urls[this.read];
        this.read += 1;
        if (value !== undefined) return Promise.resolve({ done: false, value });
        if (this.#isEndless) return new Promise(() => {});
        return Promise.resolve({ done: true, value });
      },
      return: () => {
        this.returned = true;
        return new Promise(() => {});
      },
    };
  }
}

describe('candidates', () => {
  test('are dialled once each, as dynamic peers, and no other node is', async () => {
    const world = new World();
    const b = world.add(2, { protocols });
    const c = world.add(3, { protocols });
    const candidates = new Feed(['junk', enodeOf(1), b.enode, b.enode, enodeOf(9), c.enode]);
    const a = world.add(1, { ...near, candidates });
    await world.start(b, c);
    expect(candidates.read).toBe(0);
    await world.start(a);
    await world.advance(2_000, 20);
    expect(a.server.peers.map(({ id, direction }) => [id, direction])).toEqual([
      [keyOf(2).id, 'dynamic'],
      [keyOf(3).id, 'dynamic'],
    ]);
    expect(storyOf(a)).toEqual(['add', 'dialFailed connectionRefused', 'add']);
    expect([world.network.dials, candidates.read]).toEqual([3, 7]);
    await world.advance(100_000);
    expect(world.network.dials).toBe(3);
    expect(candidates.returned).toBe(false);
    await world.end();
    expect(candidates.returned).toBe(true);
  });

  test('are read only while there are free dial slots', async () => {
    const world = new World();
    const candidates = new Feed(Array.from({ length: 20 }, (_, n) => enodeOf(n + 2)));
    for (let seed = 2; seed < 22; seed += 1)
      world.network.silence({ host: '192.0.2.1', port: 30_000 + seed });
    const a = world.add(1, { ...near, candidates, maxPendingPeers: 5 });
    await world.start(a);
    await world.advance(1_000);
    expect([world.network.dials, candidates.read]).toEqual([5, 5]);
    await world.end();
  });

  test('R10: are not dialled at special-purpose addresses', async () => {
    const world = new World();
    const hosts = ['127.0.0.1', '10.0.0.1', '169.254.169.254', '192.0.2.1', '224.0.0.1', '0.0.0.0'];
    const candidates = new Feed(hosts.map((host, n) => elsewhere(n + 2, host)));
    const a = world.add(1, { protocols, candidates });
    await world.start(a);
    await world.advance(1_000, 20);
    expect([candidates.read, world.network.dials, storyOf(a)]).toEqual([7, 0, []]);
    await world.end();
  });

  test('may end: static nodes are still dialled', async () => {
    const world = new World();
    const b = world.add(2, { protocols });
    const a = world.add(1, { ...near, candidates: new Feed([], false), staticNodes: [b.enode] });
    await world.start(b, a);
    await world.settle();
    expect(storyOf(a)).toEqual(['add']);
    await world.end();
  });

  test('may fail: static nodes are still dialled', async () => {
    const world = new World();
    const b = world.add(2, { protocols });
    const candidates = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('no network')) }),
    };
    const a = world.add(1, { ...near, candidates });
    await world.start(b, a);
    await world.settle();
    a.server.addPeer(b.enode);
    await world.settle();
    expect(storyOf(a)).toEqual(['add']);
    await world.end();
  });
});

describe('bootnodes', () => {
  test('are dialled one after the other after 20 s without peers, until there is a peer', async () => {
    const world = new World();
    const c = world.add(3, { protocols });
    const a = world.add(1, { protocols, bootnodes: [enodeOf(2), c.enode, enodeOf(4)] });
    await world.start(c, a);
    await world.advance(19_000);
    expect(world.network.dials).toBe(0);
    await world.advance(1_000);
    expect(storyOf(a)).toEqual(['dialFailed connectionRefused', 'add']);
    await world.advance(100_000);
    expect([world.network.dials, a.server.peers[0]?.direction]).toEqual([2, 'dynamic']);
    await world.end();
  });
});

describe('a static node that moved', () => {
  test('is dialled at the address of the node resolver, then and later', async () => {
    const world = new World();
    const nodeResolver = new FakeActor<EventObject, NodeResolverEvent, DialTarget>();
    const b = world.add(2, { protocols });
    const a = world.add(1, {
      protocols,
      staticNodes: [elsewhere(2, '192.0.2.99')],
      ports: { nodeResolver: nodeResolver.logic },
    });
    await world.start(b, a);
    await world.settle();
    expect(nodeResolver.inputs).toMatchObject([{ id: keyOf(2).id, host: '192.0.2.99' }]);
    nodeResolver.report({ type: 'node.found', host: '192.0.2.1', port: 30_002 });
    await world.settle();
    expect(storyOf(a)).toEqual(['add']);
    await world.stop(b);
    await world.advance(36_000);
    expect(nodeResolver.inputs).toHaveLength(1); // it may not be asked for 60 s
    expect(storyOf(a).at(-1)).toBe('dialFailed connectionRefused');
    expect(a.log.at(-1)).toMatchObject({ address: { host: '192.0.2.1', port: 30_002 } });
    await world.end();
  });
});

describe('two nodes that dial each other', () => {
  test('connect in the end, and no dial is left', async () => {
    const world = new World();
    const a = world.add(1, { protocols, staticNodes: [enodeOf(2)] });
    const b = world.add(2, { protocols, staticNodes: [enodeOf(1)] });
    await world.start(a, b);
    await world.advance(80_000);
    expect([a.server.peerCount, b.server.peerCount]).toEqual([1, 1]);
    await world.end();
  });

  test('a dial without an answer ends when they connect to us', async () => {
    const world = new World();
    world.network.silence({ host: '192.0.2.77', port: 30_002 });
    const a = world.add(1, { protocols, staticNodes: [elsewhere(2, '192.0.2.77')] });
    const b = world.add(2, { protocols, staticNodes: [a.enode] });
    await world.start(a, b);
    await world.settle();
    expect(storyOf(a)).toEqual(['dialFailed alreadyConnected', 'add']);
    await world.end();
  });
});

describe('policies', () => {
  test('exempt static nodes are dialled and admitted beyond maxPeers', async () => {
    const world = new World();
    const others = [2, 3, 4].map((seed) => world.add(seed, { protocols }));
    const a = world.add(1, {
      protocols,
      maxPeers: 1,
      staticExempt: true,
      staticNodes: others.map(({ enode }) => enode),
    });
    await world.start(...others, a);
    await world.settle();
    expect(a.server.peerCount).toBe(3);
    await world.end();
  });

  test('quirk 20: dials may be twice as many as their share, and all of them may become peers', async () => {
    const world = new World();
    const others = [2, 3, 4, 5].map((seed) => world.add(seed, { protocols }));
    const a = world.add(1, {
      protocols,
      maxPeers: 4,
      dialRatio: 2,
      staticNodes: others.map(({ enode }) => enode),
    });
    await world.start(...others, a);
    await world.settle();
    expect(a.server.peerCount).toBe(4);
    await world.end();
  });

  test('a static node without a place is reported, and dialled once a place is free', async () => {
    const world = new World();
    const [b, c] = [world.add(2, { protocols }), world.add(3, { protocols })];
    const a = world.add(1, { protocols, maxPeers: 1, staticNodes: [b.enode] });
    const reports: ServerEvents['heldBack'][] = [];
    a.server.on('heldBack', (report) => reports.push(report));
    await world.start(b, c, a);
    await world.settle();
    a.server.addPeer(c.enode);
    a.server.addTrustedPeer(c.enode); // makes no place
    await world.advance(300_000);
    expect(reports).toMatchObject([{ nodes: [{ id: c.key.id }], dialled: 1, maxDialed: 1 }]);
    expect(reports[0]!.explanation.remedy).toContain('maxPeers');

    await a.server.removePeer(b.enode);
    await world.settle();
    expect(a.server.peers.map(({ id }) => id)).toEqual([c.key.id]);
    await world.end();
  });

  test('another generator may choose the nodes to dial', async () => {
    const world = new World();
    const b = world.add(2, { protocols });
    const a = world.add(1, {
      protocols,
      staticNodes: [b.enode],
      ports: {
        dialGenerator: {
          ...dialGenerator,
          newTasks: (state) => ({ state, tasks: [], blocked: [], candidate: 'none' }),
        },
      },
    });
    await world.start(b, a);
    await world.advance(40_000);
    expect(world.network.dials).toBe(0);
    await world.end();
  });

  test('1,000 static nodes are the most', async () => {
    const world = new World();
    const urls = Array.from({ length: 1_000 }, (_, n) => keyedEnode(n));
    const a = world.add(1, { protocols, noDial: true, staticNodes: urls });
    await world.start(a);
    a.server.addPeer(urls[5]!);
    expect(() => a.server.addPeer(enodeOf(2))).toThrow(
      expect.objectContaining({ code: 'tooManyStatic' }),
    );
    await a.server.removePeer(urls[5]!);
    a.server.addPeer(enodeOf(2));
    await world.end();
  });
});

/** Many nodes: each a key of its own. */
function keyedEnode(n: number): string {
  const secret = new Uint8Array(32).fill(9);
  new DataView(secret.buffer).setUint32(0, n);
  const { publicKey, id } = createNodeKey(secret);
  return formatEnode({ ...parseEnode(enodeOf(2)), publicKey, id });
}
