/** `server.connections()` and `server.onConnectionState()`: every dial, connection in setup and peer, as its chart says. */
import { describe, expect, test } from 'vitest';
import type { AnyMachineSnapshot } from 'xstate';
import { statePath } from '../../src/actors/state-path.ts';
import type { ConnectionStateChange } from '../../src/api/live-connection.ts';
import { echo } from '../../src/protocols/echo.ts';
import type { Server } from '../../src/server.ts';
import { createWorld, type World } from '../../src/testing/world/world.ts';
import { isExhaustive } from '../support/exhaustive.ts';
import { runSeed } from '../support/random-world.ts';

const CHARTS = ['dial-task', 'connection-setup', 'peer'];
const SEEDS = isExhaustive ? 200 : 10;

describe('connections()', () => {
  test('lists a dial, then its connection, then the peer', async () => {
    const { world, a, b } = await twoNodes();
    expect(a.server.connections()).toEqual([]);
    a.server.addPeer(b.enode);
    const [host, port] = [b.host.address, 30_303];
    const known = { nodeId: b.key.id, remote: { host, port }, direction: 'static' };
    await world.run('50ms');
    expect(a.server.connections()).toEqual([
      { ...known, chart: 'dial-task', id: b.key.id, client: null, state: 'connecting', inStateMs: 50 },
    ]);
    await world.run('200ms');
    expect(a.server.connections()).toMatchObject([
      { ...known, chart: 'dial-task', state: 'settingUp', inStateMs: 50 },
      { ...known, nodeId: null, chart: 'connection-setup', id: '1', client: null },
    ]);
    expect(b.server.connections()).toMatchObject([
      { chart: 'connection-setup', nodeId: null, direction: 'inbound' },
    ]);
    await world.run('10s');
    expect(a.server.connections()).toMatchObject([
      { ...known, chart: 'peer', id: '1', client: b.server.nodeInfo().name, state: 'running.resting' },
    ]);
    await world.end();
    expect(a.server.connections()).toEqual([]);
  });

  test(`says what the actors say, after every step of ${SEEDS} worlds`, async () => {
    let compared = 0;
    for (let seed = 0; seed < SEEDS; seed += 1)
      await runSeed(`connections ${seed}`, (world) => {
        compared += 1;
        compareWithActors(world);
      });
    expect(compared).toBeGreaterThanOrEqual(SEEDS);
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
      ...['connecting'].map((state) => [state, false]), // a static node is dialled again
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
    a.server.onConnectionState(() => void (count += 1));
    a.server.addPeer(b.enode);
    await world.run('10s');
    expect(count).toBeGreaterThan(5);
    await world.end();
  });
});

async function twoNodes() {
  const world = createWorld({ seed: 1, crypto: 'fast', link: { latencyMs: 100 } });
  const [a, b] = [world.node({ protocols: [echo()] }), world.node({ protocols: [echo()] })];
  await world.start(a, b);
  return { world, a, b };
}

/** What an observer throws is a problem of the world, which then does not end well. */
function compareWithActors(world: World): void {
  world.observe(({ node: label, actor: { id }, snapshot }) => {
    if (!CHARTS.includes(id.replace(/:.*/, ''))) return;
    const { status, value } = snapshot as AnyMachineSnapshot;
    const { server } = world.nodes.findLast((node) => node.label === label)!;
    const listed = statesOf(server).get(id);
    if (listed !== (status === 'active' ? statePath(value) : undefined))
      throw new Error(`${label}: ${id} is in ${statePath(value)}, and the list says ${listed}`);
  });
}

const statesOf = (server: Server): ReadonlyMap<string, string> =>
  new Map(
    server
      .connections()
      .map(({ chart, id, state }) => [`${chart}:${chart === 'dial-task' ? id.slice(0, 8) : id}`, state]),
  );
