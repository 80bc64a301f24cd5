/** `server.connections()` and `server.onConnectionState()`: every dial, connection in setup and peer, as its chart says. */
import { describe, expect, test } from 'vitest';
import type { AnyActorRef, AnyMachineSnapshot } from 'xstate';
import { statePath } from '../../src/actors/state-path.ts';
import type { ConnectionStateChange } from '../../src/api/live-connection.ts';
import { echo } from '../../src/protocols/echo.ts';
import { createWorld, type World } from '../../src/testing/world/world.ts';
import { isExhaustive } from '../support/exhaustive.ts';
import { runSeed } from '../support/random-world.ts';

const CHARTS = ['dial-task', 'connection-setup', 'peer'];
const SEEDS = isExhaustive ? 60 : 10;

describe('connections()', () => {
  test('lists a dial, then its connection, then the peer', async () => {
    const { world, a, b } = await twoNodes();
    expect(a.server.connections()).toEqual([]);
    a.server.addPeer(b.enode);
    const [host, port] = [b.host.address, 30_303];
    const known = { nodeId: b.key.id, remote: { host, port }, direction: 'static' };
    await world.run('50ms');
    expect(a.server.connections()).toEqual([
      {
        ...known,
        chart: 'dial-task',
        id: b.key.id,
        client: null,
        state: 'connecting',
        inStateMs: 50,
      },
    ]);
    await world.run('200ms');
    expect(a.server.connections()).toMatchObject([
      { ...known, chart: 'dial-task', state: 'settingUp' },
      { ...known, nodeId: null, chart: 'connection-setup', id: '1', client: null },
    ]);
    await world.run('10s');
    expect(a.server.connections()).toMatchObject([
      {
        ...known,
        chart: 'peer',
        id: '1',
        client: b.server.nodeInfo().name,
        state: 'running.resting',
      },
    ]);
    expect(b.server.connections()).toMatchObject([
      { chart: 'peer', nodeId: a.key.id, direction: 'inbound', state: 'running.resting' },
    ]);
    await world.end();
    expect(a.server.connections()).toEqual([]);
  });

  test(`says what the actors say, after every step of ${SEEDS} worlds`, async () => {
    let listed = 0;
    const actorsOf = new WeakMap<World, ObservedActors>();
    for (let seed = 0; seed < SEEDS; seed += 1)
      await runSeed(`connections ${seed}`, (world) => {
        const actors = actorsOf.get(world) ?? observeActors(world);
        actorsOf.set(world, actors); // from the first moment on, when no node has started
        listed += compareWithActors(world, actors);
      });
    expect(listed).toBeGreaterThan(100 * SEEDS);
  });
});

describe('onConnectionState()', () => {
  test('reports each state once, from the first to the last one', async () => {
    const { world, a, b } = await twoNodes();
    const changes: ConnectionStateChange[] = [];
    const remove = a.server.onConnectionState((change) => void changes.push(change));
    a.server.addPeer(b.enode);
    await world.run('10s');
    await world.stop(b);
    const of = (chart: string) => changes.filter((change) => change.chart === chart);
    for (const chart of CHARTS) {
      const states = of(chart).map(({ state }) => state);
      expect(of(chart).map(({ previous }) => previous)).toEqual([null, ...states.slice(0, -1)]);
    }
    expect(of('dial-task').map(({ state, isLast }) => [state, isLast])).toEqual([
      ['connecting', false],
      ['settingUp', false],
      ['done', true],
    ]);
    expect(of('connection-setup').at(-1)).toMatchObject({ state: 'admitted', isLast: true });
    expect(of('peer').at(-1)).toMatchObject({ isLast: true });
    remove();
    const { length } = changes;
    await world.end();
    expect(changes).toHaveLength(length);
  });

  test('logs what a listener throws, and the others still get the change', async () => {
    const { world, a, b } = await twoNodes();
    let count = 0;
    a.server.onConnectionState(() => {
      throw new Error('a mistake');
    });
    a.server.onConnectionState(() => {
      count += 1;
    });
    a.server.addPeer(b.enode);
    await world.run('10s');
    expect(count).toBeGreaterThan(5);
    expect(world.problems.splice(0)[0]).toContain(
      'a listener of connection states: Error: a mistake',
    );
    await world.end().catch(() => world.problems.splice(0)); // the last states are reported to it as well
  });
});

async function twoNodes() {
  const world = createWorld({ seed: 1, crypto: 'fast', link: { latencyMs: 100 } });
  const [a, b] = [world.node({ protocols: [echo()] }), world.node({ protocols: [echo()] })];
  await world.start(a, b);
  return { world, a, b };
}

/** Actors that were not seen to end, with the label of their node. */
type ObservedActors = Map<AnyActorRef, string>;

function observeActors(world: World): ObservedActors {
  const actors: ObservedActors = new Map();
  world.observe(({ node, actor, snapshot }) => {
    if (snapshot.status === 'active') actors.set(actor, node);
    else actors.delete(actor);
  });
  return actors;
}

/** @returns How many were listed. */
function compareWithActors(world: World, actors: ObservedActors): number {
  const expected = [...actors].flatMap(([actor, node]) => {
    const { status, value } = actor.getSnapshot() as AnyMachineSnapshot;
    const isListed = status === 'active' && CHARTS.includes(actor.id.replace(/:.*/, ''));
    return isListed ? [`${node} ${actor.id} ${statePath(value)}`] : [];
  });
  const listed = world.nodes.flatMap(({ label, server }) =>
    server.connections().map(({ chart, id, state }) => {
      const shown = chart === 'dial-task' ? id.slice(0, 8) : id;
      return `${label} ${chart}:${shown} ${state}`;
    }),
  );
  expect(listed.sort()).toEqual(expected.sort());
  return listed.length;
}
