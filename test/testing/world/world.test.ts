import { describe, expect, test } from 'vitest';

import { noblePrimitives } from '../../../src/io/crypto/primitives.ts';
import { echo } from '../../../src/protocols/echo.ts';
import { createWorld, type WorldOptions } from '../../../src/testing/world/world.ts';
import { WorldError } from '../../../src/testing/world/world-error.ts';
import type { WorldNodeOptions } from '../../../src/testing/world/world-node.ts';

const fast = (options: Partial<WorldOptions> = {}) =>
  createWorld({ seed: 1, crypto: 'fast', ...options });

/** A world in which the first node dials the second. */
async function meeting(options: Partial<WorldOptions> = {}, node: WorldNodeOptions = {}) {
  const world = fast(options);
  const [a, b] = [
    world.node({ protocols: [echo()], ...node }),
    world.node({ protocols: [echo()] }),
  ];
  await world.start(a, b);
  a.server.addPeer(b.enode);
  return { world, a, b, met: () => a.server.peerCount + b.server.peerCount === 2 };
}

describe('time', () => {
  test('stands still until the world runs, and then advances by the given duration', async () => {
    const world = fast();
    await world.run('10m');
    await world.run(250);
    await world.settle();
    expect(world.clock.now()).toBe(600_250);
    await world.end();
  });

  test('stops when a condition holds', async () => {
    const { world, met } = await meeting({ link: { latencyMs: 50, jitterMs: 0 } });
    const took = await world.until(met);
    // a round trip until the dialler is connected, then auth, ack and the Hello of the dialler
    expect([took, world.clock.now()]).toEqual([250, 250]);
    await world.end();
  });

  test('does not wait longer than the limit', async () => {
    const world = fast();
    const waiting = world.until(() => false, '1m');
    await expect(waiting).rejects.toThrow(
      /seed 1: this condition was not met within 1m: \(\) => false/,
    );
    await expect(world.complete(new Promise(() => {}), '1s')).rejects.toThrow(WorldError);
    await world.end();
  });

  test('advances for one call at a time', async () => {
    const world = fast();
    const running = world.run('1s');
    await expect(world.run('1s')).rejects.toThrow(TypeError);
    await running;
    await world.end();
  });

  test('returns the result of a promise', async () => {
    const world = fast();
    const later = new Promise((resolve) => world.clock.setTimeout(() => resolve('done'), 5_000));
    expect(await world.complete(later)).toBe('done');
    expect(world.clock.now()).toBe(5_000);
    await expect(world.complete(Promise.reject(new Error('no')))).rejects.toThrow('no');
    await world.end();
  });

  test('can leap for one node, whose timers then fire late', async () => {
    const { world, a, b, met } = await meeting();
    await world.until(met);
    await world.stop(b);
    await world.run('1s');
    expect(a.events.map(({ type }) => type)).toEqual(['add', 'drop']);
    a.clock.leap(8 * 3_600_000); // it waits 35 s before it dials again
    await world.run('1s');
    expect(a.events.map(({ type }) => type)).toEqual(['add', 'drop', 'dialFailed']);
    await world.end();
  });
});

describe('the same seed', () => {
  const FAULTS = { reset: 0.2, fin: 0.1, stall: 0.1, neverReads: 0.1 };

  async function fingerprint(options: Partial<WorldOptions>): Promise<string> {
    const world = fast({
      link: { jitterMs: 30, lossRate: 0.1, pieceBytes: 300 },
      connectionFaults: FAULTS,
      ...options,
    });
    const nodes = Array.from({ length: 5 }, () =>
      world.node({ protocols: [echo({ say: 'hello' })] }),
    );
    await world.start(...nodes);
    for (const { server, id } of nodes)
      for (const other of nodes) if (other.id !== id) server.addPeer(other.enode);
    await world.run('1m');
    world.partition(nodes.slice(0, 2));
    await world.run('2m');
    world.heal();
    await world.stop(nodes[4]!);
    await world.run('1m');
    await world.start(world.recreate(nodes[4]!));
    await world.run('1m');
    await world.end();
    return world.fingerprint;
  }

  test('gives the same run, byte for byte, faults included; another seed gives another', async () => {
    const first = await fingerprint({});
    expect(await fingerprint({})).toBe(first);
    expect(await fingerprint({ seed: 2 })).not.toBe(first);
  });

  test('gives the same run with real cryptography too, which differs from the fast one', async () => {
    const [one, two] = [await real(), await real()];
    expect(one).toBe(two);
    const { world, met } = await meeting();
    await world.until(met);
    expect(world.fingerprint).not.toBe(one);
    await world.end();
  });

  async function real(): Promise<string> {
    const { world, met } = await meeting({ crypto: 'real' });
    await world.until(met);
    const print = world.fingerprint;
    await world.end();
    return print;
  }

  test('has a trace with keepTrace', async () => {
    const { world, met } = await meeting({ keepTrace: true });
    await world.until(met);
    expect(world.trace.some((line) => line.endsWith('node 1 reports add'))).toBe(true);
    expect(world.trace.some((line) => /^\S+ tcp 1> [0-9a-f]+$/.test(line))).toBe(true);
    await world.end();
  });
});

test('a node with fast and one with real cryptography become peers, in both directions', async () => {
  const world = fast();
  const proper = { ports: { primitives: noblePrimitives } };
  const [a, b, c] = [world.node(), world.node(proper), world.node()];
  await world.start(a, b, c);
  a.server.addPeer(b.enode);
  b.server.addPeer(c.enode);
  await world.until(() => b.server.peerCount === 2);
  await world.run('2m');
  expect(b.server.peerCount).toBe(2);
  await world.end();
});

test('fast cryptography has keys for 250 nodes', () => {
  const world = fast();
  for (let made = 0; made < 250; made += 1) world.node({ port: null });
  expect(() => world.node()).toThrow(RangeError);
});

test('a partition separates peers, and they reconnect after it', async () => {
  const { world, a, b, met } = await meeting();
  await world.until(met);
  world.partition([a]);
  await world.until(() => a.server.peerCount + b.server.peerCount === 0);
  await world.run('5m');
  expect(met()).toBe(false);
  world.heal();
  await world.until(met, '2m');
  await world.end();
});

test('a link between two nodes can be made slower', async () => {
  const { world, a, b, met } = await meeting({ link: { latencyMs: 1, jitterMs: 0 } });
  world.setLink(a, b, { latencyMs: 100 });
  expect(await world.until(met)).toBe(500);
  await world.end();
});

test('connections can be cut at a byte before they are handed out', async () => {
  const { world, a } = await meeting({
    onConnection: (connection) => connection.cut('reset', 100, 'aToB'),
  });
  await world.until(() => a.events.length > 0);
  expect(a.events[0]).toMatchObject({ type: 'ended', state: 'failed.connectionReset' });
  await world.end();
});

test('a host name in hostNames is found', async () => {
  const world = fast();
  const [a, b] = [world.node(), world.node()];
  await world.start(a, b);
  const named = b.enode.replace(b.host.address, 'b.example');
  a.server.addPeer(named);
  await world.until(() => a.events.length > 0);
  expect(a.events[0]).toMatchObject({ type: 'dialFailed', state: 'hostNotFound' });
  world.hostNames.set('b.example', b.host.address);
  await world.until(() => a.server.peerCount === 1);
  await world.end();
});

test('a node behind a NAT can dial but not be dialled', async () => {
  const world = fast();
  const [hidden, open] = [world.node({ nat: world.nat('fullCone') }), world.node()];
  await world.start(hidden, open);
  open.server.addPeer(hidden.enode);
  await world.run('1m');
  expect(open.server.peerCount).toBe(0);
  hidden.server.addPeer(open.enode);
  await world.until(() => open.server.peerCount === 1);
  expect(open.server.peers[0]!.remote.host).toBe(hidden.host.nat!.address);
  await world.end();
});

test('a stopped node is recreated with the same key and address', async () => {
  const { world, b, met, a } = await meeting();
  await world.until(met);
  expect(await world.stop(b)).toBeLessThanOrEqual(5_000);
  const again = world.recreate(b);
  expect([again.id, again.enode, again.label]).toEqual([b.id, b.enode, b.label]);
  await world.start(again);
  await world.until(() => a.server.peerCount === 1 && again.server.peerCount === 1);
  await world.end();
});

test('an observer sees every actor; what it throws is a problem', async () => {
  const { world, met } = await meeting();
  const ids = new Set<string>();
  const stop = world.observe(({ node, actor }) => ids.add(`${node} ${actor.id}`));
  await world.until(met);
  stop();
  expect([...ids]).toContain('node 1 server');
  world.observe(({ event }) => {
    if (event.type === 'stop') throw new Error('it stops');
  });
  await expect(world.end()).rejects.toThrow(/an observer threw Error: it stops/);
});

describe('end', () => {
  test('reports leaks, with the seed', async () => {
    const { world, a, met } = await meeting({ seed: 'lost' });
    await world.until(met);
    a.clock.setTimeout(() => {}, 1e9);
    const socket = world.udp.bind(a.host, 9, () => {});
    await expect(world.end()).rejects.toMatchObject({
      name: 'WorldError',
      problems: ['1 timers of node 1 are pending', 'a UDP socket is left at 45.0.1.1:9'],
      message: expect.stringMatching(/^seed lost: /),
    });
    socket.close();
  });

  test('reports an open connection', async () => {
    const world = fast();
    const [a, b] = [world.node(), world.node()];
    await world.start(a, b);
    world.tcp.dial(a.host, { host: b.host.address, port: 30_303 }, () => {});
    await world.run('1m');
    await expect(world.end()).rejects.toMatchObject({
      problems: ['connection 1 from 45.0.1.1 to 45.0.2.1 is open'],
    });
    for (const connection of world.tcp.connections) connection.a.destroy();
  });

  test('reports an event that no state handled', async () => {
    const { world, a } = await meeting();
    a.server.actor.send({ type: 'nonsense' } as never);
    await expect(world.end()).rejects.toThrow('node 1: no state of server handles nonsense');
  });

  test('succeeds during a partition, with a dial in progress, and with nodes that were never started', async () => {
    const { world, a } = await meeting({ link: { latencyMs: 100, jitterMs: 0 } });
    world.node();
    await world.run(201); // the dialler is connected, the listener has not accepted yet
    world.partition([a]);
    await world.run('1m');
    expect(world.tcp.connections.size).toBe(1);
    await world.end();
  });
});
